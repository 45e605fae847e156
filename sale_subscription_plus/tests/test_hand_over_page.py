from odoo.tests import HttpCase, new_test_user, tagged

from .common import SubscriptionCommon


@tagged("-at_install", "post_install")
class TestHandOverPage(SubscriptionCommon, HttpCase):
    """The page of a subscription that was handed over: for the new customer, with nothing of the former one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bo = cls.env["res.partner"].create({"name": "Bo Heir", "email": "bo@example.com"})
        cls.ada_user = new_test_user(cls.env, "ada-hand", "base.group_portal", partner_id=cls.customer.id)
        cls.bo_user = new_test_user(cls.env, "bo-hand", "base.group_portal", partner_id=cls.bo.id)
        cls.order = cls._create_subscription().sudo()
        cls.invoice = cls.order._subscription_bill(cls.order.subscription_start)
        cls.old_link = cls.order.get_portal_url()
        cls.order._subscription_hand_over(cls.bo, cls.bo, cls.bo)

    def _open(self, link):
        self.env.flush_all()
        response = self.url_open(link)
        # Add-ons may have a page of their own for it.
        return response.url.split("?")[0].endswith(f"/{self.order.id}"), response.text

    def test_the_former_link_opens_nothing_any_more(self):
        opened, _page = self._open(self.old_link)
        self.assertFalse(opened)

    def test_the_new_link_shows_no_invoice_of_the_former_customer(self):
        opened, page = self._open(self.order.get_portal_url())
        self.assertTrue(opened)
        self.assertIn("Magazine", page)
        self.assertNotIn(self.invoice.name, page)
        self.assertNotIn("Ada Reader", page)

    def test_only_the_new_customer_opens_it_by_login(self):
        for user, expected in ((self.ada_user, False), (self.bo_user, True)):
            with self.subTest(user=user.login):
                self.authenticate(user.login, user.login)
                self.assertEqual(self._open(f"/my/orders/{self.order.id}")[0], expected)

    def test_the_former_customer_still_sees_their_invoice(self):
        self.authenticate(self.ada_user.login, self.ada_user.login)
        response = self.url_open(f"/my/invoices/{self.invoice.id}")
        self.assertIn(self.invoice.name, response.text)
