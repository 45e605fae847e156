"""Prices of a product that its context puts on a plan: what the shop's own methods pass no plan through."""

from odoo import models

from ..shown_plan import get_shown_plan


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _compute_price_rule(self, products, quantity, *, subscription_plan=None, recurring_prices=None, **kwargs):
        """Override of `product`: a product that is shown on a plan is priced on it; by what the page looked up."""
        plan = subscription_plan or get_shown_plan(products)
        if plan:
            if recurring_prices is None:
                templates = products.product_tmpl_id if products._name == "product.product" else products
                recurring_prices = templates._get_kept_prices(plan, kwargs.get("date"))
            kwargs |= {"subscription_plan": plan, "recurring_prices": recurring_prices}
        return super()._compute_price_rule(products, quantity, **kwargs)


class ProductPricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    def _compute_base_price(self, product, quantity, uom, date, currency, *, subscription_plan=None, **kwargs):
        """Override of `product`: so is what it costs before a discount."""
        plan = subscription_plan or get_shown_plan(product)
        if plan:
            kwargs["subscription_plan"] = plan
        return super()._compute_base_price(product, quantity, uom, date, currency, **kwargs)
