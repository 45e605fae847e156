"""Two companies in one database: nothing of one touches the other (I12)."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import SubscriptionCommon


@tagged("-at_install", "post_install")
class TestTwoCompanies(SubscriptionCommon):
    """A company in dollars and one in euros (2 euros a dollar), each with its tax, sell the same magazine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.company
        cls.euro = cls.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        cls.home.currency_id.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.home.currency_id.id, "name": "2020-01-01", "rate": 1.0, "company_id": False}
        )
        cls.euro.rate_ids.company_id = False  # for both companies
        cls.euro_data = cls.setup_other_company(name="Europe", currency_id=cls.euro.id)
        cls.away = cls.euro_data["company"]
        cls.away.subscription_tz = "UTC"
        cls.env.user.company_ids |= cls.away
        cls.home_tax = cls.company_data["default_tax_sale"]
        cls.away_tax = cls.euro_data["default_tax_sale"]
        cls.magazine.taxes_id = cls.home_tax | cls.away_tax
        cls.magazine.with_company(cls.away).property_account_income_id = cls.euro_data["default_account_revenue"]
        cls.home_order = cls._create_subscription()
        cls.away_order = cls._create_away()

    @classmethod
    def _create_away(cls, **values):
        order = cls._create_away_quotation(**values)
        order.action_confirm()
        return order

    @classmethod
    def _create_away_quotation(cls, **values):
        away = cls.env(context={**cls.env.context, "allowed_company_ids": [cls.away.id, cls.home.id]})
        return (
            away["sale.order"]
            .create(
                {
                    "company_id": cls.away.id,
                    "partner_id": cls.customer.id,
                    "subscription_plan_id": cls.monthly.id,
                    "order_line": [cls._line()],
                    **values,
                }
            )
            .with_env(cls.env)
        )

    @classmethod
    def _create_user(cls, login, groups, companies):
        return new_test_user(
            cls.env,
            f"{login}_two",
            groups=groups,
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    def assertOwnBooks(self, order, data, tax, amount):
        """Assert that the order's only invoice is of its company, in its currency, on its journal and accounts."""
        company = data["company"]
        invoice = self._get_invoices(order)
        self.assertRecordValues(
            invoice,
            [
                {
                    "state": "posted",
                    "company_id": company.id,
                    "currency_id": company.currency_id.id,
                    "journal_id": data["default_journal_sale"].id,
                    "amount_untaxed": amount,
                }
            ],
        )
        self.assertEqual(invoice.line_ids.company_id, company)
        self.assertEqual(invoice.line_ids.account_id.company_ids, company)
        self.assertEqual(invoice.invoice_line_ids.tax_ids, tax)
        self.assertEqual(invoice.invoice_line_ids.account_id, data["default_account_revenue"])
        self.assertEqual(order.subscription_period_ids.company_id, company)
        self.assertEqual(order.subscription_event_ids.company_id, company)

    # Billing

    def test_a_recurring_price_is_converted_into_the_currency_of_the_company(self):
        self.assertEqual(self.home_order.order_line.price_unit, 12.0)
        self.assertEqual((self.away_order.currency_id, self.away_order.order_line.price_unit), (self.euro, 24.0))

    def test_a_run_bills_both_each_in_its_own_books(self):
        self.assertEqual(self._bill()["invoices"], 2)
        self.assertOwnBooks(self.home_order, self.company_data, self.home_tax, 12.0)
        self.assertOwnBooks(self.away_order, self.euro_data, self.away_tax, 24.0)
        self.assertEqual(self._bill()["invoices"], 0)

    def test_a_run_from_one_company_bills_the_other_the_same(self):
        for company in (self.home, self.away):
            run = (
                self.env["subscription.billing.run"].with_company(company).with_context(allowed_company_ids=company.ids)
            )
            with self._test_mode(), self.registry.cursor() as cr:
                run.with_env(run.env(cr=cr))._run()
        self.assertOwnBooks(self.home_order, self.company_data, self.home_tax, 12.0)
        self.assertOwnBooks(self.away_order, self.euro_data, self.away_tax, 24.0)

    def test_a_button_pressed_with_both_companies_selected_bills_each_in_its_own_books(self):
        accountant = self._create_user("both", "account.group_account_invoice", self.home | self.away)
        for companies in ((self.home | self.away), (self.away | self.home)):
            orders = (self.home_order | self.away_order).with_user(accountant)
            orders = orders.with_context(allowed_company_ids=companies.ids)
            if companies[0] == self.home:
                orders.action_subscription_bill()
            else:
                with self.assertRaises(UserError):
                    orders.action_subscription_bill()
        self.assertOwnBooks(self.home_order, self.company_data, self.home_tax, 12.0)
        self.assertOwnBooks(self.away_order, self.euro_data, self.away_tax, 24.0)

    def test_a_button_pressed_in_the_other_company_bills_in_the_books_of_the_order(self):
        accountant = self._create_user("both", "account.group_account_invoice", self.home | self.away)
        order = self.away_order.with_user(accountant)
        order.with_context(allowed_company_ids=[self.home.id, self.away.id]).action_subscription_bill()
        self.assertOwnBooks(self.away_order, self.euro_data, self.away_tax, 24.0)

    def test_one_invoice_per_customer_never_mixes_companies(self):
        orders = self.home_order | self.away_order
        orders |= self._create_subscription() | self._create_away()
        orders.subscription_consolidate = True
        self.assertEqual(self._bill()["invoices"], 2)
        for invoice in self._get_invoices(orders):
            self.assertEqual(invoice.invoice_line_ids.sale_line_ids.order_id.company_id, invoice.company_id)
            self.assertEqual(len(invoice.invoice_line_ids.sale_line_ids.order_id), 2)

    def test_what_blocks_one_company_does_not_stop_the_other(self):
        self.euro_data["default_journal_sale"].active = False
        result = self._bill()
        self.assertEqual((result["invoices"], result["parked"]), (1, 1))
        self.assertIn(self.away.name, self.away_order.subscription_parked_reason)
        self.assertFalse(self.home_order.subscription_parked_reason)
        self.assertOwnBooks(self.home_order, self.company_data, self.home_tax, 12.0)

    def test_a_fiscal_position_of_one_company_says_nothing_in_the_other(self):
        free = self.env["account.tax"].create(
            {"name": "Free", "amount": 0, "type_tax_use": "sale", "company_id": self.home.id}
        )
        position = self.env["account.fiscal.position"].create({"name": "Abroad", "company_id": self.home.id})
        free.write({"fiscal_position_ids": position.ids, "original_tax_ids": self.home_tax.ids})
        self.customer.with_company(self.home).property_account_position_id = position
        self._bill()
        self.assertEqual(self._get_invoices(self.home_order).invoice_line_ids.tax_ids, free)
        self.assertEqual(self._get_invoices(self.away_order).invoice_line_ids.tax_ids, self.away_tax)

    def test_recurring_revenue_is_kept_in_each_companys_currency(self):
        event = self.away_order.subscription_event_ids
        self.assertEqual((event.amount, event.amount_company), (24.0, 24.0))
        self.assertEqual(event.company_currency_id, self.euro)
        dollars = self.env["product.pricelist"].create(
            {"name": "Dollars", "currency_id": self.home.currency_id.id, "company_id": self.away.id}
        )
        order = self._create_away(pricelist_id=dollars.id)
        self.assertEqual((order.subscription_event_ids.amount, order.subscription_event_ids.amount_company), (12, 24))

    def test_each_company_bills_on_its_own_day(self):
        self._bill()
        self.away.subscription_tz = "Pacific/Tongatapu"  # UTC+13
        self._bill("2026-01-31 23:30:00")
        self.assertEqual(len(self._get_invoices(self.home_order)), 1)
        self.assertEqual(str(self._get_invoices(self.away_order)[1].invoice_date), "2026-02-01")

    # What belongs to a company

    def test_a_plan_of_one_company_is_refused_in_the_other(self):
        own = self._create_plan("Home only", company_id=self.home.id)
        with self.assertRaises(UserError):
            self._create_away_quotation(subscription_plan_id=own.id)
        with self.assertRaises(UserError):
            self._create_away_quotation(order_line=[self._line(subscription_plan_id=own.id)])
        self._create_quotation(plan=own)

    def test_a_plan_of_one_company_is_refused_on_prices_and_templates_of_the_other(self):
        own = self._create_plan("Home only", company_id=self.home.id)
        pricelist = self.env["product.pricelist"].create({"name": "Away", "company_id": self.away.id})
        with self.assertRaises(UserError):
            self._set_recurring_price(self.magazine, own, 9.0, pricelist_id=pricelist.id)
        with self.assertRaises(UserError):
            self.env["sale.order.template"].create(
                {"name": "Away", "company_id": self.away.id, "subscription_plan_id": own.id}
            )

    def test_a_product_has_its_own_default_plan_in_each_company(self):
        self.magazine.with_company(self.home).subscription_plan_id = self.yearly
        own = self._create_plan("Away only", company_id=self.away.id)
        self.magazine.with_company(self.away).subscription_plan_id = own
        self.assertEqual(self._create_quotation().order_line.subscription_plan_id, self.yearly)
        self.assertEqual(self._create_away_quotation().order_line.subscription_plan_id, own)

    def test_a_default_plan_of_the_other_company_is_refused(self):
        own = self._create_plan("Home only", company_id=self.home.id)
        with self.assertRaises(UserError):
            self.magazine.with_company(self.away).subscription_plan_id = own

    def test_a_plan_that_runs_in_one_company_cannot_be_given_to_the_other(self):
        with self.assertRaises(UserError):
            self.monthly.company_id = self.away

    # Who sees what

    def test_a_salesman_of_one_company_neither_sees_nor_touches_the_other(self):
        self._bill()
        salesman = self._create_user("seller", "sales_team.group_sale_salesman_all_leads", self.home)
        order = self.away_order.with_user(salesman)
        for action in (
            lambda: order.read(["name"]),
            lambda: order.write({"note": "mine"}),
            lambda: order.order_line.with_user(salesman).read(["name"]),
            order.action_subscription_reopen,
            lambda: self.away_order.subscription_period_ids.with_user(salesman).read(["start"]),
            lambda: self.away_order.subscription_event_ids.with_user(salesman).read(["date"]),
        ):
            with self.assertRaises(AccessError):
                action()
            self.env.invalidate_all()
        for model in ("sale.order", "subscription.period", "subscription.event"):
            self.assertEqual(self.env[model].with_user(salesman).search([]).company_id, self.home)

    def test_an_accountant_of_one_company_does_not_bill_the_other(self):
        accountant = self._create_user("books", "account.group_account_invoice", self.home)
        with self.assertRaises(AccessError):
            self.away_order.with_user(accountant).action_subscription_bill()
        with self.assertRaises(AccessError):
            (self.home_order | self.away_order).with_user(accountant).action_subscription_bill()
        self.home_order.with_user(accountant).action_subscription_bill()
        self.assertFalse(self._get_invoices(self.away_order))

    def test_a_dry_run_shows_no_accountant_the_other_company(self):
        accountant = self._create_user("books", "account.group_account_invoice", self.home)
        action = self.env["subscription.dry.run"].with_user(accountant).action_tonight()
        lines = self.env["subscription.dry.run.line"].with_user(accountant).search(action["domain"])
        self.assertEqual(lines.company_id, self.home)
        self.assertIn(self.home_order, lines.order_id)
        with self.assertRaises(AccessError):
            lines.create({"run_id": lines.run_id.id, "order_id": self.away_order.id, "date": "2026-01-01"})

    def test_a_company_that_is_not_selected_is_not_billed_by_button(self):
        accountant = self._create_user("both", "account.group_account_invoice", self.home | self.away)
        order = self.away_order.with_user(accountant).with_context(allowed_company_ids=self.home.ids)
        with self.assertRaises(AccessError):
            order.action_subscription_bill()

    def test_plans_of_a_company_are_seen_by_its_people_only(self):
        own = self._create_plan("Away only", company_id=self.away.id)
        salesman = self._create_user("seller", "sales_team.group_sale_salesman", self.home)
        found = self.env["subscription.plan"].with_user(salesman).search([])
        self.assertIn(self.monthly, found)
        self.assertNotIn(own, found)
        admin = self._create_user("chief", "sale_subscription_plus.group_subscription_admin", self.home)
        with self.assertRaises(AccessError):
            own.with_user(admin).name = "Mine"
