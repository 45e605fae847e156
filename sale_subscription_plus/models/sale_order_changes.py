from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.recurrence import Grid
from .sale_order import RUNNING_STATUSES


class SaleOrder(models.Model):
    """How a running subscription closes, opens again, and how its term rolls on."""

    _inherit = "sale.order"

    def _has_lines_alive(self, apart_from=None):
        """Whether a line is there that has begun and did not end yet, besides those ``apart_from``."""
        lines = self.order_line if apart_from is None else self.order_line - apart_from
        return any(line._is_alive() for line in lines)

    def _subscription_close(self, date, reason, credit=False):
        """Close subscriptions on ``date``, the first day without them; ahead of time it is only noted.

        What is due until ``date`` is still billed.

        :param date date: company date
        :param reason: ``subscription.close.reason``
        :param bool credit: give back what was billed for ``date`` and later; else it stays as it is
        """
        # First of all, for whoever comes second starts anew here.
        self._subscription_lock()
        # In sudo mode: changes are written by no user, only by what is done to the order.
        changes = (
            self.env["subscription.change"]
            .sudo()
            .create(
                [
                    {
                        "order_id": order.id,
                        "kind": "close",
                        "effective_on": date,
                        "reason_id": reason.id,
                        "compensation": "credit" if credit else "none",
                    }
                    for order in self
                ]
            )
        )
        idle = self.filtered(lambda order: order.subscription_status not in RUNNING_STATUSES)
        if idle:
            raise UserError(self.env._("%s does not run: there is nothing to close.", idle[0].name))
        # Lines that ended meanwhile end on their own days, and some order with its last one.
        self.env["subscription.billing.run"]._turn_orders(self)
        closed = self.filtered(lambda order: order.subscription_status == "closed")
        closed.subscription_close_reason_id = reason
        changes.filtered(lambda change: change.order_id in closed).state = "cancelled"
        for change in changes.filtered(lambda change: change.state == "draft"):
            change.order_id._subscription_close_by(change)
        idle = self.filtered(lambda order: not order.subscription_next_invoice_date)
        idle._subscription_unpark(self.env._("Closed: nothing is left to bill."))

    def _subscription_close_by(self, change):
        """Let this order, or one line of it, end on the day of ``change``; at once, where that day has come."""
        self.ensure_one()
        date = change.effective_on
        if not change.line_id:
            self._subscription_withdraw_close()
        lines = (change.line_id or self.order_line)._filter_timeline()
        lines = lines.filtered(lambda line: not line.subscription_end or line.subscription_end > date)
        lines.subscription_end = date
        lines._subscription_update_next()
        if not change.line_id:
            self.write({"subscription_close_reason_id": change.reason_id.id, "subscription_closed_on": date})
        change.state = "planned"
        if not change._is_ahead():
            change._apply(self.company_id._get_subscription_today())
            if not change.line_id:
                self._subscription_set_status("closed")

    def _subscription_withdraw_close(self):
        """Let a close that lies ahead give way to another one, which may be later."""
        if not self.subscription_closed_on:
            return
        closing = self._get_closing_lines()
        self.subscription_closed_on = False
        closing._subscription_withdraw_end()
        self._get_planned_changes().filtered(
            lambda change: change.kind == "close" and not change.line_id
        ).state = "cancelled"

    def _get_planned_changes(self):
        # In sudo mode: what is planned counts whoever may read it.
        return self.sudo().subscription_change_ids.filtered(lambda change: change.state == "planned")

    def _subscription_reopen(self):
        """Let closed orders run again from today; where closing lies ahead, withdraw it."""
        self._subscription_lock()
        for order in self:
            if order.subscription_status != "closed" and not order.subscription_closed_on:
                raise UserError(self.env._("%s is not closed: there is nothing to reopen.", order.name))
            today = order.company_id._get_subscription_today()
            lines = order._get_closing_lines()
            order._get_planned_changes().filtered(lambda change: change.kind == "close").state = "cancelled"
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
