"""Shares of an amount: plain arithmetic, no database."""

from itertools import accumulate, pairwise

from odoo.tools import float_round


def share_out(amount, weights, rounding):
    """Return the share of ``amount`` for each of ``weights``: in proportion, and to the cent the whole of it.

    :param float rounding: smallest coin of the currency

    >>> share_out(10.0, [12.0, 12.0, 12.0], 0.01), share_out(5.0, [120.0, 9.0], 0.01)
    ([3.33, 3.34, 3.33], [4.65, 0.35])
    """
    whole = sum(weights)
    steps = [float_round(amount * step / whole, precision_rounding=rounding) for step in accumulate([0.0, *weights])]
    return [float_round(after - before, precision_rounding=rounding) for before, after in pairwise(steps)]
