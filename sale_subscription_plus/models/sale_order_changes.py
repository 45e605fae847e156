from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.recurrence import Grid
from .sale_order import RUNNING_STATUSES


class SaleOrder(models.Model):
    """What happens to a running subscription: it closes, opens again, and its term rolls on."""

    _inherit = "sale.order"

    def _subscription_close(self, date, reason):
        """Close subscriptions on ``date``, the first day without them; ahead of time it is only noted.

        What was billed stays as it is; what is due until ``date`` is still billed.

        :param date date: company date
        :param reason: ``subscription.close.reason``
        """
        self._subscription_lock()
        idle = self.filtered(lambda order: order.subscription_status not in RUNNING_STATUSES)
        if idle:
            raise UserError(self.env._("%s does not run: there is nothing to close.", idle[0].name))
        # Lines that ended meanwhile end on their own days, and some order with its last one.
        self.env["subscription.billing.run"]._turn_orders(self)
        self.filtered(lambda order: order.subscription_status == "closed").subscription_close_reason_id = reason
        for order in self.filtered(lambda order: order.subscription_status in RUNNING_STATUSES):
            if order.subscription_closed_on:
                # A close that lies ahead gives way to this one, which may be later.
                closing = order._get_closing_lines()
                order.subscription_closed_on = False
                closing._subscription_withdraw_end()
            lines = order.order_line._filter_timeline().filtered(
                lambda line: not line.subscription_end or line.subscription_end > date
            )
            lines.subscription_end = date
            lines._subscription_update_next()
            order.write({"subscription_close_reason_id": reason.id, "subscription_closed_on": date})
            if date <= order.company_id._get_subscription_today():
                lines._subscription_stop(date)
                order._subscription_set_status("closed")
        idle = self.filtered(lambda order: not order.subscription_next_invoice_date)
        idle._subscription_unpark(self.env._("Closed: nothing is left to bill."))

    def _subscription_reopen(self):
        """Let closed orders run again from today; where closing lies ahead, withdraw it."""
        self._subscription_lock()
        for order in self:
            if order.subscription_status != "closed" and not order.subscription_closed_on:
                raise UserError(self.env._("%s is not closed: there is nothing to reopen.", order.name))
            today = order.company_id._get_subscription_today()
            lines = order._get_closing_lines()
            order.write({"subscription_close_reason_id": False, "subscription_closed_on": False})
            if order.subscription_status == "closed":
                order._subscription_set_status("progress")
                lines._subscription_resume(today)
            else:
                lines._subscription_withdraw_end()

    def _get_closing_lines(self):
        """Return the lines that end with the order and not before it."""
        return self.order_line._filter_timeline().filtered(
            lambda line: line.subscription_end and line.subscription_end >= self.subscription_closed_on
        )

    def _subscription_roll_term(self, today):
        """Start another term where the last one is over."""
        for order in self:
            start, months = order.subscription_start, order.subscription_commitment_months
            if not (start and months > 0 and order.subscription_term_end):
                continue
            grid = Grid(start, months, "month")
            boundary = grid.boundary(grid.index(today) + 1)
            order.subscription_term_end = fields.Date.subtract(boundary, days=1)
