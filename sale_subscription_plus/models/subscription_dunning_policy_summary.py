from datetime import date

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Any day will do: only the distances count.
DAY_ZERO = date(2000, 1, 1)


class SubscriptionDunningPolicy(models.Model):
    """A policy told in words, so that who sets it up sees what will happen."""

    _inherit = "subscription.dunning.policy"

    summary_automatic = fields.Html(string="Customers with a Saved Method", compute="_compute_summaries")
    summary_by_hand = fields.Html(string="Customers Who Pay by Themselves", compute="_compute_summaries")

    @api.depends(
        "retry_days",
        "final_days",
        "reminder_days",
        "overdue_final_days",
        "grace_days",
        "warning_days",
        "final_action",
        "reopen_on_payment",
        "failed_template_id",
        "method_template_id",
        "reminder_template_id",
        "warning_template_id",
        "final_template_id",
    )
    @api.depends_context("lang")
    def _compute_summaries(self):
        for policy in self:
            try:
                policy.summary_automatic = policy._render_summary(policy._get_automatic_days())
                policy.summary_by_hand = policy._render_summary(policy._get_by_hand_days())
            except (ValidationError, OverflowError) as error:
                # While somebody types: the same sentence comes on saving.
                policy.summary_automatic = policy.summary_by_hand = Markup("<p>%s</p>") % str(error)

    def _render_summary(self, days):
        rows = [
            Markup("<tr class='align-top'><td class='pe-3 text-nowrap'><strong>%s</strong></td><td>%s</td></tr>")
            % (self.env._("Day %s", day), sentence)
            for day, sentence in days
        ]
        return Markup("<table><tbody>%s</tbody></table>") % Markup().join(rows)

    # === THE DAYS ===#

    def _get_automatic_days(self):
        """Return what happens to a customer with a saved method, as a list of (day after the failure, sentence)."""
        days = [
            (
                0,
                self.env._("The saved method is charged on the due date, and declined. The customer is told.")
                if self.failed_template_id
                else self.env._("The saved method is charged on the due date, and declined. No mail is sent."),
            )
        ]
        days += [
            (day, self.env._("Tried again, if it was declined for now.")) for day in self._parse_days("retry_days")
        ]
        pretended = {"first_failure_on": DAY_ZERO, "is_automatic": True}
        return sorted(days + self._get_step_days(pretended), key=lambda row: row[0])

    def _get_by_hand_days(self):
        """Return what happens to a customer without one, as a list of (day after the due date, sentence)."""
        pretended = {"due_on": DAY_ZERO, "is_automatic": False}
        return [(0, self.env._("The invoice is due.")), *self._get_step_days(pretended)]

    def _get_step_days(self, values):
        charge = self.env["subscription.charge"].new(values)
        sentences = self._get_step_sentences()
        return [((day - DAY_ZERO).days, sentences[step]) for day, step in self._get_timeline(charge)]

    # === THE WORDS ===#

    def _get_step_sentences(self):
        """Return {step of the timeline: what happens then, in words}."""
        self.ensure_one()
        return {
            "overdue": self.env._("The subscription shows as overdue."),
            "suspend": self.env._("Grace ends: the subscription shows as suspended."),
            "reminder": self._say_mail("reminder_template_id", self.env._("The customer is reminded.")),
            "warning": self._say_mail("warning_template_id", self.env._("The customer is warned for the last time.")),
            "final": self._get_final_sentence(),
        }

    def _say_mail(self, template, sentence):
        return sentence if self[template] else self.env._("A mail would go out here, but no template is chosen.")

    def _get_final_sentence(self):
        if self.final_action == "close":
            if self.reopen_on_payment:
                return self.env._("The subscription is closed. It runs again if the customer pays late.")
            return self.env._("The subscription is closed, and stays closed.")
        if self.final_action == "pause":
            return self.env._("The subscription is paused until it is paid.")
        return self.env._("The subscription runs on; only the follow-up goes on by hand.")
