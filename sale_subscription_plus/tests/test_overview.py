from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Date
from odoo.tests import new_test_user
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .charging_common import ChargingCommon


class TestOverview(ChargingCommon):
    """What needs attention, on one page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls._create_person("sam_overview", "sales_team.group_sale_salesman")
        cls.accountant = cls._create_person("anna_overview", "account.group_account_invoice")
        cls.nobody = cls._create_person("nobody_overview", "base.group_user")

    @classmethod
    def _create_person(cls, login, group):
        return new_test_user(cls.env, login, group, company_id=cls.company.id)

    def _get_cards(self, user=None, companies=None):
        overview = self.env["subscription.overview"].with_user(user or self.env.user)
        if companies:
            overview = overview.with_context(allowed_company_ids=companies.ids)
        groups = overview.get_overview()["groups"]
        return {card["key"]: card for group in groups for card in group["cards"]}

    def _count(self, user=None):
        """Return {card: (count, amount)} of the cards that count something."""
        cards = self._get_cards(user)
        return {key: (card["count"], card["amount"]) for key, card in cards.items() if card["count"]}

    def _fail(self, answer, **values):
        # Customers of their own: a new method takes over from one of the same customer that failed.
        customer = self.customer.copy()
        token = self._create_token(customer, provider_ref=str(answer))
        order = self._create_automatic(token=token, partner_id=customer.id, **values)
        self._charge(lambda tx: answer if tx.token_id.provider_ref == str(answer) else "done")
        return order

    def _open(self, card):
        """Return the records of the list that a card opens, as its screen finds them."""
        action = self.env.ref(card["action"])
        model = self.env[action.res_model]
        domain = safe_eval(action.domain or "[]")
        views = model.get_views([(action.search_view_id.id, "search")])
        filters = etree.fromstring(views["views"]["search"]["arch"]).iter("filter")
        domains = {
            node.get("name"): safe_eval(node.get("domain"), {"uid": self.env.uid})
            for node in filters
            if node.get("domain")
        }
        for name in card["filters"]:
            domain = domain + domains[name]
        return model.search(domain)

    # What counts where

    def test_all_is_well_where_everything_is_paid(self):
        self._create_automatic()
        self._charge()
        self.assertEqual(self._count(), {})

    def test_a_declined_payment_is_a_failure_until_it_is_paid(self):
        self._fail("soft")
        self.assertEqual(self._count(), {"failed": (1, 12.0)})
        self._charge("done", "2026-01-02")
        self.assertEqual(self._count(), {})

    def test_a_lost_card_is_a_failure_that_waits_for_the_customer(self):
        self._fail("hard")
        self.assertEqual(self._count(), {"failed": (1, 12.0), "awaiting": (1, 12.0)})

    def test_faults_of_ours_and_doubts_are_to_be_resolved(self):
        self._fail(404)
        self._fail("no_answer")
        self.assertEqual(self._count(), {"to_resolve": (2, 24.0)})

    def test_customers_who_pay_by_hand_are_overdue_from_the_day_after_and_suspended_after_grace(self):
        self._create_subscription("2026-01-01", subscription_token_id=False)
        self._bill()
        self._charge()
        self.assertEqual(self._count(), {})
        self._charge(day="2026-01-02")
        self.assertEqual(self._count(), {"overdue": (1, 12.0)})
        self._charge(day="2026-01-11")
        self.assertEqual(self._count(), {"overdue": (1, 12.0), "suspended": (1, 12.0)})

    def test_only_methods_that_are_in_use_and_expire_within_thirty_days_count(self):
        self._create_automatic()
        self._charge()
        unused = self._create_token(provider_ref="unused").sudo()
        for day, count in (("2026-02-01", 0), ("2026-01-31", 1), ("2025-12-01", 1)):
            (self.card.sudo() | unused).subscription_expires_on = Date.to_date(day)
            self.assertEqual(self._get_cards()["methods"]["count"], count, day)

    def test_parked_subscriptions_and_terms_that_end_count_with_their_mrr(self):
        order = self._create_subscription("2026-01-01", subscription_commitment_months=1)
        self.assertEqual(self._count(), {"term_30": (1, 12.0)})
        order.sudo().write({"subscription_parked_reason": "No journal", "subscription_parked_on": "2026-01-01"})
        self.assertEqual(self._count()["parked"], (1, 12.0))

    def test_a_term_that_ended_without_renewal_stays_in_sight_for_thirty_days(self):
        order = self._create_subscription("2026-01-01", subscription_commitment_months=1, subscription_auto_renew=False)
        self._bill()
        self._get_invoices(order)._subscription_plan_charges()
        self._bill("2026-02-01")
        self.assertEqual(order.subscription_status, "closed")
        self.assertEqual(self._get_cards()["term_expired"]["count"], 1)
        self._set_today("2026-03-04")
        self.assertEqual(self._get_cards()["term_expired"]["count"], 0)

    # Amounts

    def test_amounts_are_in_the_currency_of_the_company(self):
        currency = self.env["res.currency"].create(
            {"name": "TST", "symbol": "T", "rate_ids": [(0, 0, {"name": "2025-01-01", "rate": 2.0})]}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Test", "currency_id": currency.id})
        self.provider.available_currency_ids = False
        order = self._create_subscription(
            "2026-01-01",
            [self._line(price_unit=24.0)],
            pricelist_id=pricelist.id,
            subscription_commitment_months=1,
        )
        self._bill()
        self.assertEqual(order.currency_id, currency)
        self._charge(day="2026-01-02")
        self.assertEqual(self._count(), {"overdue": (1, 12.0), "term_30": (1, 12.0)})

    # Who sees what

    def test_a_salesman_counts_own_subscriptions_and_an_accountant_all(self):
        self._fail("soft", user_id=self.salesman.id)
        self._fail("hard", user_id=self.accountant.id)
        self.assertEqual(self._count(self.salesman), {"failed": (1, 12.0)})
        self.assertEqual(self._count(self.accountant), {"failed": (2, 24.0), "awaiting": (1, 12.0)})

    def test_nobody_else_sees_an_overview(self):
        for user in (self.nobody, self.quick_ref("base.public_user")):
            with self.subTest(user=user.id), self.assertRaises(AccessError), mute_logger("odoo.models"):
                self._get_cards(user)

    def test_only_the_selected_companies_count(self):
        self._fail("soft")
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other
        self.assertEqual(self._get_cards(companies=other)["failed"]["count"], 0)
        self.assertEqual(self._get_cards(companies=other | self.company)["failed"]["count"], 1)

    # Lists

    def test_each_card_opens_the_list_of_what_it_counts(self):
        self._fail("soft")
        self._fail("hard")
        self._fail(404)
        by_hand = self._create_subscription("2026-01-01", subscription_commitment_months=1)
        self._bill()
        self.card.sudo().subscription_expires_on = Date.to_date("2026-01-20")
        self._create_automatic()
        self._charge(day="2026-01-12")
        by_hand.sudo().write({"subscription_parked_reason": "No journal", "subscription_parked_on": "2026-01-12"})
        cards = self._get_cards()
        opened = {key: len(self._open(card)) for key, card in cards.items()}
        self.assertEqual(opened, {key: card["count"] for key, card in cards.items()})
        self.assertGreaterEqual(sum(map(bool, opened.values())), 7)

    # Cost

    def test_the_cost_does_not_grow_with_what_is_counted(self):
        self._fail("soft")
        self._get_cards()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self._get_cards()
        cost = self.cr.sql_log_count - before
        for _number in range(3):
            self._fail("hard")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self._get_cards()
        self.assertLessEqual(self.cr.sql_log_count - before, cost + 2)
        self.assertLessEqual(cost, 20)
