from odoo import models
from odoo.http import request

from odoo.addons.website_sale.utils import gmc_format_price


class ProductFeed(models.Model):
    """What the merchant centre is told of a subscription: the cost of a period."""

    _inherit = "product.feed"

    def _prepare_gmc_price_info(self, product):
        """Override of `website_sale`: a subscription costs what it does on the plan that the shop proposes."""
        info = super()._prepare_gmc_price_info(product)
        template = product.product_tmpl_id
        if not template.subscription_ok:
            return info
        plan = template._get_default_shop_plan(product)
        if not plan:
            return info if template._can_buy_once() else {}
        currency = self.website_id.currency_id
        price = request.pricelist._get_plan_prices(product, plan, currency)[product.id]
        amount = template._get_price_with_taxes(price.price, self.website_id)
        if self.website_id.prevent_zero_price_sale and currency.is_zero(amount):
            return {}
        return {
            "price": gmc_format_price(amount, currency),
            **self._prepare_gmc_subscription_cost(plan, amount, currency),
        }

    def _prepare_gmc_subscription_cost(self, plan, amount, currency):
        """Return the cost of a period; the merchant centre knows those of months and years only."""
        if plan.interval_unit not in ("month", "year"):
            return {}
        return {
            "subscription_cost": {
                "period": plan.interval_unit,
                "period_length": plan.interval_count,
                "amount": gmc_format_price(amount, currency),
            }
        }
