"""Changes of a running subscription: what each kind does, one plain case each; amounts stand in the table test."""

from odoo.exceptions import UserError
from odoo.fields import Date

from odoo.addons.sale_subscription_plus.tests.common import SubscriptionCommon


class ChangesCommon(SubscriptionCommon):
    """A magazine at 12.00 a month from 1 January on, billed for January."""

    def setUp(self):
        super().setUp()
        self.order = self._create_subscription("2026-01-01")
        self._bill()
        self.line = self.order.order_line
        self.Change = self.env["subscription.change"].sudo()

    def _schedule(self, kind, day=None, line=None, **values):
        """Plan a change of the magazine, or of the whole order for a pause, its end, or a close."""
        whole = kind in ("pause", "resume", "close") and line is None
        target = {"order_id": self.order.id} if whole else {"line_id": (line or self.line).id}
        return self.Change._schedule([{**target, "kind": kind, **({"effective_on": day} if day else {}), **values}])

    def _get_documents(self):
        """Return (kind of document, untaxed amount) of all documents, the oldest first."""
        moves = self.order.order_line.invoice_lines.move_id.sorted("id")
        return [(move.move_type, move.amount_untaxed) for move in moves if move.state == "posted"]

    def assertConsistent(self):
        self.env.flush_all()
        result = self.env["subscription.check"]._run()
        self.assertEqual(result["details"], [])


class TestChanges(ChangesCommon):
    def test_more_from_today_is_charged_for_the_rest_of_the_period(self):
        self._set_today("2026-01-11")
        change = self._schedule("quantity", quantity=2)
        # 12.00 more a month: 12.00 - 12.00 x 10/31 (3.87) = 8.13.
        self.assertEqual(self._get_documents(), [("out_invoice", 12.0), ("out_invoice", 8.13)])
        self.assertEqual((change.state, self.line.product_uom_qty, self.order.subscription_mrr), ("applied", 2, 24))
        self._bill("2026-02-01")
        self.assertEqual(self._get_documents()[-1], ("out_invoice", 24.0))
        self.assertConsistent()

    def test_less_from_today_is_credited_and_settles_the_open_invoice(self):
        self._set_today("2026-01-11")
        self._schedule("price", price_unit=6.0)
        self.assertEqual(self._get_documents(), [("out_invoice", 12.0), ("out_refund", 4.07)])
        invoice = self.line.invoice_lines.move_id.filtered(lambda move: move.move_type == "out_invoice")
        self.assertEqual(invoice.amount_residual, 7.93)
        self.assertConsistent()

    def test_a_change_at_the_end_of_the_period_costs_nothing_extra(self):
        self._set_today("2026-01-11")
        change = self._schedule("quantity", self.line._get_period_end(), quantity=0.5)
        self.assertEqual(change.state, "planned")
        self._bill("2026-02-01")
        self.assertEqual(change.state, "applied")
        self.assertEqual(self._get_documents(), [("out_invoice", 12.0), ("out_invoice", 6.0)])
        self.assertConsistent()

    def test_a_discount_for_two_periods_ends_by_itself(self):
        self._schedule("discount", "2026-02-01", discount=50, discount_periods=2)
        for day in ("2026-02-01", "2026-03-01", "2026-04-01"):
            self._bill(day)
        self.assertEqual([amount for _type, amount in self._get_documents()], [12.0, 6.0, 6.0, 12.0])
        self.assertConsistent()

    def test_another_plan_now_credits_the_old_one_on_the_invoice_of_the_new_one(self):
        self._set_today("2026-01-11")
        self._schedule("plan", plan_id=self.yearly.id)
        # 120.00 - 8.13
        self.assertEqual(self._get_documents(), [("out_invoice", 12.0), ("out_invoice", 111.87)])
        self.assertEqual(str(self.order.subscription_next_invoice_date), "2027-01-11")
        self.assertEqual((self.order.subscription_mrr, self.order.subscription_plan_id), (10, self.yearly))
        self.assertConsistent()

    def test_a_pause_carries_what_was_paid(self):
        self._set_today("2026-01-11")
        self._schedule("pause", compensation="carry", resume_on="2026-03-05")
        self.assertEqual(self.order.subscription_status, "paused")
        self._bill("2026-02-01")
        self._bill("2026-03-05")
        self.assertEqual(self.order.subscription_status, "progress")
        # 21 days of January were not used: 5 to 25 March.
        self.assertEqual(str(self.order.subscription_next_invoice_date), "2026-03-26")
        self._bill("2026-03-26")
        self.assertEqual([amount for _type, amount in self._get_documents()], [12.0, 12.0])
        self.assertEqual(str(self.order.subscription_next_invoice_date), "2026-04-26")
        self.assertConsistent()

    def test_a_pause_may_credit_what_was_paid(self):
        self._set_today("2026-01-11")
        self._schedule("pause", compensation="credit")
        self.assertEqual(self._get_documents()[-1], ("out_refund", 8.13))
        self._set_today("2026-03-05")
        self._schedule("resume")
        self.assertEqual(self._get_documents()[-1], ("out_invoice", 12.0))
        self.assertConsistent()

    def test_a_pause_that_is_ended_early_does_not_end_the_next_one(self):
        self._set_today("2026-01-11")
        self._schedule("pause", resume_on="2026-04-01")
        self._set_today("2026-02-10")
        self._schedule("resume")
        self._bill("2026-03-20")
        self._schedule("pause")
        self._bill("2026-04-01")
        self.assertEqual(self.order.subscription_status, "paused")
        self.assertConsistent()

    def test_a_close_may_credit_what_was_paid(self):
        self._set_today("2026-01-11")
        reason = self.env.ref("sale_subscription_plus.close_reason_other")
        self._schedule("close", reason_id=reason.id, compensation="credit")
        self.assertEqual(self.order.subscription_status, "closed")
        self.assertEqual(self._get_documents()[-1], ("out_refund", 8.13))
        self.assertConsistent()

    def test_a_close_ahead_credits_on_its_day(self):
        reason = self.env.ref("sale_subscription_plus.close_reason_other")
        self._schedule("close", "2026-01-11", reason_id=reason.id, compensation="credit")
        self.assertEqual(self._get_documents(), [("out_invoice", 12.0)])
        self._bill("2026-01-11")
        self.assertEqual(self.order.subscription_status, "closed")
        self.assertEqual(self._get_documents()[-1], ("out_refund", 8.13))
        self.assertConsistent()

    def test_a_line_may_close_and_the_order_closes_with_the_last_one(self):
        self.order.order_line = [self._line()]
        other = self.order.order_line - self.line
        self._bill()
        reason = self.env.ref("sale_subscription_plus.close_reason_expensive")
        self._set_today("2026-01-11")
        self._schedule("close", line=self.line, reason_id=reason.id, compensation="credit")
        self.assertEqual((self.line.subscription_phase, self.order.subscription_status), ("ended", "progress"))
        self.assertEqual((self._get_documents()[-1], self.order.subscription_mrr), (("out_refund", 8.13), 12))
        self._schedule("close", "2026-02-01", line=other, reason_id=reason.id)
        self._bill("2026-02-01")
        self.assertEqual(self.order.subscription_status, "closed")
        self.assertEqual(self.order.subscription_close_reason_id, reason)
        churn = self.order.subscription_event_ids.filtered(lambda event: event.type == "churn")
        self.assertEqual(churn.close_reason_id, reason)
        self.assertConsistent()

    def test_periods_in_arrears_are_billed_in_parts(self):
        self.arrears = self._create_plan("Afterwards", billing_timing="arrears")
        self._set_recurring_price(self.magazine, self.arrears, 31.0)
        self.order = self._create_subscription("2026-01-01", plan=self.arrears)
        self.line = self.order.order_line
        self._set_today("2026-01-11")
        self._schedule("quantity", quantity=2)
        self._bill("2026-02-01")
        # 10 days at 1.00, 21 days at 2.00
        self.assertEqual(self._get_documents(), [("out_invoice", 52.0)])
        self.assertConsistent()

    def test_days_that_are_billed_late_cost_what_was_agreed_then(self):
        self._schedule("price", "2026-02-11", price_unit=24.0)
        self._bill("2026-03-01")
        # February at 12.00; 12.00 - 12.00 x 10/28 (4.29) = 7.71, and 24.00 - 8.57 = 15.43: 7.72 more; March at 24.00.
        self.assertEqual(sum(amount for _type, amount in self._get_documents()), 12 + 12 + 7.72 + 24)
        self.assertConsistent()

    def test_the_invoice_of_a_changed_period_is_undone_after_that_of_the_change(self):
        self._set_today("2026-01-11")
        self._schedule("quantity", quantity=2)
        first, second = self.line.invoice_lines.move_id.sorted("id")
        first.button_draft()
        with self.assertRaises(UserError) as refusal:
            first.button_cancel()
        self.assertIn("cancel that document first", str(refusal.exception))
        second.button_draft()
        second.button_cancel()
        first.button_cancel()
        self.assertConsistent()

    def test_what_makes_no_sense_is_refused_with_a_sentence(self):
        self._set_today("2026-01-11")
        with self.assertRaisesRegex(UserError, "that day is over"):
            self._schedule("quantity", "2026-01-10", quantity=2)
        with self.assertRaisesRegex(UserError, "already"):
            self._schedule("plan", plan_id=self.monthly.id)
        with self.assertRaisesRegex(UserError, "not paused"):
            self._schedule("resume")

    def test_the_schedule_shows_what_is_planned(self):
        self._set_today("2026-01-11")
        self._schedule("price", "2026-03-01", price_unit=20.0)
        self._schedule("quantity", "2026-04-15", quantity=2)
        self._schedule("pause", "2026-06-01")
        schedule = self.order._get_subscription_schedule()
        self.assertEqual([bill["untaxed"] for bill in schedule], [12.0, 20.0, 20.0, 40.0])
        dry_run = self.env["subscription.billing.run"].sudo()._run(dry_run=True, date=Date.to_date("2026-03-01"))
        amounts = [detail["untaxed"] for detail in dry_run["details"] if detail["order_id"] == self.order.id]
        self.assertEqual(amounts, [12.0, 20.0])

    def test_the_schedule_shows_the_end_of_a_discount_that_is_planned(self):
        self._schedule("discount", "2026-03-01", discount=50, discount_periods=2)
        self._schedule("quantity", "2026-04-01", quantity=2)
        schedule = self.order._get_subscription_schedule(5)
        self.assertEqual([bill["untaxed"] for bill in schedule], [12.0, 6.0, 12.0, 24.0, 24.0])

    def test_the_preview_tells_what_happens(self):
        self._set_today("2026-01-11")
        preview = self.Change._preview([{"line_id": self.line.id, "kind": "plan", "plan_id": self.yearly.id}])
        self.assertEqual(preview["adjustment"]["untaxed"], 111.87)
        self.assertEqual((preview["mrr_before"], preview["mrr_after"]), (12, 10))
        self.assertEqual(str(preview["next_invoice_date_after"]), "2027-01-11")
