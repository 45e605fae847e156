"""Periods that people look at. Both days of each belong to it."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.addons.sale_subscription_plus.tools.mrr import DAYS_PER_MONTH

MONTH, QUARTER, YEAR = (relativedelta(months=months) for months in (1, 3, 12))
DAY = timedelta(days=1)


def get_periods(today):
    """Return {name: (first day, last day)}; a period that has begun lasts until ``today``.

    >>> from datetime import date
    >>> periods = get_periods(date(2026, 5, 31))
    >>> for name, (first, last) in periods.items():
    ...     print(name, first, last)
    last_30_days 2026-05-02 2026-05-31
    this_month 2026-05-01 2026-05-31
    last_month 2026-04-01 2026-04-30
    this_quarter 2026-04-01 2026-05-31
    last_quarter 2026-01-01 2026-03-31
    this_year 2026-01-01 2026-05-31
    last_year 2025-01-01 2025-12-31
    last_12_months 2025-06-01 2026-05-31
    """
    month = today.replace(day=1)
    quarter = month.replace(month=month.month - (month.month - 1) % 3)
    year = month.replace(month=1)
    return {
        "last_30_days": (today - 29 * DAY, today),
        "this_month": (month, today),
        "last_month": (month - MONTH, month - DAY),
        "this_quarter": (quarter, today),
        "last_quarter": (quarter - QUARTER, quarter - DAY),
        "this_year": (year, today),
        "last_year": (year - YEAR, year - DAY),
        "last_12_months": (today + DAY - YEAR, today),
    }


def is_whole_months(first, last):
    """Return whether a period begins with a month and ends with one.

    >>> from datetime import date
    >>> is_whole_months(date(2026, 1, 1), date(2026, 2, 28)), is_whole_months(date(2026, 1, 15), date(2026, 2, 14))
    (True, False)
    """
    return first.day == 1 and (last + DAY).day == 1


def count_whole_months(first, last):
    """Return how many months lie between two days of which the first begins a month and the last ends one."""
    end = last + DAY
    return (end.year - first.year) * 12 + end.month - first.month


def get_period_before(first, last):
    """Return the first and the last day of the period to compare with: it ends on the day before ``first``.

    Whole months are compared with as many whole months, other periods with as many days.

    >>> from datetime import date
    >>> [str(day) for day in get_period_before(date(2026, 3, 1), date(2026, 3, 31))]
    ['2026-02-01', '2026-02-28']
    >>> [str(day) for day in get_period_before(date(2026, 3, 1), date(2026, 3, 10))]
    ['2026-02-19', '2026-02-28']
    """
    if is_whole_months(first, last):
        return first - relativedelta(months=count_whole_months(first, last)), first - DAY
    return first - (last - first) - DAY, first - DAY


def get_months(first, last):
    """Return how many months a period lasts: whole months as they are, other periods by their days.

    >>> from datetime import date
    >>> get_months(date(2026, 1, 1), date(2026, 3, 31)), round(get_months(date(2026, 1, 1), date(2026, 1, 7)), 2)
    (3, 0.23)
    """
    if is_whole_months(first, last):
        return count_whole_months(first, last)
    return ((last - first).days + 1) / DAYS_PER_MONTH
