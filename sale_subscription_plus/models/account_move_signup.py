from odoo import models


class AccountMove(models.Model):
    """A first invoice that meets the payment that came with the quotation."""

    _inherit = "account.move"

    def _subscription_plan_charges(self):
        """Extend: nothing is charged beside a payment that came with the quotation and is still under way."""
        result = super()._subscription_plan_charges()
        # In sudo mode: whoever posts an invoice, its collection is written by no user.
        for transaction in self.sudo().transaction_ids:
            if transaction.state in ("pending", "authorized"):
                transaction._subscription_follow_own_payment()
        return result
