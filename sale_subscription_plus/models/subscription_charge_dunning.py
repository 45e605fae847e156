from datetime import timedelta

from odoo import models
from odoo.fields import Command

from .subscription_charge import DUNNED, FINISHED

# The worst of an order's open collections is its payment status.
PAYMENT_STATUS = [
    ("ok", "In Order"),
    ("retrying", "Declined, Tried Again"),
    ("grace", "In Grace"),
    ("overdue", "Overdue"),
    ("method_needed", "New Method Needed"),
    ("suspended", "Suspended"),
]
RANK = {status: rank for rank, (status, _label) in enumerate(PAYMENT_STATUS)}
STATUS_OF_STATE = {
    "retrying": "retrying",
    "exhausted": "grace",
    "method_needed": "method_needed",
    "action": "method_needed",
}


class SubscriptionCharge(models.Model):
    """What happens to a collection that stays unpaid: reminders, the last warning, the final action."""

    _inherit = "subscription.charge"

    # === STEPS ===#

    def _update_next_step(self):
        """Store when the next step of the policy is due."""
        for charge in self:
            days = [day for day, _step in charge._get_steps() if charge._is_ahead(day)]
            charge.next_step_on = min(days, default=False) if charge.state in DUNNED else False

    def _get_steps(self):
        """Return the policy's timeline as it is for this collection: final actions wait for the time of a warning."""
        self.ensure_one()
        timeline = self.policy_id._get_timeline(self)
        if not self.warned_on:
            return timeline
        earliest = self.warned_on + timedelta(days=self.policy_id.warning_days)
        return sorted((max(day, earliest) if step == "final" else day, step) for day, step in timeline)

    def _is_ahead(self, day):
        return not self.last_step_on or day > self.last_step_on

    def _take_steps(self, today):
        """Take the steps due until ``today``; of several reminders that were missed, only the last."""
        self.ensure_one()
        timeline = self._get_steps()
        due = [step for day, step in timeline if self._is_ahead(day) and day <= today]
        # Nobody loses a subscription without a warning, however long the run was out.
        unwarned = not self.warned_on and any(step == "warning" for _day, step in timeline)
        if "final" in due and not unwarned:
            self._take_final_action(today)
            return
        self._remind(["warning"] if "final" in due else due, today)
        self.last_step_on = today
        self._update_next_step()
        self._update_payment_status()

    def _remind(self, steps, today):
        mails = [step for step in steps if step in ("reminder", "warning")]
        if mails:
            self._queue_mail(mails[-1])
        if "warning" in mails:
            self.warned_on = today

    def _take_final_action(self, today):
        """Do what the policy says about a subscription whose invoice stays unpaid; once an order."""
        orders = self.order_ids.filtered(lambda order: order.subscription_status in ("scheduled", "progress"))
        action = self.policy_id.final_action
        if action == "close":
            orders._subscription_close(today, self.policy_id.close_reason_id or self._get_default_close_reason())
        elif action == "pause":
            orders._subscription_pause_unpaid(today)
        self.write(
            {
                "last_step_on": today,
                "state": "given_up",
                "next_attempt_on": False,
                "next_step_on": False,
                "final_order_ids": [Command.set(orders.ids if action != "keep" else [])],
            }
        )
        self._queue_mail("final")
        self._update_payment_status()

    def _get_default_close_reason(self):
        return self.env.ref("sale_subscription_plus.close_reason_unpaid")

    def _undo_final_action(self):
        """Let subscriptions run again that were paused, or closed, for what is paid now."""
        orders = self.final_order_ids
        paused = orders.filtered(lambda order: order.subscription_status == "paused")
        if paused:
            paused._subscription_resume_paid()
        if self.policy_id.reopen_on_payment:
            orders.filtered(lambda order: order.subscription_status == "closed")._subscription_reopen()
        if orders:
            self.final_order_ids = False

    # === PAYMENT STATUS ===#

    def _get_payment_status(self, today):
        """Return what this collection means for its subscriptions on ``today``."""
        self.ensure_one()
        if self.state in ("paid", "dropped"):
            return "ok"
        if self.state == "given_up":
            return "suspended"
        if self.state not in DUNNED:
            return "ok" if not self.first_failure_on else "retrying"
        reached = {step for day, step in self._get_steps() if day <= today}
        if "suspend" in reached:
            return "suspended"
        if "overdue" in reached:
            return "overdue"
        return STATUS_OF_STATE.get(self.state, "ok")

    def _update_payment_status(self):
        """Write the payment status of the subscriptions, with the fact that changed it."""
        orders = self.order_ids
        charges = self.search([("order_ids", "in", orders.ids), ("state", "not in", ("paid", "dropped"))])
        worst = dict.fromkeys(orders, "ok")
        for charge in charges:
            status = charge._get_payment_status(charge._get_today())
            for order in charge.order_ids & orders:
                worst[order] = max(worst[order], status, key=RANK.get)
        for order, status in worst.items():
            if order.subscription_payment_status != status:
                # Told in the history, however quietly the payment itself is booked.
                order.with_context(tracking_disable=False).subscription_payment_status = status

    # === MAILS ===#

    def _queue_mail(self, name):
        """Have the mail ``name`` of the policy sent after this transaction, in place of one that still waits."""
        for charge in self:
            charge.pending_mail = name

    def _get_link_mail(self):
        """Return the mail that asks the customer for what is needed now."""
        return {"action": "action", "method_needed": "method", "exhausted": "method", "retrying": "failed"}.get(
            self.state, "reminder"
        )

    def _send_pending_mail(self):
        """Put the mail that waits into Odoo's queue of mails; none where the policy has no template for it."""
        for charge in self:
            template = charge.policy_id[f"{charge.pending_mail}_template_id"]
            if template and charge.partner_id.email:
                template.send_mail(charge.id)
            elif template and charge.state not in FINISHED:
                charge._ask_staff(
                    self.env._("No e-mail address"),
                    self.env._("The customer could not be told: set an e-mail address, then send the link."),
                )
            charge.pending_mail = False
