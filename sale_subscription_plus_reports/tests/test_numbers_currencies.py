"""Two currencies. 1 euro is 2 dollars, from 10 February on 4, from 5 May on 1.25, from September on 2.50."""

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command

from .numbers_world import NumbersWorld

JANUARY, FEBRUARY, MARCH = (
    (date(2026, 1, 1), date(2026, 1, 31)),
    (date(2026, 2, 1), date(2026, 2, 28)),
    (date(2026, 3, 1), date(2026, 3, 31)),
)
MOVEMENTS = ("new", "expansion", "reactivation", "resume", "contraction", "pause", "churn", "transfer", "net_new")


class TestNumbersCurrencies(NumbersWorld):
    def _sell(self, company, currency, price):
        self._do_sell(
            company,
            currency,
            partner_id=self.customers[0].id,
            subscription_plan_id=self.monthly.id,
            order_line=[self._line(price_unit=price, tax_ids=[Command.clear()])],
        )
        return self.orders.sorted("id")[-1]

    def _go_to(self, text):
        self._let_pass((date.fromisoformat(text) - self.day).days)

    def _get_figures(self, first, last, companies=None):
        ids = (companies or self.companies).ids
        Kpi = self.env["subscription.kpi"].with_context(allowed_company_ids=ids)
        return Kpi.get_kpis(first, last)["figures"]

    def assertMovements(self, figures, **expected):
        """Assert what moved; all that is not named did not."""
        found = {key: round(figures[key], 2) for key in MOVEMENTS if round(figures[key], 2)}
        self.assertEqual(found, expected)

    def _close(self, order):
        self._schedule(order, "close", reason_id=self.reasons[0].id)

    # === WITHIN A COMPANY ===#

    def test_a_rate_that_moves_is_no_movement(self):
        self._sell(self.home, self.euro, 100.0)
        self._go_to("2026-03-20")
        self.assertMovements(self._get_figures(*JANUARY), new=200.0, net_new=200.0)
        for period in (FEBRUARY, MARCH):
            figures = self._get_figures(*period)
            self.assertMovements(figures)
            self.assertEqual((figures["mrr_start"], figures["mrr_end"]), (200.0, 200.0))

    def test_todays_rate_is_a_measure_and_no_movement(self):
        self._sell(self.home, self.euro, 100.0)
        self._go_to("2026-03-20")
        [(count, carried, today)] = self.both["subscription.movement.report"]._read_group(
            [("company_id", "in", self.companies.ids)],
            [],
            ["__count", "amount_company:sum", "amount_today:sum"],
        )
        self.assertEqual((count, carried, today), (1, 200.0, 400.0))

    def test_a_fall_releases_what_was_carried_and_the_end_leaves_nothing(self):
        order = self._sell(self.home, self.euro, 100.0)
        self._go_to("2026-02-15")
        order.order_line.price_unit = 200.0  # 100 more at 4.00: 600 dollars are carried
        self._go_to("2026-03-05")
        order.order_line.price_unit = 50.0  # three quarters go: 450
        self._go_to("2026-05-06")
        self._close(order)
        self.assertMovements(self._get_figures(*FEBRUARY), expansion=400.0, net_new=400.0)
        self.assertMovements(self._get_figures(*MARCH), contraction=450.0, net_new=-450.0)
        figures = self._get_figures(date(2026, 4, 1), date(2026, 5, 31))
        self.assertMovements(figures, churn=150.0, net_new=-150.0)
        self.assertAlmostEqual(figures["mrr_end"], 0.0, 9)
        self.assertEqual((figures["customers_end"], figures["contracts_end"]), (0, 0))

    def test_a_renewal_carries_the_amount_over_whatever_the_rate(self):
        order = self._sell(self.home, self.euro, 100.0)
        self._go_to("2026-02-15")
        renewal = order.browse(order.action_subscription_renew()["res_id"])
        renewal.subscription_start = self.day
        renewal.action_confirm()
        self.assertEqual(renewal.subscription_status, "progress")
        figures = self._get_figures(*FEBRUARY)
        self.assertMovements(figures)
        self.assertEqual((figures["mrr_end"], figures["contracts_new"], figures["contracts_lost"]), (200.0, 0, 0))

    # === OF TWO COMPANIES ===#

    def test_companies_are_added_up_at_one_rate_so_that_none_of_its_moves_is_a_movement(self):
        self._sell(self.home, self.dollar, 10.0)
        self._sell(self.away, self.euro, 100.0)
        self.assertMovements(self._get_figures(*JANUARY), new=210.0, net_new=210.0)
        self._go_to("2026-02-15")
        figures = self._get_figures(*FEBRUARY)
        self.assertMovements(figures)
        self.assertEqual((figures["mrr_start"], figures["mrr_end"]), (410.0, 410.0))
        # In the other company's currency: 10 dollars are 2.50 euros now.
        figures = self._get_figures(*FEBRUARY, companies=self.away + self.home)
        self.assertMovements(figures)
        self.assertEqual((figures["mrr_start"], figures["mrr_end"]), (102.5, 102.5))

    def test_a_cohort_of_two_companies_keeps_all_its_revenue_when_the_rate_moves(self):
        self._sell(self.home, self.euro, 100.0)
        self._sell(self.away, self.euro, 100.0)
        self._go_to("2026-02-15")
        [cohort] = self.both["subscription.customer.report"].get_cohort_data(measure="mrr", date_to=self.day)["cohorts"]
        # At home 200 as of January, abroad 100 euros at the 4.00 of today.
        self.assertEqual((cohort["customers"], cohort["values"], cohort["rates"]), (2, [600.0, 600.0], [1.0, 1.0]))

    # === NOTHING IS LEFT ===#

    def test_what_was_sold_in_millions_and_thirds_leaves_nothing(self):
        quarterly = self.plans.filtered(lambda plan: plan.name == "Quarterly")
        order = self._sell(self.home, self.euro, 1.0)
        self._schedule(order, "plan", line_id=order.order_line.id, plan_id=quarterly.id, price_unit=9_876_543_210.0)
        for number in range(1, 12):
            self._go_to(str(date(2026, number, 11)))
            order.order_line.price_unit = 9_876_543_210.0 / (number + 1)
        self._close(order)
        figures = self._get_figures(date(2026, 11, 11), date(2026, 11, 11))
        self.assertEqual((figures["customers_end"], figures["contracts_end"]), (0, 0))
        # Both of the day's changes, the last fall of the price and the end, are one churn.
        before = round(figures["mrr_start"], 2)
        self.assertMovements(figures, churn=before, net_new=-before)

    def test_when_all_is_closed_each_company_and_filter_is_at_zero(self):
        self._begin(self.day, seed=7)
        self._do_sell(self.home, self.euro)
        self._do_sell(self.away, self.dollar)
        for action in ("sell", "sell", "change_price", "pause", "change_quantity", "sell", "change_plan", "hand_over"):
            self._let_pass(20)
            try:
                getattr(self, f"_do_{action}")()
            except UserError as error:
                self.fail(f"{action}: {error}")
        self._let_pass(20)
        for order in self.orders:
            self._close(order)
        for filters in (None, {"company_ids": self.home.ids}, {"company_ids": self.away.ids}):
            figures = self.both["subscription.kpi"].get_kpis(self.day, self.day, filters)["figures"]
            self.assertAlmostEqual(figures["mrr_end"], 0.0, 6)
            self.assertEqual((figures["customers_end"], figures["contracts_end"]), (0, 0), filters)
