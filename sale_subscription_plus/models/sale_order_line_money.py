from datetime import date
from typing import NamedTuple

from odoo import models
from odoo.fields import Domain

from ..tools.proration import part_between
from .subscription_period import COVERING_KINDS

# Rows of days that were billed, here or before the subscription came to Odoo.
BILLED_KINDS = tuple(kind for kind in COVERING_KINDS if kind != "skip")
# Also those of a period without a quantity, for nothing: it costs something once the quantity rises.
BILLED = Domain("kind", "in", BILLED_KINDS) | (Domain("kind", "=", "skip") & Domain("full_days", ">", 0))
# Rows that move money inside billed days.
MONEY_KINDS = ("proration", "credit")


class Span(NamedTuple):
    """Billed days of a line, and what they cost."""

    row: models.Model  # subscription.period, empty for days that will be billed before the day of a change
    start: date
    end: date
    service_end: date
    full_days: int
    value: float

    @property
    def days(self):
        return (self.end - self.start).days

    def get_rest(self, day, whole, rounding):
        """Return what the days from ``day`` on cost where a full period costs ``whole``."""
        own = part_between(whole, self.full_days, 0, self.days, rounding)
        return self._cut(day, own, rounding)

    def get_billed_rest(self, day, rounding):
        """Return what was billed for the days from ``day`` on."""
        return self._cut(day, self.value, rounding)

    def _cut(self, day, amount, rounding):
        first = max((day - self.start).days, 0)
        last = (self.service_end - self.start).days
        return part_between(amount, self.days, min(first, last), last, rounding)


class SaleOrderLine(models.Model):
    """What the days of a line cost, and what of them is not used yet."""

    _inherit = "sale.order.line"

    def _get_whole(self, terms):
        """Return what a full period costs under ``terms``, as quoted: tax in or out as in the price."""
        amount = terms.price_unit * terms.quantity * (1 - terms.discount / 100)
        return self.order_id.currency_id.round(amount)

    def _get_billed_spans(self, day, coming=True):
        """Return the :class:`Span` of each row of billed days that are not over on ``day``, oldest first.

        :param bool coming: where there are none, that of the days that will have been billed when ``day`` comes
        """
        rows = self._get_rows_after(day, BILLED)
        spans = [self._get_row_span(row, day) for row in rows]
        return spans or (self._get_coming_spans(day) if coming else [])

    def _filter_billed_after(self, day):
        """Return the lines of which days from ``day`` on are billed, or will be when that day comes.

        The others are spared a look into the ledger one by one.
        """
        # In sudo mode: the ledger tells the same whoever asks.
        groups = (
            self.env["subscription.period"]
            .sudo()
            ._read_group(
                Domain("line_id", "in", self.ids)
                & Domain("state", "=", "live")
                & Domain("service_end", ">", day)
                & BILLED,
                ["line_id"],
            )
        )
        billed = self.browse([line.id for (line,) in groups])
        return billed | self.filtered(lambda line: line.subscription_next_start and line.subscription_next_start < day)

    def _get_rows_after(self, day, which):
        # In sudo mode: the ledger tells the same whoever asks.
        return (
            self.env["subscription.period"]
            .sudo()
            .search(
                Domain("line_id", "=", self.id)
                & Domain("state", "=", "live")
                & Domain("service_end", ">", day)
                & which,
                order="start, id",
            )
        )

    def _get_row_span(self, row, day):
        if row.kind == "imported":
            # It may stand for years: what counts is the period that ``day`` lies in.
            period = self._get_grid_period(max(day, row.start))
            start = max(period.full_start, row.start)
            days = (row.end - start).days
            rounding = self.order_id.currency_id.rounding
            value = part_between(self._get_whole(self._get_agreed()), period.full_days, 0, days, rounding)
            return Span(row, start, row.end, row.service_end, period.full_days, value)
        return Span(row, row.start, row.end, row.service_end, row.full_days or (row.end - row.start).days, row.value)

    def _get_coming_spans(self, day):
        """Return the span that will have been billed when ``day`` comes, where ``day`` lies inside of it."""
        hole = self.subscription_next_start
        arrears = self.subscription_plan_id.billing_timing == "arrears"
        if not hole or day <= hole or self.subscription_paused_on or arrears:
            return []
        first = self._get_grid_period(day)
        if first.full_start < hole:
            first = self._get_grid_period(hole)
        else:
            first = self._get_grid_period(first.full_start)
        if first.start == day or (self.subscription_end and self.subscription_end <= day):
            return []
        value = self._get_period_value(first)
        end = min(first.end, self.subscription_end or first.end)
        empty = self.env["subscription.period"]
        return [Span(empty, first.start, first.end, end, first.full_days, value)]

    def _get_grid_period(self, start):
        return self.subscription_plan_id._get_grid(self.subscription_anchor).period(start)

    def _get_rests(self, day, spans):
        """Return what is not used yet, on ``day``, of each of ``spans`` and of what changes charged for them."""
        rounding = self.order_id.currency_id.rounding
        rests = [span.get_billed_rest(day, rounding) for span in spans]
        changed = self._get_rows_after(day, Domain("kind", "in", MONEY_KINDS))
        return rests + [self._get_row_span(row, day).get_billed_rest(day, rounding) for row in changed]

    def _get_period_end(self):
        """Return the first day that is not billed yet: where a change needs no proration."""
        self.ensure_one()
        today = self.order_id.company_id._get_subscription_today()
        if self.subscription_plan_id.billing_timing == "arrears":
            return self._get_grid_period(max(today, self.subscription_next_start)).full_end
        return max(self.subscription_next_start, today)
