from datetime import date

from psycopg2.errors import CheckViolation, ExclusionViolation

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import SubscriptionCommon


class TestLedger(SubscriptionCommon):
    """Undone invoices, invoices that come back, and days that are billed once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.magazine.taxes_id = cls.tax_sale_a
        cls.order = cls._create_subscription("2026-01-01", lines=[cls._line(), cls._line(product_uom_qty=2)])
        cls._set_today("2026-02-15")
        cls.order.action_subscription_bill()
        cls.first, cls.second = cls._get_invoices(cls.order)

    def setUp(self):
        super().setUp()
        self._set_today("2026-02-15")

    def _get_rows(self, invoice=None, **values):
        rows = self.order.subscription_period_ids.filtered(lambda row: not invoice or row.move_id == invoice)
        return rows.filtered(lambda row: all(row[name] == value for name, value in values.items())).sorted("id")

    def _get_skips(self):
        return self._get_rows(kind="skip", state="live")

    def _reverse(self, invoice, modify=False, **values):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "reason": "Test", **values})
        )
        wizard.modify_moves() if modify else wizard.refund_moves()
        return wizard.new_move_ids

    # === UNDONE ===#

    def _assert_first_undone(self, reason):
        self.assertEqual(set(self._get_rows(state="void").mapped("start")), {date(2026, 1, 1)})
        skips = self._get_skips()
        self.assertRecordValues(
            skips,
            [{"start": date(2026, 1, 1), "service_end": date(2026, 2, 1), "kind": "skip"}] * 2,
        )
        for skip in skips:
            self.assertIn(reason, skip.reason)
            self.assertEqual(skip.source_id.state, "void")
        self.assertTiled(self.order)
        self.assertEqual(self._bill()["invoices"], 0, "An undone invoice is not billed again by itself.")
        self.assertEqual(self.order.subscription_next_invoice_date, date(2026, 3, 1))
        self.assertIn(reason, self.order.message_ids[0].body)

    def test_a_cancelled_invoice_is_undone(self):
        self.first.button_draft()
        self.assertFalse(self._get_skips(), "A draft stands.")
        self.first.button_cancel()
        self._assert_first_undone("was cancelled")

    def test_a_deleted_draft_is_undone(self):
        draft_order = self._create_subscription("2026-01-01", subscription_invoicing_mode="draft")
        self._bill()
        draft = draft_order.invoice_ids
        draft.unlink()
        self.assertEqual(self._get_spans(draft_order), [("2026-01-01", "2026-02-01", "skip")])
        self.assertIn(
            "was deleted", draft_order.subscription_period_ids.filtered(lambda row: row.kind == "skip").reason
        )
        self.assertTiled(draft_order)

    def test_a_full_credit_note_undoes(self):
        refund = self._reverse(self.first)
        self.assertFalse(self._get_skips(), "A draft credit note does nothing yet.")
        refund.action_post()
        self._assert_first_undone("was reversed by")

    def test_a_partial_credit_note_leaves_the_ledger(self):
        refund = self._reverse(self.first)
        refund.invoice_line_ids[0].unlink()
        refund.action_post()
        self.assertFalse(self._get_skips())
        self.assertEqual(len(self._get_rows(state="live")), 4)

    def test_credit_notes_that_add_up_to_the_whole_undo(self):
        first, second = self._reverse(self.first), self._reverse(self.first)
        first.invoice_line_ids[0].unlink()
        second.invoice_line_ids[1].unlink()
        first.action_post()
        self.assertFalse(self._get_skips())
        second.action_post()
        self._assert_first_undone("was reversed by")
        first.button_draft()
        self.assertFalse(self._get_skips(), "One of them is a draft again, so the invoice is owed in part.")
        self.assertTiled(self.order)

    def test_a_full_credit_note_after_a_partial_one_undoes(self):
        partial = self._reverse(self.first)
        partial.invoice_line_ids[0].unlink()
        partial.action_post()
        self._reverse(self.first).action_post()
        self._assert_first_undone("was reversed by")

    def test_reversed_twice_it_stays_undone_while_one_of_them_stands(self):
        one, two = self._reverse(self.first), self._reverse(self.first)
        (one | two).action_post()
        one.button_draft()
        self.assertEqual(len(self._get_skips()), 2)
        two.button_draft()
        self.assertFalse(self._get_skips())
        self.assertTiled(self.order)

    def test_a_free_invoice_is_undone_and_comes_back_too(self):
        order = self._create_subscription("2026-02-15", lines=[self._line(price_unit=0.0)])
        self._bill()
        refund = self._reverse(order.invoice_ids)
        refund.action_post()
        self.assertEqual(self._get_spans(order), [("2026-02-15", "2026-03-15", "skip")])
        refund.button_draft()
        self.assertEqual(self._get_spans(order), [("2026-02-15", "2026-03-15", "regular")])

    def test_a_credit_note_at_a_lower_price_leaves_the_ledger(self):
        refund = self._reverse(self.first)
        refund.invoice_line_ids.price_unit = 1.0
        refund.action_post()
        self.assertFalse(self._get_skips())

    def test_what_stands_beside_an_undone_line_stays(self):
        self.first.button_draft()
        self.first.invoice_line_ids[0].unlink()
        skips = self._get_skips()
        self.assertEqual(len(skips), 1)
        self.first.action_post()
        self.assertEqual(len(self._get_rows(self.first, state="live")), 1)
        self.assertTiled(self.order)

    def test_an_edited_quantity_is_told_by_the_ledger(self):
        self.second.button_draft()
        self.second.invoice_line_ids[0].quantity = 5
        self.second.action_post()
        self.assertEqual(self._get_rows(self.second)[0].quantity, 5)
        self.assertEqual(self.order.order_line[0].qty_invoiced, 5)

    def test_reset_to_draft_and_posted_again_changes_nothing(self):
        before = self._get_spans(self.order)
        self.first.button_draft()
        self.first.action_post()
        self.assertEqual(self._get_spans(self.order), before)
        self.assertEqual(len(self.order.subscription_period_ids), 4)

    def test_zero_quantities_stay_skipped_when_their_neighbours_are_undone(self):
        self.order.order_line[0].product_uom_qty = 0
        self._bill("2026-03-01")
        third = self._get_invoices(self.order)[-1:]
        third.button_draft()
        third.button_cancel()
        self.assertTiled(self.order)
        third.button_draft()
        third.action_post()
        self.assertTiled(self.order)

    # === AND BACK ===#

    def test_a_cancelled_invoice_that_comes_back_is_billed_after_all(self):
        self.first.button_draft()
        self.first.button_cancel()
        self.first.button_draft()
        self.assertFalse(self._get_skips())
        self.assertEqual(len(self._get_rows(self.first, state="live")), 2)
        self.assertTiled(self.order)

    def test_a_credit_note_reset_to_draft_brings_the_rows_back(self):
        refund = self._reverse(self.first)
        refund.action_post()
        refund.button_draft()
        self.assertFalse(self._get_skips())
        self.assertEqual(len(self._get_rows(self.first, state="live")), 2)
        refund.action_post()
        self._assert_first_undone("was reversed by")

    def test_reverse_and_recreate_hands_the_rows_over(self):
        successor = self._reverse(self.first, modify=True)
        self.assertEqual(successor.state, "draft")
        self.assertFalse(self._get_skips())
        self.assertFalse(self._get_rows(self.first, state="live"))
        self.assertEqual(len(self._get_rows(successor, state="live")), 2)
        successor.action_post()
        self.assertTiled(self.order)
        self.assertEqual(self._bill()["invoices"], 0)
        self.assertEqual(self.order.order_line.mapped("qty_invoiced"), [1.0, 2.0])

    def test_a_credit_note_cannot_go_back_while_the_successor_stands(self):
        self._reverse(self.first, modify=True)
        refund = self.first.reversal_move_ids
        with self.assertRaisesRegex(UserError, "billed again meanwhile"), self.cr.savepoint():
            refund.button_draft()
        self.assertTiled(self.order)

    def test_a_credit_note_goes_back_after_the_successor_was_undone(self):
        self._reverse(self.first, modify=True).unlink()
        self.first.reversal_move_ids.button_draft()
        self.assertEqual(len(self._get_rows(self.first, state="live")), 2)
        self.assertFalse(self._get_skips())
        self.assertTiled(self.order)

    def test_the_successor_can_be_undone_in_turn(self):
        successor = self._reverse(self.first, modify=True)
        successor.unlink()
        self.assertEqual(len(self._get_skips()), 2)
        self.assertTiled(self.order)

    def test_a_line_dropped_from_the_successor_is_undone(self):
        successor = self._reverse(self.first, modify=True)
        successor.invoice_line_ids[0].unlink()
        self.assertEqual(len(self._get_skips()), 1)
        successor.action_post()
        self.assertTiled(self.order)

    def test_reverse_and_recreate_twice(self):
        successor = self._reverse(self.first, modify=True)
        successor.action_post()
        last = self._reverse(successor, modify=True)
        self.assertEqual(len(self._get_rows(last, state="live")), 2)
        self.assertFalse(self._get_skips())
        self.assertTiled(self.order)

    def test_reverse_and_recreate_of_several_invoices(self):
        successors = self._reverse(self.first | self.second, modify=True)
        for successor in successors:
            starts = set(successor.invoice_line_ids.mapped("subscription_period_start"))
            self.assertEqual(set(self._get_rows(successor, state="live").mapped("start")), starts)
            self.assertEqual(len(starts), 1)
        self.assertFalse(self._get_skips())
        self.assertTiled(self.order)

    # === BILL AGAIN ===#

    def test_bill_again_bills_exactly_those_days_once(self):
        self.first.button_draft()
        self.first.button_cancel()
        self._get_skips().action_bill_again()
        self.assertEqual(self.order.subscription_next_invoice_date, date(2026, 1, 1))
        self.assertEqual(self._bill()["invoices"], 1)
        again = self._get_invoices(self.order)[-1:]
        self.assertEqual(again.amount_untaxed, 36.0)
        self.assertEqual(set(again.invoice_line_ids.mapped("subscription_period_start")), {date(2026, 1, 1)})
        self.assertEqual(set(again.invoice_line_ids.mapped("subscription_period_end")), {date(2026, 2, 1)})
        self.assertEqual(self.order.subscription_next_invoice_date, date(2026, 3, 1))
        self.assertTiled(self.order)
        self.assertEqual(self._bill()["invoices"], 0)

    def test_bill_again_of_one_line_bills_that_line_only(self):
        self.first.button_draft()
        self.first.button_cancel()
        self._get_skips()[1].action_bill_again()
        self._bill()
        self.assertEqual(self._get_invoices(self.order)[-1:].amount_untaxed, 24.0)
        self.assertTiled(self.order)

    def test_bill_again_when_the_next_period_is_due_too(self):
        self.first.button_draft()
        self.first.button_cancel()
        self._get_skips().action_bill_again()
        self.assertEqual(self._bill("2026-03-01")["invoices"], 2)
        self.assertTiled(self.order)
        self.assertEqual(self.order.subscription_next_invoice_date, date(2026, 4, 1))

    def test_bill_again_after_a_fuller_history(self):
        self._bill("2026-06-01")
        invoices = self._get_invoices(self.order)
        for invoice in invoices[1] | invoices[3]:
            invoice.button_draft()
            invoice.button_cancel()
        self._get_skips().action_bill_again()
        self.assertEqual(self._bill()["invoices"], 2)
        self.assertEqual(self._bill()["invoices"], 0)
        self.assertTiled(self.order)

    def test_bill_again_is_limited_like_missed_periods(self):
        self._bill("2026-06-01")
        self._get_invoices(self.order).button_draft()
        self._get_invoices(self.order).button_cancel()
        self._get_skips().action_bill_again()
        self.company.subscription_max_periods = 4
        self.assertEqual(self._bill()["invoices"], 4)
        self.assertEqual(self._bill("2026-06-02")["invoices"], 2)
        self.assertTiled(self.order)

    def test_bill_again_of_what_was_not_skipped_is_refused(self):
        with self.assertRaisesRegex(UserError, "nothing to bill again"):
            self._get_rows(self.first).action_bill_again()
        self.first.button_draft()
        self.first.button_cancel()
        skip = self._get_skips()[0]
        skip.action_bill_again()
        with self.assertRaisesRegex(UserError, "nothing to bill again"):
            skip.action_bill_again()

    def test_bill_again_of_a_closed_subscription(self):
        self.order.sudo()._subscription_close(
            date(2026, 2, 15), self.env.ref("sale_subscription_plus.close_reason_other")
        )
        self.second.button_draft()
        self.second.button_cancel()
        self._get_skips().action_bill_again()
        self._bill()
        self.assertEqual(len(self._get_invoices(self.order)), 3)
        self.assertEqual(
            self._get_invoices(self.order)[-1:].invoice_line_ids.mapped("subscription_period_end"),
            [date(2026, 2, 15)] * 2,
        )
        self.assertFalse(self.order.subscription_next_invoice_date)

    def test_bill_again_of_a_stub_is_a_stub_again(self):
        plan = self._create_plan(alignment="month_day", alignment_day=1)
        order = self._create_subscription("2026-01-21", plan=plan, lines=[self._line(price_unit=31, tax_ids=False)])
        self._bill("2026-02-01")
        stub = self._get_invoices(order)[0]
        stub.button_draft()
        stub.button_cancel()
        order.subscription_period_ids.filtered(lambda row: row.kind == "skip").action_bill_again()
        self._bill()
        self.assertEqual(self._get_invoices(order)[-1:].amount_untaxed, 11.0)
        self.assertTiled(order)

    def test_an_invoice_cannot_come_back_after_its_days_were_billed_again(self):
        self.first.button_draft()
        self.first.button_cancel()
        self._get_skips().action_bill_again()
        self._bill()
        with self.assertRaisesRegex(UserError, "billed again meanwhile"), self.cr.savepoint():
            self.first.button_draft()
        self.assertTiled(self.order)

    def test_a_credit_note_cannot_go_back_after_the_days_were_billed_again(self):
        refund = self._reverse(self.first)
        refund.action_post()
        self._get_skips().action_bill_again()
        self._bill()
        with self.assertRaisesRegex(UserError, "billed again meanwhile"), self.cr.savepoint():
            refund.button_draft()
        self.assertTiled(self.order)

    def test_an_invoice_may_come_back_while_its_days_wait_to_be_billed_again(self):
        self.first.button_draft()
        self.first.button_cancel()
        self._get_skips().action_bill_again()
        self.first.button_draft()
        self.first.action_post()
        self.assertEqual(self._bill()["invoices"], 0)
        self.assertTiled(self.order)

    def test_only_who_may_invoice_bills_again(self):
        self.first.button_draft()
        self.first.button_cancel()
        salesman = self.company_data["default_user_salesman"]
        self.order.user_id = salesman
        with self.assertRaises(AccessError):
            self._get_skips().with_user(salesman).action_bill_again()

    # === THE DATABASE ===#

    def _create_row(self, start, end, **values):
        row = (
            self.env["subscription.period"]
            .sudo()
            .create(
                {
                    "line_id": self.order.order_line[0].id,
                    "kind": "regular",
                    "start": start,
                    "end": end,
                    "service_end": end,
                    **values,
                }
            )
        )
        self.env.flush_all()
        return row

    def test_the_database_refuses_to_bill_a_day_twice(self):
        for start, end in (
            ("2026-01-01", "2026-02-01"),
            ("2026-01-31", "2026-02-01"),
            ("2025-12-01", "2026-01-02"),
            ("2026-02-28", "2026-03-28"),
            ("2025-01-01", "2027-01-01"),
        ):
            for kind in ("regular", "stub", "skip", "imported", "carried"):
                with (
                    self.subTest(start=start, kind=kind),
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(ExclusionViolation),
                ):
                    self._create_row(start, end, kind=kind)

    def test_the_database_allows_what_touches_and_what_is_void(self):
        self._create_row("2025-12-01", "2026-01-01")
        self._create_row("2026-03-01", "2026-04-01")
        self._create_row("2026-01-01", "2026-02-01", state="void")
        self._create_row("2026-01-10", "2026-02-01", kind="credit")
        self._create_row("2026-01-10", "2026-02-01", kind="proration")
        self._create_row("2026-01-10", "2026-02-01", line_id=self._create_subscription().order_line.id)

    def test_days_that_were_given_back_can_be_billed(self):
        row = self._get_rows(self.second)[0].sudo()
        row.service_end = date(2026, 2, 10)
        self.env.flush_all()
        self._create_row("2026-02-10", "2026-03-01")

    def test_periods_end_after_they_start(self):
        for start, end, service_end in (
            ("2027-01-02", "2027-01-01", "2027-01-01"),
            ("2027-01-01", "2027-01-01", "2027-01-01"),
            ("2027-01-01", "2027-02-01", "2027-02-02"),
            ("2027-01-01", "2027-02-01", "2026-12-31"),
        ):
            with self.subTest(start=start, end=end), mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught:
                self._create_row(start, end, service_end=service_end)
            # PostgreSQL itself refuses a range that runs backwards.
            self.assertIn(type(caught.exception).__name__, (CheckViolation.__name__, "DataException", "DataError"))

    def test_users_cannot_write_the_ledger(self):
        row = self._get_rows()[0]
        for action in (lambda: row.write({"state": "void"}), row.unlink, lambda: row.copy()):
            with self.assertRaises(AccessError):
                action()

    def test_an_invoice_shows_its_subscriptions(self):
        self.assertEqual(self.first.subscription_count, 1)
        self.assertEqual(self._get_rows(self.first)[0].action_view_invoice()["res_id"], self.first.id)
