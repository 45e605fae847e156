from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from ..models.subscription_kpi_figures import FILTERS
from ..tools.kpi import GAINS, LOSSES
from .test_kpi import FEBRUARY, KpiCommon


class TestSalespeople(KpiCommon):
    """Salespeople, and sales teams, side by side."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.bert = (
            new_test_user(
                cls.env,
                name,
                name=name.title(),
                groups="sales_team.group_sale_salesman",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name in ("anna", "bert")
        )

    def _compare(self, period=FEBRUARY, user=None, **kwargs):
        Kpi = self.env["subscription.kpi"].with_user(user or self.env.user)
        return Kpi.get_salespeople(*period, **kwargs)

    def _get_columns(self, data):
        return {column["name"]: column["values"] for column in data["people"]}

    def _get_whole(self, data):
        return {row["key"]: row["value"] for section in data["sections"] for row in section["rows"]}

    def _play(self):
        """Let something of each kind happen, to customers of Anna, of Bert and of nobody."""
        first = self._create_subscription("2026-01-10", user_id=self.anna.id)
        grows = self._create_subscription("2026-01-10", user_id=self.bert.id, partner_id=self.bo.id)
        pauses = self._create_subscription("2026-01-10", user_id=False, partner_id=self.cy.id)
        handed = self._create_subscription("2026-01-15", user_id=self.anna.id, plan=self.yearly)
        self._change(pauses, "2026-02-03", "pause")
        self._close(first, "2026-02-05")
        self._set_today("2026-02-10")
        grows.order_line.product_uom_qty = 4
        handed.user_id = self.bert
        self._create_subscription("2026-02-20", user_id=self.anna.id, partner_id=self.cy.id)

    def test_each_has_a_column_with_every_movement_and_key_figure(self):
        self._play()
        data = self._compare()
        kpis = {kpi["key"] for kpi in self.env["subscription.kpi"].get_kpis(*FEBRUARY)["kpis"]}
        columns = self._get_columns(data)
        self.assertEqual(list(columns), ["Bert", "Anna", "Nobody"])
        self.assertEqual(self._get_whole(data).keys(), kpis | {"mrr_start", "transfer"})
        for values in columns.values():
            self.assertEqual(values.keys(), kpis | {"mrr_start", "transfer"})
        self.assertEqual((columns["Anna"]["contraction"], columns["Bert"]["expansion"]), (12.0, 36.0))
        self.assertEqual(columns["Nobody"]["pause"], 12.0)

    def test_amounts_add_up_to_the_whole(self):
        self._play()
        for groupby in ("user_id", "team_id"):
            data = self._compare(groupby=groupby)
            whole, columns = self._get_whole(data), self._get_columns(data).values()
            for key in ("mrr_start", *GAINS, *LOSSES, "transfer", "mrr", "net_new_mrr", "run_rate", "net_revenue"):
                with self.subTest(groupby=groupby, key=key):
                    self.assertAlmostEqual(sum(values[key] for values in columns), whole[key], places=6)

    def test_each_column_leads_from_its_start_to_its_end(self):
        self._play()
        data = self._compare()
        for values in [*self._get_columns(data).values(), self._get_whole(data)]:
            gained = sum(values[key] for key in GAINS) - sum(values[key] for key in LOSSES)
            self.assertAlmostEqual(values["mrr_start"] + gained + values["transfer"], values["mrr"], places=6)

    def test_what_is_handed_over_is_carried_over_and_not_won_or_lost(self):
        order = self._create_subscription("2026-01-10", user_id=self.anna.id)
        self._set_today("2026-02-10")
        order.user_id = self.bert
        columns = self._get_columns(self._compare())
        self.assertEqual((columns["Anna"]["transfer"], columns["Bert"]["transfer"]), (-12.0, 12.0))
        self.assertEqual((columns["Anna"]["churn"], columns["Bert"]["new"]), (0.0, 0.0))
        self.assertEqual((columns["Anna"]["mrr"], columns["Bert"]["mrr"]), (0.0, 12.0))

    def test_the_whole_is_what_the_key_figures_say(self):
        self._play()
        filters = {"plan_ids": self.monthly.ids}
        kpis = {kpi["key"]: kpi["value"] for kpi in self.env["subscription.kpi"].get_kpis(*FEBRUARY, filters)["kpis"]}
        whole = self._get_whole(self._compare(filters=filters))
        self.assertEqual({key: whole[key] for key in kpis}, kpis)

    def test_filters_hold_for_columns_too(self):
        self._play()
        data = self._compare(filters={"user_ids": self.anna.ids})
        self.assertEqual(list(self._get_columns(data)), ["Anna"])

    def test_a_salesman_sees_own_subscriptions_and_those_of_nobody(self):
        self._play()
        self.assertEqual(set(self._get_columns(self._compare(user=self.bert))), {"Bert", "Nobody", "Anna"})
        # What was handed over to Bert is his, with all its past; the rest of Anna's is not for him.
        self.assertEqual(self._get_columns(self._compare(user=self.bert))["Anna"]["mrr"], 0.0)
        self.assertNotIn("Bert", self._get_columns(self._compare(user=self.anna)))

    def test_each_column_opens_records_that_add_up_to_it_that_of_nobody_too(self):
        self._play()
        Kpi = self.env["subscription.kpi"]
        people = self._compare()["people"]
        self.assertIn(False, [column["id"] for column in people])
        for column in people:
            filters = {"user_ids": [column["id"]]}
            for key in column["values"].keys() - {"mrr_start"}:
                with self.subTest(column=column["name"], key=key):
                    action = Kpi.get_records(key, *FEBRUARY, filters)
                    records = self.env[action["res_model"]].search(action["domain"])
                    value = column["values"][key]
                    if key in ("mrr", "net_new_mrr", "transfer", *GAINS):
                        self.assertAlmostEqual(sum(records.mapped("amount_company")), value)
                    elif key in LOSSES:
                        self.assertAlmostEqual(-sum(records.mapped("amount_company")), value)
                    elif key in ("customers", "contracts", "new_contracts", "lost_contracts"):
                        self.assertEqual(len(records), value)

    def test_what_has_none_of_it_can_be_filtered_for_with_every_filter(self):
        self._create_subscription("2026-01-10", user_id=False, team_id=False)
        self.customer.country_id = False
        Kpi = self.env["subscription.kpi"]
        with_none = {"user_ids", "team_ids", "country_ids"}
        for name in FILTERS["subscription.event"]:
            mrr = 12.0 if name in with_none else 0.0
            with self.subTest(name):
                action = Kpi.get_records("mrr", *FEBRUARY, {name: [False]})
                records = self.env[action["res_model"]].search(action["domain"])
                self.assertEqual(sum(records.mapped("amount_company")), mrr)
                self.assertEqual(Kpi.get_kpis(*FEBRUARY, {name: [False]})["figures"]["mrr_end"], mrr)
                self.assertEqual(self._get_whole(self._compare(filters={name: [False]}))["mrr"], mrr)
                Kpi.get_dashboard(*FEBRUARY, {name: [False]})
                self.env["subscription.forecast"].get_forecast(filters={name: [False]})

    def test_days_and_filters_that_are_none_are_refused_with_a_sentence(self):
        with self.assertRaisesRegex(UserError, "is no day to count from"):
            self._compare(("2026-02-30", "2026-03-01"))
        with self.assertRaisesRegex(UserError, "is no filter"):
            self._compare(filters={"user_ids": self.anna.id})

    def test_no_period_given_is_the_last_30_days(self):
        self._set_today("2026-03-31")
        data = self.env["subscription.kpi"].get_salespeople()
        self.assertEqual(
            (data["period"], data["date_from"], data["date_to"]), ("last_30_days", "2026-03-02", "2026-03-31")
        )
        self.assertEqual(data["people"], [])

    def test_nothing_else_can_be_compared(self):
        with self.assertRaises(UserError):
            self._compare(groupby="create_uid")
