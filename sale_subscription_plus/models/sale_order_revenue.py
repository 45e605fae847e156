from odoo import models


class SaleOrder(models.Model):
    """Whose the recurring revenue of an order is."""

    _inherit = "sale.order"

    def write(self, vals):
        """Extend: the revenue of what runs goes with it to another salesperson, team or customer."""
        result = super().write(vals)
        if not vals.keys().isdisjoint(("partner_id", "user_id", "team_id")):
            self._subscription_carry_revenue_over()
        return result

    def _subscription_carry_revenue_over(self):
        # In sudo mode: who gives a subscription away may see it no more.
        running = self.sudo().filtered(lambda order: order.subscription_status == "progress")
        running.order_line._subscription_carry_revenue_over()
