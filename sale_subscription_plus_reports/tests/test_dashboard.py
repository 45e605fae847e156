import doctest
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.sale_subscription_plus.tests.common import TODAY, SubscriptionCommon

from ..models.subscription_kpi import KEY_FIGURES
from ..tools import periods


class TestDashboard(SubscriptionCommon):
    """All that the dashboard page shows, in one call."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reasons = cls.env["subscription.close.reason"].create([{"name": "Moved away"}, {"name": "Too dear"}])

    @classmethod
    def _create_quotation(cls, lines=None, plan=None, **values):
        values = {"partner_id": cls.env["res.partner"].create({"name": "Reader"}).id, **values}
        return super()._create_quotation(lines, plan, **values)

    def _get_dashboard(self, user=None, **kwargs):
        return self.env["subscription.kpi"].with_user(user or self.env.user).get_dashboard(**kwargs)

    def _get_step(self, data, key):
        return next(step for step in data["bridge"]["steps"] if step["key"] == key)

    def _get_value(self, data, key):
        kpis = [kpi for section in data["sections"] for kpi in section["kpis"]] + data["bridge"]["steps"]
        return next(kpi["value"] for kpi in kpis if kpi["key"] == key)

    def _lose(self, start, day, reason, **values):
        order = self._create_subscription(start, **values)
        self._set_today(day)
        order.sudo()._subscription_close(TODAY.fromisoformat(day), reason)
        return order

    # The period

    def test_the_examples_of_periods_hold(self):
        self.assertEqual(doctest.testmod(periods).failed, 0)

    def test_the_last_thirty_days_come_first(self):
        data = self._get_dashboard()
        self.assertEqual(
            (data["period"], data["date_from"], data["date_to"], data["today"]),
            ("last_30_days", "2025-12-03", "2026-01-01", "2026-01-01"),
        )

    def test_a_period_is_asked_for_by_its_key(self):
        for period in self._get_dashboard()["periods"]:
            data = self._get_dashboard(period=period["key"])
            self.assertEqual(
                (data["period"], data["date_from"], data["date_to"]),
                (period["key"], period["date_from"], period["date_to"]),
            )

    def test_a_period_that_does_not_exist_is_the_first_one(self):
        self.assertEqual(self._get_dashboard(period="tomorrow")["period"], "last_30_days")

    def test_days_of_ones_own_count_in_either_order_and_more_than_the_key(self):
        self._create_subscription("2025-12-10")
        for days in (("2025-12-05", "2025-12-20"), ("2025-12-20", "2025-12-05")):
            data = self._get_dashboard(date_from=days[0], date_to=days[1], period="last_year")
            self.assertEqual(
                (data["period"], data["date_from"], data["date_to"]), ("custom", "2025-12-05", "2025-12-20")
            )
            self.assertEqual(self._get_value(data, "new"), 12.0)

    def test_days_and_filters_that_are_none_are_refused_with_a_sentence(self):
        for days in (("soon", "2026-01-01"), (2026, 2027), ("9999-12-31", "9999-12-31")):
            with self.subTest(days), self.assertRaisesRegex(UserError, "is no day to count from"):
                self._get_dashboard(date_from=days[0], date_to=days[1])
        for filters in ({"profit": [1]}, {"plan_ids": 5}, 5):
            with self.subTest(filters), self.assertRaisesRegex(UserError, "is no filter"):
                self._get_dashboard(filters=filters)

    def test_the_cohorts_are_those_of_twelve_months_until_today_even_if_the_period_ends_later(self):
        self._create_subscription("2025-02-10")
        self._set_today(TODAY)
        data = self._get_dashboard(date_from="2026-01-01", date_to="2026-12-31")
        self.assertEqual([row["start"] for row in data["cohorts"]["cohorts"]], ["2025-02-01"])

    # The numbers

    def test_without_a_subscription_there_is_nothing_but_the_period(self):
        self._create_quotation()
        data = self._get_dashboard()
        self.assertFalse(data["has_data"])
        self.assertNotIn("figures", data)

    def test_a_free_subscription_counts_although_it_brings_nothing(self):
        self._create_subscription("2025-12-10", [self._line(price_unit=0.0)])
        self._set_today(TODAY)
        data = self._get_dashboard()
        self.assertEqual((self._get_value(data, "contracts"), self._get_value(data, "mrr")), (1, 0.0))
        self.assertEqual((data["cohorts"]["cohorts"], data["reasons"]), ([], []))

    def test_only_who_may_sell_is_told_to(self):
        groups = {"sales_team.group_sale_salesman": True, "account.group_account_invoice": False}
        for group, may_sell in groups.items():
            user = new_test_user(self.env, f"{group}_dashboard", group, company_id=self.company.id)
            self.assertEqual(self._get_dashboard(user)["can_sell"], may_sell, group)

    def test_it_can_be_sent_to_a_browser(self):
        self._lose("2025-12-05", "2025-12-20", self.reasons[0])
        json.dumps(self._get_dashboard())

    def test_each_key_figure_is_shown_once_with_a_sentence(self):
        self._create_subscription("2025-12-10")
        data = self._get_dashboard()
        kpis = [kpi for section in data["sections"] for kpi in section["kpis"]] + data["bridge"]["steps"]
        self.assertEqual(sorted(kpi["key"] for kpi in kpis), sorted(KEY_FIGURES))
        self.assertTrue(all(kpi["hint"] and kpi["formula"] for kpi in kpis))

    def test_the_steps_lead_from_the_start_to_the_end(self):
        self._create_subscription("2025-11-10", plan=self.yearly)
        self._create_subscription("2025-11-11")
        self._create_subscription("2025-12-10")
        self._lose("2025-11-12", "2025-12-20", self.reasons[0])
        self._set_today(TODAY)
        data = self._get_dashboard(period="last_month")
        bridge = data["bridge"]
        self.assertEqual((bridge["start"], bridge["end"], bridge["transfer"]), (34.0, 34.0, 0.0))
        self.assertEqual((self._get_step(data, "new")["value"], self._get_step(data, "churn")["value"]), (12.0, 12.0))
        moved = sum(step["sign"] * step["value"] for step in bridge["steps"])
        self.assertAlmostEqual(bridge["start"] + moved + bridge["transfer"], bridge["end"])

    def test_all_parts_tell_the_same_story(self):
        self._create_subscription("2025-12-10")
        self._lose("2025-11-12", "2025-12-20", self.reasons[0])
        self._set_today(TODAY)
        data = self._get_dashboard(period="last_month")
        self.assertEqual(data["movements"]["mrr"][-1], data["figures"]["mrr_end"])
        self.assertEqual(data["movements"]["types"]["churn"][-1], -self._get_value(data, "churn"))
        self.assertEqual(sum(reason["mrr"] for reason in data["reasons"]), self._get_value(data, "churn"))
        self.assertEqual(data["cohorts"]["cohorts"][-1]["start"], "2025-12-01")
        self.assertEqual(
            [(cohort["start"], cohort["values"]) for cohort in data["cohorts"]["cohorts"]],
            [("2025-11-01", [1, 0]), ("2025-12-01", [1])],
        )
        self.assertEqual(data["forecast"]["window"]["date_to"], "2025-12-31")

    def test_filters_hold_for_all_parts(self):
        self._create_subscription("2025-12-10")
        yearly = self._create_subscription("2025-12-11", plan=self.yearly)
        self._set_today(TODAY)
        data = self._get_dashboard(filters={"plan_ids": self.yearly.ids})
        self.assertEqual(data["figures"]["mrr_end"], 10.0)
        self.assertEqual(data["movements"]["mrr"][-1], 10.0)
        self.assertEqual([cohort["customers"] for cohort in data["cohorts"]["cohorts"]], [1])
        self.assertEqual(data["forecast"]["today"]["mrr"], 10.0)
        self.assertEqual(
            self._get_dashboard(filters={"product_ids": self.poster.ids})["figures"]["mrr_end"], 0.0, yearly.name
        )

    # The records

    def test_a_reason_opens_the_customers_who_left_for_it(self):
        lost = self._lose("2025-11-12", "2025-12-20", self.reasons[0])
        self._lose("2025-11-13", "2025-12-21", self.reasons[1], plan=self.yearly)
        self._set_today(TODAY)
        first, second = self._get_dashboard()["reasons"]
        self.assertEqual([(first["name"], first["mrr"]), second["name"]], [("Moved away", 12.0), "Too dear"])
        action = self.env["subscription.kpi"].get_churn_reason_records(first["id"], "2025-12-03", "2026-01-01")
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]).order_id, lost)

    def test_a_cohort_opens_the_customers_who_started_in_its_month(self):
        self._create_subscription("2025-10-31")
        orders = self._create_subscription("2025-11-01") | self._lose("2025-11-30", "2025-12-20", self.reasons[0])
        self._create_subscription("2025-12-01")
        self._set_today(TODAY)
        action = self.env["subscription.kpi"].get_cohort_records("2025-11-01", {"plan_ids": self.monthly.ids})
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]).partner_id, orders.partner_id)
        action = self.env["subscription.kpi"].get_cohort_records("2025-11-01", {"plan_ids": self.yearly.ids})
        self.assertFalse(self.env[action["res_model"]].search(action["domain"]))

    def test_a_cohort_of_no_month_opens_nothing(self):
        Kpi = self.env["subscription.kpi"]
        for month in (None, "soon", 2026):
            with self.subTest(month), self.assertRaisesRegex(UserError, "is no day to count from"):
                Kpi.get_cohort_records(month)
        with self.assertRaisesRegex(UserError, "is no filter"):
            Kpi.get_cohort_records("2025-11-01", {"profit": [1]})

    # Who sees what

    def test_salespeople_see_their_own_and_invoicing_sees_all(self):
        anna, bert = (
            new_test_user(self.env, login, "sales_team.group_sale_salesman", company_id=self.company.id)
            for login in ("anna_dashboard", "bert_dashboard")
        )
        clerk = new_test_user(self.env, "clerk_dashboard", "account.group_account_invoice", company_id=self.company.id)
        self._create_subscription("2025-12-10", user_id=anna.id)
        self._set_today(TODAY)
        self.env.invalidate_all()
        for user, mrr in ((anna, 12.0), (clerk, 12.0)):
            self.assertEqual(self._get_dashboard(user)["figures"]["mrr_end"], mrr, user.login)
        self.assertFalse(self._get_dashboard(bert)["has_data"])

    def test_who_neither_sells_nor_invoices_sees_nothing(self):
        self._create_subscription("2025-12-10")
        groups = {"nobody_dashboard": "base.group_user", "portal_dashboard": "base.group_portal"}
        users = [new_test_user(self.env, *user, company_id=self.company.id) for user in groups.items()]
        for user in (*users, self.quick_ref("base.public_user")):
            with self.subTest(user=user.id), self.assertRaises(AccessError), mute_logger("odoo.models"):
                self._get_dashboard(user)

    def test_only_the_selected_companies_count(self):
        self._create_subscription("2025-12-10")
        self._set_today(TODAY)
        other = self.setup_other_company(name="Elsewhere")["company"]
        self.env.user.company_ids |= other
        self.assertFalse(
            self.env["subscription.kpi"]
            .with_company(other)
            .with_context(allowed_company_ids=other.ids)
            .get_dashboard()["has_data"]
        )
