import doctest
from datetime import timedelta

from odoo.fields import Command, Date
from odoo.tests import new_test_user

from odoo.addons.sale_subscription_plus.tests.common import TODAY, SubscriptionCommon

from ..tools import forecast


class TestForecastMonths(SubscriptionCommon):
    """The months ahead, from the contracts as they stand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Only what a test makes counts.
        cls.team = cls.env["crm.team"].create({"name": "Forecast"})
        cls.reason = cls.env["subscription.close.reason"].search([], limit=1)

    @classmethod
    def _create_quotation(cls, lines=None, plan=None, **values):
        return super()._create_quotation(lines, plan, **{"team_id": cls.team.id, **values})

    def _get_coming(self, **filters):
        filters = {"team_ids": self.team.ids, **filters}
        return self.env["subscription.forecast"]._get_coming_months(Date.to_date(TODAY), filters)

    def _get_totals(self, name="total", **filters):
        return [month[name] for month in self._get_coming(**filters)["months"]]

    def _plan(self, order, kind, day, **values):
        target = {"order_id": order.id} if kind in ("pause", "resume", "close") else {"line_id": order.order_line.id}
        values = {"kind": kind, "effective_on": day, **target, **values}
        return self.env["subscription.change"]._schedule([values])

    # What counts when

    def test_the_arithmetic_is_as_its_examples_say(self):
        self.assertEqual(doctest.testmod(forecast).failed, 0)

    def test_without_subscriptions_there_are_twelve_empty_months(self):
        coming = self._get_coming()
        self.assertEqual(coming["today"], {"date": "2026-01-01", "mrr": 0.0})
        self.assertEqual(
            [month["month"] for month in coming["months"]], [f"2026-{number:02}-01" for number in range(1, 13)]
        )
        self.assertEqual(self._get_totals(), [0.0] * 12)

    def test_a_subscription_without_a_term_is_assumed_to_go_on(self):
        self._create_subscription()
        self.assertEqual(self._get_coming()["today"]["mrr"], 12.0)
        self.assertEqual(self._get_totals("renewing"), [12.0] * 12)
        self.assertEqual(self._get_totals("committed"), [0.0] * 12)

    def test_inside_its_term_it_is_committed_and_assumed_to_be_renewed_after(self):
        self._create_subscription(subscription_commitment_months=3, subscription_auto_renew=True)
        # The term ends on 31 March: on that day it still binds.
        self.assertEqual(self._get_totals("committed"), [12.0] * 3 + [0.0] * 9)
        self.assertEqual(self._get_totals("renewing"), [0.0] * 3 + [12.0] * 9)

    def test_a_term_that_is_not_renewed_ends(self):
        self._create_subscription(subscription_commitment_months=3, subscription_auto_renew=False)
        self.assertEqual(self._get_totals(), [12.0] * 3 + [0.0] * 9)
        self.assertEqual(self._get_totals("ending"), [0.0] * 3 + [12.0] + [0.0] * 8)

    def test_a_planned_closing_ends_it(self):
        order = self._create_subscription()
        self._plan(order, "close", "2026-05-31", reason_id=self.reason.id)
        self.assertEqual(self._get_totals(), [12.0] * 4 + [0.0] * 8)
        self.assertEqual(self._get_totals("ending")[4], 12.0)

    def test_what_starts_later_counts_from_its_first_day(self):
        self._create_subscription(subscription_start="2026-03-31")
        self._create_quotation()
        coming = self._get_coming()
        self.assertEqual(coming["today"]["mrr"], 0.0)
        self.assertEqual(self._get_totals(), [0.0] * 2 + [12.0] * 10)
        self.assertEqual(self._get_totals("starting"), [0.0] * 2 + [12.0] + [0.0] * 9)

    def test_a_year_that_is_paid_at_once_counts_with_a_twelfth(self):
        self._create_subscription(plan=self.yearly)
        self.assertEqual(self._get_totals(), [10.0] * 12)

    def test_planned_prices_and_quantities_count_from_their_day(self):
        order = self._create_subscription()
        self._plan(order, "price", "2026-02-01", price_unit=15.0)
        self._plan(order, "quantity", "2026-04-30", quantity=2)
        self.assertEqual(self._get_totals(), [12.0, 15.0, 15.0] + [30.0] * 9)
        self.assertEqual(self._get_totals("changing"), [0.0, 3.0, 0.0, 15.0] + [0.0] * 8)

    def test_a_discount_for_some_periods_ends(self):
        order = self._create_subscription()
        self._plan(order, "discount", "2026-02-01", discount=50, discount_periods=3)
        self.assertEqual(self._get_totals(), [12.0] + [6.0] * 3 + [12.0] * 8)
        self._bill("2026-02-01")
        self._set_today(TODAY)
        self.assertEqual(self._get_totals(), [6.0] * 4 + [12.0] * 8, "The end that is planned by now counts")

    def test_a_free_subscription_counts_once_its_discount_ends(self):
        order = self._create_subscription()
        self._plan(order, "discount", "2026-01-01", discount=100, discount_periods=2)
        self.assertEqual(self._get_totals(), [0.0] * 2 + [12.0] * 10)

    def test_another_plan_counts_from_its_day(self):
        order = self._create_subscription()
        self._plan(order, "plan", "2026-03-01", plan_id=self.yearly.id)
        self.assertEqual(self._get_totals(), [12.0] * 2 + [10.0] * 10)

    def test_a_planned_pause_counts_until_the_day_it_resumes(self):
        order = self._create_subscription()
        self._plan(order, "pause", "2026-02-10", resume_on="2026-04-01")
        self.assertEqual(self._get_totals(), [12.0, 0.0, 0.0] + [12.0] * 9)
        self.assertEqual(self._get_totals("starting"), [0.0] * 12, "Nothing is new, and nothing is lost")
        self.assertEqual(self._get_totals("ending"), [0.0] * 12)

    def test_what_is_paused_for_nobody_knows_how_long_does_not_count(self):
        self._plan(self._create_subscription(), "pause", TODAY)
        self.assertEqual(self._get_totals(), [0.0] * 12)

    def test_what_is_paused_counts_from_the_day_it_is_planned_to_resume(self):
        self._plan(self._create_subscription(), "pause", TODAY, resume_on="2026-03-15")
        self.assertEqual(self._get_totals(), [0.0] * 2 + [12.0] * 10)

    def test_a_renewal_takes_over_without_an_end_and_a_start(self):
        order = self._create_subscription(subscription_commitment_months=3, subscription_auto_renew=False)
        order.action_subscription_renew()
        renewal = order.subscription_renewal_ids
        renewal.subscription_auto_renew = True
        renewal.order_line.price_unit = 20.0
        renewal.action_confirm()
        self.assertEqual(self._get_totals(), [12.0] * 3 + [20.0] * 9)
        self.assertEqual(self._get_totals("committed"), [12.0] * 3 + [20.0] * 3 + [0.0] * 6)
        self.assertEqual(self._get_totals("starting"), [0.0] * 12)
        self.assertEqual(self._get_totals("ending"), [0.0] * 12)
        self.assertEqual(self._get_totals("changing"), [0.0] * 3 + [8.0] + [0.0] * 8)

    def test_taxes_that_a_price_includes_are_left_out(self):
        tax = self.env["account.tax"].create(
            {"name": "20% included", "amount": 20.0, "price_include_override": "tax_included"}
        )
        order = self._create_subscription(lines=[self._line(price_unit=24.0, tax_ids=[Command.set(tax.ids)])])
        self.assertEqual(order.subscription_mrr, 20.0)
        self._plan(order, "quantity", "2026-02-01", quantity=2)
        self.assertEqual(self._get_totals(), [20.0] + [40.0] * 11)

    def test_what_changes_adds_up_from_month_to_month(self):
        self._create_mix()
        coming = self._get_coming()
        before = coming["today"]["mrr"]
        for month in coming["months"]:
            self.assertAlmostEqual(
                month["total"], before + month["starting"] + month["changing"] - month["ending"], places=2
            )
            self.assertAlmostEqual(month["total"], month["committed"] + month["renewing"], places=2)
            before = month["total"]

    def test_the_days_bring_what_the_forecast_says(self):
        orders = self._create_mix()
        forecasted = self._get_coming()["months"]
        for month in forecasted:
            last_day = Date.add(Date.to_date(month["month"]), months=1) - timedelta(days=1)
            self._bill(last_day)
            events = self.env["subscription.event"].search([("order_id", "in", orders.ids)])
            self.assertAlmostEqual(sum(events.mapped("amount_company")), month["total"], places=2, msg=str(last_day))

    def _create_mix(self):
        """Create some subscriptions for which much is planned."""
        plain = self._create_subscription()
        term = self._create_subscription(subscription_commitment_months=5, subscription_auto_renew=False)
        later = self._create_subscription(subscription_start="2026-02-28", plan=self.yearly)
        paused = self._create_subscription(lines=[self._line(product_uom_qty=3, discount=12.5)])
        grown = self._create_subscription(lines=[self._line(price_unit=9.99)])
        closed = self._create_subscription()
        free = self._create_subscription()
        self._plan(later, "price", "2026-03-31", price_unit=99.95)
        self._plan(paused, "pause", "2026-02-01", resume_on="2026-05-15")
        self._plan(paused, "quantity", "2026-03-01", quantity=4)
        self._plan(grown, "quantity", "2026-02-01", quantity=2)
        self._plan(grown, "discount", "2026-03-01", discount=33.33, discount_periods=4)
        self._plan(grown, "plan", "2026-10-01", plan_id=self.yearly.id, price_unit=111.11)
        self._plan(closed, "discount", "2026-03-01", discount=10)
        self._plan(closed, "close", "2026-06-30", reason_id=self.reason.id)
        self._plan(closed, "close", "2026-08-31", reason_id=self.reason.id)
        self._plan(free, "discount", TODAY, discount=100, discount_periods=6)
        self._plan(term, "price", "2026-04-01", price_unit=13.0)
        return plain | term | later | paused | grown | closed | free

    # Currencies

    def test_a_rate_that_moves_changes_nothing_that_runs(self):
        euro = self._create_euro_order()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-01-02", "rate": 0.25, "company_id": self.company.id}
        )
        self._set_today("2026-01-02")
        self.assertEqual(self._get_coming()["today"]["mrr"], 24.0)
        self.assertEqual(self._get_totals(), [24.0] * 12)

    def test_what_is_added_counts_at_the_rate_of_today_and_what_ends_releases_what_it_brought(self):
        euro = self._create_euro_order()
        order = self.env["sale.order"].search([("team_id", "=", self.team.id)])
        self._plan(order, "quantity", "2026-02-01", quantity=2)
        self._plan(order, "quantity", "2026-03-01", quantity=1)
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-01-02", "rate": 0.25, "company_id": self.company.id}
        )
        self._set_today("2026-01-02")
        self.assertEqual(self._get_totals(), [24.0, 72.0] + [36.0] * 10)

    def _create_euro_order(self):
        """Create a subscription of 12 EUR a month, while 1 EUR is 2 USD."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2020-01-01", "rate": 0.5, "company_id": self.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        self._create_subscription(lines=[self._line(price_unit=12.0)], pricelist_id=pricelist.id)
        return euro

    # Filters and rights

    def test_filters_narrow_it_down(self):
        self._create_subscription()
        self._create_subscription(plan=self.yearly)
        self.assertEqual(self._get_totals(plan_ids=self.yearly.ids), [10.0] * 12)
        self.assertEqual(self._get_totals(product_ids=self.poster.ids), [0.0] * 12)
        self.assertEqual(self._get_totals(product_ids=self.magazine.ids), [22.0] * 12)
        self.assertEqual(self._get_totals(country_ids=self.customer.country_id.ids), [22.0] * 12)

    def test_a_salesperson_counts_own_orders_and_an_accountant_all(self):
        sam = new_test_user(self.env, "sam_months", "sales_team.group_sale_salesman", company_id=self.company.id)
        anna = new_test_user(self.env, "anna_months", "account.group_account_invoice", company_id=self.company.id)
        self._create_subscription(user_id=sam.id)
        self._create_subscription(user_id=self.env.user.id)
        self._create_subscription(user_id=False)
        for user, mrr in ((sam, 24.0), (anna, 36.0)):
            forecasts = self.env["subscription.forecast"].with_user(user)
            coming = forecasts._get_coming_months(TODAY, {"team_ids": self.team.ids})
            self.assertEqual(coming["today"]["mrr"], mrr)
