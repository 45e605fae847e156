"""Properties of the shares of a period: whatever is cut, and however often, nothing is lost or made (I9)."""

import itertools
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase
from odoo.tools import float_compare, float_is_zero, float_round

from ..tools.proration import part_between, rest_of, unit_price

EXAMPLES = settings(max_examples=500, deadline=None, derandomize=True, database=None)

coins = st.sampled_from([0.01, 1.0, 0.001, 0.05, 0.1, 5.0, 100.0])
# Up to ten digits before the point, which is what an invoice may come to.
amounts = st.integers(-(10**12), 10**12).map(lambda cents: cents / 100)
small_amounts = st.integers(-100_000, 100_000).map(lambda cents: cents / 100)
lengths = st.integers(1, 3700)


@st.composite
def cuts(draw):
    """Return the days of a period and the numbers of the days at which it is cut, both ends included."""
    days = draw(lengths)
    inside = draw(st.lists(st.integers(0, days), max_size=12))
    return days, sorted([0, *inside, days])


class TestProration(BaseCase):
    @EXAMPLES
    @given(amounts, cuts(), coins)
    @example(10.0, (31, [0, 7, 19, 31]), 0.01)
    @example(0.01, (31, list(range(32))), 0.01)
    @example(-0.05, (365, list(range(366))), 0.01)
    @example(0.0, (28, [0, 3, 28]), 0.01)
    @example(1000.0, (31, [0, 7, 19, 31]), 1.0)
    def test_parts_add_up_to_the_whole(self, amount, cut, coin):
        days, marks = cut
        whole = float_round(amount, precision_rounding=coin)
        parts = [part_between(whole, days, *pair, coin) for pair in itertools.pairwise(marks)]
        self.assertEqual(sum(self._count_coins(part, coin) for part in parts), self._count_coins(whole, coin))

    @EXAMPLES
    @given(amounts, cuts(), coins)
    def test_a_part_is_its_share_of_the_days_but_for_a_coin(self, amount, cut, coin):
        days, marks = cut
        whole = float_round(amount, precision_rounding=coin)
        for first, last in itertools.pairwise(marks):
            share = Fraction(whole) * (last - first) / days
            error = abs(Fraction(part_between(whole, days, first, last, coin)) - share)
            self.assertLessEqual(error, Fraction(coin) * Fraction(1001, 1000))

    @EXAMPLES
    @given(amounts, cuts(), coins)
    def test_no_part_goes_the_other_way(self, amount, cut, coin):
        days, marks = cut
        whole = float_round(amount, precision_rounding=coin)
        for pair in itertools.pairwise(marks):
            self.assertGreaterEqual(part_between(whole, days, *pair, coin) * (1 if whole >= 0 else -1), 0.0)

    @EXAMPLES
    @given(amounts, lengths, coins)
    def test_what_is_given_back_is_what_was_charged(self, amount, days, coin):
        whole = float_round(amount, precision_rounding=coin)
        for used in {0, days // 3, days // 2, days}:
            self.assertEqual(rest_of(whole, days, used, coin), -rest_of(-whole, days, used, coin) + 0.0)
        self.assertEqual(rest_of(whole, days, 0, coin), whole)
        self.assertEqual(rest_of(whole, days, days, coin), 0.0)

    @EXAMPLES
    @given(st.integers(-(10**8), 10**8), st.integers(1, 3700), st.data())
    def test_a_rest_is_the_whole_less_the_rounded_share_of_the_days_used(self, cents, days, data):
        used = data.draw(st.integers(0, days))
        share = Decimal(cents) * used / days
        # A share that lies between two coins may be rounded to either, for it is no number of the computer's.
        nearest = {ROUND_HALF_UP, ROUND_HALF_DOWN} if abs(share % 1) == Decimal("0.5") else {ROUND_HALF_UP}
        expected = {int(cents - share.quantize(Decimal(1), rounding=rounding)) for rounding in nearest}
        self.assertIn(self._count_coins(rest_of(cents / 100, days, used, 0.01), 0.01), expected)

    @EXAMPLES
    @given(small_amounts, small_amounts, cuts())
    def test_changes_of_a_period_come_to_what_each_day_cost(self, first, second, cut):
        """Charge the difference at a change, give the rest back at another day: what stays are the days served."""
        days, marks = cut
        change, close = marks[len(marks) // 3], marks[2 * len(marks) // 3]
        difference = rest_of(second, days, change, 0.01) - rest_of(first, days, change, 0.01)
        paid = first + difference - rest_of(second, days, close, 0.01)
        served = Fraction(first) * change / days + Fraction(second) * (close - change) / days
        self.assertLess(abs(Fraction(paid) - served), Fraction("0.0151"))

    # === UNIT PRICES ===#

    @EXAMPLES
    @given(
        small_amounts,
        st.one_of(st.integers(1, 100_000), st.floats(0.01, 1000).map(lambda quantity: round(quantity, 2))),
        st.sampled_from([0.0, 10.0, 33.33, 50.0, 99.9]),
        st.sampled_from([0.01, 1.0, 0.05]),
    )
    def test_the_unit_price_comes_to_the_amount(self, amount, quantity, discount, coin):
        amount = float_round(amount, precision_rounding=coin)
        price = unit_price(amount, quantity, discount, coin)
        self.assertEqual(float_compare(price * quantity * (1 - discount / 100), amount, precision_rounding=coin), 0)

    @EXAMPLES
    @given(small_amounts, st.sampled_from([0.01, 1.0]))
    def test_the_unit_price_of_one_piece_is_the_amount(self, amount, coin):
        amount = float_round(amount, precision_rounding=coin)
        self.assertTrue(float_is_zero(unit_price(amount, 1.0, 0.0, coin) - amount, precision_digits=9))

    def _count_coins(self, amount, coin):
        coins = Decimal(repr(amount)) / Decimal(repr(coin))
        self.assertLess(abs(coins - round(coins)), Decimal("0.001"), "An amount that no coins come to")
        return round(coins)
