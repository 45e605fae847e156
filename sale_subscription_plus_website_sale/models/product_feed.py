from odoo import models


class ProductFeed(models.Model):
    """What the merchant centre is told of a subscription: the cost of a period."""

    _inherit = "product.feed"

    def _prepare_gmc_price_info(self, product):
        """Extend: a subscription costs so much again for each period of the plan that the shop proposes."""
        info = super()._prepare_gmc_price_info(product)
        plan = product.product_tmpl_id._get_default_shop_plan(product) if info and product.subscription_ok else None
        # The merchant centre knows months and years only.
        if plan and plan.interval_unit in ("month", "year"):
            info["subscription_cost"] = {
                "period": plan.interval_unit,
                "period_length": plan.interval_count,
                "amount": info.get("sale_price", info["price"]),
            }
        return info
