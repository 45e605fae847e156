"""The chatter of Odoo on the pages of quotations and subscriptions, whose key is hidden from customers."""

from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .request_common import RequestCommon


@tagged("post_install", "-at_install")
class TestChatter(RequestCommon, PaymentHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = new_test_user(cls.env, "ada-portal", "base.group_portal", partner_id=cls.customer.id)
        cls.eve = new_test_user(cls.env, "eve-portal", "base.group_portal", name="Eve", email="eve@example.com")
        cls.order = cls._create_running()
        cls.link = cls.order._portal_ensure_token()
        cls.order.message_post(body="Welcome", subtype_xmlid="mail.mt_comment", message_type="comment")

    def _call(self, path, **params):
        self.env.flush_all()
        params = {"thread_model": "sale.order", "thread_id": self.order.id, **params}
        answer = self.make_jsonrpc_request(path, params)
        self.env.invalidate_all()
        return answer

    def _fetch(self, **params):
        return str(self._call("/mail/chatter_fetch", **params))

    def _post(self, text, data=None, **params):
        data = {"body": text, "message_type": "comment", "subtype_xmlid": "mail.mt_comment", **(data or {})}
        self._call("/mail/message/post", post_data=data, **params)
        return self.order.message_ids.filtered(lambda message: text in message.body)

    def test_customers_read_and_write_by_the_link_with_and_without_a_login(self):
        for user in (self.ada, None):
            self.authenticate(user and user.login, user and user.login)
            with self.subTest(user=user):
                self._call("/portal/chatter_init", token=self.link)
                self.assertIn("Welcome", self._fetch(token=self.link))
                message = self._post(f"Hello from {user and user.login}", token=self.link)
                self.assertEqual(message.author_id, self.customer)

    def test_a_message_rates_nothing(self):
        for user in (self.ada, None):
            self.authenticate(user and user.login, user and user.login)
            with self.subTest(user=user):
                text = f"Bad, says {user and user.login}"
                self.assertTrue(self._post(text, {"rating_value": 1}, token=self.link))
                self.assertFalse(self.order.rating_ids or self.order.rating_last_value)

    def test_a_login_alone_reads(self):
        self.authenticate(self.ada.login, self.ada.login)
        self.assertIn("Welcome", self._fetch())

    def test_customers_read_and_write_by_the_link_that_was_signed_for_them(self):
        self.authenticate(self.ada.login, self.ada.login)
        params = {"pid": self.customer.id, "hash": self.order._sign_token(self.customer.id)}
        self.assertIn("Welcome", self._fetch(**params))
        self.assertTrue(self._post("Signed", **params))

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_strangers_read_and_write_nothing(self):
        for user in (self.eve, None):
            self.authenticate(user and user.login, user and user.login)
            with self.subTest(user=user):
                self.assertNotIn("Welcome", self._fetch())
                with self.assertRaises(JsonRpcException):
                    self._fetch(token="x" * 36)
            for params in ({}, {"token": "x" * 36}):
                with self.subTest(user=user, params=params), self.assertRaises(JsonRpcException):
                    self._post("Evil", **params)
        self.assertFalse(self.order.message_ids.filtered(lambda message: "Evil" in message.body))
