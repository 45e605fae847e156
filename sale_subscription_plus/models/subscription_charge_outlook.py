from itertools import count, takewhile

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.misc import format_amount, format_date, format_datetime

from .subscription_charge import DUNNED


class SubscriptionCharge(models.Model):
    """What comes next for a collection, in words: for staff on its form, for customers in their mails."""

    _inherit = "subscription.charge"

    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    amount_due_company = fields.Monetary(
        related="move_id.amount_residual_signed",
        string="To Collect",
        currency_field="company_currency_id",
        help="What is still to be paid, in the company's currency.",
    )
    outlook = fields.Html(
        string="What Comes Next",
        compute="_compute_outlook",
        compute_sudo=True,
        help="What happens to this collection, day by day, unless the customer pays before.",
    )
    can_retry = fields.Boolean(compute="_compute_can_retry", compute_sudo=True)

    # === COMPUTE METHODS ===#

    @api.depends("state", "token_id")
    def _compute_can_retry(self):
        for charge in self:
            finished = charge.state in ("paid", "dropped", "in_flight", "pending", "unknown")
            charge.can_retry = bool(charge.token_id) and not finished

    @api.depends(
        "state",
        "next_attempt_on",
        "last_step_on",
        "first_failure_on",
        "method_failure_on",
        "failure_count",
        "is_automatic",
        "due_on",
        "held_until",
        "last_failure_message",
        "policy_id",
        "token_id",
    )
    @api.depends_context("lang")
    def _compute_outlook(self):
        row = Markup('<li class="mb-1"><strong>%s</strong> %s</li>')
        for charge in self:
            rows = [
                row % (format_date(self.env, day) if day else "", sentence) for day, sentence in charge._get_outlook()
            ]
            charge.outlook = Markup('<ul class="list-unstyled mb-0">%s</ul>') % Markup().join(rows) if rows else False

    # === FOR STAFF ===#

    def _get_outlook(self):
        """Return what happens unless the customer pays before, as a list of (date or False, sentence)."""
        self.ensure_one()
        sentence = self._get_present()
        present = [(False, sentence)] if sentence else []
        if self.state not in DUNNED:
            return present
        return present + sorted(self._get_coming_attempts() + self._get_coming_steps())

    def _get_present(self):
        """Return what is to be said of the present, whatever the calendar says."""
        if self.held_until and self.held_until > fields.Datetime.now():
            return self.env._(
                "The customer is paying by themself: nothing is charged beside it until %s.",
                format_datetime(self.env, self.held_until),
            )
        return {
            "in_flight": self.env._("The payment is being made right now."),
            "pending": self.env._(
                "The payment is on its way; bank debits take some days. The provider will tell, and nothing else "
                "happens until then."
            ),
            "unknown": self.env._(
                "It is not known whether the provider took the money, so nothing is charged. Look at your provider's "
                "own screen for payment %s. An accountant then says here whether it was paid.",
                self.last_transaction_id.reference,
            ),
            "action": self.env._("The customer's bank waits for the customer to confirm the payment, by the link."),
            "method_needed": self.env._(
                "Nothing is charged before the customer gives a new payment method. It is charged at once then."
            ),
            "exhausted": self.env._("All retries are used up. A new payment method is charged at once."),
            "configuration": self.env._(
                "%s The customer was not told. Mend it, then press Try Now.", self.last_failure_message or ""
            ),
            "given_up": self.env._("The final action was taken. The customer can still pay by the link."),
        }.get(self.state, "")

    def _get_coming_attempts(self):
        """Return the attempts that are planned, as a list of (date, sentence)."""
        if not self.next_attempt_on:
            return []
        amount = format_amount(self.env, self.amount_due, self.currency_id)
        attempts = [
            (
                self.next_attempt_on,
                self.env._("%(amount)s is charged to %(method)s.", amount=amount, method=self.token_id.display_name),
            )
        ]
        if self.method_failure_on:
            days = (self.policy_id._get_retry_date(self.method_failure_on, self.failure_count + n) for n in count(1))
            attempts += [
                (day, self.env._("Tried again, if it was declined once more.")) for day in takewhile(bool, days)
            ]
        return attempts

    def _get_coming_steps(self):
        """Return the steps of the policy that are still ahead, as a list of (date, sentence)."""
        sentences = self.policy_id._get_step_sentences()
        return [(day, sentences[step]) for day, step in self._get_steps() if self._is_ahead(day)]

    def _has_problem(self):
        """Return whether staff should look at this collection."""
        self.ensure_one()
        if self.state == "waiting":
            return not self.is_automatic and self._is_overdue()
        return self.state not in ("in_flight", "pending", "paid", "dropped")

    def _get_problem(self):
        """Return what is wrong, what happens next and how it ends, in one line."""
        self.ensure_one()
        amount = format_amount(self.env, self.amount_due, self.currency_id)
        parts = [f"{self._get_invoice_name()} ({amount}): {self._get_problem_label()}"]
        outlook = self._get_outlook()
        for day, sentence in outlook[:1] + outlook[-1:] * (len(outlook) > 1):
            parts.append(f"{format_date(self.env, day)}: {sentence}" if day else sentence)
        return " – ".join(parts)

    def _get_problem_label(self):
        if self.state == "waiting":
            return self.env._("overdue since %s", format_date(self.env, self.due_on))
        if self.last_failure_message and self.state in ("retrying", "exhausted", "method_needed"):
            return self.last_failure_message
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    # === FOR CUSTOMERS ===#

    def _get_invoice_name(self):
        """Return what customers know the invoice by; one that is charged as a draft has no number yet."""
        self.ensure_one()
        return self.move_id.name or self._get_subscription_names()

    def _get_subscription_names(self):
        """Return the subscriptions that are meant: those that the final action struck, else all on the invoice."""
        self.ensure_one()
        return ", ".join((self.final_order_ids or self.order_ids).mapped("name"))

    def _get_method_name(self):
        """Return the payment method that was tried, or is tried next, as customers know it."""
        self.ensure_one()
        return (self.last_transaction_id.token_id or self.token_id)._get_method_name()

    def _get_final_date(self):
        """Return the day of the final action; False where none is to come."""
        self.ensure_one()
        days = [day for day, step in self._get_steps() if step == "final"]
        return days[0] if days and self.state in DUNNED else False

    def _is_overdue(self):
        self.ensure_one()
        return bool(self.due_on) and self.due_on < self._get_today()
