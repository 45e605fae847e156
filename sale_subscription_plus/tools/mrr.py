"""Monthly recurring revenue: normalise amounts, classify movements. No database."""

# Mean length of a month over four years: "365.25/12 days a month" of the definition of MRR.
DAYS_PER_MONTH = 365.25 / 12
# Amounts below this are float noise, far under any currency's smallest coin.
EPSILON = 1e-6


def months_in_period(count, unit):
    """Return how many months ``count`` units last.

    >>> months_in_period(1, 'year'), months_in_period(3, 'month')
    (12, 3)
    >>> round(months_in_period(1, 'week'), 4)
    0.23
    """
    if unit == "year":
        return 12 * count
    if unit == "month":
        return count
    return count * (7 if unit == "week" else 1) / DAYS_PER_MONTH


def monthly(amount, count, unit):
    """Return ``amount`` per period as an amount per month, unrounded.

    >>> monthly(1200, 1, 'year')
    100.0
    """
    return amount / months_in_period(count, unit)


def classify(before, after, cause="change", seen=False):
    """Name the movement from ``before`` to ``after`` (amounts per month).

    :param str cause: 'change', 'pause', 'resume', 'close' or 'start'
    :param bool seen: whether there were movements before this one
    :return: 'new', 'reactivation', 'resume', 'churn', 'pause', 'expansion', 'contraction'

    >>> classify(0, 10), classify(0, 10, seen=True), classify(10, 0, 'pause'), classify(10, 0)
    ('new', 'reactivation', 'pause', 'churn')
    >>> classify(10, 12), classify(12, 10)
    ('expansion', 'contraction')
    """
    if abs(before) < EPSILON:
        if cause == "resume":
            return "resume"
        return "reactivation" if seen else "new"
    if abs(after) < EPSILON:
        return "pause" if cause == "pause" else "churn"
    return "expansion" if after > before else "contraction"


def company_amount(delta, carried, carried_company, rate):
    """Return the company-currency amount of a movement ``delta``.

    Growth counts at the rate of its day; a fall releases the carried amount pro rata, so that a line that
    ends at zero also ends at zero in company currency whatever the rate did.

    >>> company_amount(10, 0, 0, 2.0)
    20.0
    >>> company_amount(-5, 10, 20, 3.0)
    -10.0
    """
    if abs(carried) > EPSILON and delta * carried < 0 and abs(delta) <= abs(carried) + EPSILON:
        return carried_company * delta / carried
    return delta * rate
