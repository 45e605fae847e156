from typing import NamedTuple

from odoo import fields, models


class PlanPrice(NamedTuple):
    """What one unit of a product costs on a plan, for a period, in the pricelist of the visitor; before taxes."""

    plan: models.Model
    price: float
    list_price: float  # the same before a discount that is shown


class ProductPricelist(models.Model):
    """Prices of many products on a plan, as lists of the shop show them."""

    _inherit = "product.pricelist"

    def _get_plan_prices(self, products, plan, currency):
        """Return {id of each of ``products`` (variants or templates): its :class:`PlanPrice`}.

        Products do not add queries.
        """
        Item = self.env["product.pricelist.item"]
        templates = products.product_tmpl_id if products._name == "product.product" else products
        kwargs = {
            "date": fields.Datetime.now(),
            "currency": currency,
            "subscription_plan": plan,
            "recurring_prices": templates._get_kept_prices(plan),
        }
        prices = self._compute_price_rule(products, 1.0, **kwargs)
        return {
            product.id: Item.browse(prices[product.id][1])._prepare_plan_price(product, prices[product.id][0], kwargs)
            for product in products
        }


class ProductPricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    def _prepare_plan_price(self, product, price, kwargs):
        before = price
        if self._show_discount_on_shop():
            before = self._compute_price_before_discount(product=product, quantity=1.0, uom=product.uom_id, **kwargs)
        return PlanPrice(kwargs["subscription_plan"], price, max(price, before))
