from datetime import date

from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import SubscriptionCommon


class TestPlan(SubscriptionCommon):
    def test_a_period_must_last_at_least_one_unit(self):
        for count in (0, -1):
            with self.subTest(count=count), mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
                self._create_plan(interval_count=count)
                self.env.flush_all()

    def test_commitment_and_notice_cannot_be_negative(self):
        for name in ("commitment_months", "notice_days"):
            with self.subTest(name=name), mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
                self._create_plan(**{name: -1})
                self.env.flush_all()

    def test_nothing_lasts_more_than_a_hundred_years(self):
        for unit, count in (("year", 101), ("month", 1201), ("week", 5300), ("day", 40000)):
            with self.subTest(unit=unit), self.assertRaisesRegex(ValidationError, "100 years"):
                self._create_plan(interval_unit=unit, interval_count=count)
        for months in (1201, 10**6):
            with self.subTest(months=months), self.assertRaisesRegex(ValidationError, "100 years"):
                self._create_subscription(subscription_commitment_months=months)
        self._create_subscription(
            plan=self._create_plan(interval_unit="year", interval_count=100), subscription_commitment_months=1200
        )

    def test_alignment_must_suit_the_unit(self):
        for unit, alignment in (
            ("day", "weekday"),
            ("month", "weekday"),
            ("year", "weekday"),
            ("day", "month_day"),
            ("week", "month_day"),
            ("day", "year_day"),
            ("week", "year_day"),
        ):
            with self.subTest(unit=unit, alignment=alignment), self.assertRaises(ValidationError):
                self._create_plan(interval_unit=unit, alignment=alignment)

    def test_days_that_no_month_has_are_refused(self):
        for day in (0, -1, 32):
            with self.subTest(day=day), self.assertRaises(ValidationError):
                self._create_plan(alignment="month_day", alignment_day=day)
        for month, day in (("2", 30), ("4", 31), ("6", 31), ("9", 31), ("11", 31), ("1", 32)):
            with self.subTest(month=month, day=day), self.assertRaises(ValidationError):
                self._create_plan(alignment="year_day", alignment_month=month, alignment_day=day)

    def test_days_that_some_months_have_are_allowed(self):
        self._create_plan(alignment="month_day", alignment_day=31)
        self._create_plan(alignment="year_day", interval_unit="year", alignment_month="2", alignment_day=29)
        self._create_plan(alignment="weekday", interval_unit="week", alignment_weekday="6")

    def test_anchors_follow_the_alignment(self):
        start = date(2026, 1, 15)  # a Thursday
        for expected, values in (
            (start, {}),
            (date(2026, 1, 19), {"interval_unit": "week", "alignment": "weekday", "alignment_weekday": "0"}),
            (date(2026, 2, 1), {"alignment": "month_day", "alignment_day": 1}),
            (date(2026, 1, 31), {"alignment": "month_day", "alignment_day": 31}),
            (date(2026, 1, 1), {"alignment": "year_day", "interval_count": 3}),
        ):
            with self.subTest(values=values):
                self.assertEqual(self._create_plan(**values)._get_anchor(start), expected)

    def test_periods_cannot_change_under_running_orders(self):
        self._create_subscription()
        for values in (
            {"interval_count": 2},
            {"interval_unit": "week"},
            {"billing_timing": "arrears"},
            {"alignment": "month_day"},
            {"prorate_stub": False},
            {"company_id": self.company.id},
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "periods cannot change"):
                self.monthly.write(values)

    def test_periods_can_change_while_there_are_only_quotations(self):
        self._create_quotation()
        self.monthly.interval_count = 2
        self.assertEqual(self.monthly.billing_period_label, "2 months")

    def test_what_moves_no_period_can_change_under_running_orders(self):
        order = self._create_subscription()
        self.monthly.write({"name": "Month by month", "commitment_months": 6, "invoicing_mode": "draft"})
        self.monthly.write({"interval_count": 1, "interval_unit": "month"})  # the same as before
        self.assertEqual(order.subscription_commitment_months, 0)
        self.assertEqual(order.subscription_invoicing_mode, "post")

    def test_the_form_of_a_used_plan_can_be_saved(self):
        self._create_subscription()
        with Form(self.monthly) as form:
            form.name = "Another name"
        self.assertEqual(self.monthly.name, "Another name")

    def test_used_plans_are_archived_and_not_deleted(self):
        self._create_quotation(plan=self.yearly)
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.yearly.unlink()
        priced = self._create_plan()
        self._set_recurring_price(self.magazine, priced, 5)
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            priced.unlink()
        unused = self._create_plan()
        unused.unlink()
        self.assertFalse(unused.exists())

    def test_the_plan_of_a_template_is_not_deleted(self):
        plan, line_plan = self._create_plan(), self._create_plan()
        self.env["sale.order.template"].create(
            {
                "name": "Offer",
                "subscription_plan_id": plan.id,
                "sale_order_template_line_ids": [self._line(subscription_plan_id=line_plan.id)],
            }
        )
        for used in (plan, line_plan):
            with self.assertRaisesRegex(UserError, "Archive it instead"):
                used.unlink()

    def test_archived_plans_go_on_billing(self):
        order = self._create_subscription("2026-01-10")
        self.monthly.action_archive()
        self.magazine.action_archive()
        self.assertEqual(self._bill("2026-02-10")["invoices"], 2)
        self.assertEqual(order.subscription_next_invoice_date, date(2026, 3, 10))

    def test_the_number_of_subscriptions_counts_orders_and_not_lines(self):
        self._create_subscription(lines=[self._line(), self._line()])
        self._create_quotation()
        self.assertEqual(self.monthly.order_count, 1)
        self.assertEqual(self.yearly.order_count, 0)
        self.assertTrue(self.monthly.is_used)

    def test_a_plan_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        plan = self._create_plan(company_id=other.id)
        with self.assertRaises(UserError):
            self._create_quotation(plan=plan)

    def test_periods_are_named_as_people_say_them(self):
        for expected, values in (
            ("day", {"interval_unit": "day"}),
            ("2 weeks", {"interval_unit": "week", "interval_count": 2}),
            ("3 months", {"interval_count": 3}),
            ("year", {"interval_unit": "year"}),
        ):
            self.assertEqual(self._create_plan(**values)._get_period_label(), expected)
