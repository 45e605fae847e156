from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        """Override of `account`: an invoice that is reversed and made again hands its periods to the new one."""
        invoices = self.move_ids
        action = super().reverse_moves(is_modify=is_modify)
        if is_modify:
            for invoice, successor in zip(invoices, self.new_move_ids, strict=False):
                invoice._subscription_hand_over(successor)
        return action
