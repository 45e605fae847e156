from odoo import api, fields, models


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
        """
        run = self.env["subscription.billing.run"]
        orders = self.order_id
        run._start_and_end(orders, day)
        behind = self.browse(self.ids).order_id.filtered(lambda order: order._is_due_before(day))
        if behind:
            run._bill(behind, today, until=fields.Date.subtract(day, days=1))
        ready = self.filtered(lambda change: change.state == "planned" and not change.order_id._is_due_before(day))
        ready._apply(today)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _is_due_before(self, day):
        """Return whether something of this order that was due before ``day`` is not billed yet."""
        return bool(self.subscription_next_invoice_date and self.subscription_next_invoice_date < day)
