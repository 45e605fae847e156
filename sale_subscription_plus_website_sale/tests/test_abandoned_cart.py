"""Carts that were left: their mail, and the way back to them."""

from odoo.tools import html2plaintext

from .common import ShopCommon


class TestAbandonedCart(ShopCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cart = cls._create_cart()
        cls.line = cls._add(cls.cart, cls.magazine, cls.yearly)

    # === THE MAIL ===#

    def _get_mail_text(self, cart):
        self.env.flush_all()
        cart._cart_recovery_email_send()
        mail = self.env["mail.mail"].search([("model", "=", "sale.order"), ("res_id", "=", cart.id)], limit=1)
        return mail, " ".join(html2plaintext(mail.body_html).split())

    def test_the_mail_says_the_price_of_each_period_and_what_is_due_today(self):
        self.magazine.subscription_setup_product_id = self._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        self._add(self.cart, self.magazine, self.monthly)
        self._add(self.cart, self.poster)
        mail, text = self._get_mail_text(self.cart)
        self.assertIn("Magazine, Yearly: $ 120.00 / year", text)
        self.assertIn("Magazine, Monthly: $ 12.00 / month", text)
        self.assertIn("Set-up fee, once: $ 30.00", text)
        self.assertIn("Due today: $ 171.00", text)
        self.assertIn("Then $ 120.00 each year, taxes included, from 01/01/2027 on.", text)
        self.assertLess(mail.body_html.index("Due today"), mail.body_html.index("/shop/cart?id="))
        self.assertTrue(self.cart.cart_recovery_email_sent)

    def test_the_mail_about_a_cart_that_does_not_recur_is_as_ever(self):
        cart = self._create_cart()
        self._add(cart, self.poster)
        self.assertNotIn("Due today", self._get_mail_text(cart)[1])

    def test_a_template_of_the_shops_own_says_it_too(self):
        self.website.cart_recovery_mail_template_id = self.env["mail.template"].create(
            {
                "name": "Ours",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "subject": "Come back",
                "body_html": "<p>Come back!</p>",
                "email_to": "ada@example.com",
            }
        )
        self.assertIn("Due today: $ 120.00", self._get_mail_text(self.cart)[1])

    # === WHAT IS ABANDONED ===#

    def _get_abandoned(self):
        return self.env["sale.order"].search([("is_abandoned_cart", "=", True), ("partner_id", "=", self.customer.id)])

    def test_a_cart_is_abandoned_and_a_subscription_is_not(self):
        self.cart.action_confirm()
        cart = self._create_cart()
        self._add(cart, self.magazine, self.monthly)
        self._set_today("2026-01-03")
        self.assertEqual(self._get_abandoned(), cart)
        self.assertFalse(self.cart.is_abandoned_cart)

    def _renew(self):
        self.cart.action_confirm()
        self.cart._subscription_bill_signup()
        renewal = self.env["sale.order"].browse(self.cart.action_subscription_renew()["res_id"])
        self.assertEqual((renewal.state, renewal.subscription_renews_id), ("draft", self.cart))
        return renewal

    def test_a_renewal_is_no_cart_and_not_abandoned(self):
        self.monthly.commitment_months = 12
        renewal = self._renew()
        self.assertFalse(renewal.website_id)
        self._set_today("2026-01-03")
        self.assertFalse(self._get_abandoned())
        user = self._log_in_ada()
        self._call_shop("/shop/cart/quantity")
        cart = self._buy(self.poster)
        self.assertNotEqual(cart, renewal)
        self.assertEqual(cart.partner_id, user.partner_id)
        self.assertFalse(renewal.order_line.filtered(lambda line: line.product_id == self.poster))

    def test_a_duplicate_of_a_subscription_is_no_cart(self):
        self.cart.action_confirm()
        duplicate = self.cart.copy()
        self.assertFalse(duplicate.website_id)
        self._log_in_ada()
        self.assertNotEqual(self._buy(self.poster), duplicate)
        self.assertEqual(duplicate.order_line.product_id, self.magazine)

    def test_a_renewal_is_not_emptied_into_a_cart(self):
        renewal = self._renew()
        self._visit()
        cart = self._buy(self.poster)
        for method in ("merge", "squash"):
            page = self._get_shop_page(
                "/shop/cart", id=renewal.id, access_token=renewal._portal_ensure_token(), revive_method=method
            )
            self.assertEqual(page.status_code, 404)
        self.assertEqual((renewal.state, cart.state), ("draft", "draft"))
        self.assertEqual(cart.order_line.product_id, self.poster)

    def test_a_link_with_nonsense_finds_nothing(self):
        self._visit()
        for nonsense in ("x", "-1", "²", 10**30, 987654321):
            with self.subTest(nonsense=nonsense):
                page = self._get_shop_page("/shop/cart", id=nonsense, access_token="y", revive_method="merge")
                self.assertEqual(page.status_code, 404)

    def _log_in_ada(self):
        user = self.env["res.users"].search([("partner_id", "=", self.customer.id)]) or self._create_ada()
        self._visit(user)
        return user

    def _create_ada(self):
        return self.env["res.users"].create(
            {
                "login": "ada-shop",
                "password": "ada-shop",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "company_ids": self.company.ids,
                "group_ids": self.env.ref("base.group_portal").ids,
            }
        )

    # === THE WAY BACK ===#

    def _revive(self, method):
        self.env.flush_all()
        page = self._get_shop_page(
            "/shop/cart", id=self.cart.id, access_token=self.cart._portal_ensure_token(), revive_method=method
        )
        self.env.invalidate_all()
        return page

    def test_a_cart_is_restored_on_its_plans(self):
        self._visit()
        self._buy(self.poster)
        page = self._revive("squash")
        self.assertIn("/ year", page.text)
        self.assertEqual((self.line.subscription_plan_id, self.line.price_unit), (self.yearly, 120.0))

    def test_a_cart_is_merged_on_its_plans_and_the_longer_one_binds(self):
        self.magazine.subscription_setup_product_id = self._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        yearly = self._add(self.cart, self.magazine, self.yearly, quantity=1)
        self._visit()
        cart = self._buy(self.magazine, self.monthly)
        self.assertEqual(cart.subscription_plan_id, self.monthly)
        self._revive("merge")
        self.assertEqual(yearly.order_id, cart)
        self.assertEqual(cart.website_order_line.subscription_plan_id, self.monthly + self.yearly)
        self.assertEqual(cart.subscription_plan_id, self.yearly)
        for line in cart.order_line.filtered("subscription_setup_line_id"):
            self.assertEqual(line.subscription_setup_line_id.order_id, cart)
        self.assertEqual(self.cart.state, "cancel")

    def test_what_is_merged_into_a_cart_of_another_currency_is_priced_in_it(self):
        euro = self._enable_currency("EUR")
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 0.5, "name": "2025-01-01", "company_id": self.company.id}
        )
        self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id, "company_id": self.company.id, "website_id": self.website.id}
        )
        self.shop_pricelist.active = False
        self._visit()
        cart = self._buy(self.poster)
        self._revive("merge")
        self.assertEqual((self.line.order_id, self.line.currency_id), (cart, euro))
        self.assertEqual(self.line.price_unit, 60.0)

    def test_an_agreed_price_does_not_become_one_of_another_currency(self):
        self.line.price_unit = 100.0
        self.test_what_is_merged_into_a_cart_of_another_currency_is_priced_in_it()

    def test_an_agreed_price_of_the_same_currency_stays(self):
        self.line.price_unit = 100.0
        self._visit()
        self._buy(self.poster)
        self._revive("merge")
        self.assertEqual((self.line.price_unit, self.line.order_id.amount_total), (100.0, 109.0))

    def test_nothing_is_merged_into_a_subscription_that_was_paid_meanwhile(self):
        running = self._create_cart()
        self._add(running, self.magazine, self.monthly)
        running.action_confirm()
        self._visit(cart=running)
        self._revive("merge")
        self.assertEqual(self.line.order_id, self.cart)
        self.assertEqual(len(running.order_line), 1)
