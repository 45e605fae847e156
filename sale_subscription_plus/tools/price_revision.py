"""Prices after a revision: plain arithmetic, no database."""

from odoo.tools import float_is_zero, float_round

# Prices that differ by less are the same.
PRICE_DIGITS = 6


def revised_price(price, percentage=0.0, amount=0.0, multiple=0.0, ending=0.0, coin=0.01):
    """Return ``price`` after a revision.

    :param float percentage: added to the price, in percent; may be negative
    :param float amount: added to the price; may be negative
    :param float multiple: round to a multiple of it; 0 for none
    :param float ending: added after rounding, e.g. -0.01 for prices that end with .99
    :param float coin: the smallest step of a price in its currency

    >>> revised_price(12.0, percentage=5)
    12.6
    >>> revised_price(12.34, percentage=5, multiple=0.05)
    12.95
    >>> revised_price(12.34, amount=1.5, multiple=1, ending=-0.01)
    13.99
    >>> revised_price(990, percentage=3.33, coin=1)
    1023.0
    """
    price = price * (1 + percentage / 100) + amount
    if multiple:
        price = float_round(price, precision_rounding=multiple)
    return float_round(price + ending, precision_rounding=coin)


def price_step(price, coin, price_digits):
    """Return the smallest step of a price like ``price``: the coin, or finer where the price is.

    >>> price_step(12.34, 0.01, 4), price_step(0.0525, 0.01, 4), price_step(990.0, 1.0, 2)
    (0.01, 0.0001, 1.0)
    """
    if float_is_zero(price - float_round(price, precision_rounding=coin), precision_digits=price_digits):
        return coin
    return 10**-price_digits
