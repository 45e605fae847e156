from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command

from .common import TODAY, SubscriptionCommon


class TestEvents(SubscriptionCommon):
    """MRR movements as they happen."""

    def _get_events(self, order):
        return [
            (str(event.date), event.type, round(event.amount, 6)) for event in order.subscription_event_ids.sorted("id")
        ]

    def _close(self, order, day=None):
        order.sudo()._subscription_close(
            date.fromisoformat(day) if day else TODAY, self.env.ref("sale_subscription_plus.close_reason_other")
        )

    def test_a_new_subscription(self):
        order = self._create_subscription(
            "2026-01-10", lines=[self._line(), self._line(product_uom_qty=2), self._line(self.poster)]
        )
        self.assertEqual(self._get_events(order), [("2026-01-10", "new", 12.0), ("2026-01-10", "new", 24.0)])
        self.assertEventsSumToMRR(order)

    def test_events_know_who_and_what(self):
        contact = self.env["res.partner"].create({"name": "Bo", "parent_id": self.customer.id})
        salesman = self.company_data["default_user_salesman"]
        order = self._create_subscription(partner_id=contact.id, user_id=salesman.id)
        self.assertRecordValues(
            order.subscription_event_ids,
            [
                {
                    "partner_id": self.customer.id,
                    "product_id": self.magazine.id,
                    "plan_id": self.monthly.id,
                    "user_id": salesman.id,
                    "team_id": order.team_id.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "amount_company": 12.0,
                }
            ],
        )

    def test_expansion_and_contraction(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-01-20")
        order.order_line.product_uom_qty = 3
        self._set_today("2026-01-25")
        order.order_line.write({"price_unit": 10.0, "discount": 50.0})
        self.assertEqual(
            self._get_events(order),
            [("2026-01-10", "new", 12.0), ("2026-01-20", "expansion", 24.0), ("2026-01-25", "contraction", -21.0)],
        )
        self.assertEventsSumToMRR(order)

    def test_lines_changed_in_one_save_are_one_movement(self):
        order = self._create_subscription(lines=[self._line(), self._line()])
        first, second = order.order_line
        order.write(
            {
                "order_line": [
                    Command.update(first.id, {"product_uom_qty": 2}),
                    Command.update(second.id, {"price_unit": 20.0}),
                ]
            }
        )
        self.assertEventsSumToMRR(order)
        self.assertEqual({event[1] for event in self._get_events(order)[2:]}, {"expansion"})

    def test_a_change_that_moves_no_revenue_is_no_event(self):
        order = self._create_subscription()
        order.order_line.write({"product_uom_qty": 1, "name": "Magazine, signed"})
        order.client_order_ref = "PO 1"
        self._bill()
        self.assertEqual(len(order.subscription_event_ids), 1)

    def test_a_quantity_of_zero_is_churn_and_back_is_a_reactivation(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-01-20")
        order.order_line.product_uom_qty = 0
        self._set_today("2026-01-25")
        order.order_line.product_uom_qty = 1
        self.assertEqual([event[1] for event in self._get_events(order)], ["new", "churn", "reactivation"])
        self.assertEventsSumToMRR(order)

    def test_a_line_that_comes_later_expands_the_order(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-01-20")
        order.order_line = [self._line(product_uom_qty=2)]
        self.assertEqual(self._get_events(order)[1:], [("2026-01-20", "expansion", 24.0)])

    def test_closing_is_churn_with_its_reason(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-02-05")
        self._close(order, "2026-02-05")
        event = order.subscription_event_ids.sorted("id")[-1]
        self.assertEqual((str(event.date), event.type, event.amount), ("2026-02-05", "churn", -12.0))
        self.assertEqual(event.close_reason_id, self.env.ref("sale_subscription_plus.close_reason_other"))
        self.assertEventsSumToMRR(order)

    def test_a_line_that_ends_alone_contracts_the_order(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(), self._line()])
        order.order_line[1].sudo().subscription_end = date(2026, 2, 10)
        self._bill("2026-02-10")
        self.assertEqual(self._get_events(order)[2:], [("2026-02-10", "contraction", -12.0)])
        self.assertEqual(order.subscription_status, "progress")
        self.assertEventsSumToMRR(order)

    def test_lines_that_end_on_different_days_in_one_run_have_each_their_day(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(), self._line()])
        order.order_line[0].sudo().subscription_end = date(2026, 2, 10)
        order.order_line[1].sudo().subscription_end = date(2026, 3, 10)
        self._bill("2026-06-01")
        self.assertEqual(
            self._get_events(order)[2:], [("2026-02-10", "contraction", -12.0), ("2026-03-10", "churn", -12.0)]
        )
        self.assertEqual(order.subscription_closed_on, date(2026, 3, 10))

    def test_reopening_is_a_reactivation(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-01-20")
        self._close(order, "2026-01-20")
        self._set_today("2026-03-01")
        order.action_subscription_reopen()
        self.assertEqual(
            self._get_events(order),
            [("2026-01-10", "new", 12.0), ("2026-01-20", "churn", -12.0), ("2026-03-01", "reactivation", 12.0)],
        )
        self.assertEventsSumToMRR(order)

    def test_a_price_changed_while_closed_counts_when_reopened(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-01-20")
        self._close(order, "2026-01-20")
        order.order_line.price_unit = 20.0
        self.assertEqual(len(order.subscription_event_ids), 2)
        order.action_subscription_reopen()
        self.assertEqual(self._get_events(order)[-1][2], 20.0)
        self.assertEventsSumToMRR(order)

    def test_a_change_before_the_start_counts_from_the_start(self):
        order = self._create_subscription(subscription_start="2026-02-01")
        order.order_line.product_uom_qty = 3
        self.assertFalse(order.subscription_event_ids)
        self._bill("2026-02-03")
        self.assertEqual(self._get_events(order), [("2026-02-01", "new", 36.0)])

    def test_a_change_of_tax_within_a_gross_price_moves_the_net(self):
        included = [
            self.tax_sale_a.copy({"name": f"{rate} included", "amount": rate, "price_include_override": "tax_included"})
            for rate in (20, 50)
        ]
        self.magazine.taxes_id = included[0]
        order = self._create_subscription()
        self.assertEqual(self._get_events(order)[0][2], 10.0)
        order.order_line.tax_ids = included[1]
        self.assertEqual(self._get_events(order)[-1][1:], ("contraction", -2.0))
        self.assertEventsSumToMRR(order)

    def test_a_pricelist_in_foreign_currency_counts_at_the_rate_of_each_day(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5), ("2026-02-01", 0.25), ("2026-03-01", 0.1)])
        pricelist = self._create_pricelist(name="Euro", currency_id=euro.id)
        order = self._create_subscription("2026-01-10", lines=[self._line(price_unit=10.0)], pricelist_id=pricelist.id)
        self._set_today("2026-02-10")
        order.order_line.product_uom_qty = 2
        self._set_today("2026-03-10")
        order.order_line.product_uom_qty = 1
        self._set_today("2026-03-20")
        self._close(order, "2026-03-20")
        events = order.subscription_event_ids.sorted("id")
        self.assertEqual(events.mapped("amount"), [10.0, 10.0, -10.0, -10.0])
        # 10 at 2.00 and 10 at 4.00; each half takes half of what was carried.
        self.assertEqual(events.mapped("amount_company"), [20.0, 40.0, -30.0, -30.0])
        self.assertEventsSumToMRR(order)

    def test_events_are_unrounded(self):
        order = self._create_subscription(plan=self._create_plan(interval_count=3), lines=[self._line(price_unit=10.0)])
        self.assertAlmostEqual(order.subscription_event_ids.amount, 10 / 3, places=12)
        self.assertAlmostEqual(order.subscription_mrr, 10 / 3, places=12)

    def test_the_sum_of_all_events_is_the_recurring_revenue_of_the_order(self):
        order = self._create_subscription(
            "2026-01-10", lines=[self._line(), self._line(subscription_plan_id=self.yearly.id), self._line(self.poster)]
        )
        self.assertAlmostEqual(sum(order.subscription_event_ids.mapped("amount")), order.subscription_mrr)
        order.order_line[0].product_uom_qty = 7
        order.order_line[1].discount = 30
        self._bill("2026-06-01")
        self.assertAlmostEqual(sum(order.subscription_event_ids.mapped("amount")), order.subscription_mrr)

    def test_users_cannot_write_events(self):
        event = self._create_subscription().subscription_event_ids
        for action in (lambda: event.write({"amount": 1}), event.unlink, lambda: event.copy()):
            with self.assertRaises(AccessError):
                action()

    def test_a_subscription_that_is_closed_during_a_pause_tells_so_with_a_movement_of_nothing(self):
        order = self._create_subscription("2026-01-10")
        change = self.env["subscription.change"].sudo()
        self._set_today("2026-01-20")
        change._schedule([{"order_id": order.id, "kind": "pause"}])
        self._set_today("2026-01-25")
        reason = self.env.ref("sale_subscription_plus.close_reason_other")
        change._schedule([{"order_id": order.id, "kind": "close", "reason_id": reason.id}])
        self.assertEqual(
            self._get_events(order),
            [("2026-01-10", "new", 12.0), ("2026-01-20", "pause", -12.0), ("2026-01-25", "churn", 0.0)],
        )
        self.assertEqual(order.subscription_event_ids.sorted("id")[-1].close_reason_id, reason)
        self.assertEventsSumToMRR(order)
