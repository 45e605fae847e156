from odoo import models


class SaleOrderLine(models.Model):
    """Rewards in the cart: their plan is given with them."""

    _inherit = "sale.order.line"

    def _can_change_plan(self):
        """Extend: nobody chooses the plan of what is free."""
        return not self.reward_id and super()._can_change_plan()
