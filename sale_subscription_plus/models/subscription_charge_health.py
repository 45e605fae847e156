from odoo import models


class SubscriptionCharge(models.Model):
    """What collections tell their subscriptions, for health rules to go by."""

    _inherit = "subscription.charge"

    def _become_paid(self):
        """Extend: money was received."""
        paid = self.filtered(lambda charge: charge.state != "paid")
        super()._become_paid()
        paid._note_on_orders("subscription_last_payment_on")

    def _await_rest(self):
        """Extend: part of the money was received."""
        super()._await_rest()
        self._note_on_orders("subscription_last_payment_on")

    def _note_failure(self, kind, message):
        """Extend: the customer's method failed, perhaps for the second time that day."""
        super()._note_failure(kind, message)
        self._note_on_orders("subscription_last_failure_on")
        self._watch_if_rules_ask_for("subscription_failures_30", "subscription_failures_90")

    def _update_payment_status(self):
        """Extend: what was overdue may be so no more."""
        super()._update_payment_status()
        overdue = self.filtered(lambda charge: charge.due_on and charge.due_on < charge._get_today())
        overdue._watch_if_rules_ask_for("subscription_days_overdue")

    def _note_on_orders(self, name):
        for company, charges in self.grouped("company_id").items():
            today = company._get_subscription_today()
            charges.order_ids.filtered(lambda order, today=today: order[name] != today).write({name: today})

    def _watch_if_rules_ask_for(self, *names):
        if not self.env["sale.order"]._get_care_fields().isdisjoint(names):
            self.order_ids._subscription_watch()
