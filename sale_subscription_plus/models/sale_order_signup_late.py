from odoo import models
from odoo.api import SUPERUSER_ID
from odoo.tools import plaintext2html
from odoo.tools.misc import formatLang

# No invoice of their own, or none yet
UNBILLED = (False, "quotation", "upsell", "merged")
QUESTION = "sale_subscription_plus.mail_activity_type_signup_payment"


class SaleOrder(models.Model):
    """Sign-up payments that come late, twice or short: the salesperson is told what to do about them."""

    _inherit = "sale.order"

    def _get_first_invoice(self):
        """Return the invoice that what was paid to sign up is for, if it is made already."""
        invoices = self.order_line.invoice_lines.move_id.filtered(
            lambda move: move.move_type == "out_invoice" and move.state != "cancel"
        )
        return invoices.sorted("id")[:1] if self.subscription_status not in UNBILLED else invoices.browse()

    def _get_open_first_invoice(self):
        return self._get_first_invoice().filtered(lambda move: move._get_subscription_open_amount())

    def _get_signup_surplus(self, transaction):
        """Return what of ``transaction``, which brought money, is not needed for the first invoice of this order."""
        self.ensure_one()
        if self.state == "cancel" and self.order_line._filter_subscribed():
            return transaction._get_unused_amount()
        if self.subscription_status in UNBILLED:
            return 0.0
        if self._get_first_invoice():
            return transaction._get_unused_amount()
        # It is billed later.
        paid = sum(self.transaction_ids.filtered(lambda tx: tx.state in ("authorized", "done")).mapped("amount"))
        return min(transaction.amount, self.currency_id.round(paid - self._get_first_invoice_amount()))

    # === WHAT THE SALESPERSON IS TOLD ===#

    def _subscription_tell_overpaid(self, transaction, surplus):
        """Ask what is to become of ``surplus``, the part of a payment that nothing is left to be paid with."""
        values = {
            "amount": formatLang(self.env, surplus, currency_obj=transaction.currency_id),
            "reference": transaction.reference,
            "order": self.name,
        }
        self._subscription_ask_about_payment(
            self.env._("Refund %(amount)s of payment %(reference)s?", **values),
            self.env._(
                "%(amount)s of payment %(reference)s are more than %(order)s asked for: it was paid twice, "
                "cancelled, or came to less meanwhile. Refund it, or keep it as the customer's credit.",
                **values,
            ),
        )

    def _subscription_tell_underpaid(self, transaction):
        """Tell that ``transaction`` does not suffice to confirm this quotation any more."""
        values = {
            "paid": formatLang(self.env, transaction.amount, currency_obj=transaction.currency_id),
            "reference": transaction.reference,
            "amount": formatLang(self.env, self._get_first_invoice_amount(), currency_obj=self.currency_id),
        }
        self._subscription_ask_about_payment(
            self.env._("Paid, but not confirmed: payment %(reference)s", **values),
            self.env._(
                "%(paid)s was paid (%(reference)s), and %(amount)s is due by now. The customer can pay the rest by "
                "the same link; or confirm it, and the rest is on the invoice.",
                **values,
            ),
        )

    def _subscription_tell_paid_beside(self, transaction, attempt):
        """Tell that ``transaction`` and ``attempt``, which is under way, may both bring money for the first invoice."""
        values = {"reference": transaction.reference, "attempt": attempt.reference, "order": self.name}
        self._subscription_ask_about_payment(
            self.env._("Paid twice? Payments %(reference)s and %(attempt)s", **values),
            self.env._(
                "The customer paid the first invoice of %(order)s with payment %(reference)s while payment "
                "%(attempt)s of it was under way. If both go through, refund one of them.",
                **values,
            ),
        )

    def _subscription_ask_about_payment(self, summary, note):
        """Ask the salesperson to act on a payment; once for each."""
        self.ensure_one()
        order = self.with_user(SUPERUSER_ID)  # it comes from us, not from the customer
        if summary in order.activity_search([QUESTION]).mapped("summary"):
            return
        order.activity_schedule(
            QUESTION,
            user_id=order._get_subscription_responsible().id,
            summary=summary,
            note=plaintext2html(note),
            date_deadline=order.company_id._get_subscription_today(),
        )

    def _subscription_answer_questions(self):
        """Nobody need ask any more why these orders are not confirmed."""
        self.activity_feedback([QUESTION], feedback=self.env._("Confirmed."))
