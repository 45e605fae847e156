from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.sale_subscription_plus.tests.common import SubscriptionCommon

JANUARY = ("2026-01-01", "2026-01-31")
FEBRUARY = ("2026-02-01", "2026-02-28")


class KpiCommon(SubscriptionCommon):
    """Customers whose figures can be worked out by heart: 12.00 a month, 10.00 a month paid by the year."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bo, cls.cy = cls.env["res.partner"].create([{"name": "Bo"}, {"name": "Cy"}])
        cls.reason = cls.env.ref("sale_subscription_plus.close_reason_other")

    def _get_figures(self, period, filters=None, user=None):
        Kpi = self.env["subscription.kpi"].with_user(user or self.env.user)
        return Kpi.get_kpis(*period, filters)["figures"]

    def _get_values(self, period, **filters):
        return {kpi["key"]: kpi["value"] for kpi in self.env["subscription.kpi"].get_kpis(*period, filters)["kpis"]}

    def _change(self, order, day, kind, **values):
        self._set_today(day)
        target = {"order_id": order.id} if kind in ("pause", "resume", "close") else {"line_id": order.order_line[0].id}
        self.env["subscription.change"].sudo()._schedule([{**target, "kind": kind, **values}])

    def _close(self, order, day):
        self._change(order, day, "close", reason_id=self.reason.id)

    def assertFigures(self, period, filters=None, **expected):
        figures = self._get_figures(period, filters)
        self.assertEqual({name: round(figures[name], 6) for name in expected}, expected)


class TestKpi(KpiCommon):
    def test_nothing_at_all_is_zero_and_no_share_of_nothing_is_made_up(self):
        values = self._get_values(JANUARY)
        self.assertEqual((values["mrr"], values["contracts"], values["net_revenue"]), (0, 0, 0))
        for key in ("logo_churn", "gross_churn", "net_churn", "revenue_per_contract", "lifetime_value", "quick_ratio"):
            self.assertIsNone(values[key], key)

    def test_a_month_begins_with_what_the_one_before_left(self):
        self._create_subscription("2026-01-31")
        self._create_subscription("2026-02-01", partner_id=self.bo.id)
        self._create_subscription("2026-02-28", partner_id=self.cy.id, plan=self.yearly)
        self._create_subscription("2026-03-01", partner_id=self.cy.id)
        self.assertFigures(JANUARY, mrr_start=0.0, new=12.0, mrr_end=12.0, customers_new=1, customers_end=1)
        self.assertFigures(
            FEBRUARY,
            mrr_start=12.0,
            new=22.0,
            mrr_end=34.0,
            customers_start=1,
            customers_new=2,
            customers_end=3,
            contracts_start=1,
            contracts_new=2,
            contracts_end=3,
            months=2 - 1,
        )

    def test_a_second_subscription_is_an_expansion_and_its_end_a_contraction(self):
        self._create_subscription("2026-01-10")
        second = self._create_subscription("2026-02-10")
        self.assertFigures(FEBRUARY, expansion=12.0, new=0.0, customers_new=0, contracts_new=1)
        self._close(second, "2026-03-10")
        self.assertFigures(
            ("2026-03-01", "2026-03-31"), contraction=12.0, churn=0.0, customers_lost=0, contracts_lost=1, mrr_end=12.0
        )

    def test_one_starts_and_one_closes_on_the_same_day_and_only_the_difference_moved(self):
        order = self._create_subscription("2026-01-10")
        self._create_subscription("2026-02-10", plan=self.yearly)
        self._close(order, "2026-02-10")
        # Both movements share the type of their sum: -2.00.
        self.assertFigures(FEBRUARY, contraction=2.0, expansion=0.0, new=0.0, churn=0.0, mrr_end=10.0)

    def test_a_customer_who_leaves_and_comes_back(self):
        order = self._create_subscription("2026-01-10")
        self._create_subscription("2026-01-10", partner_id=self.bo.id)
        self._close(order, "2026-02-10")
        values = self._get_values(FEBRUARY)
        self.assertEqual((values["churn"], values["logo_churn"], values["gross_churn"]), (12.0, 0.5, 0.5))
        # 12.00 of each of one customer, half of whom leave in a month.
        self.assertEqual(values["lifetime_value"], 24.0)
        self._create_subscription("2026-03-10")
        march = self._get_values(("2026-03-01", "2026-03-31"))
        self.assertEqual((march["reactivation"], march["new"], march["net_churn"]), (12.0, 0.0, -1.0))
        self.assertFigures(
            ("2026-03-01", "2026-03-31"),
            customers_start=1,
            customers_reactivated=1,
            customers_new=0,
            customers_end=2,
        )

    def test_who_bought_and_closed_on_one_day_had_no_revenue_yet_and_is_new_when_they_come_back(self):
        self._close(self._create_subscription("2026-01-10"), "2026-01-10")
        self.assertFigures(JANUARY, new=0.0, churn=0.0, customers_new=0, customers_lost=0, customers_end=0)
        self._create_subscription("2026-02-10")
        self.assertFigures(FEBRUARY, new=12.0, reactivation=0.0, customers_new=1, customers_end=1)

    def test_who_pauses_is_not_lost_and_stays_a_customer(self):
        order = self._create_subscription("2026-01-10")
        self._change(order, "2026-02-10", "pause")
        self.assertFigures(
            FEBRUARY, pause=12.0, churn=0.0, mrr_end=0.0, customers_lost=0, customers_end=1, contracts_end=0
        )
        self._change(order, "2026-03-10", "resume")
        march = ("2026-03-01", "2026-03-31")
        self.assertFigures(march, resume=12.0, reactivation=0.0, customers_start=1, customers_end=1, contracts_end=1)
        self.assertEqual(self._get_values(march)["net_new_mrr"], 12.0)

    def test_who_closes_during_a_pause_is_lost_then_though_no_revenue_is(self):
        order = self._create_subscription("2026-01-10")
        self._change(order, "2026-02-10", "pause")
        self._close(order, "2026-03-10")
        march = ("2026-03-01", "2026-03-31")
        self.assertFigures(march, churn=0.0, customers_start=1, customers_lost=1, customers_end=0, contracts_lost=1)
        self.assertEqual(self.env["subscription.kpi"].get_churn_reasons(*march)[0]["id"], self.reason.id)

    def test_who_closes_one_subscription_while_the_other_pauses_has_not_left(self):
        first = self._create_subscription("2026-01-10")
        second = self._create_subscription("2026-01-10", plan=self.yearly)
        self._change(first, "2026-02-10", "pause")
        self._close(second, "2026-02-20")
        self.assertFigures(FEBRUARY, contraction=12.0, pause=10.0, churn=0.0, customers_lost=0, customers_end=1)
        self._change(first, "2026-03-10", "resume")
        self.assertFigures(("2026-03-01", "2026-03-31"), resume=12.0, customers_start=1, customers_end=1)

    def test_who_closes_one_of_two_that_pause_has_not_left(self):
        orders = [self._create_subscription("2026-01-10") for _number in range(2)]
        for order in orders:
            self._change(order, "2026-02-10", "pause")
        self._close(orders[0], "2026-03-10")
        march = ("2026-03-01", "2026-03-31")
        self.assertFigures(march, customers_lost=0, customers_end=1, contracts_lost=1)
        self._close(orders[1], "2026-03-20")
        self.assertFigures(march, customers_lost=1, customers_end=0, contracts_lost=2)

    def test_who_buys_anew_during_a_pause_is_back_and_was_never_lost(self):
        order = self._create_subscription("2026-01-10")
        self._change(order, "2026-02-10", "pause")
        self._create_subscription("2026-03-10", plan=self.yearly)
        self.assertFigures(
            ("2026-03-01", "2026-03-31"), resume=10.0, reactivation=0.0, customers_start=1, customers_end=1
        )

    def test_a_price_that_fell_to_nothing_during_a_pause_ends_it_all_the_same(self):
        order = self._create_subscription("2026-01-10")
        other = self._create_subscription("2026-01-10")
        self._change(order, "2026-02-10", "pause")
        self._change(order, "2026-02-12", "price", price_unit=0.0)
        self._change(order, "2026-02-20", "resume")
        self.assertEqual(order.subscription_event_ids.sorted("id")[-1].type, "resume")
        self._close(other, "2026-03-10")
        self.assertFigures(("2026-03-01", "2026-03-31"), churn=12.0, customers_lost=1, customers_end=0)

    def test_a_line_that_brought_nothing_before_the_pause_does_not_count_at_its_end(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(), self._line(price_unit=20.0)])
        self._change(order, "2026-01-20", "price", price_unit=0.0)
        for day, kind in (("2026-02-10", "pause"), ("2026-02-20", "resume"), ("2026-03-10", "pause")):
            self._change(order, day, kind)
        march = ("2026-03-01", "2026-03-31")
        self.assertFigures(march, pause=20.0, churn=0.0, customers_lost=0, customers_end=1)
        self._change(order, "2026-03-15", "price", price_unit=5.0)
        self._change(order, "2026-03-20", "resume")
        self._change(order, "2026-03-25", "pause")
        self.assertFigures(march, resume=25.0, pause=45.0, churn=0.0, customers_lost=0, customers_end=1)

    def test_who_takes_over_what_pauses_is_the_customer_who_pauses(self):
        order = self._create_subscription("2026-01-10")
        self._change(order, "2026-02-10", "pause")
        self._set_today("2026-02-20")
        order.sudo()._subscription_hand_over(self.bo, self.bo, self.bo)
        self.assertFigures(FEBRUARY, customers_end=1, customers_lost=0, pause=12.0, transfer=0.0)
        self._change(order, "2026-03-10", "resume")
        march = ("2026-03-01", "2026-03-31")
        self.assertFigures(march, customers_start=1, customers_end=1, resume=12.0, new=0.0)
        self._close(order, "2026-03-20")
        self.assertFigures(march, churn=12.0, customers_lost=1, customers_end=0)

    def test_a_salesperson_who_is_given_what_pauses_has_its_customer(self):
        seller = new_test_user(self.env, "seller", groups="sales_team.group_sale_salesman", company_id=self.company.id)
        order = self._create_subscription("2026-01-10")
        self._change(order, "2026-02-10", "pause")
        self._set_today("2026-02-20")
        order.user_id = seller
        self.assertFigures(FEBRUARY, {"user_ids": seller.ids}, customers_end=1)
        self.assertFigures(FEBRUARY, {"user_ids": self.env.user.ids}, customers_end=0)

    def test_a_price_of_nothing_for_a_while_loses_no_contract(self):
        order = self._create_subscription("2026-01-10")
        self._change(order, "2026-02-10", "price", price_unit=0.0)
        self._change(order, "2026-03-10", "price", price_unit=12.0)
        self.assertFigures(FEBRUARY, contracts_lost=0)

    def test_a_free_contract_that_pauses_has_run_before(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(price_unit=0.0)])
        self._change(order, "2026-02-10", "pause")
        self.assertFigures(FEBRUARY, contracts_start=1, contracts_end=0, customers_end=0)

    def test_a_term_that_ends_tells_so_as_the_reason(self):
        order = self._create_subscription("2026-01-10", subscription_commitment_months=1, subscription_auto_renew=False)
        self._bill("2026-02-10")
        self.assertEqual(order.subscription_status, "closed")
        ended = self.env.ref("sale_subscription_plus.close_reason_term_ended")
        self.assertEqual([row["id"] for row in self.env["subscription.kpi"].get_churn_reasons(*FEBRUARY)], [ended.id])

    def test_a_contract_that_is_free_so_far_runs_without_a_customer_of_revenue(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(price_unit=0.0)])
        self.assertFalse(order.subscription_event_ids)
        self.assertFigures(JANUARY, contracts_new=1, contracts_end=1, customers_end=0, mrr_end=0.0)
        self._change(order, "2026-02-10", "price", price_unit=12.0)
        self.assertFigures(FEBRUARY, contracts_start=1, contracts_new=0, contracts_end=1, new=12.0, customers_new=1)
        self._close(order, "2026-03-10")
        self.assertFigures(("2026-03-01", "2026-03-31"), contracts_start=1, contracts_lost=1, contracts_end=0)

    def test_a_contract_that_never_brought_anything_is_lost_when_it_closes(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(price_unit=0.0)])
        self._close(order, "2026-02-10")
        self.assertFigures(FEBRUARY, contracts_start=1, contracts_lost=1, contracts_end=0, churn=0.0)

    def test_a_contract_that_was_reopened_had_been_lost_all_the_same(self):
        order = self._create_subscription("2026-01-10")
        self._close(order, "2026-02-10")
        self._set_today("2026-03-10")
        order.sudo()._subscription_reopen()
        self.assertFigures(FEBRUARY, contracts_start=1, contracts_lost=1, contracts_end=0, customers_lost=1)
        self.assertFigures(("2026-03-01", "2026-03-31"), contracts_start=0, contracts_lost=0, contracts_end=1)

    def test_a_customer_is_the_company_whoever_of_it_orders(self):
        company = self.env["res.partner"].create({"name": "Bookshop", "is_company": True})
        (self.bo | self.cy).parent_id = company
        for partner in self.bo | self.cy:
            self._create_subscription("2026-01-10", partner_id=partner.id)
        self.assertFigures(JANUARY, customers_end=1, contracts_end=2, new=24.0)

    def test_another_customer_takes_over_and_nobody_is_new_or_lost(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-02-10")
        order.sudo()._subscription_hand_over(self.bo, self.bo, self.bo)
        self.assertFigures(
            FEBRUARY, new=0.0, churn=0.0, transfer=0.0, customers_lost=0, customers_new=0, customers_end=1, mrr_end=12.0
        )

    def test_formulas_come_with_the_numbers_that_went_in(self):
        order = self._create_subscription("2026-01-10")
        self._create_subscription("2026-01-20", partner_id=self.bo.id)
        self._close(order, "2026-02-10")
        kpis = {kpi["key"]: kpi for kpi in self.env["subscription.kpi"].get_kpis(*FEBRUARY)["kpis"]}
        self.assertEqual([number["value"] for number in kpis["logo_churn"]["numbers"]], [1, 2])
        self.assertIn("÷", kpis["logo_churn"]["formula"])
        self.assertEqual((kpis["mrr"]["value"], kpis["mrr"]["before"], kpis["mrr"]["change"]), (12.0, 24.0, -0.5))
        self.assertIsNone(kpis["churn"]["change"])  # nothing was lost before
        for kpi in kpis.values():
            self.assertTrue(kpi["name"] and kpi["formula"] and kpi["numbers"], kpi["key"])

    # Invoices

    def test_net_revenue_is_what_was_invoiced_less_what_was_credited_without_tax(self):
        tax = self.company_data["default_tax_sale"]
        order = self._create_subscription(
            "2026-01-10", lines=[self._line(tax_ids=tax.ids), self._line(self.poster, tax_ids=tax.ids)]
        )
        self._bill()
        self.assertFigures(JANUARY, net_revenue=21.0, non_recurring_revenue=9.0)
        self._bill("2026-02-10")
        self.assertFigures(FEBRUARY, net_revenue=12.0, non_recurring_revenue=0.0)
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "invoice_date": "2026-02-12",
                "invoice_line_ids": [Command.create({"name": "Sorry", "price_unit": 2.0, "tax_ids": tax.ids})],
            }
        )
        self.assertFigures(FEBRUARY, net_revenue=12.0)  # a draft is none
        refund.action_post()
        self.assertFigures(FEBRUARY, net_revenue=10.0, non_recurring_revenue=-2.0)
        self.assertFigures(FEBRUARY, {"plan_ids": self.monthly.ids}, net_revenue=12.0, non_recurring_revenue=0.0)
        self.assertFigures(JANUARY, {"product_ids": self.poster.ids}, net_revenue=9.0, non_recurring_revenue=9.0)
        self.assertEqual(order.invoice_count, 2)

    def test_bills_of_vendors_are_no_revenue(self):
        self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2026-01-12",
                "invoice_line_ids": [Command.create({"name": "Paper", "price_unit": 5.0, "tax_ids": []})],
            }
        ).action_post()
        self.assertFigures(JANUARY, net_revenue=0.0, non_recurring_revenue=0.0)

    # Filters

    def test_filters_take_the_movements_they_name(self):
        self.customer.country_id = self.env.ref("base.be")
        self._create_subscription("2026-01-10")
        self._create_subscription("2026-01-10", plan=self.yearly, partner_id=self.bo.id)
        self.assertFigures(JANUARY, {"plan_ids": self.yearly.ids}, new=10.0, contracts_new=1, contracts_end=1)
        self.assertFigures(JANUARY, {"country_ids": self.env.ref("base.be").ids}, new=12.0, contracts_new=1)
        self.assertFigures(JANUARY, {"product_ids": self.poster.ids}, new=0.0, contracts_new=0, customers_end=0)
        self.assertFigures(JANUARY, {"plan_ids": [], "team_ids": []}, new=22.0)

    def test_what_a_customer_does_is_told_by_all_they_have_whatever_the_filter(self):
        self._create_subscription("2026-01-10")
        yearly = self._create_subscription("2026-01-20", plan=self.yearly)
        self.assertFigures(JANUARY, {"plan_ids": self.yearly.ids}, expansion=10.0, new=0.0)
        self._close(yearly, "2026-02-10")
        self.assertFigures(FEBRUARY, {"plan_ids": self.yearly.ids}, contraction=10.0, churn=0.0, customers_lost=0)

    def test_only_filters_with_a_choice_are_offered(self):
        self._create_subscription("2026-01-10")
        keys = [entry["key"] for entry in self.env["subscription.kpi"].get_filters()]
        self.assertNotIn("plan_ids", keys)
        self._create_subscription("2026-01-10", plan=self.yearly)
        plans = next(entry for entry in self.env["subscription.kpi"].get_filters() if entry["key"] == "plan_ids")
        self.assertEqual([option["name"] for option in plans["options"]], ["Monthly", "Yearly"])

    def test_days_and_filters_that_are_none_are_refused_with_a_sentence(self):
        Kpi = self.env["subscription.kpi"]
        for days in (
            (None, "2026-01-31"),
            ("2026-01-01", "soon"),
            (2026, 2027),
            ("0001-01-01", "2026-01-31"),
            ("", ""),
        ):
            for call in (Kpi.get_kpis, Kpi.get_churn_reasons):
                with self.subTest(days), self.assertRaisesRegex(UserError, "is no day to count from"):
                    call(*days)
        for filters in (
            {"profit": [1]},
            {"plan_ids": ["1); DROP TABLE"]},
            {"plan_ids": [True]},
            {"plan_ids": 5},
            [5],
            5,
        ):
            for call in (Kpi.get_kpis, Kpi.get_churn_reasons, Kpi.get_movements):
                with self.subTest(filters), self.assertRaisesRegex(UserError, "is no filter"):
                    call(*JANUARY, filters)

    # Charts

    def test_movements_month_by_month_lead_to_the_mrr(self):
        self._create_subscription("2025-02-10")
        order = self._create_subscription("2026-01-10", partner_id=self.bo.id)
        self._close(order, "2026-02-10")
        chart = self.env["subscription.kpi"].get_movements(*FEBRUARY)
        self.assertEqual((chart["months"][0], chart["months"][-1]), ("2025-03-01", "2026-02-01"))
        self.assertEqual(chart["mrr"], [12.0] * 10 + [24.0, 12.0])
        self.assertEqual(chart["types"]["new"], [0.0] * 10 + [12.0, 0.0])
        self.assertEqual(chart["types"]["churn"], [0.0] * 11 + [-12.0])

    def test_movements_of_one_salesperson_lead_to_what_they_have(self):
        seller = new_test_user(self.env, "seller", groups="sales_team.group_sale_salesman", company_id=self.company.id)
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-02-10")
        order.user_id = seller
        chart = self.env["subscription.kpi"].get_movements(*FEBRUARY, {"user_ids": seller.ids})
        self.assertEqual((chart["mrr"][-2:], chart["types"]["transfer"][-1]), ([0.0, 12.0], 12.0))
        action = self.env["subscription.kpi"].get_records("transfer", *FEBRUARY, {"user_ids": seller.ids})
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]).mapped("amount_company"), [12.0])

    def test_reasons_of_those_who_left(self):
        orders = [self._create_subscription("2026-01-10", partner_id=partner.id) for partner in (self.bo, self.cy)]
        self._create_subscription("2026-01-10")
        second = self._create_subscription("2026-01-10")
        for order in orders:
            self._close(order, "2026-02-10")
        self._close(second, "2026-02-10")  # a contraction: this customer stays
        self.assertEqual(
            self.env["subscription.kpi"].get_churn_reasons(*FEBRUARY),
            [{"id": self.reason.id, "name": self.reason.name, "customers": 2, "mrr": 24.0}],
        )

    # Records

    def test_each_key_figure_opens_records_that_add_up_to_it(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(), self._line(self.poster)])
        self._create_subscription("2026-02-10", partner_id=self.bo.id)
        self._bill()
        self._close(order, "2026-02-20")
        values = self._get_values(FEBRUARY)
        for key in values:
            with self.subTest(key):
                action = self.env["subscription.kpi"].get_records(key, *FEBRUARY)
                self.assertTrue(action["name"])
                records = self.env[action["res_model"]].search(action["domain"])
                if key in ("mrr", "net_new_mrr", "new", "churn"):
                    sign = -1 if key == "churn" else 1
                    self.assertEqual(sign * sum(records.mapped("amount_company")), values[key])
                elif key in ("new_contracts", "lost_contracts"):
                    self.assertEqual(len(records), values[key])
                elif key in ("net_revenue", "non_recurring_revenue"):
                    self.assertEqual(-sum(records.mapped("balance")), values[key])

    def test_a_key_figure_that_does_not_exist_has_no_records(self):
        with self.assertRaisesRegex(UserError, "no key figure named profit"):
            self.env["subscription.kpi"].get_records("profit", *FEBRUARY)


class TestKpiRights(KpiCommon):
    """Everybody sees the figures of what they may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls._create_user("anna", "sales_team.group_sale_salesman")
        cls.lead = cls._create_user("lead", "sales_team.group_sale_salesman_all_leads")
        cls.auditor = cls._create_user("auditor", "account.group_account_readonly")
        cls._create_subscription("2026-01-10", user_id=cls.anna.id)
        cls._create_subscription("2026-01-10", partner_id=cls.bo.id, user_id=cls.lead.id)

    @classmethod
    def _create_user(cls, login, groups):
        return new_test_user(cls.env, login, groups=groups, company_id=cls.company.id)

    def test_a_salesperson_sees_the_own_subscriptions(self):
        figures = self._get_figures(JANUARY, user=self.anna)
        self.assertEqual(
            (figures["mrr_end"], figures["customers_end"], figures["contracts_end"], figures["contracts_new"]),
            (12.0, 1, 1, 1),
        )

    def test_whoever_sees_all_documents_sees_all_subscriptions(self):
        for user in (self.lead, self.auditor):
            figures = self._get_figures(JANUARY, user=user)
            self.assertEqual((figures["mrr_end"], figures["contracts_new"]), (24.0, 2), user.login)

    def test_a_salesperson_who_invoices_sees_contracts_of_all_as_their_revenue(self):
        user = self._create_user("sells_and_bills", "sales_team.group_sale_salesman,account.group_account_invoice")
        free = self._create_subscription("2026-01-12", user_id=self.lead.id, lines=[self._line(price_unit=0.0)])
        other = self.setup_other_company(name="Elsewhere")["company"]
        user.company_ids |= other
        self._close(self._create_subscription("2026-01-15", user_id=self.lead.id), "2026-01-20")
        names = ("mrr_end", "customers_end", "contracts_end", "contracts_new", "contracts_lost")
        figures = self._get_figures(JANUARY, user=user)
        self.assertEqual([figures[name] for name in names], [24.0, 2, 3, 4, 1], free.name)
        figures = self._get_figures(JANUARY, user=self.anna)
        self.assertEqual([figures[name] for name in names], [12.0, 1, 1, 1, 0])
        Kpi = self.env["subscription.kpi"].with_user(user).with_context(allowed_company_ids=other.ids)
        figures = Kpi.get_kpis(*JANUARY)["figures"]
        self.assertEqual([figures[name] for name in names], [0.0, 0, 0, 0, 0])

    def test_all_pieces_work_for_a_salesperson(self):
        Kpi = self.env["subscription.kpi"].with_user(self.anna)
        self.assertEqual(Kpi.get_movements(*JANUARY)["mrr"][-1], 12.0)
        self.assertEqual(Kpi.get_churn_reasons(*JANUARY), [])
        self.assertEqual(Kpi.get_filters(), [])
        self.assertEqual(Kpi.get_records("mrr", *JANUARY)["res_model"], "subscription.movement.report")

    def test_others_see_nothing(self):
        for groups in ("base.group_user", "base.group_portal", "base.group_public"):
            stranger = new_test_user(self.env, f"stranger {groups}", groups=groups)
            Kpi = self.env["subscription.kpi"].with_user(stranger)
            for call in (Kpi.get_kpis, Kpi.get_movements, Kpi.get_churn_reasons):
                with self.assertRaises(AccessError):
                    call(*JANUARY)
            with self.assertRaises(AccessError):
                Kpi.get_filters()

    def test_another_company_is_another_business(self):
        other = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(
            self.env, "other", groups="sales_team.group_sale_manager", company_id=other.id, company_ids=other.ids
        )
        self.assertEqual(self._get_figures(JANUARY, user=user)["mrr_end"], 0.0)
        self.assertEqual(self._get_figures(JANUARY, {"company_ids": self.company.ids}, user=user)["mrr_end"], 0.0)
