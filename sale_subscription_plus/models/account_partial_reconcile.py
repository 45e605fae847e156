from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """Override of `account`: a payment that is taken back leaves its invoice to be collected again."""
        moves = (self.debit_move_id + self.credit_move_id).move_id.filtered(
            lambda move: move.move_type == "out_invoice"
        )
        charges = moves._get_subscription_charges().filtered(lambda charge: charge.state == "paid")
        result = super().unlink()
        charges.filtered(
            lambda charge: not charge._is_settled() and charge.move_id.state == "posted"
        )._reopen_returned()
        return result
