"""Periods that people look at. Both days of each belong to it."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

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
