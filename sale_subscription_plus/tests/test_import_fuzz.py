"""A hostile user's files: whatever they hold, rows go in right or are refused with a reason."""

import csv
import io
from contextlib import contextmanager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError

from ..tools.import_rows import COLUMNS
from .test_import import ImportCommon

# The same examples in each run: a test that fails once in a while helps nobody.
EXAMPLES = settings(
    max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
NASTY = [
    "",
    " ",
    "=cmd()|' /C calc'!A0",
    "'; DROP TABLE sale_order; --",
    "%(line)s %s {0} %",
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "\ufeff",
    "😀" * 60,
    "ß",
    "İ",
    "a" * 251,
    "\x07",
    "\n",
    '"',
    "NaN",
    "-1",
    "0",
    "9" * 400,
    "1e308",
    "2026-02-31",
    "0000-00-00",
    "9999-12-31",
    "None",
    "false",
    "\\",
]
DATES = ["2024-02-29", "2025-01-31", "2025-12-31", "2026-01-01", "2026-01-31", "2026-02-28", "2030-06-15", ""]
LIKELY = {
    "reference": ["R1", "R2", "R3"],
    "customer": ["Grace Reader", "Ada Reader", "Somebody"],
    "customer_reference": ["C1", "C2", ""],
    "email": ["ada@example.com", "grace@example.com", ""],
    "company": [""],
    "currency": ["", "USD", "usd"],
    "plan": ["Monthly", "yearly", "Weekly", "Quarterly", "Arrears", "On the 31st"],
    "product": ["Magazine", "Poster", "Comic"],
    "quantity": ["", "1", "2.5", "1000"],
    "price": ["", "10", "-3.25", "0", "0.01", "999999999"],
    "start_date": DATES,
    "next_invoice_date": DATES,
    "commitment_months": ["", "0", "12", "1200"],
    "state": ["", "running", "closed"],
    "closed_on": DATES,
    "close_reason": ["", "Too expensive", "Boredom"],
    "token": ["", "", "", "tok_1"],
}


def rows(nasty):
    """Return lists of rows; with ``nasty``, any cell may be anything."""
    anything = st.sampled_from(NASTY) | st.text(max_size=20)
    cells = {column: st.sampled_from(values) for column, values in LIKELY.items()}
    if nasty:
        cells = {column: cell | anything for column, cell in cells.items()}
    return st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=6)


class TestImportFuzz(ImportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_plan("Arrears", billing_timing="arrears")
        cls._create_plan("On the 31st", alignment="month_day", alignment_day=31)

    def _write_csv(self, table):
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(table)
        return file.getvalue().encode("utf-8", "replace")

    @contextmanager
    def _undone(self):
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            yield
        finally:
            savepoint.rollback()
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def _run(self, data, count):
        """Run ``data`` twice and the nightly check after it; return how many of its ``count`` rows went in."""
        Import = self.env["subscription.import"]
        try:
            foreseen = Import.check_file(data, create_missing=True)
            result = Import.run_file(data, create_missing=True, commit=False)
        except UserError as error:
            self.assertTrue(str(error))
            return 0
        for row in result["refused"]:
            self.assertTrue(row["reason"])
            self.assertNotIn("could not be saved", row["reason"], row)
        self.assertEqual(result["imported"], foreseen["imported"], "A check tells what an import does.")
        self.assertLessEqual(result["imported"] + result["already_there"] + len(result["refused"]), count)
        again = Import.run_file(data, create_missing=True, commit=False)
        self.assertEqual(again["imported"], 0, "A second run adds nothing.")
        self.assertLessEqual(len(again["refused"]), len(result["refused"]))
        orders = self.env["sale.order"].search([("subscription_import_ref", "!=", False)])
        self.assertEqual(len(orders.order_line), result["imported"])
        self.assertTiled(orders)
        self.assertEventsSumToMRR(orders)
        check = self.env["subscription.check"]._run()
        offenders = [detail for detail in check["details"] if detail["check"] != "due_or_parked"]
        self.assertFalse(offenders)
        return result["imported"]

    @EXAMPLES
    @given(rows(nasty=True))
    def test_cells_that_hold_anything_go_in_right_or_are_refused(self, table):
        with self._undone():
            self._run(self._write_csv(table), len(table))

    @EXAMPLES
    @given(rows(nasty=False))
    def test_every_mix_of_likely_values_goes_in_right_or_is_refused(self, table):
        with self._undone():
            self._run(self._write_csv(table), len(table))

    @EXAMPLES
    @given(rows(nasty=False), st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=0, max_size=3)), max_size=5))
    def test_a_file_with_broken_bytes_goes_in_right_or_is_refused(self, table, breaks):
        data = bytearray(self._write_csv(table))
        for place, noise in breaks:
            data[place % len(data) : place % len(data) + 1] = noise
        with self._undone():
            self._run(bytes(data), data.count(b"\n") + data.count(b"\r") + 1)

    def test_ten_megabytes_of_rubbish_are_a_sentence_or_refused_rows(self):
        Import = self.env["subscription.import"]
        header = ",".join(COLUMNS).encode()
        for rubbish in (
            b"\x00\x01\x02\x03" * 2_500_000,
            b"lorem ipsum, dolor; sit amet\n" * 350_000,
            bytes(range(32, 127)) * 105_000,
            b"\n" * 10_000_000,
            b'"' * 10_000_001,
            header + b"\n" + b"a" * 10_000_000,
            header + b"\n" + b"," * 10_000_000,
        ):
            with self.subTest(rubbish=rubbish[:40]):
                try:
                    result = Import.run_file(rubbish, create_missing=True, commit=False)
                except UserError as error:
                    self.assertLess(len(str(error)), 1000)
                else:
                    self.assertFalse(result["imported"])

    def test_many_rows_that_name_nothing_known_are_refused_in_few_queries(self):
        table = [{column: f"{column} {number}" for column in COLUMNS} for number in range(3000)]
        data = self._write_csv(table)
        queries = self.cr.sql_log_count
        result = self.env["subscription.import"].run_file(data, commit=False)
        self.assertEqual(len(result["refused"]), 3000)
        self.assertLess(self.cr.sql_log_count - queries, 100)
