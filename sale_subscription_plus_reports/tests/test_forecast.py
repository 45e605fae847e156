from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import new_test_user

from odoo.addons.sale_subscription_plus.tests.common import TODAY, SubscriptionCommon


class TestForecast(SubscriptionCommon):
    """Growth in a year at the pace of the last days, and what is behind the months ahead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create({"name": "Forecast"})
        cls.filters = {"team_ids": cls.team.ids}
        cls.reason = cls.env["subscription.close.reason"].search([], limit=1)

    @classmethod
    def _create_quotation(cls, lines=None, plan=None, **values):
        customer = cls.env["res.partner"].create({"name": "Reader"})
        values = {"partner_id": customer.id, "team_id": cls.team.id, **values}
        return super()._create_quotation(lines, plan, **values)

    def _get_forecast(self, **kwargs):
        return self.env["subscription.forecast"].get_forecast(filters=self.filters, **kwargs)

    def _get_yearly(self, **kwargs):
        return {figure["key"]: figure["value"] for figure in self._get_forecast(**kwargs)["yearly"]}

    def _open(self, key, month, **filters):
        action = self.env["subscription.forecast"].get_records(key, month, {**self.filters, **filters})
        return self.env[action["res_model"]].search(action["domain"])

    # A year at this pace

    def test_what_came_in_the_last_thirty_days_goes_on_for_a_year(self):
        self._create_subscription("2025-12-03")
        lost = self._create_subscription("2025-12-15", plan=self.yearly)
        self._create_subscription("2025-12-31")
        self._set_today(TODAY)
        lost.sudo()._subscription_close(TODAY, self.reason)
        self.assertEqual(self._get_yearly(), {"mrr": 24 * 12, "contracts": (3 - 1) * 12, "customers": 3 * 12})

    def test_the_day_before_the_window_is_left_out(self):
        self._create_subscription("2025-12-02")
        self._create_subscription("2025-12-03")
        self._set_today(TODAY)
        window = self._get_forecast()["window"]
        self.assertEqual(window, {"date_from": "2025-12-03", "date_to": "2026-01-01", "days": 30})
        self.assertEqual(self._get_yearly()["mrr"], 12 * 12)

    def test_losses_lead_to_less(self):
        order = self._create_subscription("2025-06-01")
        self._set_today(TODAY)
        order.sudo()._subscription_close(TODAY, self.reason)
        self.assertEqual(self._get_yearly(), {"mrr": -144.0, "contracts": -12, "customers": 0})

    def test_the_window_ends_where_the_period_does_but_never_after_today(self):
        self._create_subscription("2025-11-01")
        self._set_today(TODAY)
        self.assertEqual(self._get_forecast(date_to="2025-11-30")["window"]["date_from"], "2025-11-01")
        self.assertEqual(self._get_yearly(date_to="2025-11-30")["mrr"], 144.0)
        self.assertEqual(self._get_forecast(date_to="2026-12-31")["window"]["date_to"], "2026-01-01")

    def test_each_figure_tells_its_formula_and_the_numbers_that_went_in(self):
        self._create_subscription()
        for figure in self._get_forecast()["yearly"]:
            self.assertIn("30 days", figure["formula"])
            signs = {"Lost contracts": -1}
            total = sum(number["value"] * signs.get(number["label"], 1) for number in figure["numbers"])
            self.assertEqual(figure["value"], total * 12)

    def test_today_brings_what_the_numbers_say(self):
        self._create_subscription("2025-11-01")
        self._create_subscription("2025-12-15", plan=self.yearly)
        self._set_today(TODAY)
        forecast = self._get_forecast()
        figures = self.env["subscription.kpi"].get_kpis(TODAY - timedelta(days=29), TODAY, self.filters)["figures"]
        self.assertEqual(forecast["today"], {"date": "2026-01-01", "mrr": figures["mrr_end"]})
        self.assertEqual(forecast["currency_id"], self.company.currency_id.id)

    def test_the_dashboard_tells_the_same(self):
        self._create_subscription("2025-12-15")
        self._set_today(TODAY)
        Kpi = self.env["subscription.kpi"]
        for period, date_to in (("last_30_days", None), ("last_month", "2025-12-31"), ("this_year", None)):
            forecast = Kpi.get_dashboard(filters=self.filters, period=period)["forecast"]
            self.assertEqual(forecast, self._get_forecast(date_to=date_to))
            self.assertEqual(forecast["yearly"][0]["value"], 144.0)

    def test_what_it_rests_on_is_said_in_sentences(self):
        for sentence in self._get_forecast()["assumptions"]:
            self.assertRegex(sentence, r"^[A-Z].*\.$")

    # What is behind a month

    def test_what_starts_is_found(self):
        later = self._create_subscription(subscription_start="2026-03-31")
        self._create_subscription(subscription_start="2026-04-01")
        self._create_subscription()
        self.assertEqual(self._open("starting", "2026-03-01"), later)
        self.assertFalse(self._open("starting", "2026-03-01", plan_ids=self.yearly.ids))

    def test_what_ends_is_found_but_not_what_goes_on_in_a_renewal(self):
        terms = {"subscription_commitment_months": 3, "subscription_auto_renew": False}
        ending, renewed = self._create_subscription(**terms), self._create_subscription(**terms)
        renewed.action_subscription_renew()
        renewed.subscription_renewal_ids.action_confirm()
        self.assertEqual(self._open("ending", "2026-04-15"), ending)
        self.assertFalse(self._open("ending", "2026-03-31"))
        self.assertFalse(self._open("starting", "2026-04-01"))

    def test_what_changes_is_found(self):
        order, closed = self._create_subscription(), self._create_subscription()
        Change = self.env["subscription.change"]
        values = {"line_id": order.order_line.id, "kind": "price", "effective_on": "2026-02-01", "price_unit": 20.0}
        price = Change._schedule([values])
        pause = Change._schedule([{"order_id": order.id, "kind": "pause", "effective_on": "2026-02-28"}])
        closed.sudo()._subscription_close(Date.to_date("2026-02-15"), self.reason)
        self.assertEqual(self._open("changing", "2026-02-01"), price | pause)
        self.assertEqual(self._open("changing", "2026-02-01", product_ids=self.magazine.ids), price | pause)
        self.assertFalse(self._open("changing", "2026-02-01", product_ids=self.poster.ids))
        self.assertFalse(self._open("changing", "2026-03-01"))

    def test_nothing_else_can_be_opened(self):
        with self.assertRaisesRegex(UserError, "vanishing"):
            self._open("vanishing", "2026-02-01")
        for month in (None, "soon", 2026):
            with self.subTest(month), self.assertRaisesRegex(UserError, "is no day to count from"):
                self._open("starting", month)
        with self.assertRaisesRegex(UserError, "is no filter"):
            self._open("starting", "2026-02-01", profit=[1])

    # Rights

    def test_a_salesperson_forecasts_own_subscriptions(self):
        sam = new_test_user(self.env, "sam_forecast", "sales_team.group_sale_salesman", company_id=self.company.id)
        self._create_subscription(user_id=sam.id)
        self._create_subscription(user_id=self.env.user.id)
        forecast = self.env["subscription.forecast"].with_user(sam).get_forecast(filters=self.filters)
        self.assertEqual(forecast["today"]["mrr"], 12.0)
        self.assertEqual(forecast["yearly"][0]["value"], 144.0)

    def test_who_sells_nothing_forecasts_nothing(self):
        for login, group in (("stranger_forecast", "base.group_user"), ("portal_forecast", "base.group_portal")):
            user = new_test_user(self.env, login, group, company_id=self.company.id)
            forecasts = self.env["subscription.forecast"].with_user(user)
            with self.assertRaises(AccessError):
                forecasts.get_forecast()

    def test_another_company_is_out_of_sight(self):
        self._create_subscription()
        other = self.setup_other_company(name="Other Ltd")["company"]
        forecasts = self.env["subscription.forecast"].with_context(allowed_company_ids=other.ids)
        self.assertEqual(forecasts.get_forecast()["today"]["mrr"], 0.0)
