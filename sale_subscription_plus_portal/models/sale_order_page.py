from datetime import timedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools.misc import format_date

# Collections that wait for the customer.
UNPAID_STATES = ("action", "retrying", "exhausted", "method_needed", "given_up")


class SaleOrder(models.Model):
    """What the portal says of a subscription, in the words of its customer."""

    _inherit = "sale.order"

    # === STATUS ===#

    def _get_page_status(self):
        """Return the status as (Bootstrap's colour, a word or two, sentence)."""
        self.ensure_one()
        tell = {
            "scheduled": self._tell_scheduled,
            "progress": self._tell_running,
            "paused": self._tell_paused,
            "closed": self._tell_closed,
            "renewed": self._tell_renewed,
        }
        return tell[self.subscription_status]()

    def _tell_scheduled(self):
        return "info", self.env._("Starts soon"), self.env._("Starts on %s.", self._format_day(self.subscription_start))

    def _tell_running(self):
        last_day = self._get_page_last_day()
        since = self.env._("Runs since %s.", self._format_day(self.subscription_start))
        if renewal := self._get_coming_renewals():
            goes_on = self.env._(
                "Goes on as %(renewal)s from %(date)s.",
                renewal=renewal.name,
                date=self._format_day(renewal.subscription_start),
            )
            return "success", self.env._("Running"), f"{since} {goes_on}"
        if last_day:
            return "warning", self.env._("Ending"), self.env._("Its last day is %s.", self._format_day(last_day))
        return "success", self.env._("Running"), since

    def _tell_paused(self):
        day = self._format_day(self.subscription_paused_on)
        if self.subscription_payment_status == "suspended":
            sentence = self.env._("Paused since %s, as an invoice is not paid. It runs again once you have paid.", day)
            return "danger", self.env._("Paused"), sentence
        planned = self.subscription_planned_change_ids
        resume = planned.filtered(lambda change: change.kind == "resume" and not change.line_id)
        if resume:
            sentence = self.env._(
                "Paused since %(since)s. It runs again from %(date)s.",
                since=day,
                date=self._format_day(min(resume.mapped("effective_on"))),
            )
        else:
            sentence = self.env._("Paused since %s, until it is resumed.", day)
        return "warning", self.env._("Paused"), sentence

    def _tell_closed(self):
        sentence = self.env._("Ended. Its last day was %s.", self._format_day(self._get_page_last_day()))
        if self.subscription_close_reason_id:
            reason = self.env._("Reason: %s.", self.subscription_close_reason_id.name)
            sentence = f"{sentence} {reason}"
        return "secondary", self.env._("Closed"), sentence

    def _tell_renewed(self):
        if not (renewal := self._get_confirmed_renewal()):
            return "secondary", self.env._("Renewed"), ""
        sentence = self.env._(
            "Goes on as %(renewal)s since %(date)s.",
            renewal=renewal.name,
            date=self._format_day(renewal.subscription_start),
        )
        return "secondary", self.env._("Renewed"), sentence

    def _get_page_last_day(self):
        """Return the last day of this subscription, past or to come; False where it goes on."""
        if self.subscription_closed_on:
            return self.subscription_closed_on - timedelta(days=1)
        return not self.subscription_auto_renew and self.subscription_term_end

    def _format_day(self, day):
        return format_date(self.env, day)

    # === MONEY ===#

    def _get_page_payments(self, charges=None):
        """Return how these subscriptions are paid, as {order: (Bootstrap's colour, a word or two)}.

        :param charges: those of :meth:`_get_unpaid_charges`, if they are known already
        """
        words = {
            "ok": ("success", self.env._("In order")),
            "retrying": ("warning", self.env._("Payment failed")),
            "grace": ("warning", self.env._("Payment failed")),
            "overdue": ("warning", self.env._("Overdue")),
            "method_needed": ("danger", self.env._("New payment method needed")),
            "suspended": ("danger", self.env._("Not paid")),
        }
        unpaid = (self._get_unpaid_charges() if charges is None else charges).order_ids
        return {
            order: (
                ("info", self.env._("To pay"))
                if order.subscription_payment_status == "ok" and order in unpaid
                else words[order.subscription_payment_status or "ok"]
            )
            for order in self
        }

    def _get_unpaid_charges(self):
        """Return what the customer of these subscriptions has to pay, or whose payment failed; the oldest first."""
        # In sudo mode: it is the customer's own, and who may see it was asked before.
        Charge = self.env["subscription.charge"].sudo()
        by_hand = Domain("state", "=", "waiting") & Domain("is_automatic", "=", False)
        unpaid = (Domain("state", "in", UNPAID_STATES) | by_hand) & Domain("move_id.amount_residual", ">", 0)
        return Charge.search(Domain("order_ids", "in", self.ids) & unpaid, order="due_on, id")

    def _get_page_next_invoices(self):
        """Return the next invoices, as {order: (date, total)}; those that are billed no more are left out."""
        schedules = self._get_subscription_schedules(1)
        return {order: (schedule[0]["date"], schedule[0]["total"]) for order, schedule in schedules.items() if schedule}

    def _get_page_method(self, named):
        """Return how the page calls the saved method; blank without one.

        :param bool named: the customer is logged in; who has only the link is told the kind of the method
        """
        token = self.subscription_token_id
        if not token.active:
            return ""
        return token._get_subscription_label() if named else token.payment_method_id.name

    # === TERMS ===#

    def _get_page_commitment(self):
        """Return how long the customer is bound, and what comes then."""
        if not self.subscription_term_end:
            return self.env._("You are not bound to a term.")
        values = {
            "months": self.subscription_commitment_months,
            "date": self._format_day(self.subscription_term_end),
        }
        if self.subscription_auto_renew:
            return self.env._("%(months)s months, until %(date)s; then renewed for as long again.", **values)
        return self.env._("%(months)s months, until %(date)s; then it ends.", **values)

    def _get_page_notice(self):
        """Return until when the customer must say that they leave; blank where no notice is asked for."""
        running = self.subscription_status in ("scheduled", "progress", "paused")
        if not (running and self.subscription_term_end and self.subscription_auto_renew):
            return ""
        today = self.company_id._get_subscription_today()
        if self.subscription_closed_on:
            return ""
        deadline = self.subscription_notice_deadline
        if deadline >= today:
            return self.env._("To leave at the end of this term, tell us by %s.", self._format_day(deadline))
        return self.env._(
            "To leave at the end of this term, notice was due by %(deadline)s. You can leave on %(date)s.",
            deadline=self._format_day(deadline),
            date=self._format_day(self._get_term_close_date(today) - timedelta(days=1)),
        )

    # === WHAT IT IS ===#

    def _get_page_lines(self):
        """Return the recurring lines that the customer has; of a subscription that ended, those it had."""
        return self._get_recurring_lines()._filter_subscribed()

    def _get_page_summary(self, count=2):
        """Return what it is, by its first products: "Magazine, Paper and 3 more"."""
        products = self._get_page_lines().product_id
        names = ", ".join(product.name for product in products[:count])
        if len(products) > count:
            return self.env._("%(products)s and %(count)s more", products=names, count=len(products) - count)
        return names
