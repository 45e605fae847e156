from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.sale_subscription_plus.tests.common import SubscriptionCommon


class TestCohortsOfCustomers(SubscriptionCommon):
    """Customers of subscriptions: who comes back is there again, who grows brings more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Customer = cls.env["subscription.customer.report"]
        cls.bo, cls.cleo = cls.env["res.partner"].create([{"name": "Bo Buyer"}, {"name": "Cleo Client"}])
        cls.people = cls.customer | cls.bo | cls.cleo
        cls.reason = cls.env["subscription.close.reason"].create({"name": "Moved away"})

    def _get(self, *, domain=(), **kwargs):
        self.env.invalidate_all()
        return self.Customer.get_cohort_data([("partner_id", "in", self.people.ids), *domain], **kwargs)

    def _find(self, partner=None):
        self.env.invalidate_all()
        return self.Customer.search([("partner_id", "in", (partner or self.people).ids)])

    def _close(self, order, day):
        self._set_today(day)
        order.sudo()._subscription_close(date.fromisoformat(day), self.reason)

    def _play(self, order, kind, day):
        self._set_today(day)
        day = date.fromisoformat(day)
        self.env["subscription.change"].sudo().create(
            {"order_id": order.id, "kind": kind, "effective_on": day, "state": "planned"}
        )._apply(day)

    def assertValues(self, expected, **kwargs):
        table = self._get(**kwargs)
        self.assertEqual([(row["start"], row["values"]) for row in table["cohorts"]], expected)
        return table

    def assertDrilled(self, expected, **kwargs):
        """Assert that the cell opens the list of just these customers."""
        domain = self.Customer.get_cohort_domain("date_start", "date_stop", **kwargs)
        found = self.Customer.search([("partner_id", "in", self.people.ids), *domain])
        self.assertEqual(found.partner_id, expected)

    # The table

    def test_customers_are_followed_from_their_first_month(self):
        self._create_subscription("2026-01-10")
        gone = self._create_subscription("2026-01-20", partner_id=self.bo.id)
        self._create_subscription("2026-02-05", partner_id=self.cleo.id)
        self._close(gone, "2026-03-05")
        table = self.assertValues([("2026-01-01", [2, 2, 1]), ("2026-02-01", [1, 1])])
        self.assertEqual(table["average"], [1, 1, 0.5])
        self.assertEqual((table["seen_on"], table["measure"], table["partial"]), ("2026-03-05", "__count", True))
        self.assertDrilled(self.customer, starts=["2026-01-01"], column=2)
        self.assertDrilled(self.bo, starts=["2026-01-01"], column=2, mode="churn")
        self.assertDrilled(self.customer | self.bo, starts=["2026-01-01"])
        self.assertDrilled(self.people, starts=["2026-01-01", "2026-02-01"], column=1)

    def test_the_revenue_of_a_cohort_follows_its_movements(self):
        order = self._create_subscription("2026-01-10")
        self._create_subscription("2026-01-10", partner_id=self.bo.id)
        self._set_today("2026-02-03")
        order.order_line.product_uom_qty = 4
        self._set_today("2026-03-03")
        table = self.assertValues([("2026-01-01", [24.0, 60.0, 60.0])], measure="mrr")
        self.assertEqual(table["cohorts"][0]["rates"], [1, 2.5, 2.5])
        self.assertEqual((table["cohorts"][0]["value"], table["cohorts"][0]["customers"]), (24.0, 2))

    def test_a_customer_of_two_subscriptions_counts_once_and_is_lost_with_the_last(self):
        first = self._create_subscription("2026-01-10")
        second = self._create_subscription("2026-02-10")
        self._close(first, "2026-03-10")
        self.assertValues([("2026-01-01", [1, 1, 1])])
        self.assertFalse(self._find().date_stop)
        self._close(second, "2026-04-10")
        self.assertValues([("2026-01-01", [1, 1, 1, 0])])
        self.assertRecordValues(
            self._find(),
            [{"status": "lost", "date_stop": date(2026, 4, 10), "close_reason_id": self.reason.id, "months": 3}],
        )

    def test_contacts_of_a_company_are_one_customer(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.customer.id})
        self._create_subscription("2026-01-10")
        self._create_subscription("2026-02-10", partner_id=contact.id)
        self.assertValues([("2026-01-01", [1, 1])])

    def test_a_customer_who_comes_back_is_there_again(self):
        order = self._create_subscription("2026-01-10")
        self._close(order, "2026-02-10")
        self._create_subscription("2026-04-10")
        self.assertValues([("2026-01-01", [1, 0, 0, 1])])
        self.assertFalse(self._find().date_stop)
        self.assertDrilled(self.env["res.partner"], starts=["2026-01-01"], column=2)
        self.assertDrilled(self.customer, starts=["2026-01-01"], column=3)

    def test_who_leaves_in_the_first_month_counts_as_started(self):
        order = self._create_subscription("2026-01-10")
        self._close(order, "2026-01-20")
        table = self.assertValues([("2026-01-01", [0])])
        self.assertEqual((table["cohorts"][0]["value"], table["cohorts"][0]["rates"]), (1, [0]))
        table = self.assertValues([("2026-01-01", [0.0])], measure="mrr")
        self.assertEqual(table["cohorts"][0]["rates"], [None])

    def test_a_cohort_that_brings_nothing_any_more_leaves_no_noise(self):
        for price in (0.1, 0.2, 0.7):
            self._close(self._create_subscription("2026-01-10", lines=[self._line(price_unit=price)]), "2026-01-20")
        table = self._get(measure="mrr")
        self.assertEqual((table["cohorts"][0]["value"], table["cohorts"][0]["rates"]), (0, [None]))

    def test_who_closes_on_the_day_of_the_start_never_was_a_customer(self):
        order = self._create_subscription("2026-01-10")
        self._close(order, "2026-01-10")
        self.assertFalse(self._find())

    def test_a_paused_customer_is_still_there(self):
        order = self._create_subscription("2026-01-10")
        self._play(order, "pause", "2026-02-10")
        self._set_today("2026-03-10")
        self.assertValues([("2026-01-01", [1, 1, 1])])
        self.assertValues([("2026-01-01", [12.0, 0.0, 0.0])], measure="mrr")
        self.assertRecordValues(self._find(), [{"status": "paused", "date_stop": False, "mrr": 0.0, "mrr_start": 12.0}])
        self._play(order, "resume", "2026-03-10")
        self.assertValues([("2026-01-01", [1, 1, 1])])
        self.assertEqual(self._find().status, "active")

    def test_a_paused_customer_who_closes_is_lost_that_day(self):
        order = self._create_subscription("2026-01-10")
        self._play(order, "pause", "2026-02-10")
        self._close(order, "2026-04-10")
        self._set_today("2026-05-01")
        self.assertValues([("2026-01-01", [1, 1, 1, 0, 0])])
        self.assertRecordValues(self._find(), [{"status": "lost", "date_stop": date(2026, 4, 10)}])

    def test_who_closes_one_subscription_while_another_pauses_is_still_there(self):
        paused = self._create_subscription("2026-01-10")
        closed = self._create_subscription("2026-01-11")
        self._play(paused, "pause", "2026-02-10")
        self._close(closed, "2026-03-10")
        self.assertValues([("2026-01-01", [1, 1, 1])])
        self.assertEqual(self._find().status, "paused")
        self._close(paused, "2026-04-10")
        self.assertValues([("2026-01-01", [1, 1, 1, 0])])
        self.assertRecordValues(
            self._find(), [{"date_stop": date(2026, 4, 10), "close_reason_id": self.reason.id, "mrr": 0.0}]
        )

    def test_seen_from_an_earlier_day_later_movements_do_not_count(self):
        order = self._create_subscription("2026-01-10")
        self._close(order, "2026-02-20")
        self.assertValues([("2026-01-01", [1, 1])], date_to="2026-02-19")
        self.assertValues([("2026-01-01", [1, 0])], date_to="2026-02-20")
        self.assertValues([], date_to="2026-01-09")
        self.assertDrilled(self.customer, starts=["2026-01-01"], column=1, date_to="2026-02-19")

    def test_since_a_day_only_newcomers_count_not_who_comes_back(self):
        self._create_subscription("2026-01-05", partner_id=self.cleo.id)
        back = self._create_subscription("2026-01-10")
        self._close(back, "2026-01-20")
        tried = self._create_subscription("2026-01-21", partner_id=self.bo.id)
        self._close(tried, "2026-01-21")
        self._create_subscription("2026-02-10")
        self._create_subscription("2026-02-11", partner_id=self.bo.id)
        self.assertValues([("2026-02-01", [1])], date_from="2026-02-01")
        self.assertValues([("2026-01-01", [1, 2]), ("2026-02-01", [1])])

    def test_every_interval_gives_the_same_customers(self):
        order = self._create_subscription("2026-01-10")
        self._create_subscription("2026-01-13", partner_id=self.bo.id)
        self._close(order, "2026-01-12")
        self._set_today("2026-01-19")
        self.assertValues([("2026-01-10", [1, 1, *[0] * 8]), ("2026-01-13", [1] * 7)], interval="day")
        self.assertDrilled(self.env["res.partner"], starts=["2026-01-10"], column=2, interval="day")
        for interval, start in (("quarter", "2026-01-01"), ("year", "2026-01-01")):
            self.assertValues([(start, [1])], interval=interval)
            self.assertDrilled(self.bo, starts=[start], column=0, interval=interval)
        table = self._get(interval="week", date_to="2026-01-31")
        self.assertEqual(sum(row["value"] for row in table["cohorts"]), 2)
        self.assertEqual(sum(row["values"][-1] for row in table["cohorts"]), 1)

    def test_who_takes_over_a_subscription_becomes_a_customer_and_who_gives_it_is_none(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-02-10")
        wizard = self.env["subscription.hand.over.wizard"].with_context(
            **order.action_subscription_hand_over()["context"]
        )
        wizard.create({"partner_id": self.bo.id}).action_hand_over()
        self._set_today("2026-03-10")
        self.assertValues([("2026-01-01", [1, 0, 0]), ("2026-02-01", [1, 1])])

    # Groups and filters

    def test_groups_are_what_the_customers_started_with_and_add_up(self):
        order = self._create_subscription("2026-01-10")
        self._create_subscription("2026-01-11", plan=self.yearly, partner_id=self.bo.id)
        order.user_id = self.env.ref("base.user_admin")
        table = self._get(groupby=["plan_id"], measure="mrr")
        groups = {group["name"]: group["cohorts"][0]["values"] for group in table["groups"]}
        self.assertEqual(groups, {"Monthly": [12.0], "Yearly": [10.0]})
        self.assertEqual(table["cohorts"][0]["values"], [22.0])
        self.assertValues([("2026-01-01", [10.0])], measure="mrr", domain=[("plan_id", "=", self.yearly.id)])

    def test_the_first_line_names_what_a_customer_started_with(self):
        dear = self._create_recurring_product("Atlas", {self.monthly: 99.0})
        self._create_subscription("2026-01-10", lines=[self._line(), self._line(dear)])
        customer = self._find()
        self.assertEqual((customer.product_id, customer.categ_id), (self.magazine, self.magazine.categ_id))
        self.assertEqual((customer.mrr_start, customer.plan_id), (111.0, self.monthly))

    def test_two_companies_are_told_in_one_currency_at_one_rate(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        other = self._create_company(name="Euro Books")
        other.currency_id = euro
        self.env["res.currency.rate"].create(
            [
                {"currency_id": euro.id, "company_id": self.company.id, "name": day, "rate": rate}
                for day, rate in (("2025-12-01", 0.8), ("2026-02-01", 0.5))
            ]
        )
        order = self._create_subscription("2026-01-10")
        # In sudo mode: nobody writes movements by hand.
        event = self.env["subscription.event"].sudo().search([("order_id", "=", order.id)])
        event.copy({"company_id": other.id, "partner_id": self.bo.id})
        self._set_today("2026-02-10")
        self.env.invalidate_all()
        Customer = self.Customer.with_context(allowed_company_ids=(self.company | other).ids)
        table = Customer.get_cohort_data([("partner_id", "in", self.people.ids)], measure="mrr")
        self.assertEqual([row["values"] for row in table["cohorts"]], [[36.0, 36.0]])

    # Rights

    def test_a_salesperson_sees_the_customers_of_own_subscriptions_only(self):
        mine, other = (
            new_test_user(self.env, login, groups="sales_team.group_sale_salesman")
            for login in ("cohort_a", "cohort_b")
        )
        self._create_subscription("2026-01-10", user_id=mine.id)
        self._create_subscription("2026-01-11", user_id=other.id)
        self._create_subscription("2026-01-12", user_id=other.id, partner_id=self.bo.id)
        domain = [("partner_id", "in", self.people.ids)]
        for user, expected in ((mine, [1]), (other, [2]), (self.env.user, [2])):
            self.env.invalidate_all()
            table = self.Customer.with_user(user).get_cohort_data(domain)
            self.assertEqual([row["values"][0] for row in table["cohorts"]], expected)
        self.env.invalidate_all()
        customer = self.Customer.with_user(mine).search(domain)
        self.assertEqual((customer.mrr, customer.sudo().mrr), (12.0, 12.0))

    def test_strangers_and_portal_users_get_nothing(self):
        self._create_subscription("2026-01-10")
        for groups in ("base.group_user", "base.group_portal"):
            user = new_test_user(self.env, f"cohort_{groups[-6:]}", groups=groups)
            with self.assertRaises(AccessError):
                self.Customer.with_user(user).get_cohort_data([])
            with self.assertRaises(AccessError):
                self.Customer.with_user(user).search([])

    def test_another_company_is_not_told_of(self):
        self._create_subscription("2026-01-10")
        other = self._create_company(name="Elsewhere")
        user = new_test_user(
            self.env,
            "cohort_elsewhere",
            groups="account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.Customer.with_user(user).get_cohort_data([])["cohorts"])

    # What opens

    def test_a_customer_opens_their_subscriptions(self):
        order = self._create_subscription("2026-01-10")
        action = self._find().action_view_subscriptions()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), order)

    def test_a_moment_that_makes_no_sense_is_refused(self):
        for moment in (
            "month",
            "month:x:2026-01-01",
            "decade:1:2026-01-01",
            "month:-1:2026-01-01",
            "day:99999999999:2026-01-01",
        ):
            with self.subTest(moment), self.assertRaises(UserError):
                self.Customer.search([("there_after", "=", moment)])
        with self.assertRaisesRegex(UserError, "is no day to count from"):
            self.Customer.search([("there_after", "=", "month:1:9999-12-31")])

    def test_newcomers_since_a_day_that_is_none_are_refused(self):
        for day in ("soon", 2026, "0001-01-01"):
            with self.subTest(day), self.assertRaisesRegex(UserError, "is no day to count from"):
                self.Customer.with_context(subscription_customers_since=day).search([])
            with self.subTest(day), self.assertRaisesRegex(UserError, "is no day to count from"):
                self.Customer.get_cohort_data(date_from=day)
