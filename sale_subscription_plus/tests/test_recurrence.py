import doctest
from calendar import monthrange
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import mrr, proration, recurrence
from ..tools.recurrence import UNITS, Grid, align_to_month_day, align_to_weekday, align_to_year_day

YEARS = 10
# The same examples in each run: a test that fails once in a while helps nobody.
EXAMPLES = settings(max_examples=300, deadline=None, derandomize=True, database=None)

days = st.dates(date(1996, 1, 1), date(2104, 12, 31))
grids = st.builds(Grid, days, st.integers(1, 40), st.sampled_from(UNITS))
month_steps = st.sampled_from([1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 18, 24, 36, 48])


def boundaries(grid, start, until):
    """Return the boundaries of ``grid`` from ``start`` until ``until``, walking from period to period."""
    found = [start]
    while found[-1] < until:
        found.append(grid.period(found[-1]).end)
    return found


class TestDoctests(BaseCase):
    def test_examples_in_the_docstrings_are_true(self):
        for module in (mrr, proration, recurrence):
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 0)
                self.assertFalse(result.failed)


class TestGrid(BaseCase):
    """Properties that hold for every anchor, unit and count over ten years."""

    @EXAMPLES
    @given(grids)
    def test_periods_tile_without_gap_or_overlap(self, grid):
        end = grid.anchor + relativedelta(years=YEARS)
        k, day = 0, grid.anchor
        while day < end:
            period = grid.period(day)
            self.assertEqual((period.start, period.end), (grid.boundary(k), grid.boundary(k + 1)))
            self.assertEqual((period.full_start, period.full_end), (period.start, period.end))
            self.assertGreater(period.end, period.start)
            self.assertFalse(period.is_stub)
            k, day = k + 1, period.end

    @EXAMPLES
    @given(grids, st.integers(-4000, 4000))
    def test_each_day_lies_in_exactly_one_period(self, grid, offset):
        day = grid.anchor + timedelta(days=offset)
        k = grid.index(day)
        self.assertLessEqual(grid.boundary(k), day)
        self.assertLess(day, grid.boundary(k + 1))
        self.assertEqual(grid.has(day), grid.boundary(k) == day)

    @EXAMPLES
    @given(grids, st.integers(-60, 120))
    def test_the_day_of_the_month_returns_wherever_the_month_has_it(self, grid, k):
        boundary = grid.boundary(k)
        if grid.unit in ("month", "year"):
            last = monthrange(boundary.year, boundary.month)[1]
            self.assertEqual(boundary.day, min(grid.anchor.day, last))
        else:
            self.assertEqual((boundary - grid.anchor).days % grid.count, 0)

    @EXAMPLES
    @given(grids, st.integers(0, 3660))
    def test_a_period_from_any_day_ends_with_the_period_that_day_lies_in(self, grid, offset):
        day = grid.anchor + timedelta(days=offset)
        period = grid.period(day)
        self.assertEqual(period.start, day)
        self.assertEqual(period.end, grid.boundary(grid.index(day) + 1))
        self.assertEqual(period.is_stub, not grid.has(day))
        self.assertLessEqual(period.full_start, period.start)
        self.assertEqual(grid.boundary(grid.index(day)), period.full_start)

    @EXAMPLES
    @given(grids, st.integers(0, 1000), st.integers(1, 1000))
    def test_an_end_cuts_the_last_period_and_no_other(self, grid, offset, length):
        day = grid.anchor + timedelta(days=offset)
        until = day + timedelta(days=length)
        covered = 0
        while day < until:
            period = grid.period(day, until)
            self.assertEqual(period.end, min(until, period.full_end))
            self.assertLessEqual(period.days, period.full_days)
            covered, day = covered + period.days, period.end
        self.assertEqual((covered, day), (length, until))

    @EXAMPLES
    @given(st.integers(0, 6), days)
    def test_weeks_meet_their_weekday_within_seven_days(self, weekday, start):
        anchor = align_to_weekday(start, weekday)
        self.assertEqual(anchor.weekday(), weekday)
        self.assertIn((anchor - start).days, range(7))

    @EXAMPLES
    @given(st.integers(1, 31), days, month_steps)
    def test_months_meet_their_day_first_on_or_after_the_start(self, day, start, step):
        grid = Grid(align_to_month_day(start, day, step), step, "month")
        first = start if grid.has(start) else grid.period(start).end
        last = monthrange(first.year, first.month)[1]
        self.assertEqual(first.day, min(day, last))
        expected = date(start.year, start.month, min(day, monthrange(start.year, start.month)[1]))
        if expected < start:
            following = start + relativedelta(months=1, day=1)
            expected = following + relativedelta(day=day)
        self.assertEqual(first, expected)

    @EXAMPLES
    @given(st.integers(1, 31), days, month_steps)
    def test_months_meet_their_day_in_every_later_period_too(self, day, start, step):
        grid = Grid(align_to_month_day(start, day, step), step, "month")
        for boundary in boundaries(grid, start, start + relativedelta(years=YEARS))[1:]:
            self.assertEqual(boundary.day, min(day, monthrange(boundary.year, boundary.month)[1]))

    @EXAMPLES
    @given(st.dates(date(2024, 1, 1), date(2024, 12, 31)), days, month_steps)
    def test_years_meet_their_day_in_every_period(self, wanted, start, step):
        grid = Grid(align_to_year_day(start, wanted.month, wanted.day, step), step, "month")
        found = boundaries(grid, start, start + relativedelta(years=YEARS))[1:]
        for boundary in found:
            self.assertEqual(boundary.day, min(wanted.day, monthrange(boundary.year, boundary.month)[1]))
            if not 12 % step:
                self.assertEqual((boundary.month - wanted.month) % step, 0)
        if not 12 % step or not step % 12:
            self.assertIn(wanted.month, {boundary.month for boundary in boundaries(grid, start, found[-1])})


class TestTables(BaseCase):
    """What a calendar on the wall says."""

    def _assert_boundaries(self, grid, *expected):
        self.assertEqual([str(grid.boundary(k)) for k in range(len(expected))], list(expected))

    def test_31_january_in_a_common_year(self):
        self._assert_boundaries(
            Grid(date(2023, 1, 31), 1, "month"),
            "2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31", "2023-06-30", "2023-07-31",
            "2023-08-31", "2023-09-30", "2023-10-31", "2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29",
        )  # fmt: skip

    def test_31_january_in_a_leap_year(self):
        self._assert_boundaries(
            Grid(date(2024, 1, 31), 1, "month"), "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"
        )

    def test_30_january(self):
        self._assert_boundaries(
            Grid(date(2023, 1, 30), 1, "month"), "2023-01-30", "2023-02-28", "2023-03-30", "2023-04-30"
        )
        self._assert_boundaries(
            Grid(date(2024, 1, 30), 1, "month"), "2024-01-30", "2024-02-29", "2024-03-30", "2024-04-30"
        )

    def test_29_january(self):
        self._assert_boundaries(
            Grid(date(2023, 1, 29), 1, "month"), "2023-01-29", "2023-02-28", "2023-03-29", "2023-04-29"
        )
        self._assert_boundaries(
            Grid(date(2024, 1, 29), 1, "month"), "2024-01-29", "2024-02-29", "2024-03-29", "2024-04-29"
        )

    def test_28_february_is_not_the_last_of_the_month(self):
        self._assert_boundaries(Grid(date(2023, 2, 28), 1, "month"), "2023-02-28", "2023-03-28", "2023-04-28")

    def test_29_february_every_year(self):
        self._assert_boundaries(
            Grid(date(2024, 2, 29), 1, "year"), "2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"
        )
        # 2100 is no leap year
        self.assertEqual(Grid(date(2096, 2, 29), 4, "year").boundary(1), date(2100, 2, 28))
        self.assertEqual(Grid(date(2096, 2, 29), 4, "year").boundary(2), date(2104, 2, 29))

    def test_quarters_of_the_last_of_november(self):
        self._assert_boundaries(
            Grid(date(2023, 11, 30), 3, "month"), "2023-11-30", "2024-02-29", "2024-05-30", "2024-08-30", "2024-11-30"
        )

    def test_days_and_weeks_over_a_leap_day(self):
        self._assert_boundaries(Grid(date(2024, 2, 20), 10, "day"), "2024-02-20", "2024-03-01", "2024-03-11")
        self._assert_boundaries(Grid(date(2024, 2, 19), 2, "week"), "2024-02-19", "2024-03-04", "2024-03-18")

    def test_boundaries_before_the_anchor(self):
        grid = Grid(date(2023, 3, 31), 1, "month")
        self.assertEqual([str(grid.boundary(k)) for k in (-1, -2, -13)], ["2023-02-28", "2023-01-31", "2022-02-28"])

    def _assert_aligned(self, anchor, unit, start, *expected, count=1):
        """Assert the ends of the periods that a line has from ``start`` on."""
        grid, day, found = Grid(anchor, count, unit), start, []
        for _number in expected:
            day = grid.period(day).end
            found.append(str(day))
        self.assertEqual(found, list(expected))

    def test_alignment_to_a_weekday(self):
        start = date(2024, 2, 28)  # a Wednesday
        self.assertEqual(align_to_weekday(start, 2), start)
        self.assertEqual(align_to_weekday(start, 1), date(2024, 3, 5))
        self._assert_aligned(align_to_weekday(start, 0), "week", start, "2024-03-04", "2024-03-11")
        self._assert_aligned(align_to_weekday(start, 0), "week", start, "2024-03-04", "2024-03-18", count=2)

    def test_alignment_to_the_31st(self):
        for start, *expected in (
            (date(2023, 1, 31), "2023-02-28", "2023-03-31", "2023-04-30"),
            (date(2023, 2, 1), "2023-02-28", "2023-03-31", "2023-04-30"),
            (date(2023, 2, 28), "2023-03-31", "2023-04-30", "2023-05-31"),
            (date(2024, 2, 28), "2024-02-29", "2024-03-31", "2024-04-30"),
            (date(2024, 2, 29), "2024-03-31", "2024-04-30", "2024-05-31"),
            (date(2023, 4, 30), "2023-05-31", "2023-06-30", "2023-07-31"),
        ):
            with self.subTest(start=start):
                self._assert_aligned(align_to_month_day(start, 31, 1), "month", start, *expected)

    def test_alignment_of_quarters_to_the_31st(self):
        start = date(2023, 2, 10)
        self._assert_aligned(
            align_to_month_day(start, 31, 3), "month", start, "2023-02-28", "2023-05-31", "2023-08-31", count=3
        )

    def test_alignment_to_the_first(self):
        start = date(2023, 12, 31)
        self._assert_aligned(align_to_month_day(start, 1, 1), "month", start, "2024-01-01", "2024-02-01")
        self.assertEqual(Grid(align_to_month_day(date(2024, 1, 1), 1, 1), 1, "month").has(date(2024, 1, 1)), True)

    def test_alignment_to_29_february(self):
        for start, *expected in (
            (date(2023, 3, 1), "2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"),
            (date(2023, 2, 28), "2024-02-29", "2025-02-28"),
            (date(2024, 2, 28), "2024-02-29", "2025-02-28"),
            (date(2024, 2, 29), "2025-02-28", "2026-02-28"),
        ):
            with self.subTest(start=start):
                self._assert_aligned(align_to_year_day(start, 2, 29, 12), "year", start, *expected)

    def test_alignment_to_31_december(self):
        start = date(2023, 12, 31)
        self._assert_aligned(align_to_year_day(start, 12, 31, 12), "year", start, "2024-12-31", "2025-12-31")
        start = date(2024, 1, 1)
        self._assert_aligned(align_to_year_day(start, 12, 31, 12), "year", start, "2024-12-31", "2025-12-31")

    def test_calendar_quarters(self):
        start = date(2023, 5, 10)
        self._assert_aligned(
            align_to_year_day(start, 1, 1, 3), "month", start, "2023-07-01", "2023-10-01", "2024-01-01", count=3
        )

    def test_quarters_up_to_30_november_and_29_february(self):
        start = date(2023, 12, 15)
        self._assert_aligned(
            align_to_year_day(start, 11, 30, 3), "month", start, "2024-02-29", "2024-05-30", "2024-08-30", count=3
        )

    def test_shares_of_stubs(self):
        grid = Grid(date(2023, 1, 31), 1, "month")
        stub = grid.period(date(2023, 2, 10))
        self.assertEqual((stub.days, stub.full_days), (18, 28))
        cut = grid.period(date(2023, 2, 28), date(2023, 3, 10))
        self.assertEqual((cut.days, cut.full_days, cut.is_stub), (10, 31, True))
        both = grid.period(date(2023, 3, 5), date(2023, 3, 10))
        self.assertEqual((both.days, both.full_days, both.is_stub), (5, 31, True))
        self.assertFalse(grid.period(date(2023, 2, 28), date(2023, 3, 31)).is_stub)


class TestProration(BaseCase):
    @EXAMPLES
    @given(st.decimals(0, 100000, places=2), st.integers(1, 366), st.data())
    def test_a_share_lies_between_nothing_and_the_whole(self, price, full_days, data):
        days = data.draw(st.integers(1, full_days))
        share = proration.part_between(float(price), full_days, 0, days, 0.01)
        self.assertLessEqual(0, share)
        self.assertLessEqual(share, float(price) + 1e-6)

    @EXAMPLES
    @given(st.decimals(0, 100000, places=2), st.integers(2, 366), st.data())
    def test_what_is_used_and_what_is_left_add_up_to_the_whole(self, price, full_days, data):
        days = data.draw(st.integers(1, full_days - 1))
        used = proration.part_between(float(price), full_days, 0, days, 0.01)
        left = proration.rest_of(float(price), full_days, days, 0.01)
        self.assertAlmostEqual(used + left, float(price), delta=1e-9 * max(float(price), 1))

    @EXAMPLES
    @given(st.decimals("0.01", 100000, places=2), st.integers(1, 100000))
    def test_a_unit_price_costs_the_amount_whatever_the_quantity(self, amount, quantity):
        price = proration.unit_price(float(amount), quantity, 0, 0.01)
        self.assertAlmostEqual(round(price * quantity, 2), float(amount))


class TestMRR(BaseCase):
    def test_units_are_comparable(self):
        self.assertEqual(mrr.monthly(120, 1, "year"), mrr.monthly(10, 1, "month"))
        self.assertEqual(mrr.monthly(120, 12, "month"), 10)
        self.assertAlmostEqual(mrr.monthly(7, 1, "week"), mrr.monthly(1, 1, "day"))
        self.assertAlmostEqual(mrr.monthly(1, 1, "day"), 365.25 / 12)

    def test_movements_have_their_names(self):
        for before, after, cause, seen, expected in (
            (0, 10, "start", False, "new"),
            (0, 10, "start", True, "reactivation"),
            (0, 10, "resume", True, "resume"),
            (10, 0, "pause", True, "pause"),
            (10, 0, "close", True, "churn"),
            (10, 0, "change", True, "churn"),
            (10, 11, "change", True, "expansion"),
            (10, 9, "close", True, "contraction"),
            (0.1 + 0.2 - 0.3, 10, "start", False, "new"),
        ):
            with self.subTest(before=before, after=after, cause=cause, seen=seen):
                self.assertEqual(mrr.classify(before, after, cause, seen), expected)

    @EXAMPLES
    @given(st.lists(st.tuples(st.integers(0, 1000), st.floats(0.1, 10)), min_size=1, max_size=8))
    def test_whatever_the_rate_did_nothing_stays_behind(self, steps):
        carried = carried_company = 0.0
        for level, rate in [*steps, (0, 3.0)]:
            delta = level - carried
            if delta:
                carried_company += mrr.company_amount(delta, carried, carried_company, rate)
                carried = float(level)
        self.assertAlmostEqual(carried_company, 0.0, places=6)
