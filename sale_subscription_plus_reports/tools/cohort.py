"""Cohort tables: what became of those who started together. No database."""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.addons.sale_subscription_plus.tools.mrr import EPSILON

INTERVALS = ("day", "week", "month", "quarter", "year")
MODES = ("retention", "churn")
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}


class Terms(NamedTuple):
    """What is asked: fields of start and stop, length of the intervals, measure, last day that counts."""

    date_start: str
    date_stop: str
    interval: str
    measure: str
    seen_on: object


class Change(NamedTuple):
    """What one interval changed in one cohort; both are named by the first day of their interval."""

    start: object
    at: object
    customers: int
    base: float
    amount: float


def get_distance(start, day, interval):
    """Return how many intervals after the one that begins on ``start`` comes the one with ``day`` in it.

    >>> from datetime import date
    >>> get_distance(date(2025, 11, 1), date(2026, 1, 31), "month")
    2
    >>> get_distance(date(2025, 10, 1), date(2026, 3, 31), "quarter")
    1
    >>> get_distance(date(2026, 1, 5), date(2026, 1, 12), "week")
    1
    """
    if interval in DAYS:
        return (day - start).days // DAYS[interval]
    return ((day.year - start.year) * 12 + day.month - start.month) // MONTHS[interval]


def get_last_day(start, interval, column=0):
    """Return the last day of the interval that is ``column`` intervals after the one that begins on ``start``.

    >>> from datetime import date
    >>> get_last_day(date(2026, 1, 1), "month", 1)
    datetime.date(2026, 2, 28)
    """
    count = column + 1
    step = (
        relativedelta(days=DAYS[interval] * count)
        if interval in DAYS
        else relativedelta(months=MONTHS[interval] * count)
    )
    return start + step - timedelta(days=1)


def get_size(changes, interval, seen_on):
    """Return how many columns, and how many cells, the table of ``changes`` has (see :func:`build_table`).

    >>> from datetime import date
    >>> january, march = (Change(day, day, 1, 1, 1) for day in (date(2026, 1, 1), date(2026, 3, 1)))
    >>> get_size([january, march, january], "month", date(2026, 3, 15))
    (3, 4)
    """
    sizes = [get_distance(start, seen_on, interval) + 1 for start in {change.start for change in changes}]
    return max(sizes, default=0), sum(sizes)


def build_table(changes, interval, seen_on, mode="retention"):
    """Return the cohorts that ``changes`` tell of, the oldest first, and their average.

    A cohort has a column for each interval that begins on ``seen_on`` or before. Its value there is the sum of its
    changes so far, its rate that value by its base. In the 'churn' mode both tell what is gone of the base. A rate
    is None where the base is zero. The average of a column is that of all cohorts which have it, each by its size.

    :param changes: list of :class:`Change`
    :param str interval: one of :data:`INTERVALS`
    :param date seen_on: last day that counts
    :param str mode: one of :data:`MODES`
    """
    grouped = defaultdict(list)
    for change in changes:
        grouped[change.start].append(change)
    cohorts = [_build_cohort(start, grouped[start], interval, seen_on) for start in sorted(grouped)]
    average = _get_average(cohorts)
    if mode == "churn":
        cohorts = [_get_lost(cohort) for cohort in cohorts]
        average = [_get_remainder(rate) for rate in average]
    return {"cohorts": cohorts, "average": average}


def _build_cohort(start, changes, interval, seen_on):
    values = [0] * (get_distance(start, seen_on, interval) + 1)
    for change in changes:
        # What was before the start, or ended before it began, belongs to the start.
        values[max(get_distance(start, change.at, interval), 0)] += change.amount
    for column in range(1, len(values)):
        values[column] += values[column - 1]
    values = [_clean(value) for value in values]
    base = _clean(sum(change.base for change in changes))
    return {
        "start": start,
        "value": base,
        "customers": sum(change.customers for change in changes),
        "values": values,
        "rates": [_get_rate(value, base) for value in values],
    }


def _clean(value):
    """Return ``value`` without the noise that sums of floats leave behind."""
    return 0 if abs(value) < EPSILON else value


def _get_rate(value, base):
    return value / base if base else None


def _get_remainder(rate):
    return None if rate is None else 1 - rate


def _get_average(cohorts):
    """Return the rates of all cohorts together, column by column."""
    average = []
    for column in range(max((len(cohort["values"]) for cohort in cohorts), default=0)):
        reached = [cohort for cohort in cohorts if len(cohort["values"]) > column]
        average.append(
            _get_rate(sum(cohort["values"][column] for cohort in reached), sum(cohort["value"] for cohort in reached))
        )
    return average


def _get_lost(cohort):
    return {
        **cohort,
        "values": [cohort["value"] - value for value in cohort["values"]],
        "rates": [_get_remainder(rate) for rate in cohort["rates"]],
    }
