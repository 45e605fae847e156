"""What health rules ask of a subscription: counted as it is, and found by every comparison alike."""

import operator

from .health_common import HealthCommon

OPERATORS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class TestFacts(HealthCommon):
    def _change_price(self, order, price):
        today = self.company._get_subscription_today()
        self.env["subscription.change"].sudo().create(
            {
                "order_id": order.id,
                "line_id": order.order_line.id,
                "kind": "price",
                "price_unit": price,
                "effective_on": today,
                "state": "planned",
            }
        )._apply(today)
        self.env.invalidate_all()

    def _get_fact(self, order, name, day=None):
        if day:
            self._set_today(day)
        self.env.invalidate_all()
        return order[f"subscription_{name}"]

    # Dates

    def test_a_payment_leaves_its_day(self):
        order = self._create_automatic()
        self.assertFalse(order.subscription_last_payment_on)
        self._charge("done", "2026-01-01")
        self.assertEqual(str(order.subscription_last_payment_on), "2026-01-01")
        self.assertEqual(self._get_fact(order, "days_since_payment", "2026-01-11"), 10)

    def test_a_failure_leaves_its_day_and_a_fault_of_ours_does_not(self):
        order = self._create_automatic()
        self._charge(404, "2026-01-01")
        self.assertFalse(order.subscription_last_failure_on)
        self.assertEqual(self._get_fact(order, "failures_30"), 0)
        self._get_charge(order).sudo()._subscription_charge_now()
        self._charge("soft", "2026-01-02")
        self.assertEqual(str(order.subscription_last_failure_on), "2026-01-02")
        self.assertEqual(self._get_fact(order, "failures_30"), 1)
        self.assertEqual(self._get_fact(order, "days_since_failure", "2026-01-03"), 1)

    def test_a_renewal_goes_on_from_the_payments_and_failures_before(self):
        order = self._create_automatic()
        self._charge("soft", "2026-01-01")
        self._charge("done", "2026-01-04")
        renewal = order.sudo()._subscription_renew()
        renewal.action_confirm()
        self.assertFalse(renewal.subscription_last_payment_on)
        self._bill("2026-02-01")
        self.assertEqual(order.subscription_status, "renewed")
        self.assertEqual(str(renewal.subscription_last_payment_on), "2026-01-04")
        self.assertEqual(str(renewal.subscription_last_failure_on), "2026-01-01")
        self.assertEqual(renewal.subscription_days_since_payment, 28)

    def test_a_second_failure_on_the_same_day_is_looked_at_too(self):
        self._create_rule([("subscription_failures_30", ">=", 2)])
        order = self._create_automatic()
        self._charge("soft", "2026-01-01")
        self.assertEqual(self._get_health(order), "good")
        self._get_charge(order).sudo()._subscription_charge_now()
        self._charge("soft", "2026-01-01")
        self.assertEqual(self._get_health(order), "at_risk")

    def test_where_there_is_no_date_no_comparison_holds(self):
        order = self._create_subscription()
        for name in ("days_since_payment", "days_since_failure", "days_to_term_end"):
            for sign in ("=", "<", "<=", ">", ">="):
                domain = [("id", "=", order.id), (f"subscription_{name}", sign, 0)]
                self.assertFalse(order.search(domain), domain)
            self.assertTrue(order.search([("id", "=", order.id), (f"subscription_{name}", "=", False)]))
            self.assertFalse(order.search([("id", "=", order.id), (f"subscription_{name}", "!=", False)]))

    # Overdue

    def test_overdue_counts_from_the_oldest_invoice_that_the_customer_owes(self):
        order = self._create_subscription("2026-01-01", subscription_token_id=False)
        self._bill()
        self._bill("2026-02-01")
        self.assertEqual(self._get_fact(order, "days_overdue", "2026-02-10"), 40)
        first = self._get_invoices(order)[0]
        self._pay(first)
        self.assertEqual(self._get_fact(order, "days_overdue"), 9)
        self.assertEqual(str(order.subscription_last_payment_on), "2026-02-10")

    def test_a_payment_under_way_is_not_overdue(self):
        order = self._create_automatic()
        self._charge("pending", "2026-01-01")
        self.assertEqual(self._get_fact(order, "days_overdue", "2026-01-08"), 0)

    def test_what_was_overdue_and_is_paid_is_looked_at_at_once(self):
        self._create_rule([("subscription_days_overdue", ">", 3)])
        order = self._create_subscription("2026-01-01", subscription_token_id=False)
        self._bill()
        self.assertEqual(self._get_health(order, "2026-01-05"), "at_risk")
        self._pay(self._get_invoices(order))
        self.assertEqual(self._get_health(order), "good")

    def _pay(self, invoice):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard.create({})._create_payments()
        self.env.flush_all()

    # Revenue

    def test_a_start_is_no_change_and_a_change_counts_until_its_days_are_over(self):
        order = self._create_subscription(lines=[self._line(price_unit=100.0)])
        self._bill()
        self.assertEqual(self._get_fact(order, "mrr_change_30"), 0.0)
        self._set_today("2026-01-02")
        self._change_price(order, 75.0)
        for day, change in (("2026-01-31", -25.0), ("2026-02-01", 0.0)):
            self.assertEqual(self._get_fact(order, "mrr_change_30", day), change)
            self.assertEqual(self._get_fact(order, "mrr_change_30_percent"), change)
            self.assertEqual(self._get_fact(order, "mrr_change_90_percent"), -25.0)

    def test_a_pause_is_no_loss_and_what_came_before_it_stays_one(self):
        order = self._create_subscription(lines=[self._line(price_unit=100.0)])
        self._bill()
        self._set_today("2026-01-02")
        self._change_price(order, 90.0)
        order.sudo()._subscription_pause_unpaid(self._date("2026-01-03"))
        self.assertEqual(self._get_fact(order, "mrr_change_30_percent", "2026-01-03"), -10.0)
        self._set_today("2026-01-05")
        order.sudo()._subscription_resume_paid()
        self.assertEqual(self._get_fact(order, "mrr_change_30_percent", "2026-01-05"), -10.0)
        self.assertEqual(self._get_fact(order, "mrr_change_30"), -10.0)

    def test_closing_loses_everything(self):
        order = self._create_subscription()
        self._bill()
        reason = self.env.ref("sale_subscription_plus.close_reason_expensive")
        self._set_today("2026-01-10")
        order.sudo()._subscription_close(self._date("2026-01-10"), reason)
        self.assertEqual(self._get_fact(order, "mrr_change_30_percent"), -100.0)

    # Searching

    def test_every_comparison_finds_what_is_counted(self):
        failing = self._create_automatic("2026-01-01", subscription_commitment_months=2)
        self._charge("soft", "2026-01-01")
        self._charge("soft", "2026-01-02")
        self._set_today("2026-01-01")
        shrinking = self._create_subscription("2026-01-01", lines=[self._line(price_unit=30.0)])
        growing = self._create_subscription("2026-01-01", lines=[self._line(price_unit=30.0)])
        self._bill()
        self._set_today("2026-01-03")
        self._change_price(shrinking, 20.0)
        self._change_price(growing, 30.01)
        self._set_today("2026-01-05")
        orders = failing | shrinking | growing
        self.env.invalidate_all()
        for name in (
            "age_days",
            "days_overdue",
            "failures_30",
            "failures_90",
            "mrr_change_30",
            "mrr_change_90",
            "mrr_change_30_percent",
            "mrr_change_90_percent",
        ):
            field = f"subscription_{name}"
            values = set(orders.mapped(field)) | {0, -20, 2.5}
            for value in values:
                for sign, holds in OPERATORS.items():
                    found = orders.search([("id", "in", orders.ids), (field, sign, value)])
                    expected = orders.filtered(lambda order, h=holds, f=field, v=value: h(order[f], v))
                    self.assertEqual(found, found & expected, (field, sign, value))
                    self.assertEqual(len(found), len(expected), (field, sign, value))

    def test_days_far_off_any_calendar_find_nothing(self):
        order = self._create_automatic()
        self._charge("done", "2026-01-01")
        for sign, found in (("<", order), (">", order.browse())):
            domain = [("id", "=", order.id), ("subscription_days_since_payment", sign, 10**9)]
            self.assertEqual(order.search(domain), found)

    def test_facts_of_many_take_one_query(self):
        orders = self.env["sale.order"].browse([self._create_subscription().id for _number in range(3)])
        self.env.flush_all()
        self.env.invalidate_all()
        orders.mapped("subscription_failures_30")
        with self.assertQueryCount(0):
            orders.mapped("subscription_failures_90")
