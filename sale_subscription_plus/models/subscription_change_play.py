from odoo import api, fields, models

from .subscription_billing_run import RunResult


class SubscriptionChange(models.Model):
    """Changes that fall due, in date order with billing."""

    _inherit = "subscription.change"

    @api.model
    def _get_due(self, orders, today):
        """Return the planned changes of ``orders`` until ``today``."""
        # In sudo mode: whoever plays the day, what is planned happens.
        return self.sudo().search(
            [("state", "=", "planned"), ("effective_on", "<=", today), ("order_id", "in", orders.ids)],
            order="effective_on, id",
        )

    def _play(self, day, today):
        """Do these changes of ``day``, once what was due before that day is billed.

        Orders of which something cannot be billed, or not all of it today, keep theirs for the next run.

        :return: :class:`RunResult` of what was billed
        """
        run = self.env["subscription.billing.run"]
        day_before = fields.Date.subtract(day, days=1)
        run._start_and_end(self.order_id, day_before)
        result = RunResult()
        behind = self.order_id.filtered(lambda order: order._is_due_before(day))
        if behind:
            result = run._bill(behind, today, until=day_before)
        ready = self.filtered(lambda change: change.state == "planned" and not change.order_id._is_due_before(day))
        ready._apply(today)
        return result


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _is_due_before(self, day):
        """Return whether something of this order that was due before ``day`` is not billed yet."""
        return bool(self.subscription_next_invoice_date and self.subscription_next_invoice_date < day)
