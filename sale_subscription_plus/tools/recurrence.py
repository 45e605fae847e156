"""Periods of a subscription line: plain arithmetic on dates, no database.

All spans are half-open: ``[start, end)`` holds ``start`` and not ``end``.
Period k of an anchor is ``anchor + k * step``, always counted from the anchor and never chained, so that
a line anchored on 31 January returns to the 31st after February.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

UNITS = ("day", "week", "month", "year")
# In months: periods and commitments beyond it are slips of the keyboard, and leave the calendar.
LONGEST_TERM = 1200
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


class Period(NamedTuple):
    """A span to bill, and the whole period of the grid that ends with (or around) it."""

    start: date
    end: date
    full_start: date
    full_end: date
    # Where an agreement changes inside a period, each part has its own terms, and the day that settles them all.
    terms: object = None
    settled: date | None = None

    @property
    def days(self):
        return (self.end - self.start).days

    @property
    def full_days(self):
        return (self.full_end - self.full_start).days

    @property
    def is_stub(self):
        """Whether only a part of the whole period is billed."""
        return (self.start, self.end) != (self.full_start, self.full_end)


class Grid(NamedTuple):
    """The boundaries between a line's periods.

    >>> grid = Grid(date(2023, 1, 31), 1, 'month')
    >>> [str(grid.boundary(k)) for k in range(4)]
    ['2023-01-31', '2023-02-28', '2023-03-31', '2023-04-30']
    >>> grid.index(date(2023, 3, 30)), grid.index(date(2023, 3, 31))
    (1, 2)
    """

    anchor: date
    count: int
    unit: str

    def boundary(self, k):
        """Return boundary number ``k`` (may be negative)."""
        if self.unit in _DAYS:
            return self.anchor + timedelta(days=k * self.count * _DAYS[self.unit])
        return self.anchor + relativedelta(months=k * self.count * _MONTHS[self.unit])

    def index(self, day):
        """Return the number of the last boundary on or before ``day``."""
        if self.unit in _DAYS:
            return (day - self.anchor).days // (self.count * _DAYS[self.unit])
        months = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
        k = months // (self.count * _MONTHS[self.unit])
        return k if self.boundary(k) <= day else k - 1

    def has(self, day):
        """Return whether ``day`` is a boundary.

        >>> Grid(date(2023, 1, 31), 1, 'month').has(date(2023, 2, 28))
        True
        """
        return self.boundary(self.index(day)) == day

    def period(self, start, until=None):
        """Return the :class:`Period` to bill from ``start`` (inclusive).

        It ends at the next boundary, or at ``until`` (exclusive) where that comes first.

        >>> grid = Grid(date(2023, 1, 1), 1, 'month')
        >>> stub = grid.period(date(2023, 1, 21))
        >>> str(stub.end), stub.days, stub.full_days, stub.is_stub
        ('2023-02-01', 11, 31, True)
        """
        k = self.index(start)
        full_start, full_end = self.boundary(k), self.boundary(k + 1)
        end = min(full_end, until) if until else full_end
        return Period(start, end, full_start, full_end)


def align_to_weekday(start, weekday):
    """Return the first date on or after ``start`` that is ``weekday`` (Monday is 0).

    >>> str(align_to_weekday(date(2024, 2, 28), 0))
    '2024-03-04'
    """
    return start + timedelta(days=(weekday - start.weekday()) % 7)


def align_to_month_day(start, day, step_months):
    """Return an anchor whose grid meets the first ``day`` of a month on or after ``start``.

    The anchor may lie before ``start``: a grid that meets 28 February for "day 31" is anchored in a month
    that has 31 days, so that March is billed on the 31st.

    >>> str(align_to_month_day(date(2023, 2, 10), 31, 1))
    '2023-01-31'
    >>> str(align_to_month_day(date(2023, 2, 10), 15, 3))
    '2023-02-15'
    """
    first = _clamped(start.year, start.month, day)
    if first < start:
        following = start.replace(day=1) + relativedelta(months=1)
        first = _clamped(following.year, following.month, day)
    return _with_full_day(first, day, step_months)


def align_to_year_day(start, month, day, step_months):
    """Return an anchor whose grid meets ``day``/``month`` (29 February is allowed).

    Where the step divides the year, the grid is the calendar's (quarters from 1 January); else it is counted
    from the first ``day``/``month`` on or after ``start``.

    >>> str(align_to_year_day(date(2023, 5, 10), 1, 1, 3))
    '2023-01-01'
    >>> str(align_to_year_day(date(2022, 5, 10), 2, 29, 12))
    '2020-02-29'
    """
    first = _clamped(start.year, month, day)
    if 12 % step_months and first < start:
        first = _clamped(start.year + 1, month, day)
    return _with_full_day(first, day, step_months)


def _clamped(year, month, day):
    return date(year, month, min(day, monthrange(year, month)[1]))


def _with_full_day(first, day, step_months):
    """Go back along the grid to a month that has ``day``; stay where no month of the grid has it."""
    if first.day == day:
        return first
    for k in range(1, 97):
        candidate = first - relativedelta(months=k * step_months)
        if day <= monthrange(candidate.year, candidate.month)[1]:
            return candidate.replace(day=day)
    return first
