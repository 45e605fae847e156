from odoo import models


class AccountMove(models.Model):
    """Credit notes that billing makes for days that are given back."""

    _inherit = "account.move"

    def _subscription_settle_refunds(self):
        """Take what these credit notes give back off the invoices that billed those days, where they are open."""
        for refund in self.filtered(lambda move: move.move_type == "out_refund" and move.state == "posted"):
            basis = refund.invoice_line_ids.subscription_period_ids.basis_id
            invoices = (basis | basis.basis_id).invoice_line_id.move_id.filtered(
                lambda move, refund=refund: (
                    move.state == "posted"
                    and move.move_type == "out_invoice"
                    and move.commercial_partner_id == refund.commercial_partner_id
                    and move.payment_state in ("not_paid", "partial")
                )
            )
            lines = (invoices + refund).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
            if invoices and len(lines.account_id) == 1:
                lines.reconcile()
