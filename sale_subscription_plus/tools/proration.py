"""Shares of a period: plain arithmetic, no database.

One rule for all of them: what is left of a whole is the whole less the part that was used, each rounded to the
currency. So the parts of a period always add up to the whole, to the cent, however often it is cut.
"""

from odoo.tools import float_compare, float_round

# Prices may be finer than money: a price of 0.05 for 1,000 pieces must not lose half of itself.
MIN_PRICE_DIGITS = 2
MAX_PRICE_DIGITS = 12


def part_between(whole, days, first, last, rounding):
    """Return what the days from number ``first`` up to ``last`` (not included) of ``days`` cost.

    :param float whole: amount of all ``days``
    :param float rounding: smallest coin of the currency

    >>> [part_between(10.0, 31, *cut, 0.01) for cut in ((0, 10), (10, 20), (20, 31))]
    [3.23, 3.22, 3.55]
    """
    parts = [float_round(whole * number / days, precision_rounding=rounding) for number in (first, last)]
    return float_round(parts[1] - parts[0], precision_rounding=rounding)


def rest_of(whole, days, used, rounding):
    """Return what is left of ``whole`` after ``used`` of its ``days``.

    >>> rest_of(10.0, 31, 10, 0.01), rest_of(10.0, 31, 0, 0.01), rest_of(10.0, 31, 31, 0.01)
    (6.77, 10.0, 0.0)
    """
    return part_between(whole, days, used, days, rounding)


def unit_price(amount, quantity, discount, rounding):
    """Return the unit price at which ``quantity`` at ``discount`` (in percent) costs exactly ``amount``.

    It has as few digits as that takes. The share of a period applies to the price and never to the quantity,
    which Odoo rounds to the unit's digits.

    >>> unit_price(3.55, 1, 0, 0.01), unit_price(17.74, 1000, 0, 0.01), unit_price(10.0, 3, 10, 0.01)
    (3.55, 0.01774, 3.704)
    """
    factor = quantity * (1 - discount / 100)
    exact = amount / factor
    for digits in range(MIN_PRICE_DIGITS, MAX_PRICE_DIGITS):
        price = round(exact, digits)
        if not float_compare(price * factor, amount, precision_rounding=rounding):
            return price
    return exact
