from odoo import models
from odoo.fields import Domain

from ..engine_context import Shared
from .sale_order_line_money import BILLED, MONEY_KINDS


class SaleOrder(models.Model):
    """Subscriptions that pause and run again."""

    _inherit = "sale.order"

    def _with_change(self):
        """Return these orders for what was planned and falls due: a lock, and what is frozen, do not stop it."""
        return self.with_context(subscription_change=Shared())

    def _subscription_pause_lines(self, lines, day):
        """Let ``lines`` of this order pause from ``day``; with the last one that runs, the order does."""
        self.ensure_one()
        lines.write({"subscription_phase": "paused", "subscription_paused_on": day})
        lines._subscription_record_movements("pause", day)
        lines._subscription_update_next()
        if not self.order_line.filtered(lambda line: line.subscription_phase == "running"):
            self.subscription_paused_on = day
            self._subscription_set_status("paused")

    def _subscription_resume_lines(self, lines, day, change):
        """Let paused ``lines`` of this order run again from ``day``."""
        self.ensure_one()
        for line in lines:
            line._subscription_end_pause(day, change)
        lines.write({"subscription_phase": "running", "subscription_paused_on": False})
        lines._subscription_update_next()
        lines._subscription_record_movements("resume", day)
        if not self.order_line.filtered(lambda line: line.subscription_phase == "paused"):
            self._subscription_record_end_of_pause("resume", day)
        if lines:
            self.subscription_paused_on = False
            self._subscription_set_status("progress")

    def _subscription_follow_plan(self):
        """Let the order's own plan be that of its first line, once none of them has the order's any more."""
        plans = self.order_line.filtered(lambda line: line._is_alive()).subscription_plan_id
        if plans and self.subscription_plan_id not in plans:
            self._with_change().subscription_plan_id = plans[0]


class SaleOrderLine(models.Model):
    """What a pause does to the days of a line."""

    _inherit = "sale.order.line"

    def _subscription_cut(self, day, change):
        """Serve what the ledger covers no longer than until ``day``, because of ``change``."""
        # In sudo mode: the ledger is written by no user.
        rows = (
            self.env["subscription.period"]
            .sudo()
            .search([("line_id", "in", self.ids), ("state", "=", "live"), ("service_end", ">", day)])
        )
        for row in rows:
            row.write({"service_end": max(day, row.start), "ended_by_id": change.id})

    def _subscription_end_pause(self, day, change):
        """Skip the days of the pause, then serve what was paid before it; periods count from there."""
        self.ensure_one()
        rows = self._get_carried_rows()
        restart = self._add_days(day, self._count_carried_days(rows))
        values = self._prepare_pause_skip(day, change)
        if restart > day:
            values.append(self._prepare_carried(rows, day, restart, change))
        if not values:
            return
        if self.subscription_plan_id.alignment == "start":
            values[0]["anchor_before"] = self.subscription_anchor
        self.env["subscription.period"].sudo().create(values)  # as above
        self._subscription_move_grid(restart)

    def _get_period_after_pause(self, day):
        """Return the first :class:`Period` to bill of a paused line that runs again on ``day``; reads only."""
        self.ensure_one()
        restart = self._add_days(day, self._count_carried_days(self._get_carried_rows()))
        anchor, plan = self.subscription_anchor, self.subscription_plan_id
        if restart == day <= self.subscription_next_start:
            restart = self.subscription_next_start
        elif plan.alignment == "start":
            anchor = restart
        return plan._get_grid(anchor).period(restart, self.subscription_end or None)

    def _subscription_leave_pause(self, day):
        """Let lines that end on ``day`` owe nothing for the pause that they are in."""
        values = [vals for line in self for vals in line._prepare_pause_skip(day)]
        self.env["subscription.period"].sudo().create(values)  # In sudo mode: the ledger is written by no user.
        self.subscription_paused_on = False
        self._subscription_update_next()

    def _prepare_pause_skip(self, day, change=None):
        served = self.env["subscription.period"]._get_first_holes(self).get(self.id, self.subscription_start)
        # Days before the pause that are not billed yet are still owed.
        start = max(served, self.subscription_paused_on)
        if start >= day:
            return []
        skip = self._prepare_skip(start, day, self.env._("Paused in these days"))
        return [{**skip, "change_id": change and change.id}]

    def _add_days(self, day, count):
        return self._fields["subscription_start"].add(day, days=count)

    def _get_carried_rows(self):
        """Return the rows of which days are left to serve after the pause that this line is in."""
        pause = self.env["subscription.change"].search(
            [
                ("order_id", "=", self.order_id.id),
                ("line_id", "in", (False, self.id)),
                ("kind", "=", "pause"),
                ("state", "=", "applied"),
                ("effective_on", "=", self.subscription_paused_on),
            ],
            limit=1,
        )
        rows = self.env["subscription.period"]
        if not pause or not pause._is_line_carried(self):
            return rows
        live = Domain("line_id", "=", self.id) & Domain("state", "=", "live")
        counting = BILLED | Domain("kind", "in", MONEY_KINDS)
        return rows.search(live & counting & Domain("ended_by_id", "=", pause.id), order="start, id")

    def _count_carried_days(self, rows):
        return sum((row.end - row.service_end).days for row in rows.filtered_domain(BILLED))

    def _get_carried_value(self, rows):
        """Return what was billed for the days that are left to serve of ``rows``."""
        rounding = self.order_id.currency_id.rounding
        spans = [self._get_row_span(row, row.service_end)._replace(service_end=row.end) for row in rows]
        rests = [span.get_billed_rest(row.service_end, rounding) for span, row in zip(spans, rows, strict=True)]
        return self.order_id.currency_id.round(sum(rests))

    def _prepare_carried(self, rows, start, end, change):
        billed = rows.filtered_domain(BILLED)
        return {
            "line_id": self.id,
            "kind": "carried",
            "start": start,
            "end": end,
            "service_end": end,
            "quantity": billed[0].quantity,
            "value": self._get_carried_value(rows),
            "full_days": self._get_row_span(billed[0], start).full_days,
            "change_id": change.id,
            "basis_id": billed[0].id,
            "invoice_line_id": billed[0].invoice_line_id.id,
            "reason": self.env._("Paid before the pause"),
        }

    def _subscription_move_grid(self, restart):
        """Count periods from ``restart``; what ends a discount for some periods moves with them."""
        plan = self.subscription_plan_id
        if plan.alignment != "start":
            return
        before = plan._get_grid(self.subscription_anchor)
        after = plan._get_grid(restart)
        first = before.index(self._get_served_end()) + 1
        self.subscription_anchor = restart
        for change in self._get_discount_ends():
            change.effective_on = after.boundary(max(before.index(change.effective_on) - first, 0))

    def _get_served_end(self):
        return self._add_days(self.subscription_paused_on, -1)

    def _get_discount_ends(self):
        return self.env["subscription.change"].search(
            [
                ("line_id", "=", self.id),
                ("state", "=", "planned"),
                ("kind", "=", "discount"),
                ("parent_id", "!=", False),
            ]
        )
