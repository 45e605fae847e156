from odoo import api, fields, models
from odoo.tools.misc import format_date

from .subscription_charge_dunning import RANK


class SubscriptionEntitlement(models.Model):
    """Why a customer may use something, or may not, in a sentence."""

    _inherit = "subscription.entitlement"

    @api.depends("state", "date_from", "date_to", "payment_status", "paused_on", "resume_on")
    @api.depends_context("lang")
    def _compute_reason(self):
        for entitlement in self:
            entitlement.reason = getattr(entitlement, f"_get_reason_{entitlement.state}")()

    def _get_reason_active(self):
        return self.env._("Runs since %s.", self._format_day(self.date_from))

    def _get_reason_upcoming(self):
        return self.env._("Starts on %s.", self._format_day(self.date_from))

    def _get_reason_paid_until(self):
        return self._get_end_reason()

    def _get_reason_ended(self):
        return self._get_end_reason()

    # === ENDS ===#

    def _get_end_reason(self):
        """Return why it ends, or did: renewed, closed, at the end of its term, or by a change of its own."""
        order, end = self.order_id, fields.Date.add(self.date_to, days=1)
        values = {"day": self._format_day(self.date_to)}
        renewal = order.subscription_renewed_by_id
        if renewal and renewal.subscription_start <= end:
            return self.env._("Until %(day)s; renewed by %(order)s.", order=renewal.name, **values)
        if order.subscription_handed_over_on and end == order.subscription_handed_over_on:
            return self.env._("Until %(day)s; handed over to another customer.", **values)
        if order.subscription_closed_on == end and order.subscription_close_reason_id:
            reason = order.subscription_close_reason_id.name
            return self.env._("Until %(day)s; closed: %(reason)s.", reason=reason, **values)
        if order.subscription_term_end == self.date_to:
            return self.env._("Until %(day)s, the end of a term that is not renewed.", **values)
        return self.env._("Until %(day)s.", **values)

    # === NOT PAID, PAUSED ===#

    def _get_reason_in_grace(self):
        sentence = {
            "retrying": self.env._("A payment was declined and is tried again."),
            "grace": self.env._("A payment failed."),
            "overdue": self.env._("An invoice is overdue."),
            "method_needed": self.env._("The customer has to confirm a payment, or give a new payment method."),
        }[self.payment_status]
        if day := self._get_suspension_date():
            return self.env._(
                "%(reason)s Suspended from %(day)s on, unless it is paid.", reason=sentence, day=self._format_day(day)
            )
        return sentence

    def _get_suspension_date(self):
        """Return the first day on which the dunning policy suspends it; False where no step ahead does."""
        charges = self.order_id.subscription_charge_ids.filtered(
            lambda charge: charge.state not in ("paid", "dropped", "given_up")
        )
        days = [day for charge in charges for day, step in charge._get_steps() if step in ("suspend", "final")]
        today = self.company_id._get_subscription_today()
        return min((day for day in days if day > today), default=False)

    def _get_reason_suspended(self):
        if not self.paused_on:
            return self.env._("An invoice is not paid.")
        values = {"since": self._format_day(self.paused_on)}
        sentence = self.env._("Paused since %(since)s.", **values)
        if resume_on := self._get_resume_date():
            sentence = self.env._(
                "Paused since %(since)s; runs again on %(day)s.", day=self._format_day(resume_on), **values
            )
        if RANK[self.payment_status] > RANK["ok"]:
            sentence = self.env._("%s An invoice is not paid.", sentence)
        return sentence

    def _get_resume_date(self):
        """Return when the pause ends, where that is known: it comes with a planned pause, or is a change of its own."""
        resumes = self.order_id.subscription_planned_change_ids.filtered(
            lambda change: (
                change.kind == "resume"
                and change.line_id.id in (False, self.id)
                and change.effective_on > self.paused_on
            )
        )
        return self.resume_on or min(resumes.mapped("effective_on"), default=False)

    def _format_day(self, day):
        return format_date(self.env, day)
