from datetime import date
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

# Where the former value of each kind of change stands, and which part of the terms it is.
FORMER = {
    "quantity": {"quantity": "old_quantity"},
    "price": {"price_unit": "old_price_unit"},
    "discount": {"discount": "old_discount"},
    "plan": {"plan_id": "old_plan_id", "price_unit": "old_price_unit", "anchor": "old_anchor"},
}


class Terms(NamedTuple):
    """What is agreed on a line, from ``since`` on."""

    since: date | None
    quantity: float
    price_unit: float
    discount: float
    plan_id: int
    anchor: date
    planned: bool = False


class SaleOrderLine(models.Model):
    """What was agreed on a line at any time: days that are billed late cost what they did then."""

    _inherit = "sale.order.line"

    def _get_agreed(self):
        """Return the :class:`Terms` of today."""
        return Terms(
            None,
            self.product_uom_qty,
            self.price_unit,
            self.discount,
            self.subscription_plan_id.id,
            self.subscription_anchor,
        )

    def _get_terms_after(self):
        """Return what was agreed for the days of these lines that are not covered yet.

        Lines whose terms did not change since their first uncovered day are left out: nearly all of them, so that
        billing reads this at constant cost.

        :return: {line id: [Terms, the newest first; the last one has no ``since``]}
        """
        if not self.ids:
            return {}
        terms = {}
        for line_id, day, former in self._get_former_values():
            steps = terms.setdefault(line_id, [self.browse(line_id)._get_agreed()])
            later = steps.pop()
            steps += [later._replace(since=day), later._replace(**former)]
        return terms

    def _get_terms_ahead(self):
        """Return what :meth:`_get_terms_after` does, and what is planned: for previews.

        :return: ({line id: [Terms]}, {line id: first day of a planned pause})
        """
        terms, pauses = self._get_terms_after(), {}
        # In sudo mode: what is planned counts whoever looks.
        planned = (
            self.env["subscription.change"]
            .sudo()
            .search([("order_id", "in", self.order_id.ids), ("state", "=", "planned")], order="effective_on, id")
        )
        by_line = {}
        for change in planned:
            for line in change._get_lines() & self:
                if change.kind == "pause":
                    pauses.setdefault(line.id, change.effective_on)
                elif change._get_new_terms():
                    by_line.setdefault(line, []).append(change)
        for line, changes in by_line.items():
            terms[line.id] = line._get_planned_steps(changes) + terms.get(line.id, [line._get_agreed()])
        return terms, pauses

    def _get_planned_steps(self, changes):
        """Return the :class:`Terms` that ``changes`` lead to one after the other, the newest first."""
        steps = [self._get_agreed()]
        waiting = [
            (change.effective_on, number, change._get_new_terms(), change) for number, change in enumerate(changes)
        ]
        heapify(waiting)
        while waiting:
            day, number, new, change = heappop(waiting)
            if change.kind == "discount" and change.discount_periods:
                end = change._get_discount_end(steps[0])
                heappush(waiting, (end, number, {"discount": steps[0].discount}, change.browse()))
            steps.insert(0, steps[0]._replace(since=day, planned=True, **new))
        return steps[:-1]

    def _get_former_values(self):
        """Yield (line id, day, {part of the terms: its value before that day}), the latest first."""
        self.env["subscription.change"].flush_model()
        self.env["subscription.period"].flush_model(["line_id", "start", "state", "anchor_before"])
        self.flush_recordset(["subscription_next_start"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.line_id, c.effective_on, c.id, c.kind, c.old_quantity, c.old_price_unit, c.old_discount,
                       c.old_plan_id, c.old_anchor
                  FROM sale_order_line l
                  JOIN subscription_change c ON c.line_id = l.id AND c.effective_on > l.subscription_next_start
                 WHERE l.id = ANY(%(lines)s) AND c.state = 'applied' AND c.kind = ANY(%(kinds)s)
                UNION ALL
                SELECT p.line_id, p.start, 0, 'anchor', NULL, NULL, NULL, NULL, p.anchor_before
                  FROM sale_order_line l
                  JOIN subscription_period p ON p.line_id = l.id AND p.start > l.subscription_next_start
                 WHERE l.id = ANY(%(lines)s) AND p.state = 'live' AND p.anchor_before IS NOT NULL
                 ORDER BY 2 DESC, 3 DESC
                """,
                lines=list(self.ids),
                kinds=list(FORMER),
            )
        )
        names = ("old_quantity", "old_price_unit", "old_discount", "old_plan_id", "old_anchor")
        for line_id, day, _id, kind, *values in rows:
            old = dict(zip(names, values, strict=True))
            sources = FORMER.get(kind, {"anchor": "old_anchor"})
            yield line_id, day, {part: old[source] for part, source in sources.items()}
