import os
import random
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command

from .common import TODAY, SubscriptionCommon

# More of them, for those who look for bugs: SUBSCRIPTION_WALKS=500
WALKS = int(os.environ.get("SUBSCRIPTION_WALKS", 4))
STEPS = 25
NOTHING = "nothing to do it to"


class TestWalk(SubscriptionCommon):
    """Random lives of subscriptions: whatever people do in whatever order, the books hold after each step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.subscription_max_periods = 5
        cls.reason = cls.env.ref("sale_subscription_plus.close_reason_other")
        cls.included = cls.tax_sale_a.copy({"name": "Included", "price_include_override": "tax_included", "amount": 20})
        cls.phone = cls._create_recurring_product(
            "Phone",
            {cls.monthly: 20.0},
            subscription_setup_product_id=cls._create_product(name="Set-up", lst_price=30.0, taxes_id=[]).id,
        )
        euro = cls.setup_other_currency("EUR", rates=[("2020-01-01", 0.5), ("2026-03-01", 0.25), ("2026-06-01", 0.8)])
        cls.pricelists = cls.pricelist | cls._create_pricelist(name="Euro", currency_id=euro.id)
        cls.plans = cls.env["subscription.plan"].union(
            cls.monthly,
            cls._create_plan("Arrears", billing_timing="arrears"),
            cls._create_plan("First of the month", alignment="month_day", alignment_day=1),
            cls._create_plan(
                "Last of the month, arrears", alignment="month_day", alignment_day=31, billing_timing="arrears"
            ),
            cls._create_plan("Weekly", interval_unit="week", interval_count=2),
            cls._create_plan("Together", consolidate=True),
            cls._create_plan("Quarterly", interval_count=3, alignment="year_day"),
            cls._create_plan("Term", commitment_months=2, auto_renew=False),
            cls._create_plan("Rolling", commitment_months=1, billing_timing="arrears", invoicing_mode="draft"),
        )

    def test_walks(self):
        for seed in range(int(os.environ.get("SUBSCRIPTION_WALK", 0)), WALKS):
            undo = self.cr.savepoint()
            try:
                with self.subTest(seed=seed):
                    self._walk(seed)
            finally:
                undo.close(rollback=True)
                self.env.transaction.clear()

    def _walk(self, seed):
        self.rng = random.Random(seed)
        self.day = TODAY + timedelta(days=self.rng.randrange(60))
        self.log = []
        self._set_today(self.day)
        self.orders = self.env["sale.order"]
        for _number in range(2):
            self._do_sell()
        for _step in range(STEPS):
            action = self.rng.choice([name for name in dir(self) if name.startswith("_do_")])
            try:
                with self.cr.savepoint():
                    getattr(self, action)()
                    self.env.flush_all()
                self.log.append(f"{self.day} {action}")
            except UserError as error:
                self.env.invalidate_all()
                self.log.append(f"{self.day} {action}: {error}")
            self._assert_books_hold()

    def _assert_books_hold(self):
        story = "\n".join(self.log)
        try:
            self.env.invalidate_all()
            self.assertTiled(self.orders, holes=True)
            self.assertEventsSumToMRR(self.orders)
            self._assert_ledger_is_what_was_invoiced()
            problems = [
                item
                for item in self.env["subscription.check"]._run()["details"]
                if self.log[-1].endswith("_do_bill") or item["check"] not in ("due_or_parked", "line_phases")
            ]
            self.assertFalse(problems)
        except AssertionError as error:
            raise AssertionError(f"{error}\nafter\n{story}") from error

    def _assert_ledger_is_what_was_invoiced(self):
        """Invoices less credit notes, of recurring lines, are what the live rows say."""
        lines = self.orders.order_line.invoice_lines.filtered(
            lambda line: line.subscription_period_start and line.parent_state == "posted"
        )
        rows = self.orders.subscription_period_ids.filtered(lambda row: row.state == "live")
        billed = rows.invoice_line_id.filtered(lambda line: line.parent_state == "posted")
        invoiced = sum(line.price_subtotal * line.move_id.direction_sign for line in lines)
        self.assertAlmostEqual(-invoiced, sum(billed.mapped("price_subtotal")), places=2)

    # === WHAT PEOPLE DO ===#

    def _pick(self, records):
        if not records:
            raise UserError(NOTHING)
        return self.rng.choice(list(records))

    def _lines(self):
        return self.orders.order_line.filtered("subscription_plan_id")

    def _do_sell(self):
        start = self.day + timedelta(days=self.rng.choice([0, 0, 0, -40, 20]))
        plan = self._pick(self.plans)
        lines = [
            self._line(
                price_unit=self.rng.choice([10.0, 31.0, 0.0]),
                subscription_plan_id=self._pick(plan | plan | self.plans).id,
            )
            for _number in range(self.rng.choice([1, 2]))
        ]
        if self.rng.random() < 0.3:
            lines.append(self._line(self.poster))
        if self.rng.random() < 0.3:
            lines.append(self._line(self.phone, product_uom_qty=self.rng.choice([0, 1, 2])))
        self.orders |= self._create_subscription(
            plan=plan, lines=lines, subscription_start=start, pricelist_id=self._pick(self.pricelists).id
        )

    def _do_bill(self):
        waiting = self.orders.filtered(
            lambda order: order.subscription_next_attempt and order.subscription_next_attempt > self.day
        )
        preview = self.env["sale.order"]._subscription_run_billing(dry_run=True)
        result = self._bill()
        if not waiting:
            self.assertEqual(preview["invoices"], result["invoices"])
            # Invoices are converted line by line, the preview as a whole.
            self.assertAlmostEqual(preview["untaxed_total"], result["untaxed_total"], delta=0.02 * result["invoices"])
        again = self._bill()
        self.assertEqual((again["invoices"], again["parked"]), (0, 0))

    _do_bill_too = _do_bill

    def _do_let_time_pass(self):
        self.day += timedelta(days=self.rng.choice([1, 7, 15, 31, 45, 100]))
        self._set_today(self.day)

    _do_let_more_time_pass = _do_let_time_pass

    def _do_change_quantity(self):
        self._pick(self._lines()).product_uom_qty = self.rng.choice([0, 1, 2, 3])

    def _do_change_price(self):
        self._pick(self._lines()).price_unit = self.rng.choice([0.0, 5.0, 20.0])

    def _do_change_discount(self):
        self._pick(self._lines()).discount = self.rng.choice([0, 10, 33.33, 100])

    def _do_change_taxes(self):
        self.magazine.taxes_id = self._pick([self.tax_sale_a, self.included, self.env["account.tax"]])

    def _do_change_term(self):
        self._pick(self.orders).write(
            {
                "subscription_commitment_months": self.rng.choice([0, 1, 2, 12]),
                "subscription_auto_renew": self.rng.choice([True, False]),
            }
        )

    def _do_fail_to_bill(self):
        with self._fail_billing(self._pick(self.orders), UserError("Something is missing")):
            self._bill()

    def _do_add_line(self):
        self._pick(self.orders).order_line = [
            self._line(price_unit=7.0, subscription_plan_id=self.rng.choice([False, *self.plans.ids]))
        ]

    def _do_close(self):
        order = self._pick(self.orders)
        self.env["subscription.close.wizard"].create(
            {
                "order_ids": [Command.set(order.ids)],
                "reason_id": self.reason.id,
                "moment": self.rng.choice(["now", "period", "term", "date"]),
                "date": self.day + timedelta(days=self.rng.choice([-20, 0, 10, 40])),
            }
        ).action_close()

    def _do_reopen(self):
        self._pick(self.orders.filtered("subscription_closed_on")).action_subscription_reopen()

    def _do_cancel_invoice(self):
        # Not one with a credit note, which would stand alone.
        invoice = self._pick(
            self.orders.invoice_ids.filtered(
                lambda move: move.move_type == "out_invoice" and not move.reversal_move_ids
            )
        )
        if invoice.state == "posted":
            invoice.button_draft()
        invoice.button_cancel()

    def _do_bring_invoice_back(self):
        self._pick(self.orders.invoice_ids.filtered(lambda move: move.state == "cancel")).button_draft()

    def _do_post(self):
        self._pick(self.orders.invoice_ids.filtered(lambda move: move.state == "draft")).action_post()

    def _do_delete_draft(self):
        self._pick(self.orders.invoice_ids.filtered(lambda move: move.state == "draft")).unlink()

    def _do_drop_draft_line(self):
        # Not off a credit note: one over a part leaves the ledger as it is.
        drafts = self.orders.invoice_ids.filtered(
            lambda move: move.state == "draft" and move.move_type == "out_invoice"
        )
        self._pick(drafts.invoice_line_ids).unlink()

    def _do_reverse(self):
        invoice = self._pick(
            self.orders.invoice_ids.filtered(
                lambda move: move.state == "posted" and move.move_type == "out_invoice" and not move.reversal_move_ids
            )
        )
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        self._pick([wizard.refund_moves, wizard.modify_moves])()

    def _do_reset_credit_note(self):
        self._pick(
            self.orders.invoice_ids.filtered(lambda move: move.state == "posted" and move.move_type == "out_refund")
        ).button_draft()

    def _do_bill_again(self):
        rows = self.orders.subscription_period_ids
        self._pick(rows.filtered(lambda row: row.kind == "skip" and row.state == "live")).action_bill_again()

    def _do_button(self):
        self._pick(self.orders).action_subscription_bill()

    def _do_cancel_order(self):
        order = self._pick(self.orders)
        order._action_cancel()
        if self.rng.random() < 0.5:
            order.action_draft()
            order.action_confirm()

    def _do_duplicate(self):
        copy = self._pick(self.orders).copy()
        copy.action_confirm()
        self.orders |= copy
