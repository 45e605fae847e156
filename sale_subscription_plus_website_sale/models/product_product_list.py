from odoo import models
from odoo.http import request


class ProductProduct(models.Model):
    """Variants in wishlists, comparisons and suggestions: what they cost on the plans of the shop."""

    _inherit = "product.product"

    def _get_combination_info_variant(self, **kwargs):
        """Override of `website_sale`: a subscription costs what it does on the plan that a click would choose.

        ``plan_period`` is its period. Told as the price of a unit, it stands where prices of units do.
        """
        info = super()._get_combination_info_variant(**kwargs)
        plan = self.product_tmpl_id._get_default_shop_plan(self) if self.subscription_ok else None
        if not plan:
            return info
        currency = info["currency"]
        price = request.pricelist._get_plan_prices(self, plan, currency)[self.id]
        amounts = {
            name: self.product_tmpl_id._get_price_with_taxes(amount, request.website)
            for name, amount in (("price", price.price), ("list_price", price.list_price))
        }
        return info | {
            **amounts,
            "has_discounted_price": currency.compare_amounts(amounts["list_price"], amounts["price"]) == 1,
            "compare_list_price": 0,
            "prevent_zero_price_sale": request.website.prevent_zero_price_sale and currency.is_zero(amounts["price"]),
            "base_unit_price": amounts["price"],
            "plan_period": plan.billing_period_label,
        }

    def _get_listed_price(self, website):
        """Return what a tile says that this variant costs: as ``_get_sales_prices`` does of templates."""
        self.ensure_one()
        plans = self.product_tmpl_id._get_shop_plans(self)
        if not plans:
            return self.product_tmpl_id._get_sales_prices(website)[self.product_tmpl_id.id]
        prices = [request.pricelist._get_plan_prices(self, plan, website.currency_id)[self.id] for plan in plans]
        return self.product_tmpl_id._prepare_plan_price_values(prices, website)

    def _has_shop_choice(self):
        """Return whether a visitor has to choose how to buy this product: on which plan, or once."""
        return self.product_tmpl_id._has_shop_choice()
