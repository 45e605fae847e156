import json
from unittest.mock import patch

from odoo.tests import new_test_user

from ..models import subscription_kpi_records
from .test_kpi import FEBRUARY, JANUARY, KpiCommon

MARCH = ("2026-03-01", "2026-03-31")


class TestKpiRecords(KpiCommon):
    """A tile opens as many records as it says."""

    def _open(self, key, period, filters=None, user=None):
        action = self.env["subscription.kpi"].with_user(user or self.env.user).get_records(key, *period, filters)
        json.dumps(action)  # a browser gets it
        return self.env[action["res_model"]].with_user(user or self.env.user).search(action["domain"])

    def _open_reason(self, reason, period, filters=None):
        action = self.env["subscription.kpi"].get_churn_reason_records(reason, *period, filters)
        return self.env[action["res_model"]].search(action["domain"])

    def assertOpens(self, period, filters=None, user=None, **expected):
        figures = self._get_figures(period, filters, user)
        for key, count in expected.items():
            with self.subTest(key=key, period=period, filters=filters):
                self.assertEqual(figures[f"{key}_end"], count)
                self.assertEqual(len(self._open(key, period, filters, user)), count)

    def test_customers_and_subscriptions_are_those_of_the_last_day_of_the_period(self):
        gone = self._create_subscription("2026-01-10")
        self._create_subscription("2026-01-10", partner_id=self.bo.id)
        self._close(gone, "2026-02-10")
        self._create_subscription("2026-03-10", partner_id=self.cy.id)
        self._set_today("2026-03-20")
        self.assertOpens(JANUARY, customers=2, contracts=2)
        self.assertOpens(FEBRUARY, customers=1, contracts=1)
        self.assertOpens(MARCH, customers=2, contracts=2)
        self.assertEqual(self._open("customers", JANUARY).partner_id, self.customer | self.bo)
        self.assertEqual(self._open("contracts", MARCH).partner_id, self.bo | self.cy)

    def test_who_pauses_is_opened_as_a_customer_whose_subscription_does_not_run(self):
        order = self._create_subscription("2026-01-10")
        self._change(order, "2026-02-10", "pause")
        self._change(order, "2026-03-10", "resume")
        self.assertOpens(FEBRUARY, customers=1, contracts=0)
        self.assertOpens(MARCH, customers=1, contracts=1)

    def test_who_came_back_was_no_customer_in_between(self):
        self._close(self._create_subscription("2026-01-10"), "2026-01-20")
        self._create_subscription("2026-03-10")
        self.assertOpens(FEBRUARY, customers=0, contracts=0)
        self.assertOpens(MARCH, customers=1, contracts=1)

    def test_free_subscriptions_run_too(self):
        self._create_subscription("2026-01-10", lines=[self._line(price_unit=0.0)])
        self.assertOpens(JANUARY, customers=0, contracts=1)

    def test_filters_leave_out_the_others(self):
        self._create_subscription("2026-01-10")
        self._create_subscription("2026-01-10", plan=self.yearly, partner_id=self.bo.id)
        self.assertOpens(JANUARY, {"plan_ids": self.yearly.ids}, customers=1, contracts=1)
        self.assertEqual(self._open("customers", JANUARY, {"plan_ids": self.yearly.ids}).partner_id, self.bo)

    def test_each_sees_the_own(self):
        anna = new_test_user(self.env, "anna", groups="sales_team.group_sale_salesman", company_id=self.company.id)
        self._create_subscription("2026-01-10", user_id=anna.id)
        self._create_subscription("2026-01-10", partner_id=self.bo.id, user_id=self.env.user.id)
        self.assertOpens(JANUARY, user=anna, customers=1, contracts=1)

    def test_too_many_to_name_are_those_of_today_or_all_that_happened(self):
        self._close(self._create_subscription("2026-01-10"), "2026-02-10")
        for partner in self.bo | self.cy:
            self._create_subscription("2026-01-10", partner_id=partner.id)
        self._set_today("2026-02-20")
        with patch.object(subscription_kpi_records, "MOST_NAMED", 1):
            self.assertOpens(FEBRUARY, customers=2, contracts=2)
            for key in ("customers", "contracts"):
                movements = self._open(key, JANUARY)
                self.assertEqual((movements._name, len(movements)), ("subscription.movement.report", 3))

    def test_a_reason_opens_all_that_its_customers_lost_that_day(self):
        reasons = self.env["subscription.close.reason"].create([{"name": "Moved away"}, {"name": "Too dear"}])
        for reason in reasons:
            order = self._create_subscription("2026-01-10")
            self._set_today("2026-02-10")
            order.sudo()._subscription_close(order.company_id._get_subscription_today(), reason)
        self._close(self._create_subscription("2026-01-10", partner_id=self.bo.id), "2026-02-10")
        found = self.env["subscription.kpi"].get_churn_reasons(*FEBRUARY)
        self.assertEqual(sum(reason["customers"] for reason in found), 2)
        for reason in found:
            with self.subTest(reason["name"]):
                lost = self._open_reason(reason["id"], FEBRUARY)
                self.assertEqual(sum(lost.mapped("amount_lost")), reason["mrr"])
                self.assertEqual(len(lost.partner_id), reason["customers"])
        self.assertFalse(self._open_reason(False, FEBRUARY))

    def test_no_reason_given_opens_only_those_who_gave_none(self):
        first, second = (self._create_subscription("2026-01-10") for _number in range(2))
        third = self._create_subscription("2026-01-10", partner_id=self.bo.id)
        for order in first | second | third:
            self._close(order, "2026-02-10")
        (second | third).subscription_event_ids.sudo().filtered("close_reason_id").close_reason_id = False
        found = {reason["id"]: reason for reason in self.env["subscription.kpi"].get_churn_reasons(*FEBRUARY)}
        self.assertEqual({key: reason["mrr"] for key, reason in found.items()}, {self.reason.id: 24.0, False: 12.0})
        self.assertEqual(self._open_reason(False, FEBRUARY).partner_id, self.bo)
        self.assertEqual(self._open_reason(self.reason.id, FEBRUARY).order_id, first | second)
