from odoo.tests import new_test_user

from .page_common import PageCommon


class TestSubscriptionPageAccess(PageCommon):
    """Who opens the page of a subscription, and what it shows them."""

    # === BLOCKED ===#

    def test_nobody_comes_without_login_or_link(self):
        for params in ({}, {"access_token": ""}, {"access_token": "wrong"}, {"access_token": "é"}):
            self.assertSentHome(self._open(**params))

    def test_the_link_of_another_subscription_opens_nothing(self):
        other = self._create_subscription()
        self.assertSentHome(self._open(access_token=other._portal_ensure_token()))

    def test_strangers_who_are_logged_in_see_nothing(self):
        self._log_in(self.eve)
        self.assertSentHome(self._open())
        self.assertSentHome(self._open(access_token="wrong"))

    def test_who_was_let_in_does_not_come_once_that_is_taken_back(self):
        link = self._let_in("manage")
        self._read(self._open(access_token=link))
        self.order.sudo().subscription_access_ids.active = False
        self.assertSentHome(self._open(access_token=link))

    def test_orders_without_a_page_of_their_own_are_not_shown(self):
        quotation = self._create_quotation()
        poster = self._create_quotation(lines=[self._line(self.poster)])
        poster.action_confirm()
        for order in (quotation, poster):
            self.assertSentHome(self._open_by_link(order))
        self.assertSentHome(self._open(quotation.browse(99999999), access_token="x"))

    def test_customers_have_subscriptions_with_several_companies(self):
        other = self._create_company(name="Other Books")
        self.env.user.company_ids |= other
        plan = self.env["subscription.plan"].with_company(other).create({"name": "Weekly", "interval_unit": "week"})
        order = (
            self.env["sale.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": other.id,
                    "subscription_plan_id": plan.id,
                    "order_line": [self._line(self.magazine, price_unit=5.0, tax_ids=[])],
                }
            )
        )
        order.with_company(other).action_confirm()
        self.assertNotIn(other, self.ada.company_ids)
        self._log_in(self.ada)
        self.assertIn("5.00", self._read(self._open(order))["subscription_next"])
        self._bill()
        invoice = self._get_invoices(order)
        self.assertEqual(self._get_links(self._open(order), "subscription_pay"), [invoice.get_portal_url()])
        rows = self._get_rows(self.url_open("/my/subscriptions"), "subscription_row")
        self.assertEqual({row.split()[0] for row in rows}, {self.order.name, order.name})

    # === WHAT EACH LEVEL SEES ===#

    def test_who_may_see_is_offered_no_payment(self):
        link = self._let_in("see")
        response = self._open(access_token=link)
        page = self._read(response)
        self.assertNotIn("subscription_pay", page)
        self.assertNotIn("Pay now", response.text)
        self.assertIn(self.invoice.name, page["subscription_invoices"])

    def test_who_may_pay_is_offered_payment(self):
        response = self._open(access_token=self._let_in("pay"))
        self.assertEqual(self._read(response)["subscription_pay"], "Pay $ 12.00")

    def test_the_keys_of_the_customer_reach_nobody_else(self):
        self.order.sudo()._subscription_renew().action_quotation_sent()
        renewal = self.order.subscription_renewal_ids
        secrets = [record._portal_ensure_token() for record in (self.order, self.invoice, renewal)]
        self.env.flush_all()
        links = [self._let_in(level, self.env["res.partner"].create({"name": level})) for level in ("see", "pay")]
        pages = [self._open(access_token=link).text for link in links]
        self._log_in(self._create_colleague())
        pages.append(self._open().text)
        for page in pages:
            self.assertIn(self.order.name, page)
            for secret in secrets:
                self.assertNotIn(secret, page)

    def test_colleagues_see_and_pay(self):
        self._log_in(self._create_colleague())
        response = self._open()
        self.assertEqual(self._read(response)["subscription_pay"], "Pay $ 12.00")
        self.assertEqual(self._get_links(response, "subscription_pay"), [f"/my/invoices/{self.invoice.id}"])

    def test_staff_see_what_their_rights_allow(self):
        self._log_in(new_test_user(self.env, "sally", "sales_team.group_sale_salesman_all_leads"))
        self._read(self._open())
        self._log_in(new_test_user(self.env, "fred", "base.group_user"))
        self.assertSentHome(self._open())

    # === DOCUMENTS ===#

    def _download(self, invoice=None, order=None, **params):
        return self._open(order, suffix=f"/invoices/{(invoice or self.invoice).id}", **params)

    def test_invoices_are_downloaded_at_any_level(self):
        for link in (self.link, self._let_in("see")):
            response = self._download(access_token=link)
            self.assertEqual(response.status_code, 200)
            self.assertEqual(response.headers["Content-Type"], "application/pdf")

    def test_invoices_of_others_are_not(self):
        other = self._bill_another()
        self.assertEqual(self._download(other, access_token=self.link).status_code, 303)
        self.assertSentHome(self._download(access_token="wrong"))
        self._log_in(self.eve)
        self.assertSentHome(self._download())

    def test_an_invoice_with_other_subscriptions_is_the_customers_alone(self):
        orders = self.order.browse()
        for _number in range(2):
            orders |= self._create_subscription(subscription_consolidate=True)
        self._bill()
        invoice = self._get_invoices(orders)
        self.assertEqual(len(invoice), 1)
        link = self._let_in("see", order=orders[0])
        response = self._open(orders[0], access_token=link)
        self.assertIn(invoice.name, self._read(response)["subscription_invoices"])
        self.assertEqual(self._get_links(response, "subscription_invoices"), [])
        self.assertEqual(self._download(invoice, orders[0], access_token=link).status_code, 303)
        own = self._download(invoice, orders[0], access_token=orders[0]._portal_ensure_token())
        self.assertEqual(own.status_code, 200)

    def test_the_order_is_printed(self):
        response = self._open(access_token=self._let_in("see"), report_type="html")
        self.assertEqual(response.status_code, 200)
        self.assertIn(self.order.name, response.text)
        self.assertSentHome(self._open(report_type="html", access_token="wrong"))
