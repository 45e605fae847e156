from odoo import models


class SaleOrderLine(models.Model):
    """What a line would cost under another plan."""

    _inherit = "sale.order.line"

    def _get_price_under(self, plan):
        """Return the price of today for this line under ``plan``; tax in or out as its product's prices are."""
        self.ensure_one()
        quoted = self.new(
            {
                "order_id": self.order_id.id,
                "product_id": self.product_id.id,
                "product_uom_id": self.product_uom_id.id,
                "product_uom_qty": self.product_uom_qty,
                "subscription_plan_id": plan.id,
            }
        )
        return quoted.price_unit
