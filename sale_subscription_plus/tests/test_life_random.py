"""Random lives of subscriptions, against a model that counts single days."""

import os
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.fields import Command

from .common import SubscriptionCommon
from .life_oracle import LineModel, Plan

# More of them, for those who look for bugs: SUBSCRIPTION_LIVES=500. Else the same ones in each run.
EXAMPLES = int(os.environ.get("SUBSCRIPTION_LIVES", 25))
# A shorter life that fails alike is looked for only on demand, for that plays hundreds: SUBSCRIPTION_SHRINK=1.
PHASES = [Phase.generate, Phase.shrink] if os.environ.get("SUBSCRIPTION_SHRINK") else [Phase.generate]
LIVES = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES <= 25,
    database=None,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
)
YEARS = 3
PLANS = {
    "Monthly": Plan("month", 1),
    "Yearly": Plan("month", 12),
    "Weeks": Plan("day", 14),
    "First": Plan("month", 1, aligned=True),
    "Arrears": Plan("month", 1, arrears=True),
    "Quarterly Arrears": Plan("month", 3, arrears=True),
}
QUANTITIES = [1, 2, 3, 7, 0, 1.5]
PRICES = [31.0, 10.0, 9.99, 0.35, 120.0, 0.0]
DISCOUNTS = [0.0, 10.0, 33.33, 50.0, 100.0]
ACTIONS = [
    "bill", "bill", "quantity", "price", "discount", "plan", "pause", "resume", "close", "reopen",
    "cancel", "bill_again", "withdraw",
]  # fmt: skip
WHENS = ["now", "now", "now", "period end", "ahead"]

choices = st.integers(0, 10_000)
lines = st.tuples(st.sampled_from(sorted(PLANS)), st.sampled_from([1, 2, 3, 1.5]), st.sampled_from(PRICES))
steps = st.tuples(
    st.sampled_from([0, 1, 3, 10, 17, 30, 31, 45, 90]), st.sampled_from(ACTIONS), st.sampled_from(WHENS), choices
)
lives = st.tuples(
    st.dates(date(2026, 1, 1), date(2028, 3, 1)),
    st.lists(lines, min_size=1, max_size=2),
    st.lists(steps, min_size=12, max_size=40),
    st.sampled_from(["USD", "USD", "JPY"]),
)


class TestLifeRandom(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.subscription_max_periods = 500
        cls.reason = cls.env.ref("sale_subscription_plus.close_reason_other")
        cls.plans = {
            name: cls._create_plan(
                name,
                interval_unit="week" if plan.unit == "day" else "month",
                interval_count=plan.count // 7 if plan.unit == "day" else plan.count,
                billing_timing="arrears" if plan.arrears else "advance",
                alignment="month_day" if plan.aligned else "start",
            )
            for name, plan in PLANS.items()
        }
        yen = cls.setup_other_currency("JPY", rounding=1.0, rates=[("2020-01-01", 100.0)])
        cls.pricelists = {"USD": cls.pricelist, "JPY": cls._create_pricelist(name="Yen", currency_id=yen.id)}

    def test_a_life_costs_what_its_days_cost(self):
        @LIVES
        @given(lives)
        def play(life):
            undo = self.cr.savepoint()
            try:
                Life(self, *life).play()
            finally:
                undo.close(rollback=True)
                self.env.transaction.clear()

        play()


class Life:
    """One subscription and, line by line, its model."""

    def __init__(self, test, start, lines, steps, currency):
        self.test = test
        self.env = test.env
        self.coin = "1" if currency == "JPY" else "0.01"
        self.today = self.start = start
        self.steps = steps
        self.log = [f"{start} {currency} {lines}"]
        self.planned = []  # [(day, what to do to the model)]
        self.settled = True  # whether all that is due is billed: a close leaves that to the night
        self.status = "progress"
        self.order = test._create_subscription(
            start,
            plan=test.plans[lines[0][0]],
            lines=[
                test._line(
                    product_uom_qty=quantity,
                    price_unit=price,
                    subscription_plan_id=test.plans[plan].id,
                    tax_ids=[Command.clear()],
                )
                for plan, quantity, price in lines
            ],
            pricelist_id=test.pricelists[currency].id,
        )
        self.models = [
            LineModel(start, PLANS[plan], quantity, price, 0.0, self.coin) for plan, quantity, price in lines
        ]
        self.documents = self.order.browse().invoice_ids

    # === PLAYING ===#

    def play(self):
        try:
            for days, action, when, choice in self.steps:
                if (self.today - self.start).days + days > YEARS * 365:
                    break
                self.today += timedelta(days=days)
                self.test._set_today(self.today)
                self._choice = choice
                self._when = when
                told = len(self.log)
                getattr(self, f"_do_{action}")()
                if len(self.log) > told:  # else there was nothing to do it to
                    self._check()
            self._settle()
        except Exception as error:
            raise AssertionError(f"{error}\nafter\n" + "\n".join(self.log)) from error

    def _settle(self):
        """Bill what is due, then compare what all documents come to with the days."""
        self._do_bill()
        self._check()
        documents = self._get_documents().filtered(lambda move: move.state == "posted")
        billed = sum(move.amount_untaxed * -move.direction_sign for move in documents)
        expected = sum((model.total() for model in self.models), Fraction(0))
        tolerance = float(self.coin) / 2 * max(1, len(documents.invoice_line_ids))
        self.test.assertAlmostEqual(billed, float(expected), delta=tolerance + 1e-6)

    def _pick(self, options):
        """Return one of ``options``, and let the choice move on."""
        options = list(options)
        self._choice, number = divmod(self._choice, len(options))
        return options[number]

    # === WHAT IS DONE ===#

    def _do_bill(self):
        self.log.append(f"{self.today} bill")
        self.test._bill()
        self._play_models()
        self.settled = True

    def _do_quantity(self):
        self._change_terms("quantity", quantity=self._pick(QUANTITIES))

    def _do_price(self):
        self._change_terms("price", price=self._pick(PRICES))

    def _do_discount(self):
        self._change_terms("discount", discount=self._pick(DISCOUNTS))

    def _change_terms(self, kind, **values):
        if self.status == "closed" or self.planned:
            return
        number = self._pick(range(len(self.models)))
        model = self.models[number]
        day = self._get_day(model)
        ((name, value),) = values.items()
        if getattr(model.now, name) == value:
            return
        fields = {"price_unit" if name == "price" else name: value}
        self._schedule(
            day,
            {"kind": kind, "line_id": self.order.order_line[number].id, **fields},
            lambda: model.change(day, **values),
        )

    def _do_plan(self):
        if self.status != "progress" or self.planned:
            return
        number = self._pick(range(len(self.models)))
        model = self.models[number]
        day = self._get_day(model)
        name = self._pick(sorted(PLANS))
        if PLANS[name] == model.now.plan:
            return
        price = self._pick(PRICES)
        self._schedule(
            day,
            {
                "kind": "plan",
                "line_id": self.order.order_line[number].id,
                "plan_id": self.test.plans[name].id,
                "price_unit": price,
            },
            lambda: model.switch(day, PLANS[name], price),
        )

    def _do_pause(self):
        if self.status != "progress" or self.planned:
            return
        day = self._get_day(*self.models)
        carry = self._pick([True, True, False])

        def pause():
            self.status = "paused"
            for model in self.models:
                model.pause(day, carry)

        values = {"kind": "pause", "compensation": "carry" if carry else "credit"}
        resume_on = day + timedelta(days=self._pick([1, 5, 40])) if self._pick([False, True]) else None
        if resume_on:
            values["resume_on"] = resume_on
        self._schedule(day, values, pause)
        if resume_on:
            self._plan(resume_on, lambda: self._resume(resume_on))

    def _resume(self, day):
        self.status = "progress"
        for model in self.models:
            model.resume(day)

    def _do_resume(self):
        if self.status != "paused" or self.planned or self.models[0].paused_on >= self.today:
            return
        day = self._get_day_ahead()
        self._schedule(day, {"kind": "resume"}, lambda: self._resume(day))

    def _do_close(self):
        if self.status not in ("progress", "paused") or self.planned:
            return
        day = self._get_day(*self.models) if self.status == "progress" else self.today
        credit = self._pick([False, True])

        def close():
            self.status = "closed"
            for model in self.models:
                model.close(day, credit)

        compensation = "credit" if credit else "none"
        # As soon as it is planned: no period is billed beyond it.
        for model in self.models:
            model.end = day
        self._schedule(day, {"kind": "close", "compensation": compensation, "reason_id": self.test.reason.id}, close)

    def _do_reopen(self):
        if self.status != "closed" or self.models[0].end >= self.today:
            return
        self.log.append(f"{self.today} reopen")
        self.order.action_subscription_reopen()
        self._play_models()
        self.status = "progress"
        for model in self.models:
            model.reopen(self.today)

    def _do_withdraw(self):
        # In sudo mode: the engine's, that is called after rights were checked.
        Change = self.env["subscription.change"].sudo()
        changes = Change.search([("order_id", "=", self.order.id), ("state", "=", "planned")])
        if changes:
            self.log.append(f"{self.today} withdraw")
            changes._withdraw()
            self.planned = []
            for model in self.models:
                model.end = None

    def _do_cancel(self):
        invoices = self._get_documents().filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        # One that was settled with a credit note stands.
        invoices = invoices.filtered(lambda move: move.payment_state == "not_paid")
        if not invoices:
            return
        invoice = self._pick(invoices.sorted("id")[-3:])
        charges = [
            (model, charge)
            for model in self.models
            for charge in model.charges
            if charge.document == invoice and not charge.cancelled
        ]
        refused = any(model.leaning_on(charge) for model, charge in charges)
        self.log.append(f"{self.today} cancel {invoice.name}{' (refused)' if refused else ''}")
        if refused:
            with self.test.assertRaises(UserError):
                self._cancel(invoice)
            return
        self._cancel(invoice)
        for model, charge in charges:
            model.cancel(charge)

    def _cancel(self, invoice):
        with self.test.cr.savepoint():
            invoice.button_draft()
            invoice.button_cancel()
            self.env.flush_all()

    def _do_bill_again(self):
        rows = self.order.subscription_period_ids.filtered(
            lambda row: row.state == "live" and row.kind == "skip" and row.source_id
        )
        if not rows:
            return
        row = self._pick(rows.sorted("start"))
        self.log.append(f"{self.today} bill again {row.start} to {row.service_end}")
        row.action_bill_again()
        number = list(self.order.order_line).index(row.line_id)
        self.models[number].bill_again(row.start, row.service_end)

    # === DAYS AND PLANS ===#

    def _get_day(self, *models):
        if self._when == "period end":
            return max(model.paid_until(self.today) for model in models)
        return self._get_day_ahead()

    def _get_day_ahead(self):
        ahead = self._pick([1, 13, 40]) if self._when == "ahead" else 0
        return self.today + timedelta(days=ahead)

    def _schedule(self, day, values, act):
        story = {name: value for name, value in values.items() if not name.endswith("_id") or name == "plan_id"}
        line = f" of line {values['line_id'] - self.order.order_line[0].id + 1}" if "line_id" in values else ""
        self.log.append(f"{self.today} from {day}: {story}{line}")
        # In sudo mode: the engine's, that is called after rights were checked.
        Change = self.env["subscription.change"].sudo()
        vals_list = [{"order_id": self.order.id, "effective_on": day, **values}]
        preview = Change._preview(vals_list)
        changes = Change._schedule(vals_list)
        self._plan(day, act)
        if day <= self.today:
            self._check_preview(preview, changes)
            self._play_models()
        self.settled = values["kind"] != "close"

    def _check_preview(self, preview, changes):
        """What was shown before is what is charged or credited, and when the next invoice comes."""
        rows = changes.period_ids.filtered(lambda row: row.kind in ("proration", "credit"))
        self.test.assertEqual(len(rows.invoice_line_id), len(rows))
        if changes.kind in ("plan", "resume"):
            # With the period that begins by it, where it is billed at once.
            rows |= (changes.line_id or self.order.order_line).subscription_period_ids.filtered(
                lambda row: (
                    (row.state, row.start) == ("live", changes.effective_on)
                    and row.kind in ("regular", "stub")
                    and row.service_end > row.start
                )
            )
        lines = rows.invoice_line_id
        amount = sum(line.price_subtotal * -line.move_id.direction_sign for line in lines)
        self.test.assertAlmostEqual(preview["adjustment"]["untaxed"], amount, places=2)
        if changes.kind != "close":  # which leaves what was due before it to the night
            self.test.assertEqual(preview["next_invoice_date_after"], self.order.subscription_next_invoice_date)

    def _plan(self, day, act):
        self.planned.append((day, act))

    def _play_models(self):
        """Let the models go on until today: billing and what was planned, in the order of days."""
        while self.planned and self.planned[0][0] <= self.today:
            day, act = self.planned.pop(0)
            for model in self.models:
                model.bill(day - timedelta(days=1))
            act()
        for model in self.models:
            model.bill(self.today)

    # === WHAT MUST HOLD ===#

    def _get_documents(self):
        return self.order.order_line.invoice_lines.move_id

    def _check(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self._check_documents()
        self._check_books()
        for line, model in () if not self.settled else zip(self.order.order_line, self.models, strict=True):
            self._check_days(line, model)
        self.test.assertEqual(self.order.subscription_status, self.status)
        if self.status == "progress":
            mrr = sum(model.mrr for model in self.models)
            self.test.assertAlmostEqual(self.order.subscription_mrr, mrr, places=4)

    def _check_books(self):
        self.test.assertTiled(self.order, holes=True)
        self.test.assertEventsSumToMRR(self.order)
        # Days pass between the steps without a nightly run.
        due = () if self.log[-1] == f"{self.today} bill" else ("due_or_parked", "line_phases", "changes_done")
        problems = [item for item in self.env["subscription.check"]._run()["details"] if item["check"] not in due]
        self.test.assertFalse(problems)

    def _check_documents(self):
        """Each new document line is one or several charges of the model, and the other way round."""
        new = self._get_documents() - self.documents
        self.documents |= new
        found = {}
        for line in new.invoice_line_ids:
            row = line.subscription_period_ids
            kind = "money" if row.kind in ("proration", "credit") else "days"
            key = list(self.order.order_line).index(row.line_id), kind, row.start
            found.setdefault(key, []).append(line)
        expected = {}
        for number, model in enumerate(self.models):
            for charge in model.charges:
                if charge.document is None:
                    expected.setdefault((number, charge.kind, charge.start), []).append(charge)
        for key in found.keys() | (expected.keys() if self.settled else set()):
            self._compare(key, found.get(key, []), expected.get(key, []))

    def _compare(self, key, lines, charges):
        amount = sum(line.price_subtotal * -line.move_id.direction_sign for line in lines)
        tolerance = float(self.coin) * (1 + sum(charge.parts for charge in charges)) / 2
        self.test.assertAlmostEqual(
            amount, float(sum(charge.amount for charge in charges)), delta=tolerance + 1e-6, msg=f"Line, days: {key}"
        )
        for charge in charges:
            charge.document = lines[0].move_id if lines else False
        # Days are billed one by one.
        if key[1] == "days":
            self.test.assertEqual(len(lines), len(charges), f"Line, days: {key}")

    def _check_days(self, line, model):
        """The ledger says of each day whether it was billed as the model does."""
        billed, skipped = set(), set()
        for row in line.subscription_period_ids:
            if row.state == "live" and row.kind not in ("proration", "credit"):
                days = {row.start + timedelta(days=number) for number in range((row.service_end - row.start).days)}
                (skipped if row.kind == "skip" else billed).update(days)
        done = set(model.days)
        self.test.assertEqual(tell_spans(billed | skipped), tell_spans(done), f"Days that are done with: {line.id}")
        free = {day for day, state in model.days.items() if not state.live}
        self.test.assertFalse(skipped & billed)
        paid = {day for day in set(model.days) - free if model.days[day].amount}
        self.test.assertFalse(tell_spans(free & billed), "Billed, though nothing was charged for it")
        self.test.assertFalse(tell_spans(paid - billed), "Charged, though it was skipped")


def tell_spans(days):
    """Return the days as spans: ``["2026-01-01 until 2026-02-01"]``."""
    spans = []
    for day in sorted(days):
        if spans and spans[-1][1] == day:
            spans[-1][1] = day + timedelta(days=1)
        else:
            spans.append([day, day + timedelta(days=1)])
    return [f"{start} until {end}" for start, end in spans]
