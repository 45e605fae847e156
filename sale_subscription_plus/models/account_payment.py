from odoo import models
from odoo.tools import SQL

from ..engine_context import get_shared


class AccountPayment(models.Model):
    """Journal entries of many payments, made together."""

    _inherit = "account.payment"

    def _generate_journal_entry(self, write_off_line_vals=None, force_balance=None, line_ids=None):
        """Override of `account`: entries of payments that are booked together are made and linked together."""
        if get_shared(self.env, "subscription_payments_together") is None:
            return super()._generate_journal_entry(write_off_line_vals, force_balance, line_ids)
        payments = self.filtered(lambda payment: not payment.move_id and payment.outstanding_account_id)
        # Both lines are there: nothing follows from them any more.
        Move = self.env["account.move"].with_context(skip_invoice_sync=True, skip_invoice_line_sync=True)
        Move.create(payments._subscription_prepare_entries())
        payments._subscription_link_entries()
        return None

    def _subscription_prepare_entries(self):
        """Return the values of the entries; no distribution is looked for where no model could tell one."""
        values = [payment._generate_move_vals() for payment in self]
        if not self.env["account.analytic.distribution.model"].search_count([], limit=1):
            for vals in values:
                for _command, _id, line in vals["line_ids"]:
                    line["analytic_distribution"] = False
        return values

    def _subscription_link_entries(self):
        """Link payments to the entries that were made of them: at once, what depends on it is worked out once."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_payment payment SET move_id = move.id
                  FROM account_move move
                 WHERE move.origin_payment_id = payment.id AND payment.id = ANY(%s)
                """,
                self.ids,
            )
        )
        self.invalidate_recordset(["move_id"])
        self.modified(["move_id"])
