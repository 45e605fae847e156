"""Paying for a change on its page."""

from datetime import date

from odoo import http
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .common import Refused
from .request_common import RequestCommon


@tagged("post_install", "-at_install")
class TestRequestPage(RequestCommon, PaymentHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = new_test_user(cls.env, "ada-portal", "base.group_portal", partner_id=cls.customer.id)
        cls.eve = new_test_user(cls.env, "eve-portal", "base.group_portal", name="Eve", email="eve@example.com")
        cls.order = cls._create_running()
        cls.line = cls.order.order_line.filtered(lambda line: line.product_id == cls.paper)
        cls.link = cls.order._portal_ensure_token()

    def setUp(self):
        super().setUp()
        self._set_today(date(2026, 1, 12))
        self.authenticate(None, None)
        self.request = self._ask(self.order, {"kind": "quantity", "line_id": self.line.id, "quantity": 2})
        self.path = f"/my/subscriptions/{self.order.id}/requests/{self.request.id}"

    def _open(self, link=None, **params):
        self.env.flush_all()
        params = {"access_token": link, **params} if link else params
        return self.url_open(self.path, params=params, allow_redirects=False)

    def _begin(self, link=None, **params):
        values = {
            "access_token": link,
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method.id,
            "token_id": None,
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": "/evil",
            **params,
        }
        self.env.flush_all()
        answer = self.url_open(f"{self.path}/transaction", json={"jsonrpc": "2.0", "params": values}).json()
        self.env.invalidate_all()
        if "error" in answer:
            raise Refused(answer["error"]["data"]["message"])
        return self._get_tx(answer["result"]["reference"])

    def _cancel(self, link=None, csrf=True):
        params = {"csrf_token": http.Request.csrf_token(self)} if csrf else {}
        params |= {"access_token": link} if link else {}
        self.env.flush_all()
        response = self.url_open(f"{self.path}/cancel", data=params, allow_redirects=False)
        self.env.invalidate_all()
        return response

    def test_the_page_says_what_is_to_be_paid_and_offers_the_form(self):
        response = self._open(self.link)
        self.assertEqual(response.status_code, 200)
        self.assertIn("20.00", response.text)
        self.assertIn("o_payment_form", response.text)

    def test_who_may_not_manage_sees_nothing_and_pays_nothing(self):
        access = (
            self.env["subscription.access"]
            .sudo()
            .create({"order_id": self.order.id, "partner_id": self.eve.partner_id.id, "level": "pay"})
        )
        for link in (None, "x" * 36, access.access_token):
            self.assertEqual(self._open(link).headers["Location"].rsplit("/", 1)[-1], "my")
            with self.assertRaises(Refused), mute_logger("odoo.http"):
                self._begin(link)
        self.authenticate(self.eve.login, self.eve.login)
        self.assertEqual(self._open().headers["Location"].rsplit("/", 1)[-1], "my")

    def test_the_amount_is_ours_whatever_the_browser_says(self):
        transaction = self._begin(self.link, amount=0.01)
        with self.assertRaisesRegex(Refused, "whitelisted"), mute_logger("odoo.http"):
            self._begin(self.link, currency_id=1, partner_id=self.eve.partner_id.id)
        self.assertEqual((transaction.amount, transaction.currency_id), (20.0, self.order.currency_id))
        self.assertEqual((transaction.partner_id, transaction.sale_order_ids), (self.customer, self.order.browse()))
        self.assertNotIn("evil", transaction.landing_route)
        self._answer(transaction, "done", save=False)
        self.assertEqual((self.line.product_uom_qty, self.request.state), (2, "done"))
        self.assertEqual(self.request.move_ids.amount_residual, 0.0)

    def test_without_a_login_no_saved_method_is_offered_nor_taken(self):
        token = self._create_method(self.customer)
        self.assertNotIn(token.payment_details, self._open(self.link).text)
        with self.assertRaisesRegex(Refused, "log in"), mute_logger("odoo.http"):
            self._begin(self.link, flow="token", token_id=token.id)

    def test_the_customer_pays_with_a_saved_method_and_nobody_elses(self):
        self.authenticate(self.ada.login, self.ada.login)
        transaction = self._begin(flow="token", token_id=self._create_method(self.customer).id)
        self.assertEqual(transaction.subscription_request_id, self.request)
        other = self._create_method(self.eve.partner_id)
        with self.assertRaises(Refused), mute_logger("odoo.http"):
            self._begin(flow="token", token_id=other.id)

    def test_while_a_payment_is_under_way_no_other_begins(self):
        self._answer(self._begin(self.link), "pending", save=False)
        with self.assertRaisesRegex(Refused, "cannot be paid"), mute_logger("odoo.http"):
            self._begin(self.link)
        self.assertIn("being processed", self._open(self.link).text)
        self._cancel(self.link)
        self.assertEqual(self.request.state, "awaiting")

    def test_taken_back_it_cannot_be_paid_any_more(self):
        self._cancel()
        self._cancel(self.link, csrf=False)
        self.assertEqual(self.request.state, "awaiting", "neither a stranger nor another site takes it back")
        self._cancel(self.link)
        self.assertEqual(self.request.state, "cancelled")
        with self.assertRaises(Refused), mute_logger("odoo.http"):
            self._begin(self.link)

    def test_what_an_answer_of_the_provider_does_is_seen_on_the_page(self):
        self._answer(self._begin(self.link), "error", save=False)
        self.assertIn("o_payment_form", self._open(self.link).text, "they may try again")
        self._answer(self._begin(self.link), "done", save=False)
        page = self._open(self.link).text
        self.assertIn("Your change is made", page)
        self.assertNotIn("o_payment_form", page)

    def test_a_request_of_another_subscription_is_not_shown(self):
        other = self._create_running()
        self.path = f"/my/subscriptions/{other.id}/requests/{self.request.id}"
        self.assertEqual(self._open(other._portal_ensure_token()).headers["Location"].rsplit("/", 1)[-1], "my")
