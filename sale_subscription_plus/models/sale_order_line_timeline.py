from odoo import api, fields, models
from odoo.exceptions import UserError

from .sale_order import RUNNING_STATUSES
from .sale_order_line import TIMELINE_FIELDS


class SaleOrderLine(models.Model):
    """A line's timeline: where it starts, which period comes next, when it ends."""

    _inherit = "sale.order.line"

    # === START ===#

    def _subscription_start_late(self):
        """Start lines that were added to, or given a quantity on, an order that runs already."""
        late = self.filtered(lambda line: line.state == "sale" and not line.subscription_start)._filter_subscribed()
        # In sudo mode: the timeline and the events are written by no user, only by what is done to the order.
        for order, lines in late.sudo().grouped("order_id").items():
            if not order.subscription_status:
                order.subscription_status = "quotation"
                order._subscription_start()
                continue
            if order.subscription_status not in RUNNING_STATUSES:
                raise UserError(self.env._("%s does not run any more: reopen it before you add to it.", order.name))
            today = order.company_id._get_subscription_today()
            lines._subscription_anchor(max(today, order.subscription_start))
            lines._subscription_join_grid()
            lines._subscription_begin(today)

    def _subscription_anchor(self, start):
        """Begin the timeline of lines that start on ``start``."""
        for line in self:
            line.write(
                {
                    "subscription_start": start,
                    "subscription_anchor": line.subscription_plan_id._get_anchor(start),
                    "subscription_end": line._get_settled_end(),
                    "subscription_phase": "waiting",
                    "subscription_tax_auto": line._has_automatic_taxes(),
                }
            )
        self._subscription_update_next()

    def _subscription_join_grid(self):
        """Let lines that were added to a running order count their periods like those that ran on their plan before.

        So they are billed on the same days as these; their first period is a short one.
        """
        for line in self:
            older = (line.order_id.order_line - self).filtered(
                lambda sibling, line=line: (
                    sibling.subscription_plan_id == line.subscription_plan_id and sibling._is_alive()
                )
            )
            if older:
                line.subscription_anchor = older[0].subscription_anchor
        self._subscription_update_next()

    def _has_automatic_taxes(self):
        """Return whether the line has the taxes that its product asks for: then billing takes those of the day."""
        self.ensure_one()
        return self.tax_ids == self._get_product_taxes(self.order_id.fiscal_position_id)

    def _get_product_taxes(self, fiscal_position):
        """Return the taxes that the product asks for under ``fiscal_position``."""
        self.ensure_one()
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        return fiscal_position.map_tax(taxes)

    @api.model
    def _get_blank_timeline(self):
        return dict.fromkeys(TIMELINE_FIELDS, False)

    # === THE NEXT PERIOD ===#

    def _subscription_update_next(self):
        """Store the next period of each line: the first days that the ledger does not cover."""
        lines = self._filter_timeline()
        # In sudo mode: the ledger tells the same whoever asks.
        Period = self.env["subscription.period"].sudo()
        holes = Period._get_first_holes(lines)
        for line in lines:
            line.subscription_next_start = holes.get(line.id, line.subscription_start)
        coverage = Period._get_coverage_after(lines)
        terms = lines._get_terms_after()
        for line in lines:
            values = line._get_next_period_values(
                line.subscription_next_start, coverage.get(line.id, ()), terms.get(line.id, ())
            )
            line.write(values)

    def _get_next_period_values(self, hole, coverage=(), terms=()):
        """Return the values of a line whose first uncovered day is ``hole``.

        :param coverage: first days of the ledger rows beyond the hole
        :param terms: what was agreed since the hole, see :meth:`_get_terms_after`
        """
        period = self._get_period_from(hole, coverage, terms)
        return {
            "subscription_next_start": hole,
            "subscription_next_end": period.end if period else False,
            "subscription_next_bill_date": self._get_bill_date(period) if period else False,
        }

    def _get_period_from(self, start, coverage=(), terms=()):
        """Return the :class:`Period` that begins on ``start``, or None once the line has ended or while it pauses.

        It ends with the grid, with the line or its pause, where a ledger row in ``coverage`` (first days) begins,
        or where other terms begin.
        """
        stops = [day for day in (self.subscription_end, self.subscription_paused_on) if day]
        if any(start >= day for day in stops):
            return None
        ends = [day for day in (*stops, *coverage) if day > start]
        if terms:
            return self._get_period_under_terms(start, ends, terms)
        grid = self.subscription_plan_id._get_grid(self.subscription_anchor)
        return grid.period(start, min(ends, default=None))

    def _get_period_under_terms(self, start, ends, terms):
        """Return the :class:`Period` from ``start`` under what was agreed then; it ends where that does.

        Where only the price changed, the parts of a period in arrears are billed together at its end.
        """
        current = next(step for step in terms if step.since is None or step.since <= start)
        plan = self.env["subscription.plan"].browse(current.plan_id)
        later = [step for step in terms if step.since and step.since > start]
        ends += [step.since for step in later if (step.plan_id, step.anchor) != (current.plan_id, current.anchor)]
        grid = plan._get_grid(current.anchor)
        settled = grid.period(start, min(ends, default=None)).end
        if plan.prorate_changes:
            # In advance, a period is billed whole; a change that comes later charges the rest of it anew.
            arrears = plan.billing_timing == "arrears"
            ends += [step.since for step in later if arrears or not step.planned]
        return grid.period(start, min(ends, default=None))._replace(terms=current, settled=settled)

    # === BEGIN, END AND BEGIN AGAIN ===#

    def _is_alive(self):
        """Whether the line's timeline has begun and did not end yet."""
        return self.subscription_phase in ("waiting", "running", "paused")

    def _subscription_begin(self, today):
        """Count waiting lines in the recurring revenue from the day they start."""
        starting = self.filtered(lambda line: line.subscription_phase == "waiting" and line.subscription_start <= today)
        starting.subscription_phase = "running"
        for start, lines in starting.grouped("subscription_start").items():
            lines._subscription_record_movements("start", start)

    def _subscription_stop(self, date):
        """Take lines out of the recurring revenue on ``date``: they have ended."""
        lines = self.filtered(lambda line: line._is_alive())
        lines.filtered("subscription_paused_on")._subscription_leave_pause(date)
        lines.subscription_phase = "ended"
        # In sudo mode: whoever ends them, what was planned for them is off.
        self.env["subscription.change"].sudo().search(
            [("line_id", "in", lines.ids), ("state", "=", "planned"), ("kind", "!=", "close")]
        ).state = "cancelled"
        lines._subscription_record_movements("close", date)
        ended = lines.order_id.filtered(lambda order: not order._has_lines_alive())
        ended._subscription_record_end_of_pause("churn", date)

    def _subscription_finish(self, day):
        """Let lines end on ``day``; an order closes with its last line."""
        for order in self.order_id.filtered(lambda order: not order.subscription_close_reason_id):
            if not order._has_lines_alive(apart_from=self):
                # Before its lines stop: their movements tell the reason.
                order.subscription_close_reason_id = self.env.ref("sale_subscription_plus.close_reason_term_ended")
        self._subscription_stop(day)
        for order in self.order_id:
            if not order._has_lines_alive():
                order.write({"subscription_closed_on": day, "subscription_paused_on": False})
                order._get_planned_changes().filtered(lambda change: change.kind != "close").state = "cancelled"
                order._subscription_set_status("closed")

    def _subscription_resume(self, today):
        """Let ended lines run again from ``today``: the days between are skipped, periods count from today."""
        # Days before the end that are not billed yet are still owed.
        idle_from = {line: max(line.subscription_next_start, line.subscription_end) for line in self}
        self.subscription_end = False
        self._subscription_skip_idle(idle_from, today, self.env._("Closed in these days"))
        self.subscription_phase = "waiting"
        starting = self.filtered(lambda line: line.subscription_start <= today)
        starting.subscription_phase = "running"
        starting._subscription_record_movements("change", today)

    def _subscription_skip_idle(self, idle_from, today, reason):
        """Skip the days of each line from ``idle_from`` (a dict) until ``today``; periods count from today then."""
        idle = self.filtered(lambda line: idle_from[line] < today)
        self.env["subscription.period"].create(
            [
                {**line._prepare_skip(idle_from[line], today, reason), "anchor_before": line.subscription_anchor}
                for line in idle
            ]
        )
        for line in idle:
            line.subscription_anchor = line.subscription_plan_id._get_anchor(today)
        self._subscription_update_next()

    def _prepare_skip(self, start, end, reason):
        return {
            "line_id": self.id,
            "kind": "skip",
            "start": start,
            "end": end,
            "service_end": end,
            "quantity": self.product_uom_qty,
            "reason": reason,
        }

    def _subscription_withdraw_end(self):
        """Take back an end that lies ahead: lines end with their term again, or not at all."""
        for line in self:
            line.subscription_end = line._get_settled_end()
        self._subscription_update_next()

    def _get_settled_end(self):
        """Return the first day after a term that is not renewed, or after a close that lies ahead; else False."""
        order = self.order_id
        ends = [order.subscription_closed_on]
        if order.subscription_term_end and not order.subscription_auto_renew:
            ends.append(fields.Date.add(order.subscription_term_end, days=1))
        return min(filter(None, ends), default=False)
