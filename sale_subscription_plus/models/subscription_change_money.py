from typing import NamedTuple

from odoo import models

from .sale_order_line_money import BILLED
from .subscription_change import VALUE_KINDS


class Adjustment(NamedTuple):
    """What a change charges or gives back of a line's days that were billed already."""

    line: models.Model
    start: object  # date
    end: object  # date, not part of it
    value: float
    basis: models.Model  # subscription.period; empty in a preview of days that are billed later


class SubscriptionChange(models.Model):
    """What a change costs: worked out alike for the preview and for the ledger."""

    _inherit = "subscription.change"

    def _get_lines(self):
        """Return the lines that this change is about: its own, or all of the order that are alive."""
        self.ensure_one()
        if self.line_id:
            return self.line_id
        lines = self.order_id.order_line
        if self.kind == "close" and self.state != "draft":
            # They may have ended earlier that day.
            return lines.filtered(lambda line: line.subscription_start and line.subscription_end == self.effective_on)
        return lines.filtered(lambda line: line._is_alive())

    def _get_adjustments(self, before=None):
        """Return the :class:`Adjustment` of each line whose billed days cost something else now; reads only.

        :param Terms before: what is agreed before this change, where it is not what the line says
        """
        self.ensure_one()
        if self.kind in VALUE_KINDS:
            return self._get_price_differences(before or self.line_id._get_agreed())
        if self._is_credited():
            return [adjustment for line in self._get_lines() for adjustment in self._get_credit(line)]
        return []

    def _is_credited(self):
        """Return whether days that were billed already are credited, as far as each line's plan allows."""
        return self.kind == "plan" or (self.kind in ("pause", "close") and self.compensation != "none")

    # === MORE OR LESS FOR THE SAME DAYS ===#

    def _get_price_differences(self, before):
        line = self.line_id
        if not line.subscription_plan_id.prorate_changes:
            return []
        wholes = [line._get_whole(terms) for terms in (before, before._replace(**self._get_new_values()))]
        spans = line._get_billed_spans(self.effective_on)
        rounding = self.order_id.currency_id.rounding
        value = sum(
            span.get_rest(self.effective_on, wholes[1], rounding)
            - span.get_rest(self.effective_on, wholes[0], rounding)
            for span in spans
        )
        if self.order_id.currency_id.is_zero(value):
            return []
        return [self._make_adjustment(line, spans, value)]

    def _get_new_values(self):
        """Return {field of the terms: value} that this change brings."""
        return {
            "quantity": {"quantity": self.quantity},
            "price": {"price_unit": self.price_unit},
            "discount": {"discount": self.discount},
        }[self.kind]

    def _make_adjustment(self, line, spans, value):
        return Adjustment(
            line,
            max(self.effective_on, spans[0].start),
            spans[-1].service_end,
            self.order_id.currency_id.round(value),
            spans[0].row,
        )

    # === DAYS GIVEN BACK ===#

    def _get_credit(self, line):
        """Return what is given back of ``line``: the rest of what was really billed, later changes included."""
        if not self._is_line_credited(line):
            return []
        if line.subscription_paused_on and (rows := line._get_carried_rows()):
            return self._get_waiting_credit(line, rows)
        # No period is billed beyond a close.
        spans = line._get_billed_spans(self.effective_on, coming=self.kind != "close")
        value = sum(line._get_rests(self.effective_on, spans))
        if not spans or self.order_id.currency_id.is_zero(value):
            return []
        return [self._make_adjustment(line, spans, -value)]

    def _get_waiting_credit(self, line, rows):
        """Return what is given back of the days of ``rows`` that wait for the end of the pause of ``line``."""
        value = line._get_carried_value(rows)
        if self.order_id.currency_id.is_zero(value):
            return []
        billed = rows.filtered_domain(BILLED)
        return [Adjustment(line, billed[0].service_end, billed[-1].end, -value, billed[0])]

    def _is_line_credited(self, line):
        plan = line.subscription_plan_id
        if not plan.prorate_changes:
            return False
        # Aligned periods cannot move: what others carry over is given back.
        return self.compensation != "carry" or plan.alignment != "start" or self.kind == "plan"

    def _is_line_carried(self, line):
        """Return whether the days of ``line`` that are paid count after this pause."""
        return self.kind == "pause" and self.compensation == "carry" and not self._is_line_credited(line)
