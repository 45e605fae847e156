from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import SubscriptionCommon


class TestCloseReopen(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("sale_subscription_plus.close_reason_expensive")

    def _close(self, orders, moment="now", **values):
        return (
            self.env["subscription.close.wizard"]
            .create({"order_ids": [Command.set(orders.ids)], "reason_id": self.reason.id, "moment": moment, **values})
            .action_close()
        )

    # === CLOSE ===#

    def test_closing_today_stops_billing_and_revenue(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        self._set_today("2026-01-20")
        self._close(order, note="Moved to an island")
        self.assertRecordValues(
            order,
            [
                {
                    "subscription_status": "closed",
                    "subscription_closed_on": date(2026, 1, 20),
                    "subscription_close_reason_id": self.reason.id,
                    "subscription_next_invoice_date": False,
                }
            ],
        )
        self.assertIn("Moved to an island", order.message_ids[0].body)
        self.assertEqual(self._bill("2026-06-01")["invoices"], 0)
        self.assertEventsSumToMRR(order)
        self.assertTiled(order)

    def test_what_is_due_until_the_close_is_still_billed(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-02-20")
        self._close(order)
        self.assertEqual(order.subscription_status, "closed")
        self.assertEqual(self._bill()["invoices"], 2)
        self.assertEqual(
            self._get_spans(order), [("2026-01-10", "2026-02-10", "regular"), ("2026-02-10", "2026-02-20", "stub")]
        )
        self.assertEqual(self._get_invoices(order)[1].amount_untaxed, 4.29)  # 12 × 10 ÷ 28
        self.assertEqual(self._bill("2026-06-01")["invoices"], 0)

    def test_closing_on_the_day_of_a_period_does_not_bill_it(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        self._set_today("2026-02-10")
        self._close(order)
        self.assertEqual(self._bill()["invoices"], 0)

    def test_closing_on_the_first_day_bills_nothing(self):
        order = self._create_subscription("2026-01-10")
        self._close(order)
        self.assertEqual(order.subscription_status, "closed")
        self.assertEqual(self._bill()["invoices"], 0)
        self.assertEventsSumToMRR(order)

    def test_closing_at_the_end_of_the_period_that_was_billed(self):
        order = self._create_subscription("2026-01-31")
        self._bill()
        self._close(order, "period")
        self.assertEqual((order.subscription_status, order.subscription_closed_on), ("progress", date(2026, 2, 28)))
        self.assertFalse(order.subscription_next_invoice_date)
        self._bill("2026-02-27")
        self.assertEqual(order.subscription_status, "progress")
        self._bill("2026-02-28")
        self.assertEqual(order.subscription_status, "closed")
        self.assertEqual(order.subscription_close_reason_id, self.reason)
        self.assertEqual(order.subscription_event_ids[0].date, date(2026, 2, 28))
        self.assertEqual(len(order.invoice_ids), 1)
        self.assertEventsSumToMRR(order)

    def test_closing_at_the_end_of_the_term(self):
        order = self._create_subscription("2026-01-31", subscription_commitment_months=3)
        self._close(order, "term")
        self.assertEqual(order.subscription_closed_on, date(2026, 4, 30))
        self._bill("2026-12-31")
        self.assertEqual([span[1] for span in self._get_spans(order)], ["2026-02-28", "2026-03-31", "2026-04-30"])
        self.assertEqual(order.subscription_status, "closed")

    def test_closing_at_the_end_of_a_term_that_there_is_not(self):
        order = self._create_subscription()
        with self.assertRaisesRegex(UserError, "no term"):
            self._close(order, "term")

    def test_closing_on_a_date_ahead_bills_until_then(self):
        order = self._create_subscription("2026-01-10")
        self._close(order, "date", date="2026-03-01")
        self._bill("2026-04-01")
        self.assertEqual(
            [span[:2] for span in self._get_spans(order)], [("2026-01-10", "2026-02-10"), ("2026-02-10", "2026-03-01")]
        )
        self.assertEqual(order.subscription_status, "closed")
        self.assertTiled(order)

    def test_closing_in_the_past_keeps_what_was_billed(self):
        order = self._create_subscription("2026-01-10")
        self._bill("2026-03-10")
        self._close(order, "date", date="2026-02-01")
        self.assertEqual(order.subscription_status, "closed")
        self.assertEqual(len(self._get_spans(order)), 3)
        self.assertFalse(order.subscription_next_invoice_date)
        self.assertEqual(self._bill("2026-06-01")["invoices"], 0)
        self.assertTiled(order)
        self.assertEventsSumToMRR(order)

    def test_closing_before_the_start_is_refused(self):
        order = self._create_subscription("2026-01-10")
        with self.assertRaisesRegex(UserError, "before it starts"):
            self._close(order, "date", date="2026-01-09")
        with self.assertRaises(UserError):
            self._close(order, "date")

    def test_a_scheduled_order_closes_without_ever_running(self):
        order = self._create_subscription(subscription_start="2026-03-01")
        self._close(order, "date", date="2026-03-01")
        self._bill("2026-03-01")
        self.assertEqual(order.subscription_status, "closed")
        self.assertFalse(order.invoice_ids)
        self.assertFalse(sum(order.subscription_event_ids.mapped("amount")))

    def test_each_line_closes_at_its_own_end_and_the_order_with_its_last(self):
        order = self._create_subscription(
            "2026-01-01", lines=[self._line(), self._line(subscription_plan_id=self.yearly.id)]
        )
        self._bill()
        self._close(order, "period")
        self.assertEqual(order.subscription_closed_on, date(2027, 1, 1))
        self._bill("2027-01-01")
        self.assertEqual(order.subscription_status, "closed")
        self.assertTiled(order)

    def test_a_line_that_ended_before_the_close_ends_on_its_own_day(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(), self._line()])
        order.order_line[0].sudo().subscription_end = date(2026, 2, 10)
        self._set_today("2026-03-01")
        self._close(order)
        self.assertEqual(order.order_line.mapped("subscription_phase"), ["ended", "ended"])
        self.assertEqual(order.subscription_closed_on, date(2026, 3, 1))
        self.assertEqual(
            [(str(event.date), event.type) for event in order.subscription_event_ids.sorted("id")[2:]],
            [("2026-02-10", "contraction"), ("2026-03-01", "churn")],
        )
        self.assertEventsSumToMRR(order)

    def test_an_order_whose_term_just_ended_closes_on_that_day(self):
        order = self._create_subscription("2026-01-10", subscription_commitment_months=1, subscription_auto_renew=False)
        self._set_today("2026-03-01")
        self._close(order)
        self.assertEqual((order.subscription_status, order.subscription_closed_on), ("closed", date(2026, 2, 10)))
        self.assertEqual(order.subscription_close_reason_id, self.reason)
        self.assertEventsSumToMRR(order)

    def test_several_orders_close_at_once(self):
        orders = self._create_subscription("2026-01-10") | self._create_subscription("2026-01-20")
        self._bill()
        self._close(orders, "period")
        self.assertEqual(orders.mapped("subscription_closed_on"), [date(2026, 2, 10), date(2026, 2, 20)])

    def test_the_summary_tells_each_date(self):
        order = self._create_subscription("2026-01-31")
        self._bill()
        wizard = self.env["subscription.close.wizard"].create(
            {"order_ids": [Command.set(order.ids)], "reason_id": self.reason.id, "moment": "period"}
        )
        self.assertIn("02/28/2026", wizard.summary)

    def test_closing_twice_and_closing_a_quotation_are_refused(self):
        order = self._create_subscription("2026-01-10")
        self._close(order)
        with self.assertRaises(UserError):
            self._close(order)
        with self.assertRaises(UserError):
            self._close(self._create_quotation())

    def test_a_close_ahead_can_be_brought_forward(self):
        order = self._create_subscription("2026-01-10")
        self._close(order, "date", date="2026-06-01")
        self._close(order, "date", date="2026-03-01")
        self.assertEqual((order.subscription_closed_on, order.order_line.subscription_end), (date(2026, 3, 1),) * 2)

    def test_a_close_ahead_can_be_put_off(self):
        order = self._create_subscription("2026-01-10")
        self._close(order, "date", date="2026-03-01")
        self._close(order, "date", date="2026-06-01")
        self.assertEqual((order.subscription_closed_on, order.order_line.subscription_end), (date(2026, 6, 1),) * 2)
        self._bill("2026-08-01")
        self.assertEqual(self._get_spans(order)[-1][1], "2026-06-01")

    def test_a_parked_order_that_closes_leaves_the_parked_ones(self):
        order = self._create_subscription("2026-01-10")
        with self._fail_billing(order, UserError("No")):
            self._bill()
        self.assertTrue(order.subscription_parked_reason)
        self._close(order)
        self.assertFalse(order.subscription_parked_reason)
        self.assertFalse(order.activity_ids)

    def test_only_salespeople_close(self):
        order = self._create_subscription()
        accountant = self.simple_accountman
        with self.assertRaises(AccessError):
            order.with_user(accountant).action_subscription_close()

    # === REOPEN ===#

    def test_reopening_goes_on_from_today_and_skips_the_days_between(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        self._set_today("2026-01-20")
        self._close(order)
        self._set_today("2026-03-05")
        order.action_subscription_reopen()
        self.assertEqual(order.subscription_status, "progress")
        self.assertFalse(order.subscription_closed_on or order.subscription_close_reason_id)
        self.assertTiled(order)
        self._bill()
        self.assertEqual(
            self._get_spans(order),
            [
                ("2026-01-10", "2026-02-10", "regular"),
                ("2026-02-10", "2026-03-05", "skip"),
                ("2026-03-05", "2026-04-05", "regular"),
            ],
        )
        self.assertEventsSumToMRR(order)

    def test_reopening_inside_the_days_already_paid_bills_nothing_twice(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        self._set_today("2026-01-20")
        self._close(order)
        self._set_today("2026-01-25")
        order.action_subscription_reopen()
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 2, 10))
        self.assertEqual(self._bill()["invoices"], 0)
        self._bill("2026-02-10")
        self.assertEqual(
            self._get_spans(order), [("2026-01-10", "2026-02-10", "regular"), ("2026-02-10", "2026-03-10", "regular")]
        )

    def test_reopening_in_arrears_bills_the_days_served_before_the_close(self):
        plan = self._create_plan(billing_timing="arrears")
        order = self._create_subscription("2026-01-10", plan=plan, lines=[self._line(price_unit=31)])
        self._set_today("2026-01-20")
        self._close(order)
        order.action_subscription_reopen()
        self._bill("2026-02-20")
        self.assertTiled(order)
        billed = [span for span in self._get_spans(order) if span[2] != "skip"]
        self.assertEqual(billed[0][0], "2026-01-10", "Days that were served are owed.")

    def test_reopening_before_the_last_days_were_billed_keeps_them_owed(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        self._set_today("2026-02-20")
        self._close(order)
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 2, 10))
        self._set_today("2026-03-05")
        order.action_subscription_reopen()
        self._bill()
        self.assertEqual(
            self._get_spans(order),
            [
                ("2026-01-10", "2026-02-10", "regular"),
                ("2026-02-10", "2026-02-20", "stub"),
                ("2026-02-20", "2026-03-05", "skip"),
                ("2026-03-05", "2026-04-05", "regular"),
            ],
        )

    def test_reopening_keeps_an_aligned_day(self):
        plan = self._create_plan(alignment="month_day", alignment_day=1)
        order = self._create_subscription("2026-01-01", plan=plan, lines=[self._line(price_unit=31)])
        self._bill()
        self._set_today("2026-01-20")
        self._close(order)
        self._set_today("2026-03-21")
        order.action_subscription_reopen()
        self._bill("2026-04-01")
        self.assertEqual(
            self._get_spans(order)[1:],
            [
                ("2026-02-01", "2026-03-21", "skip"),
                ("2026-03-21", "2026-04-01", "stub"),
                ("2026-04-01", "2026-05-01", "regular"),
            ],
        )

    def test_withdrawing_a_close_that_lies_ahead_changes_nothing_else(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        self._close(order, "period")
        order.action_subscription_reopen()
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 2, 10))
        self.assertFalse(order.subscription_closed_on)
        self._bill("2026-03-10")
        self.assertEqual(len(order.invoice_ids), 3)
        self.assertEqual(len(order.subscription_event_ids), 1)

    def test_withdrawing_a_close_keeps_the_end_of_a_term_that_does_not_renew(self):
        order = self._create_subscription("2026-01-10", subscription_commitment_months=2, subscription_auto_renew=False)
        self._close(order, "date", date="2026-02-01")
        order.action_subscription_reopen()
        self.assertEqual(order.order_line.subscription_end, date(2026, 3, 10))

    def test_reopening_after_a_term_that_did_not_renew(self):
        order = self._create_subscription("2026-01-10", subscription_commitment_months=1, subscription_auto_renew=False)
        self._bill("2026-02-10")
        self.assertEqual(order.subscription_status, "closed")
        self._set_today("2026-02-15")
        order.action_subscription_reopen()
        self._bill()
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(self._get_spans(order)[-1], ("2026-02-15", "2026-03-15", "regular"))
        self.assertEqual(self._bill("2026-02-16")["invoices"], 0)
        self.assertEqual(order.subscription_status, "progress", "It must not close again the next night.")

    def test_reopening_what_is_not_closed_is_refused(self):
        for order in (self._create_subscription(), self._create_quotation()):
            with self.assertRaises(UserError):
                order.action_subscription_reopen()

    def test_close_and_reopen_again_and_again(self):
        order = self._create_subscription("2026-01-10")
        for close, reopen in (("2026-01-15", "2026-01-16"), ("2026-02-01", "2026-02-20"), ("2026-03-01", "2026-07-01")):
            self._bill(close)
            self._close(order)
            self._set_today(reopen)
            order.action_subscription_reopen()
            self.assertTiled(order)
            self.assertEventsSumToMRR(order)
        self._bill("2026-08-01")
        self.assertTiled(order)
        self.assertEqual(order.subscription_status, "progress")

    def test_a_closed_line_that_had_no_quantity_reopens(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(), self._line(product_uom_qty=0)])
        self._bill()
        self._close(order)
        order.action_subscription_reopen()
        self.assertEqual(order.order_line.mapped("subscription_phase"), ["running", False])
