"""Shares of a period: plain arithmetic, no database."""

# Prices are prorated finer than money: a price of 0.05 for 1,000 pieces must not lose half of itself.
PRICE_DIGITS = 6


def prorated_price(price, days, full_days):
    """Return the part of ``price`` that ``days`` of ``full_days`` cost (unit price, tax as in ``price``).

    The share applies to the price and never to the quantity, which Odoo rounds to the unit's digits.

    >>> prorated_price(31.0, 11, 31)
    11.0
    >>> prorated_price(10.0, 31, 31)
    10.0
    """
    if days == full_days:
        return price
    return round(price * days / full_days, PRICE_DIGITS)
