from odoo import models
from odoo.http import request


class ProductProduct(models.Model):
    """Variants in wishlists, comparisons and suggestions: what they cost on the plans of the shop."""

    _inherit = "product.product"

    def _get_combination_info_variant(self, **kwargs):
        """Override of `website_sale`: the price of a period, told as that of a unit, stands where those do."""
        info = super()._get_combination_info_variant(**kwargs)
        if info.get("subscription_period"):
            info["base_unit_price"] = info["price"]
        return info

    def _get_listed_price(self, website):
        """Return what a tile says that this variant costs: as ``_get_sales_prices`` does of templates."""
        self.ensure_one()
        template = self.product_tmpl_id
        plans = template._get_shop_plans(self)
        if not plans:
            return template._get_sales_prices(website)[template.id]
        prices = [request.pricelist._get_plan_prices(self, plan, website.currency_id)[self.id] for plan in plans]
        return template._prepare_plan_price_values(prices, website)

    def _has_shop_choice(self):
        """Return whether a visitor has to choose how to buy this product: on which plan, or once."""
        return self.product_tmpl_id._has_shop_choice()
