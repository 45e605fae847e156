from datetime import date, datetime

from .common import SubscriptionCommon

LATE = datetime(2026, 1, 31, 23, 30)  # UTC: noon of 1 February in Auckland, noon of 31 January in Pago Pago


class TestTimeZone(SubscriptionCommon):
    """Each company bills on its own day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ahead = cls.company
        cls.ahead.subscription_tz = "Pacific/Apia"  # UTC+13
        cls.behind = cls.setup_other_company(name="Pago Pago", subscription_tz="Pacific/Pago_Pago")["company"]  # UTC-11
        cls.env.user.company_ids = [(6, 0, (cls.ahead | cls.behind).ids)]
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": (cls.ahead | cls.behind).ids})

    def _sell(self, company, start):
        order = (
            self.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "company_id": company.id,
                    "partner_id": self.customer.id,
                    "subscription_plan_id": self.monthly.id,
                    "subscription_start": start,
                    "order_line": [self._line()],
                }
            )
        )
        order.action_confirm()
        return order

    def test_today_is_the_date_at_the_company(self):
        self._set_today(LATE)
        self.assertEqual(self.ahead._get_subscription_today(), date(2026, 2, 1))
        self.assertEqual(self.behind._get_subscription_today(), date(2026, 1, 31))

    def test_the_company_ahead_bills_on_its_day_and_posts(self):
        order = self._sell(self.ahead, "2026-02-01")
        self._set_today(datetime(2026, 1, 31, 10, 59))  # one minute to midnight in Apia
        self.assertEqual(self._bill()["invoices"], 0)
        self._set_today(LATE)
        self._bill()
        # It lies in the future of the server, and must not stay a draft for that.
        self.assertRecordValues(
            order.invoice_ids, [{"state": "posted", "invoice_date": date(2026, 2, 1), "date": date(2026, 2, 1)}]
        )
        self.assertEqual(order.invoice_ids.auto_post, "no")

    def test_the_company_behind_does_not_bill_a_day_early(self):
        order = self._sell(self.behind, "2026-02-01")
        self._set_today(LATE)
        self._bill()
        self._set_today(datetime(2026, 2, 1, 10, 59))  # 23:59 on 31 January in Pago Pago
        self._bill()
        self.assertFalse(order.invoice_ids)
        self._set_today(datetime(2026, 2, 1, 11, 0))
        self._bill()
        self.assertRecordValues(order.invoice_ids, [{"state": "posted", "invoice_date": date(2026, 2, 1)}])

    def test_one_run_bills_each_company_on_its_own_day(self):
        self._set_today(LATE)
        ahead, behind = self._sell(self.ahead, "2026-02-01"), self._sell(self.behind, "2026-01-31")
        later = self._sell(self.behind, "2026-02-01")
        self._bill()
        self.assertEqual(ahead.invoice_ids.invoice_date, date(2026, 2, 1))
        self.assertEqual(behind.invoice_ids.invoice_date, date(2026, 1, 31))
        self.assertFalse(later.invoice_ids)
        self.assertEqual(later.subscription_status, "scheduled")

    def test_an_order_without_a_start_begins_on_the_day_of_its_company(self):
        self._set_today(LATE)
        self.assertEqual(self._sell(self.ahead, False).subscription_start, date(2026, 2, 1))
        self.assertEqual(self._sell(self.behind, False).subscription_start, date(2026, 1, 31))

    def test_the_day_of_the_user_does_not_matter(self):
        self._set_today(LATE)
        order = self._sell(self.behind, "2026-01-31")
        self.env.user.tz = "Pacific/Auckland"
        order.with_context(tz="Pacific/Auckland").action_subscription_bill()
        self.assertEqual(order.invoice_ids.invoice_date, date(2026, 1, 31))
        self.assertEqual(order.subscription_event_ids.date, date(2026, 1, 31))

    def test_closing_and_the_limit_count_the_days_of_the_company(self):
        order = self._sell(self.behind, "2026-01-31")
        self._set_today(LATE)
        self._bill()
        self.env["subscription.close.wizard"].create(
            {
                "order_ids": [(6, 0, order.ids)],
                "reason_id": self.env.ref("sale_subscription_plus.close_reason_other").id,
            }
        ).action_close()
        self.assertEqual(order.subscription_closed_on, date(2026, 1, 31))
        self.assertEqual(order.subscription_status, "closed")

    def test_daylight_saving_makes_no_day_twice(self):
        self.ahead.subscription_tz = "Europe/Brussels"
        plan = self._create_plan(interval_unit="day")
        order = self._create_subscription(datetime(2026, 3, 27, 12), plan=plan, lines=[self._line(price_unit=1.0)])
        for day in (27, 28, 29, 30, 31):
            for hour in (0, 1, 2, 3, 22, 23):
                self._set_today(datetime(2026, 3, day, hour, 30))
                self._bill()
        # 22:30 UTC on the 31st is half past midnight on 1 April in Brussels by then.
        self.assertEqual(len(order.invoice_ids), 6)
        self.assertTiled(order)
