"""What contracts bring in the months ahead: plain arithmetic on dates and amounts, no database.

Revenue is per month (MRR). All spans are half-open: ``[start, end)`` holds ``start`` and not ``end``.
"""

from datetime import date
from heapq import heapify, heappop, heappush
from itertools import accumulate
from typing import NamedTuple

from odoo.tools.float_utils import float_round

from odoo.addons.sale_subscription_plus.tools.mrr import EPSILON, company_amount
from odoo.addons.sale_subscription_plus.tools.recurrence import Grid

# What happens on the same day happens in this order.
ORDER_OF_KINDS = ("resume", "quantity", "price", "discount", "plan", "pause")


class Plan(NamedTuple):
    """How often a line is billed, and the months that one of its periods lasts."""

    count: int
    unit: str
    months: float


class Terms(NamedTuple):
    """What is agreed on a line; ``net`` is the untaxed part of its price."""

    quantity: float
    price_unit: float
    discount: float
    plan: Plan
    anchor: date
    net: float = 1.0
    digits: int = 2

    @property
    def revenue(self):
        """Untaxed revenue per month.

        >>> Terms(3, 10, 50, Plan(1, "year", 12), date(2026, 1, 1)).revenue
        1.25
        """
        amount = self.net * self.quantity * self.price_unit * (1 - self.discount / 100)
        return float_round(amount, precision_digits=self.digits) / self.plan.months

    def count_periods(self, day, periods):
        """Return the first day after as many periods as are given, counted from the one that ``day`` is in."""
        grid = Grid(self.anchor, self.plan.count, self.plan.unit)
        return grid.boundary(grid.index(day) + periods)


class Change(NamedTuple):
    """What is planned for a line: the new terms, or a pause or its end."""

    day: date
    kind: str
    terms: dict
    discount_periods: int = 0
    resume_on: date | None = None

    @property
    def rank(self):
        return self.day, ORDER_OF_KINDS.index(self.kind)


class Span(NamedTuple):
    """A time in which a line brings the same; without ``start`` since today or before, without ``end`` for good.

    Its customer is bound until ``bound_until``. ``begins`` and ``ends`` tell whether the line does, with the span.
    """

    start: date | None
    end: date | None
    bound_until: date | None
    amount: float
    begins: bool = False
    ends: bool = False


class Line:
    """A line for which something is planned, played from today until its end."""

    def __init__(self, terms, start, end, is_paused, carried, carried_company, rate):
        """
        :param Terms terms: what is agreed today
        :param date start: first day, None where that has come
        :param date end: first day without the line, or None
        :param float carried: what it brings today, in the order's currency
        :param float carried_company: the same, in company currency
        :param float rate: of today, from the order's currency to the company's
        """
        self.terms, self.start, self.end, self.is_paused, self.rate = terms, start, end, is_paused, rate
        self.amount, self.company_amount = carried, carried_company

    def play(self, changes):
        """Return [(day, amount in company currency from then on)] by day, the first one without a day: today.

        What is planned for the day that the line ends, or later, does not happen any more.
        """
        steps = [(None, self.company_amount)]
        waiting = [(change.rank, number, change) for number, change in enumerate(changes)]
        heapify(waiting)
        if self.start:
            heappush(waiting, ((self.start, -1), -1, None))
        while waiting:
            (day, _rank), number, change = heappop(waiting)
            if self.end and day >= self.end:
                break
            for later in self._apply(change):
                heappush(waiting, (later.rank, number, later))
            if self._move():
                if steps[-1][0] == day:
                    steps.pop()
                steps.append((day, self.company_amount))
        return steps

    def _apply(self, change):
        """Do ``change`` (None: the line begins); yield what follows from it later."""
        if not change:
            self.start = None
        elif change.kind == "pause":
            self.is_paused = True
            if change.resume_on:
                yield Change(change.resume_on, "resume", {})
        elif change.kind == "resume":
            self.is_paused = False
        else:
            before, self.terms = self.terms, self.terms._replace(**change.terms)
            if change.discount_periods:
                end = before.count_periods(change.day, change.discount_periods)
                yield Change(end, "discount", {"discount": before.discount})

    def _move(self):
        """Let the revenue be what is agreed now; return whether it changes."""
        amount = 0.0 if self.is_paused or self.start else self.terms.revenue
        delta = amount - self.amount
        if abs(delta) <= EPSILON:
            return False
        self.company_amount += company_amount(delta, self.amount, self.company_amount, self.rate)
        self.amount = amount
        return True


def get_spans(steps, end, bound_until, begins, ends):
    """Return the :class:`Span` of each step of :meth:`Line.play` that brings something.

    :param bool begins: whether the second step, the first from zero, is the beginning of what the customer gets
    :param bool ends: whether ``end`` is the end of what the customer has
    """
    spans = []
    days = [day for day, _amount in steps[1:]] + [end]
    for number, ((start, amount), until) in enumerate(zip(steps, days, strict=True)):
        if abs(amount) > EPSILON:
            is_first = not spans and number == 1
            spans.append(Span(start, until, bound_until, amount, begins and is_first, ends and until == end))
    return spans


class Months:
    """Revenue at the end of each of the coming months, added up from spans.

    >>> months = Months(date(2026, 1, 15), 3)
    >>> months.add(Span(None, None, date(2026, 3, 1), 10.0))
    >>> months.add(Span(date(2026, 2, 10), date(2026, 3, 31), None, 5.0, begins=True, ends=True))
    >>> [(str(first), round(total), round(committed)) for first, total, committed, *_rest in months.rows()]
    [('2026-01-01', 10, 10), ('2026-02-01', 15, 10), ('2026-03-01', 10, 0)]
    """

    def __init__(self, today, count):
        self.first = today.replace(day=1)
        self.count = count
        self.total, self.committed, self.starting, self.ending = ([0.0] * (count + 1) for _kind in range(4))
        self.now = 0.0

    def index(self, day):
        """Return the number of the month that ``day`` is in, from 0 (this month or before) to the count (later)."""
        number = (day.year - self.first.year) * 12 + day.month - self.first.month
        return min(max(number, 0), self.count)

    def add(self, span):
        """Add a span; within a month, only what it leaves at the month's end counts."""
        start = self.index(span.start) if span.start else 0
        end = self.index(span.end) if span.end else self.count
        bound = min(self.index(span.bound_until), end) if span.bound_until else start
        if not span.start:
            self.now += span.amount
        self._add(self.total, start, end, span.amount)
        self._add(self.committed, start, bound, span.amount)
        if span.begins:
            self.starting[start] += span.amount
        if span.ends and span.end:
            self.ending[end] += span.amount

    @staticmethod
    def _add(deltas, start, end, amount):
        if start < end:
            deltas[start] += amount
            deltas[end] -= amount

    def rows(self):
        """Yield (first day of the month, total, committed, starting, ending) of each month."""
        levels = (accumulate(self.total), accumulate(self.committed), self.starting, self.ending)
        for number, amounts in zip(range(self.count), zip(*levels, strict=True), strict=False):
            month = self.first.month - 1 + number
            yield date(self.first.year + month // 12, month % 12 + 1, 1), *amounts
