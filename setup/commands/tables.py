"""Tables for people: columns as wide as their cells, and figures as people write them."""

NOTHING = "–"


def aligned(rows):
    """Return rows of texts as lines: the first column begins at the left, the others end at the right.

    >>> aligned([("", "Now"), ("Customers", "12")])
    ['           Now', 'Customers   12']
    """
    rows = [tuple(row) for row in rows]
    width = max((len(row) for row in rows), default=0)
    rows = [row + ("",) * (width - len(row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_fit(row, widths)).rstrip() for row in rows]


def _fit(row, widths):
    yield row[0].ljust(widths[0])
    yield from (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))


def figure(value, unit):
    """Return a figure as text.

    :param value: number, None where there is none
    :param unit: "money", "percent" (of a share of 1), "ratio" or "count"

    >>> figure(1234.5, "money"), figure(0.2654, "percent"), figure(1.5, "ratio"), figure(7043, "count")
    ('1,234.50', '26.54 %', '1.50', '7,043')
    >>> figure(None, "ratio")
    '–'
    """
    if value is None:
        return NOTHING
    if unit == "percent":
        return f"{100 * value:,.2f} %"
    return f"{value:,.0f}" if unit == "count" else f"{value:,.2f}"


def change(value):
    """Return a relative change as text, its sign always there.

    >>> change(0.1), change(-0.045), change(None)
    ('+10.0 %', '-4.5 %', '–')
    """
    return NOTHING if value is None else f"{100 * value:+,.1f} %"
