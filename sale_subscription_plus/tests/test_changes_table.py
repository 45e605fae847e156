"""Changes on running subscriptions, by a table of lives with amounts that were worked out by hand.

A life is a name and, indented below it, a step a line::

    A quantity rises in the middle of a month
      2026-01-01 sell 1 × 31.00 monthly
      2026-01-01 bill = 31.00
      2026-01-11 quantity 2 = 21.00  # (62 − 20) − (31 − 10)
      periods 2026-01-01 regular 2026-02-01
      next 2026-02-01, MRR 62.00

Each step says on which day it is taken, what is done, and after ``=`` the untaxed (and, in brackets, the taxed) amount
of each document that comes of it, in the document's currency; without ``=`` there must be none. ``bill`` is the nightly
run. A change counts ``from`` another day, ``at period end``, or at once. At the end stand the ledger (the days on
which its rows begin and end, with their kinds between them), the next invoice and the monthly recurring revenue.
Where the amounts of a day may stand on one document or on several, the life says ``any split on`` that day;
where it does not matter on which night they are billed, it tells the ``total`` of all documents.
"""

import re
from datetime import date

from odoo.fields import Command

from . import changes_of_life, changes_of_plan, changes_of_terms
from .common import SubscriptionCommon

DAY = r"\d{4}-\d\d-\d\d"
STEP = re.compile(rf"({DAY}) (\w+)([^=]*)(?:= (.*))?$")


class Life:
    """What a block of the table says."""

    def __init__(self, block):
        self.name, *lines = block.strip().split("\n")
        self.steps, self.splits, self.periods, self.total = [], set(), None, None
        text = "\n".join(line.split("  #")[0].rstrip() for line in lines)
        for line in re.sub(r"\n {4,}", " ", text).split("\n"):
            self._read(line.strip())

    def _read(self, line):
        word, _space, rest = line.partition(" ")
        if word == "periods":
            self.periods = rest.split(" | ")
        elif word == "next":
            day, mrr = re.fullmatch(rf"({DAY}|never), MRR ([\d.]+)", rest).groups()
            self.next_day = day if day != "never" else "False"
            self.mrr = float(mrr)
        elif word == "any":
            self.splits.add(rest.removeprefix("split on "))
        elif word == "total":
            self.total = float(rest)
        else:
            self.steps.append(STEP.fullmatch(line).groups())


def read_amounts(text):
    """Return [(untaxed, total)] of ``"31.00, 21.00 (25.41)"``."""
    found = re.findall(r"(-?[\d.]+)(?: \((-?[\d.]+)\))?(?:,|$)", text or "")
    return [(float(untaxed), float(total or untaxed)) for untaxed, total in found]


def read_lives(module):
    return [Life(block) for block in module.ROWS.strip().split("\n\n")]


class TestChangesTable(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("sale_subscription_plus.close_reason_expensive")
        plan = cls._create_plan
        cls.plans = {
            "monthly": cls.monthly,
            "yearly": cls.yearly,
            "quarterly": plan("Quarterly", interval_count=3),
            "weekly": plan("Weekly", interval_unit="week"),
            "first": plan("First of the Month", alignment="month_day", alignment_day=1),
            "unprorated": plan("Unprorated", prorate_changes=False),
            "arrears": plan("Arrears", billing_timing="arrears"),
            "arrears-yearly": plan("Yearly in Arrears", billing_timing="arrears", interval_unit="year"),
            "arrears-unprorated": plan("Unprorated Arrears", billing_timing="arrears", prorate_changes=False),
        }
        tax = cls.tax_sale_a
        cls.taxes = {
            "excluded": tax.copy({"name": "Excluded", "amount": 21, "price_include_override": "tax_excluded"}),
            "included": tax.copy({"name": "Included", "amount": 21, "price_include_override": "tax_included"}),
        }
        cls.yen = cls.setup_other_currency("JPY", rounding=1.0, rates=[("2020-01-01", 100.0)])
        cls.pricelists = {
            "USD": cls.pricelist,
            "JPY": cls._create_pricelist(name="Yen", currency_id=cls.yen.id),
        }

    def test_changes_of_quantity_price_and_discount(self):
        self._play_all(changes_of_terms)

    def test_switches_to_another_plan(self):
        self._play_all(changes_of_plan)

    def test_pauses_closes_and_reopenings(self):
        self._play_all(changes_of_life)

    def test_the_table_has_the_rows_that_were_promised(self):
        lives = [life for module in (changes_of_life, changes_of_plan, changes_of_terms) for life in read_lives(module)]
        self.assertGreaterEqual(len(lives), 60)
        self.assertEqual(len({life.name for life in lives}), len(lives), "Each life has a name of its own.")

    # === PLAYING ===#

    def _play_all(self, module):
        for life in read_lives(module):
            undo = self.cr.savepoint()
            try:
                with self.subTest(life.name):
                    self._play(life)
            finally:
                undo.close(rollback=True)
                self.env.transaction.clear()

    def _play(self, life):
        self.order = self.env["sale.order"]
        for day, verb, words, amounts in life.steps:
            before = self._get_documents()
            self._set_today(day)
            getattr(self, f"_do_{verb}")(words.strip(" ,"))
            self.env.flush_all()
            documents = self._get_documents() - before
            if life.total is None:
                self._check_documents(f"{day} {verb}{words}", documents, read_amounts(amounts), day in life.splits)
            self.assertTiled(self.order)
            self.assertEventsSumToMRR(self.order)
        self._check_end(life)

    def _get_documents(self):
        return self.order.order_line.invoice_lines.move_id

    def _check_documents(self, step, documents, expected, any_split):
        found = [
            (move.amount_untaxed * -move.direction_sign, move.amount_total * -move.direction_sign)
            for move in documents.sorted("id")
        ]
        if any_split:
            found, expected = [[tuple(map(sum, zip((0, 0), *pairs, strict=True)))] for pairs in (found, expected)]
        self.assertEqual(
            [tuple(round(amount, 2) for amount in pair) for pair in found], expected, f"Documents of: {step}"
        )
        self.assertEqual(set(documents.mapped("state")) - {"posted"}, set(), f"Documents of: {step}")

    def _check_end(self, life):
        problems = [
            item
            for item in self.env["subscription.check"]._run()["details"]
            # Days pass between the steps without a nightly run.
            if item["check"] not in ("due_or_parked", "line_phases", "changes_done")
        ]
        self.assertFalse(problems)
        # I3: what was done once is not done twice.
        self.assertEqual(self._bill()["invoices"], 0, "A second run on the same day bills nothing.")
        self.assertFalse(self.order.subscription_period_ids.filtered(self._is_pending), "No money was left behind.")
        if life.periods:
            self.assertEqual([self._tell_periods(line) for line in self.order.order_line], life.periods)
        if life.total is not None:
            moves = self._get_documents()
            self.assertAlmostEqual(sum(move.amount_untaxed * -move.direction_sign for move in moves), life.total, 2)
        self.assertEqual(str(self.order.subscription_next_invoice_date), life.next_day)
        running = self.order.subscription_status == "progress"
        self.assertAlmostEqual(self.order.subscription_mrr if running else 0.0, life.mrr, places=4)

    def _is_pending(self, row):
        return row.state == "live" and row.kind in ("proration", "credit") and not row.invoice_line_id

    def _tell_periods(self, line):
        rows = line.subscription_period_ids.filtered(
            lambda row: row.state == "live" and row.kind not in ("proration", "credit") and row.service_end > row.start
        )
        words = [f"{row.start} {row.kind}" for row in rows.sorted("start")]
        return " ".join([*words, str(max(rows.mapped("service_end"), default=""))])

    # === WHAT IS DONE ===#

    def _do_sell(self, words):
        words, _in, currency = words.partition(", in ")
        words, _tax, tax = words.partition(", tax 21 ")
        values = [self._read_line(line, tax) for line in words.split(" + ")]
        self.order = self._create_subscription(
            plan=self.plans[words.split()[3]],
            lines=values,
            pricelist_id=self.pricelists[currency or "USD"].id,
        )

    def _read_line(self, words, tax):
        quantity, _times, price, plan, *discount = words.split()
        return self._line(
            product_uom_qty=float(quantity),
            price_unit=float(price),
            subscription_plan_id=self.plans[plan].id,
            discount=float(discount[1]) if discount else 0.0,
            tax_ids=[Command.set(self.taxes[tax].ids if tax else [])],
        )

    def _do_bill(self, _words):
        self._bill()

    def _do_quantity(self, words):
        self._change(words, kind="quantity", quantity=float(words.split()[0]))

    def _do_price(self, words):
        self._change(words, kind="price", price_unit=float(words.split()[0]))

    def _do_discount(self, words):
        periods = re.search(r"for (\d+) periods?", words)
        self._change(
            words,
            kind="discount",
            discount=float(words.split()[0]),
            **({"discount_periods": int(periods[1])} if periods else {}),
        )

    def _do_plan(self, words):
        plan, _at, price = words.split()[:3]
        self._change(words, kind="plan", plan_id=self.plans[plan].id, price_unit=float(price))

    def _do_pause(self, words):
        until = re.search(rf"until ({DAY})", words)
        self._change_order(words, kind="pause", **({"resume_on": until[1]} if until else {}))

    def _do_resume(self, words):
        self._change_order(words, kind="resume")

    def _do_close(self, words):
        self._change_order(words, kind="close", reason_id=self.reason.id)

    def _do_reopen(self, _words):
        self.order.action_subscription_reopen()

    def _do_withdraw(self, _words):
        # In sudo mode: the engine's, that is called after rights were checked.
        Change = self.env["subscription.change"].sudo()
        changes = Change.search([("order_id", "=", self.order.id), ("state", "=", "planned")])
        self.assertTrue(changes)
        changes._withdraw()

    def _change(self, words, **values):
        numbers = re.search(r"of line (\d)(?: and (\d))?", words)
        chosen = [int(number) - 1 for number in numbers.groups() if number] if numbers else [0]
        lines = [self.order.order_line[number] for number in chosen]
        self._schedule([{**values, "line_id": line.id, "effective_on": self._read_day(words, line)} for line in lines])

    def _change_order(self, words, **values):
        compensation = re.search(r"\b(carry|credit|none)\b", words)
        if compensation:
            values["compensation"] = compensation[1]
        self._schedule([{**values, "effective_on": self._read_day(words, self.order)}])

    def _read_day(self, words, record):
        """Return the first day with the change, as a date."""
        day = re.search(rf"from ({DAY})", words)
        if day:
            return date.fromisoformat(day[1])
        if "at period end" in words:
            return record._get_period_end() if record._name == "sale.order.line" else record._get_period_end_date()
        return self.order.company_id._get_subscription_today()

    def _schedule(self, vals_list):
        Change = self.env["subscription.change"].sudo()  # The engine's, that is called after rights were checked
        values = [{"order_id": self.order.id, **values} for values in vals_list]
        preview = Change._preview(values)
        changes = Change._schedule(values)
        if changes[0].state == "applied":
            self._check_preview(preview["adjustment"], changes)

    def _check_preview(self, adjustment, changes):
        """What was shown before is what is charged or credited."""
        rows = changes.period_ids.filtered(lambda row: row.kind in ("proration", "credit"))
        if changes[0].kind in ("plan", "resume"):
            # With the period that begins by it, where it is billed at once.
            rows |= (changes.line_id or self.order.order_line).subscription_period_ids.filtered(
                lambda row: (
                    (row.state, row.start) == ("live", changes[0].effective_on)
                    and row.kind in ("regular", "stub")
                    and row.service_end > row.start
                )
            )
        for name, amount in (("untaxed", "price_subtotal"), ("total", "price_total")):
            billed = sum(line[amount] * -line.move_id.direction_sign for line in rows.invoice_line_id)
            # Of a document with other lines the tax is rounded once.
            self.assertAlmostEqual(adjustment[name], billed, delta=0.011, msg=f"Preview: {name}")
