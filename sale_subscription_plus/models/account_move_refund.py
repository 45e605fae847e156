from odoo import models


class AccountMove(models.Model):
    """Credit notes that billing makes for days that are given back."""

    _inherit = "account.move"

    def _post(self, soft=True):
        """Override of `account`: what is given back settles what is still to be paid for the same days."""
        posted = super()._post(soft)
        posted._subscription_settle_refunds()
        return posted

    def _subscription_settle_refunds(self):
        """Take what these credit notes give back off the invoices that billed those days, where they are open."""
        for refund in self.filtered(lambda move: move.move_type == "out_refund" and move.state == "posted"):
            # In sudo mode: the ledger tells which days, whoever posts.
            basis = refund.sudo().invoice_line_ids.subscription_period_ids.basis_id
            invoices = (basis | basis.basis_id).invoice_line_id.move_id.filtered(
                lambda move, refund=refund: (
                    move.state == "posted"
                    and move.move_type == "out_invoice"
                    and move.commercial_partner_id == refund.commercial_partner_id
                    and move.payment_state in ("not_paid", "partial")
                    # What is being charged for it comes in full, and the credit stays for the next invoice.
                    and not move._is_subscription_payment_under_way()
                )
            )
            lines = (invoices + refund).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
            if invoices and len(lines.account_id) == 1:
                lines.with_env(self.env).reconcile()
