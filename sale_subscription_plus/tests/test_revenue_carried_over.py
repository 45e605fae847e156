from odoo.fields import Command
from odoo.tests import new_test_user

from .test_changes import ChangesCommon


class TestRevenueCarriedOver(ChangesCommon):
    """What each plan, salesperson, team and customer brings stays right when a subscription changes hands."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.bob = (
            new_test_user(cls.env, login, groups="sales_team.group_sale_salesman", company_id=cls.company.id)
            for login in ("anna", "bob")
        )
        cls.books = cls._create_team("Books")

    def _create_subscription(self, *args, **kwargs):
        """Override: Anna's."""
        return super()._create_subscription(*args, user_id=self.anna.id, team_id=self.books.id, **kwargs)

    @classmethod
    def _create_team(cls, name, *users):
        members = [Command.create({"user_id": user.id}) for user in users]
        return cls.env["crm.team"].create({"name": name, "company_id": cls.company.id, "crm_team_member_ids": members})

    def _get_balances(self, field):
        groups = self.env["subscription.event"]._read_group(
            [("order_id", "=", self.order.id)], [field], ["amount:sum", "amount_company:sum"]
        )
        return {mark: (round(amount, 6), round(company, 6)) for mark, amount, company in groups if round(amount, 6)}

    def _get_movements(self):
        return [
            (str(event.date), event.type, round(event.amount, 6))
            for event in self.order.subscription_event_ids.sorted("id")
        ]

    def test_another_salesperson_takes_the_revenue_along(self):
        self._set_today("2026-01-20")
        self.order.user_id = self.bob
        self.assertEqual(self._get_balances("user_id"), {self.bob: (12.0, 12.0)})
        self.assertEqual(
            self._get_movements(),
            [("2026-01-01", "new", 12.0), ("2026-01-20", "transfer", -12.0), ("2026-01-20", "transfer", 12.0)],
        )
        self.assertEventsSumToMRR(self.order)

    def test_the_salesperson_takes_it_into_the_own_team(self):
        phone = self._create_team("Phone", self.bob)
        self.order.user_id = self.bob
        self.assertEqual(self.order.team_id, phone)
        self.assertEqual(self._get_balances("team_id"), {phone: (12.0, 12.0)})

    def test_a_salesperson_may_give_the_own_subscription_away(self):
        self.order.with_user(self.anna).user_id = self.bob
        self.assertEqual(self._get_balances("user_id"), {self.bob: (12.0, 12.0)})

    def test_the_same_salesperson_again_moves_nothing(self):
        self.order.write({"user_id": self.anna.id, "team_id": self.order.team_id.id})
        self.assertEqual(len(self.order.subscription_event_ids), 1)

    def test_what_the_former_salesperson_sold_is_lost_by_who_has_it_now(self):
        self.order.user_id = self.bob
        self._set_today("2026-02-01")
        self._schedule("close", reason_id=self.env.ref("sale_subscription_plus.close_reason_other").id)
        self.assertEqual(self._get_balances("user_id"), {})
        self.assertEqual(self.order.subscription_event_ids.sorted("id")[-1].user_id, self.bob)

    def test_nothing_moves_for_a_quotation(self):
        quotation = self._create_quotation()
        quotation.user_id = self.bob
        self.assertFalse(quotation.subscription_event_ids)

    def test_what_pauses_moves_without_revenue(self):
        self._schedule("pause")
        self.order.user_id = self.bob
        moved = self.order.subscription_event_ids.sorted("id")[-2:]
        self.assertEqual(
            [(event.user_id, event.type, event.amount, event.pausing) for event in moved],
            [(self.anna, "transfer", 0.0, -1), (self.bob, "transfer", 0.0, 1)],
        )
        self._schedule("resume")
        self.assertEqual(self._get_balances("user_id"), {self.bob: (12.0, 12.0)})

    def test_another_plan_takes_the_whole_revenue_and_only_the_difference_is_a_contraction(self):
        self._set_today("2026-01-15")
        self._schedule("plan", plan_id=self.yearly.id)
        self.assertEqual(self._get_balances("plan_id"), {self.yearly: (10.0, 10.0)})
        self.assertEqual(
            self._get_movements()[1:],
            [
                ("2026-01-15", "transfer", -12.0),
                ("2026-01-15", "transfer", 12.0),
                ("2026-01-15", "contraction", -2.0),
            ],
        )
        self.assertEventsSumToMRR(self.order)

    def test_a_customer_who_joins_a_company_brings_the_revenue_along_and_takes_it_away_again(self):
        company = self.env["res.partner"].create({"name": "Bookshop", "is_company": True})
        self.customer.parent_id = company
        self.assertEqual(self._get_balances("partner_id"), {company: (12.0, 12.0)})
        self.customer.parent_id = False
        self.assertEqual(self._get_balances("partner_id"), {self.customer: (12.0, 12.0)})

    def test_an_address_of_the_customer_that_moves_changes_nothing(self):
        address = self.env["res.partner"].create({"name": "Attic", "type": "delivery", "parent_id": self.customer.id})
        address.parent_id = self.env["res.partner"].create({"name": "Bo"})
        self.assertEqual(self._get_balances("partner_id"), {self.customer: (12.0, 12.0)})
