from zoneinfo import ZoneInfo

from odoo import models
from odoo.api import SUPERUSER_ID
from odoo.tools import formatLang

from .sale_order import RUNNING_STATUSES


class PaymentTransaction(models.Model):
    """Payments of signups whose outcome comes late: on another day, after staff confirmed, or for the second time."""

    _inherit = "payment.transaction"

    def _post_process(self):
        """Extend: what was paid of an order that runs by now, pays the invoice that waits for it, or is told."""
        for transaction in self.filtered(lambda tx: tx.state == "done" and not tx.is_post_processed):
            transaction._subscription_settle_late()
        super()._post_process()

    def _subscription_settle_late(self):
        """Let this payment pay an open invoice of its order, if that was confirmed while it was under way."""
        self.ensure_one()
        # In sudo mode: the provider tells, with no rights at all.
        payment = self.sudo()
        running = payment.sale_order_ids.filtered(lambda order: order.subscription_status in RUNNING_STATUSES)
        if len(running) != 1 or payment.invoice_ids or payment.operation == "validation":
            return
        invoices = running.invoice_ids.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.state == "posted"
                and move.currency_id == payment.currency_id
                and move.amount_residual > 0
            )
        )
        if invoices:
            payment.invoice_ids = invoices.sorted(lambda move: (move.invoice_date_due, move.id))[0]
        elif payment.currency_id.compare_amounts(running.amount_paid, running._get_first_invoice_amount()) > 0:
            running._subscription_tell_paid_twice(payment)

    def _check_amount_and_confirm_order(self):
        """Override of `sale`: an order that was paid is confirmed as it was agreed, or its salesperson is told."""
        confirmed = self.env["sale.order"]
        others = self
        for transaction in self:
            signup = transaction.sale_order_ids.filtered(lambda order: order._is_subscription_signup())
            if len(signup) == 1 and signup.subscription_status == "quotation":
                others -= transaction
                confirmed |= transaction._confirm_signup(signup)
        return confirmed | super(PaymentTransaction, others)._check_amount_and_confirm_order()

    def _confirm_signup(self, signup):
        """Confirm ``signup``, which this payment pays; return it if it could be."""
        signup._subscription_start_as_paid(self._get_day_begun(signup.company_id))
        confirmed = signup._subscription_try(super()._check_amount_and_confirm_order)
        if confirmed is None:
            return signup.browse()
        if not confirmed and signup._is_subscription_signup() and signup.amount_paid > 0:
            signup._subscription_tell_unconfirmed()
        return confirmed

    def _get_day_begun(self, company):
        """Return the day on which the customer began this payment, by the clock of ``company``."""
        begun = self.create_date.replace(tzinfo=ZoneInfo("UTC"))
        return begun.astimezone(ZoneInfo(company.subscription_tz or "UTC")).date()


class SaleOrder(models.Model):
    """What was paid and what is due differ, for time went by."""

    _inherit = "sale.order"

    def _subscription_start_as_paid(self, day):
        """Start on the ``day`` on which the payment began, if it pays the first invoice of that day and not of today.

        That is when the customer accepted, and what they were told that it costs.
        """
        self.ensure_one()
        today = self.company_id._get_subscription_today()
        compare = self.currency_id.compare_amounts
        if self.subscription_start or day >= today or not compare(self.amount_paid, self._get_first_invoice_amount()):
            return
        self.subscription_start = day
        if compare(self.amount_paid, self._get_first_invoice_amount()):
            self.subscription_start = False

    def _subscription_tell_unconfirmed(self):
        """Ask the salesperson to look at this quotation, of which less was paid than confirms it."""
        reason = self.env._(
            "%(paid)s was paid, and %(amount)s is due by now. The customer can pay the rest by the same link; or "
            "confirm it, and the rest is on the invoice.",
            paid=formatLang(self.env, self.amount_paid, currency_obj=self.currency_id),
            amount=formatLang(self.env, self._get_first_invoice_amount(), currency_obj=self.currency_id),
        )
        self._subscription_ask_staff(reason)

    def _subscription_tell_paid_twice(self, payment):
        """Ask the salesperson to pay ``payment`` back, for which there is no invoice."""
        reason = self.env._(
            "%(paid)s was paid once more (%(reference)s), and no invoice waits for it. Refund it, or keep it for the "
            "next invoice.",
            paid=formatLang(self.env, payment.amount, currency_obj=payment.currency_id),
            reference=payment.reference,
        )
        self._subscription_ask_staff(reason)

    def _subscription_ask_staff(self, reason):
        # As the superuser: it comes from us, not from the customer.
        self.with_user(SUPERUSER_ID)._subscription_schedule_parked_activity(reason)
