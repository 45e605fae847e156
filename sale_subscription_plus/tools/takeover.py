"""Where a subscription that ran elsewhere goes on here: plain arithmetic on dates, no database."""


def find_start(grid, bill_date):
    """Return the first day of a subscription that tells only its next bill date: one period before it.

    :param grid: any :class:`Grid` of its plan
    """
    return grid._replace(anchor=bill_date).boundary(-1)


def take_over(grid, start, bill_date, today, arrears=False):
    """Return (anchor, first day not billed yet) of a subscription that began on ``start``.

    A next bill date on the plan's own grid keeps that grid, so that 31 January stays the 31st; any other
    date becomes the anchor. Without one, all that was due before ``today`` was billed elsewhere.

    :param Grid grid: as the plan has it for ``start``
    :param date bill_date: the next one, or None; in advance the first day of a period, in arrears the day
        after its last
    :param bool arrears: periods are billed at their end

    >>> from datetime import date
    >>> from .recurrence import Grid
    >>> grid = Grid(date(2025, 1, 31), 1, 'month')
    >>> [str(day) for day in take_over(grid, grid.anchor, date(2026, 2, 28), date(2026, 2, 10))]
    ['2025-01-31', '2026-02-28']
    >>> [str(day) for day in take_over(grid, grid.anchor, date(2026, 2, 15), date(2026, 2, 10))]
    ['2026-02-15', '2026-02-15']
    >>> [str(day) for day in take_over(grid, grid.anchor, None, date(2026, 2, 10), arrears=True)]
    ['2025-01-31', '2026-01-31']
    """
    if bill_date is None:
        if start >= today:
            return grid.anchor, start
        bill_date = _boundary_from(grid, today)
    elif not grid.has(bill_date) and (arrears or bill_date != start):
        grid = grid._replace(anchor=bill_date)
    if not arrears:
        return grid.anchor, bill_date
    return grid.anchor, max(start, grid.boundary(grid.index(bill_date) - 1))


def _boundary_from(grid, day):
    """Return the first boundary on or after ``day``."""
    k = grid.index(day)
    return grid.boundary(k) if grid.boundary(k) == day else grid.boundary(k + 1)
