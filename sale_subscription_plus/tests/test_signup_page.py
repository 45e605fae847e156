from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .signup_common import SignupCommon
from .trap import trap_charges


@tagged("-at_install", "post_install")
class TestSignupPage(SignupCommon, PaymentHttpCommon):
    """The customer signs up on the page of the quotation, by its link and without a login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = new_test_user(cls.env, "ada-signup", "base.group_portal", partner_id=cls.customer.id)
        cls.eve = new_test_user(cls.env, "eve-signup", "base.group_portal", name="Eve", email="eve@example.com")
        cls.aligned = cls._create_plan("Aligned", alignment="month_day", alignment_day=11)
        cls._set_recurring_price(cls.magazine, cls.aligned, 31.0)
        cls.arrears = cls._create_plan("Arrears", billing_timing="arrears")
        cls._set_recurring_price(cls.magazine, cls.arrears, 7.0)
        cls.unsavable = cls.env["payment.method"].create(
            {
                "name": "Voucher",
                "code": "voucher_signup",
                "support_tokenization": False,
                "active": True,
                "provider_ids": [Command.link(cls.provider.id)],
            }
        )

    def _create_sent(self, **values):
        values = {"plan": self.aligned, "require_payment": True, "require_signature": False, **values}
        order = self._create_quotation(**values)
        order.state = "sent"
        return order

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def _get_page(self, order, **params):
        self.env.flush_all()
        return self.url_open(f"/my/orders/{order.id}", params={"access_token": order._portal_ensure_token(), **params})

    def _begin_on_page(self, order, **params):
        """Create a transaction as the page of ``order`` does; return it."""
        values = {
            "access_token": order._portal_ensure_token(),
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method.id,
            "token_id": None,
            "amount": order._get_signup_amount(),
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": order.get_portal_url(),
            "is_validation": False,
            **params,
        }
        self.env.flush_all()
        answer = self.make_jsonrpc_request(f"/my/orders/{order.id}/transaction", values)
        self.env.invalidate_all()
        return self._get_tx(answer["reference"])

    def _assert_refused(self, order, **params):
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._begin_on_page(order, **params)
        self.env.invalidate_all()

    def test_the_page_asks_for_the_first_invoice(self):
        order = self._create_sent()
        self.assertEqual((order.amount_total, order._get_first_invoice_amount()), (31.0, 10.0))
        page = self._get_page(order)
        context = self._get_payment_context(page)
        self.assertEqual(context["amount"], 10.0)
        self.assertIn("This pays your first invoice", page.text)

    def test_only_methods_that_can_be_saved_are_offered(self):
        context = self._get_payment_context(self._get_page(self._create_sent()))
        self.assertIn(self.payment_method.id, context["payment_method_ids"])
        self.assertNotIn(self.unsavable.id, context["payment_method_ids"])
        ordinary = self._create_sent(lines=[self._line(self.poster)])
        context = self._get_payment_context(self._get_page(ordinary))
        self.assertIn(self.unsavable.id, context["payment_method_ids"])
        self.assertEqual(context["amount"], 9.0)

    def test_paying_on_the_page_starts_the_subscription(self):
        order = self._create_sent()
        transaction = self._begin_on_page(order)
        self.assertEqual((transaction.amount, transaction.tokenize), (10.0, True))
        self._answer(transaction, "done")
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_token_id, transaction.token_id)
        self.assertEqual(self._get_invoices(order).mapped("amount_residual"), [0.0])

    def test_another_amount_is_refused(self):
        order = self._create_sent()
        for amount in (0.01, 9.99, 10.01, 31.0, -10, 0, None):
            with self.subTest(amount=amount):
                self._assert_refused(order, amount=amount)
        self.assertFalse(order.transaction_ids)

    def test_a_share_or_all_of_it(self):
        order = self._create_sent(prepayment_percent=0.3)
        self.assertEqual(self._get_payment_context(self._get_page(order))["amount"], 3.0)
        page = self._get_page(order, amount_selection="full_amount")
        self.assertEqual(self._get_payment_context(page)["amount"], 10.0)
        self._assert_refused(order, amount=2.0)
        self._answer(self._begin_on_page(order, amount=3.0), "done")
        self.assertEqual(order.state, "sale")
        self.assertEqual(self._get_invoices(order).amount_residual, 7.0)

    def test_while_a_payment_is_pending_no_other_begins(self):
        order = self._create_sent()
        transaction = self._answer(self._begin_on_page(order), "pending")
        self._assert_refused(order)
        self._answer(transaction, "error")
        self.assertTrue(self._begin_on_page(order), "once it failed, another try")

    def test_a_second_click_does_not_charge_a_saved_method_again(self):
        method = self._create_method(self.customer)
        order = self._create_sent()
        self._log_in(self.ada)
        with trap_charges(self.env) as trap:
            transaction = self._begin_on_page(order, flow="token", token_id=method.id, payment_method_id=None)
            self._assert_refused(order, amount=10.0, flow="token", token_id=method.id, payment_method_id=None)
        self.assertEqual(trap.amounts, [10.0])
        transaction._post_process()
        self.assertEqual(order.subscription_token_id, method)

    def test_two_payments_at_once_confirm_one_subscription_and_keep_the_money(self):
        order = self._create_sent()
        first, second = self._begin_on_page(order), self._begin_on_page(order)
        self._answer(first, "done")
        self._answer(second, "done")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [10.0])
        self.assertTrue(second.payment_id, "the customer's credit")
        self.assertFalse(second.payment_id.is_reconciled)

    def test_the_saved_methods_are_the_customers_alone(self):
        method = self._create_method(self.customer)
        order = self._create_sent()
        self.assertEqual(self._get_payment_context(self._get_page(order))["token_ids"], [])
        with trap_charges(self.env) as trap:
            self._assert_refused(order, flow="token", token_id=method.id, payment_method_id=None)
        self.assertFalse(trap.sent)
        self._log_in(self.ada)
        self.assertEqual(self._get_payment_context(self._get_page(order))["token_ids"], [method.id])

    def test_another_customer_with_the_link_pays_and_saves_nothing(self):
        order = self._create_sent()
        self._log_in(self.eve)
        self.assertIn("is not saved", self._get_page(order).text)
        transaction = self._begin_on_page(order)
        self.assertFalse(transaction.tokenize)
        self._answer(transaction, "done")
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.subscription_token_id)

    def test_nobody_pays_without_the_link(self):
        order = self._create_sent()
        for visitor in (None, self.eve):
            if visitor:
                self._log_in(visitor)
            for token in ("", "wrong"):
                with self.subTest(visitor=visitor and visitor.name, token=token):
                    self._assert_refused(order, access_token=token)
                    with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
                        self._assign(order, self._create_method(self.customer), access_token=token)
        self.assertFalse(order.transaction_ids)

    @mute_logger("odoo.http")
    def test_what_the_browser_adds_is_refused(self):
        order = self._create_sent()
        self._assert_refused(order, subscription_enrol_order_ids=[order.id])
        self.assertNotEqual(self._begin_on_page(order, is_validation=True).operation, "validation")

    # === NOTHING IS TO BE PAID TODAY ===#

    def _assign(self, order, token, **params):
        values = {"token_id": token.id, "access_token": order._portal_ensure_token(), **params}
        self.env.flush_all()
        self.make_jsonrpc_request(f"/my/orders/{order.id}/payment_method", values)
        self.env.invalidate_all()

    def test_the_form_saves_a_method_where_nothing_is_to_be_paid_today(self):
        order = self._create_sent(plan=self.arrears)
        page = self._get_page(order)
        self.assertIn("Nothing is to be paid today", page.text)
        self.assertEqual(self._get_payment_context(page)["mode"], "validation")
        transaction = self._begin_on_page(order, amount=0.0, is_validation=True)
        self.assertEqual((transaction.operation, transaction.amount), ("validation", 0.0))
        self._answer(transaction, "done")
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_token_id, transaction.token_id)

    def test_the_customer_confirms_with_a_method_saved_before(self):
        method = self._create_method(self.customer)
        order = self._create_sent(plan=self.arrears)
        self._log_in(self.ada)
        self._assign(order, method)
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_token_id, method)

    @mute_logger("odoo.http")
    def test_nobody_confirms_with_a_method_of_another_customer(self):
        adas, eves = self._create_method(self.customer), self._create_method(self.eve.partner_id)
        order = self._create_sent(plan=self.arrears)
        for visitor, method in ((None, adas), (self.eve, eves), (self.eve, adas), (self.ada, eves)):
            if visitor:
                self._log_in(visitor)
            with self.subTest(visitor=visitor and visitor.name), self.assertRaises(JsonRpcException):
                self._assign(order, method)
        self.env.invalidate_all()
        self.assertEqual(order.state, "sent")

    @mute_logger("odoo.http")
    def test_what_is_to_be_paid_is_not_confirmed_by_a_method_alone(self):
        order = self._create_sent()
        self._log_in(self.ada)
        with self.assertRaises(JsonRpcException):
            self._assign(order, self._create_method(self.customer))
        self.env.invalidate_all()
        self.assertEqual(order.state, "sent")

    # === LINKS ===#

    def test_a_payment_link_asks_for_the_first_invoice(self):
        order = self._create_sent()
        wizard = self.env["payment.link.wizard"].with_context(active_model="sale.order", active_id=order.id)
        link = wizard.create({})
        self.assertEqual((link.amount, link.amount_max), (10.0, 10.0))
        self.assertEqual(self._get_payment_context(self.url_open(link.link))["amount"], 10.0)
        with self.assertRaises(UserError):
            order._check_signup_payment(31.0)
