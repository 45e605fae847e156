import doctest
import io
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import import_rows, takeover
from ..tools.import_rows import (
    COLUMNS,
    REPORT_COLUMNS,
    BadFile,
    escape_formula,
    parse_date,
    parse_number,
    read_entries,
    unescape_formula,
    write_refused,
)
from ..tools.recurrence import UNITS, Grid
from ..tools.takeover import find_start, take_over

# The same examples in each run: a test that fails once in a while helps nobody.
EXAMPLES = settings(max_examples=300, deadline=None, derandomize=True, database=None)
HEADER = b"reference,customer,plan,product"

days = st.dates(date(1996, 1, 1), date(2104, 12, 31))


def read(data):
    """Return (columns, rows) of ``data``."""
    columns, entries = read_entries(data)
    return columns, list(entries)


class TestDoctests(BaseCase):
    def test_examples_in_the_docstrings_are_true(self):
        for module in (import_rows, takeover):
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 0)
                self.assertFalse(result.failed)


class TestReadFile(BaseCase):
    def assertBad(self, problem, data):
        with self.assertRaises(BadFile) as caught:
            read(data)
        self.assertEqual(caught.exception.problem, problem)
        return caught.exception.details

    def test_names_of_columns_may_be_written_in_any_case_and_order(self):
        columns, entries = read(b" PRODUCT ,Plan,Customer Reference,cuSTOMER,Reference\nMag,Monthly,C1,Ada,R1\n")
        self.assertEqual(columns, ["product", "plan", "customer_reference", "customer", "reference"])
        self.assertEqual(entries[0]["customer_reference"], "C1")

    def test_comma_and_semicolon_are_told_apart(self):
        for data in (HEADER + b"\nR1,Ada,Monthly,Mag", HEADER.replace(b",", b";") + b"\nR1;Ada;Monthly;Mag"):
            _columns, [entry] = read(data)
            self.assertEqual((entry["reference"], entry["product"]), ("R1", "Mag"))

    def test_a_comma_inside_a_cell_of_a_semicolon_file_stays(self):
        _columns, [entry] = read(b"reference;customer;plan;product\nR1;Reader, Ada;Monthly;Mag")
        self.assertEqual(entry["customer"], "Reader, Ada")

    def test_quoted_headers_are_read(self):
        columns, _entries = read(b'"reference";"customer";"plan";"product"\n')
        self.assertEqual(columns, ["reference", "customer", "plan", "product"])

    def test_a_byte_order_mark_is_no_part_of_the_first_column(self):
        columns, _entries = read(b"\xef\xbb\xbf" + HEADER)
        self.assertEqual(columns[0], "reference")

    def test_lines_are_counted_in_the_file_also_over_quoted_line_breaks_and_blank_lines(self):
        data = HEADER + b'\r\nR1,"Ada\r\nB.",Monthly,Mag\r\n\r\n,,,\r\nR2,Bob,Monthly,Mag\r\n'
        _columns, entries = read(data)
        self.assertEqual([(entry.line, entry["reference"]) for entry in entries], [(2, "R1"), (6, "R2")])

    def test_a_row_of_another_width_is_told_and_does_not_stop_the_others(self):
        _columns, entries = read(HEADER + b"\nR1,Ada,Monthly\nR2,Ada,Monthly,Mag,more\nR3,Ada,Monthly,Mag")
        self.assertEqual([(entry.width, entry.columns) for entry in entries], [(3, 4), (5, 4), (4, 4)])

    def test_columns_without_a_name_do_not_make_rows_look_too_wide(self):
        _columns, [entry] = read(HEADER + b",,\nR1,Ada,Monthly,Mag,,")
        self.assertEqual(entry.width, entry.columns)

    def test_files_that_are_no_csv_of_ours_are_told_by_their_kind(self):
        self.assertBad("empty", b"")
        self.assertBad("empty", b"\xef\xbb\xbf \r\n \t\n")
        self.assertBad("spreadsheet", b"PK\x03\x04 and so on")
        self.assertBad("spreadsheet", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
        self.assertBad("encoding", "reference;Kundin Zoë".encode("utf-16"))
        self.assertEqual(self.assertBad("encoding", HEADER + b"\nR1,Zo\xeb,Monthly,Mag"), {"line": 2})
        self.assertEqual(self.assertBad("binary", HEADER + b"\nR1,Ada\0,Monthly,Mag"), {"line": 2})
        self.assertEqual(self.assertBad("missing", b"reference,plan\nR1,Monthly")["columns"], ["customer", "product"])
        self.assertBad("missing", b"GIF89a lorem ipsum")
        self.assertEqual(self.assertBad("double", HEADER + b",Plan")["columns"], ["plan"])

    def test_quotes_that_are_never_closed_are_told_where_they_open(self):
        details = self.assertBad("csv", HEADER + b'\nR1,Ada,Monthly,Mag\nR2,"Bob,Monthly,Mag\nR3,Cy,Monthly,Mag')
        self.assertEqual(details["line"], 3)
        self.assertBad("csv", HEADER + b'\nR1,"Ada"da,Monthly,Mag')

    def test_a_file_bigger_than_allowed_is_told(self):
        self.patch(import_rows, "MAX_BYTES", 100)
        self.assertBad("size", HEADER + b" " * 100)

    def test_a_line_of_a_hundred_thousand_cells_is_one_bad_row(self):
        _columns, entries = read(HEADER + b"\n" + b"a," * 100_000 + b"\nR2,Ada,Monthly,Mag")
        self.assertEqual([entry.width for entry in entries], [100_001, 4])
        self.assertEqual(len(entries[0].cells), 4)

    def test_a_header_of_a_hundred_thousand_columns_is_told(self):
        self.assertBad("missing", b"a," * 100_000)

    @EXAMPLES
    @given(st.binary(max_size=200))
    def test_no_bytes_make_it_fail_otherwise(self, data):
        for prefix in (b"", HEADER + b"\n", b"reference;customer;plan;product\n"):
            try:
                read(prefix + data)
            except BadFile as error:
                self.assertTrue(error.problem)


class TestValues(BaseCase):
    def test_only_iso_dates_that_exist_are_dates(self):
        self.assertEqual(parse_date("2028-02-29"), date(2028, 2, 29))
        bad = ["2026-02-31", "2026-02-29", "31.02.2026", "28/02/2026", "2026-2-8", "20260228", "0001-01-01"]
        bad += ["9999-12-31", "2026-02-28T00:00", "２０２６-01-01", "yesterday", "45000", " 2026-01-01", "2026-13-01"]
        for text in bad:
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_date(text)

    def test_only_plain_numbers_are_numbers(self):
        self.assertEqual([parse_number(text) for text in ("12", "0012.50", "-0.5", "+3")], [12, 12.5, -0.5, 3])
        bad = ["abc", "12,50", "1,234.50", "1e5", "nan", "inf", "-", ".5", "5.", "1_000", "१२", "0x10", "12 ", "$5"]
        for text in [*bad, "9" * 400, "1000000000"]:
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_number(text)

    def test_cells_that_a_spreadsheet_would_run_are_escaped_and_come_back_as_they_were(self):
        for text in ("=cmd()", "+1-1", "-2+3", "@SUM(A1)", "\tx", "\rx"):
            with self.subTest(text=text):
                self.assertEqual(escape_formula(text), f"'{text}")
                self.assertEqual(unescape_formula(escape_formula(text)), text)

    def test_negative_numbers_and_apostrophes_stay_as_they_are(self):
        for text in ("-12.50", "+3", "'s Gravenhage", "O'Brien", ""):
            self.assertEqual(escape_formula(text), text)
            self.assertEqual(unescape_formula(text), text)

    @EXAMPLES
    @given(
        st.lists(
            st.fixed_dictionaries(
                {column: st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) for column in COLUMNS}
            ),
            min_size=1,
            max_size=5,
        )
    )
    def test_refused_rows_read_again_say_what_they_said(self, rows):
        rows = [{column: row[column].strip().lstrip("'") for column in COLUMNS} | {"reference": "R"} for row in rows]
        file = io.StringIO(newline="")
        write_refused(file, [row | {"line": 2, "reason": "=because"} for row in rows])
        columns, entries = read(file.getvalue().encode())
        self.assertEqual(columns, [*COLUMNS, *REPORT_COLUMNS])
        self.assertEqual([{column: entry[column] for column in COLUMNS} for entry in entries], rows)


class TestTakeOver(BaseCase):
    """Where the periods go on, in plain dates."""

    def assertTakesOver(self, expected, start, bill_date, today="2026-01-10", unit="month", count=1, **kwargs):
        start, today = date.fromisoformat(start), date.fromisoformat(today)
        bill_date = date.fromisoformat(bill_date) if bill_date else None
        found = take_over(Grid(start, count, unit), start, bill_date, today, **kwargs)
        self.assertEqual(tuple(map(str, found)), expected)

    def test_a_next_date_on_the_grid_keeps_the_anchor(self):
        self.assertTakesOver(("2025-01-31", "2026-02-28"), "2025-01-31", "2026-02-28")
        self.assertTakesOver(("2025-03-01", "2027-03-01"), "2025-03-01", "2027-03-01", unit="year")

    def test_a_next_date_off_the_grid_becomes_the_anchor(self):
        self.assertTakesOver(("2026-02-15", "2026-02-15"), "2025-01-31", "2026-02-15")

    def test_without_a_next_date_what_was_due_before_today_was_billed(self):
        self.assertTakesOver(("2025-01-10", "2026-01-10"), "2025-01-10", None)
        self.assertTakesOver(("2025-01-09", "2026-02-09"), "2025-01-09", None)

    def test_without_a_next_date_what_starts_today_or_later_was_not_billed(self):
        self.assertTakesOver(("2026-01-10", "2026-01-10"), "2026-01-10", None)
        self.assertTakesOver(("2026-05-01", "2026-05-01"), "2026-05-01", None)

    def test_in_arrears_the_next_date_is_the_end_of_what_is_billed(self):
        self.assertTakesOver(("2025-01-31", "2026-01-31"), "2025-01-31", "2026-02-28", arrears=True)
        self.assertTakesOver(("2026-02-15", "2026-01-15"), "2025-01-31", "2026-02-15", arrears=True)

    def test_in_arrears_a_first_period_begins_with_the_start(self):
        self.assertTakesOver(("2026-01-05", "2026-01-05"), "2026-01-05", "2026-02-05", arrears=True)
        self.assertTakesOver(("2026-01-20", "2026-01-05"), "2026-01-05", "2026-01-20", arrears=True)

    def test_in_arrears_without_a_next_date_the_running_period_is_the_next(self):
        self.assertTakesOver(("2025-01-09", "2026-01-09"), "2025-01-09", None, arrears=True)
        self.assertTakesOver(("2025-01-10", "2025-12-10"), "2025-01-10", None, arrears=True)

    @EXAMPLES
    @given(days, st.integers(1, 3000), st.integers(0, 3000), st.integers(1, 24), st.sampled_from(UNITS), st.booleans())
    def test_the_next_bill_date_is_the_one_that_was_given(self, start, run, ahead, count, unit, arrears):
        bill_date = start + timedelta(days=run)
        grid = Grid(start, count, unit)
        anchor, hole = take_over(grid, start, bill_date, start + timedelta(days=ahead), arrears)
        period = Grid(anchor, count, unit).period(hole)
        self.assertEqual(period.end if arrears else period.start, bill_date)
        self.assertGreaterEqual(hole, start)
        self.assertEqual(anchor == start, grid.has(bill_date))

    @EXAMPLES
    @given(days, st.integers(0, 3000), st.integers(1, 24), st.sampled_from(UNITS), st.booleans())
    def test_without_a_next_date_the_first_bill_date_from_today_is_the_next(self, start, ago, count, unit, arrears):
        today = start + timedelta(days=ago)
        grid = Grid(start, count, unit)
        _anchor, hole = take_over(grid, start, None, today, arrears)
        period = grid.period(hole)
        bill_date = period.end if arrears else period.start
        before = hole if arrears else grid.boundary(grid.index(hole) - 1)
        self.assertGreaterEqual(bill_date, today)
        if hole > start:
            self.assertLess(before, today)

    @EXAMPLES
    @given(days, st.integers(1, 24), st.sampled_from(UNITS))
    def test_an_unknown_start_is_one_period_before_the_next_date(self, bill_date, count, unit):
        start = find_start(Grid(date(2020, 1, 1), count, unit), bill_date)
        self.assertLess(start, bill_date)
        self.assertEqual(Grid(bill_date, count, unit).period(start).end, bill_date)
