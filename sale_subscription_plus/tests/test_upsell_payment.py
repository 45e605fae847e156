from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .signup_common import SignupCommon
from .test_signup import SIGNATURE
from .trap import trap_charges
from .upsell_common import UpsellCommon


class UpsellPaymentCommon(SignupCommon, UpsellCommon):
    """A monthly subscription in the middle of January, and an upsell of it that is to be paid online."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_running()

    def setUp(self):
        super().setUp()
        self._set_today("2026-01-16")

    def _create_sent(self, *lines, order=None, **values):
        upsell = self._create_upsell(order or self.order, *(lines or [self._line(self.paper)]))
        upsell.write({"state": "sent", "require_payment": True, "require_signature": False, **values})
        return upsell


@tagged("-at_install", "post_install")
class TestUpsellPayment(UpsellPaymentCommon):
    """Paying an upsell merges it, and its money meets its invoice."""

    def test_paying_merges_it_and_pays_its_invoice(self):
        for automatic in (True, False):
            with self.subTest(automatic_invoice=automatic):
                self._set_automatic_invoice(automatic)
                self._set_today("2026-01-01")
                order = self._create_running()
                self._set_today("2026-01-16")
                upsell = self._create_sent(self._line(self.paper), self._line(self.poster), order=order)
                self.assertEqual(upsell._get_prepayment_required_amount(), 25.0)
                transaction = self._pay(upsell, 25.0)
                self.assertEqual(upsell.subscription_status, "merged")
                first, invoice = self._get_invoices(order | upsell)
                self.assertFalse(first.transaction_ids)
                self.assertEqual(invoice.transaction_ids, transaction)
                self.assertEqual((invoice.amount_total, invoice.amount_residual), (25.0, 0.0))
                self.assertTrue(transaction.payment_id.is_reconciled)
                self.assertEqual(
                    order.subscription_charge_ids.filtered(lambda charge: charge.state == "paid").move_id, invoice
                )
                self.assertFalse(upsell.subscription_charge_ids)

    def test_each_invoicing_mode(self):
        for mode, sent in (("draft", False), ("post", False), ("send", True), ("charge", True)):
            with self.subTest(mode=mode):
                self._set_today("2026-01-01")
                order = self._create_running(subscription_invoicing_mode=mode)
                self._set_today("2026-01-16")
                upsell = self._create_sent(self._line(self.poster), self._line(self.paper), order=order)
                self._pay(upsell, 25.0)
                invoice = self._get_invoices(order | upsell)[-1]
                self.assertEqual((invoice.state, invoice.amount_residual), ("posted", 0.0), "it is paid")
                self.assertEqual(bool(invoice.sending_data), sent)

    def test_what_was_sold_once_alone_is_charged_to_the_method_of_its_subscription(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        upsell = self._create_sent(self._line(self.poster))
        upsell.action_confirm()
        charge = upsell.invoice_ids._get_subscription_charges()
        self.assertEqual((charge.order_ids, charge.token_id), (self.order, self.order.subscription_token_id))

    def test_a_raise_alone_is_paid_like_the_rest(self):
        upsell = self._create_upsell(self.order, raise_by=1)
        upsell.require_payment = True
        self._pay(upsell, 6.2)
        self.assertEqual(upsell.subscription_status, "merged")
        self.assertEqual(self._get_invoices(self.order)[-1].amount_residual, 0.0)
        self._set_today("2026-02-01")
        self.order.sudo()._subscription_bill_due()
        self.assertFalse(self._get_invoices(self.order)[-1].transaction_ids, "not on a renewal")

    def test_the_method_is_saved_where_the_subscription_has_none(self):
        upsell = self._create_sent()
        self.assertTrue(upsell._is_paid_by_owner(new_test_user(self.env, "ada", partner_id=self.customer.id)))
        transaction = self._pay(upsell, 16.0)
        self.assertEqual(self.order.subscription_token_id, transaction.token_id)
        self.assertFalse(upsell.subscription_token_id)

    def test_the_method_that_the_subscription_has_stays(self):
        method = self._create_method(self.customer)
        self.order.subscription_token_id = method
        upsell = self._create_sent()
        self.assertFalse(self.provider._is_tokenization_required(sale_order_id=upsell.id))
        self._pay(upsell, 16.0)
        self.assertEqual(upsell.subscription_status, "merged")
        self.assertEqual(self.order.subscription_token_id, method)
        with self._test_mode(), self.registry.cursor() as cr, trap_charges(self.env) as trap:
            self.env(cr=cr)["subscription.charging.run"].sudo()._run()
        self.assertEqual(trap.amounts, [12.0], "the first period; what was paid is not charged again")

    def test_confirmed_by_staff_the_saved_method_pays_it(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        upsell = self._create_sent()
        upsell.action_confirm()
        with self._test_mode(), self.registry.cursor() as cr, trap_charges(self.env) as trap:
            self.env(cr=cr)["subscription.charging.run"].sudo()._run()
        self.assertEqual(sorted(trap.amounts), [12.0, 16.0])

    def test_a_bank_debit_merges_it_when_its_money_is_there(self):
        upsell = self._create_sent()
        transaction = self._pay(upsell, 16.0, "pending")
        self.assertEqual(upsell.subscription_status, "upsell")
        self._answer(transaction, "done")
        self.assertEqual(upsell.subscription_status, "merged")
        self.assertEqual(self._get_invoices(self.order)[-1].amount_residual, 0.0)

    def test_a_debit_that_comes_in_another_period_keeps_its_money_and_asks_for_the_rest(self):
        upsell = self._create_sent()
        transaction = self._pay(upsell, 16.0, "pending")
        self._set_today("2026-02-01")
        self._answer(transaction, "done")
        self.assertEqual(upsell.subscription_status, "upsell")
        self.assertEqual(upsell._get_signup_amount(), 15.0)
        self.assertIn("31.00 is due by now", upsell.activity_ids.note)
        upsell.action_confirm()
        invoice = self._get_invoices(self.order)[-1]
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (31.0, 15.0))
        self.assertEqual(invoice.transaction_ids, transaction)

    def test_what_cannot_be_merged_keeps_its_money_and_tells_its_salesperson(self):
        upsell = self._create_sent()
        transaction = self._begin_payment(upsell, 16.0)
        self.order.sudo()._subscription_park("The journal is locked.", date(2026, 1, 16))
        self._answer(transaction, "done")
        self.assertEqual((upsell.state, upsell.subscription_status), ("sent", "upsell"))
        self.assertTrue(transaction.payment_id)
        self.assertIn("The journal is locked.", upsell.activity_ids.note)
        self.order.sudo()._subscription_unpark()
        upsell.action_confirm()
        invoice = self._get_invoices(self.order)[-1]
        self.assertEqual((invoice.transaction_ids, invoice.amount_residual), (transaction, 0.0))

    def test_what_cannot_be_billed_keeps_its_money_too(self):
        upsell = self._create_sent()
        with self._fail_billing(self.order, UserError("The journal is locked.")):
            transaction = self._pay(upsell, 16.0)
        self.assertEqual(upsell.subscription_status, "upsell")
        self.assertEqual(self.order.order_line.product_id, self.magazine)
        self.assertTrue(transaction.payment_id)
        upsell.action_confirm()
        self.assertEqual(self._get_invoices(self.order)[-1].amount_residual, 0.0)

    def test_a_payment_that_failed_leaves_the_quotation(self):
        upsell = self._create_sent()
        self._pay(upsell, 16.0, "error")
        self.assertEqual(upsell.subscription_status, "upsell")
        self.assertTrue(upsell._has_to_be_paid())
        self.assertFalse(self.order.subscription_upsell_ids.order_line.filtered("subscription_start"))

    def test_goods_invoiced_on_delivery_are_invoiced_when_they_are_paid(self):
        goods = self._create_product(name="Lamp", lst_price=30.0, taxes_id=[], invoice_policy="delivery")
        upsell = self._create_sent(self._line(goods), self._line(self.paper))
        self._pay(upsell, 46.0)
        invoice = self._get_invoices(self.order | upsell)[-1]
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (46.0, 0.0))

    def test_goods_invoiced_on_delivery_wait_for_it_otherwise(self):
        goods = self._create_product(name="Lamp", lst_price=30.0, taxes_id=[], invoice_policy="delivery")
        upsell = self._create_upsell(self.order, self._line(goods), self._line(self.paper))
        upsell.action_confirm()
        self.assertEqual(self._get_invoices(self.order | upsell)[-1].amount_total, 16.0)
        upsell.order_line.filtered(lambda line: line.product_id == goods).qty_delivered = 1
        self._set_today("2026-02-01")
        self.order.sudo()._subscription_bill_due()
        self.assertEqual(self._get_invoices(self.order | upsell)[-1].amount_total, 12.0 + 31.0 + 30.0)
        self.assertEqual(upsell.invoice_status, "invoiced")

    def test_the_invoice_comes_from_us_whoever_paid(self):
        upsell = self._create_sent()
        transaction = self._begin_payment(upsell, 16.0)
        self._answer(transaction.with_user(self.public_user).sudo(), "done")
        self.assertEqual(self._get_invoices(self.order)[-1].create_uid, self.env.ref("base.user_root"))

    def test_what_only_recurs_in_arrears_is_signed_and_not_paid(self):
        arrears = self._create_plan("Arrears", billing_timing="arrears")
        self._set_recurring_price(self.paper, arrears, 31.0)
        upsell = self._create_sent(self._line(self.paper, subscription_plan_id=arrears.id))
        self.assertEqual(upsell._get_first_invoice_amount(), 0.0)
        self.assertFalse(upsell._has_to_be_paid())
        self.assertTrue(upsell._has_to_be_signed())

    def test_signed_too_late_it_waits_for_its_salesperson(self):
        upsell = self._create_sent(require_payment=False, require_signature=True)
        self.order.sudo()._subscription_park("The journal is locked.", date(2026, 1, 16))
        upsell.write({"signature": SIGNATURE, "signed_by": "Ada"})
        upsell._validate_order()
        self.assertEqual(upsell.state, "sent")
        self.assertTrue(upsell.signature)
        self.assertIn("The journal is locked.", upsell.activity_ids.note)


@tagged("-at_install", "post_install")
class TestUpsellPage(UpsellPaymentCommon, PaymentHttpCommon):
    """The customer signs and pays an upsell on its page, by its link and without a login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = new_test_user(cls.env, "ada-upsell", "base.group_portal", partner_id=cls.customer.id)
        cls.eve = new_test_user(cls.env, "eve-upsell", "base.group_portal", name="Eve", email="eve@example.com")

    def _get_page(self, order, **params):
        self.env.flush_all()
        return self.url_open(f"/my/orders/{order.id}", params={"access_token": order._portal_ensure_token(), **params})

    def _begin_on_page(self, order, **params):
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

    def test_the_page_says_what_is_added_and_asks_for_what_is_due(self):
        upsell = self._create_sent(self._line(self.paper), self._line(self.poster))
        page = self._get_page(upsell)
        self.assertEqual(self._get_payment_context(page)["amount"], 25.0)
        self.assertIn("Added to Your Subscription", page.text)
        self.assertIn(self.order.name, page.text)
        self.assertNotIn("Magazine", page.text, "what is not raised is not shown")
        self.assertNotIn("Starts on the day of your confirmation", page.text)

    def test_paying_on_the_page_merges_it(self):
        upsell = self._create_sent()
        transaction = self._begin_on_page(upsell)
        self.assertEqual((transaction.amount, transaction.tokenize), (16.0, True))
        self._answer(transaction, "done")
        self.assertEqual(upsell.subscription_status, "merged")
        self.assertEqual(self._get_invoices(self.order)[-1].amount_residual, 0.0)

    def test_another_amount_is_refused(self):
        upsell = self._create_sent()
        for amount in (0.01, 15.99, 16.01, 31.0, 0):
            with self.subTest(amount=amount), self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
                self._begin_on_page(upsell, amount=amount)

    def test_a_subscription_with_a_method_is_told_so(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        upsell = self._create_sent()
        page = self._get_page(upsell)
        self.assertIn("Later invoices are paid as those of your subscription are", page.text)
        self.assertFalse(self._begin_on_page(upsell).tokenize)

    def test_signing_on_the_page_merges_it(self):
        upsell = self._create_sent(require_payment=False, require_signature=True)
        self._sign(upsell)
        self.assertEqual((upsell.state, upsell.subscription_status), ("sale", "merged"))
        self.assertEqual(self._get_invoices(self.order)[-1].amount_total, 16.0)

    def _sign(self, order):
        self.env.flush_all()
        answer = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {"access_token": order._portal_ensure_token(), "name": "Ada", "signature": SIGNATURE.decode()},
        )
        self.env.invalidate_all()
        return answer

    def test_what_cannot_be_merged_is_neither_signed_nor_paid(self):
        upsell = self._create_sent(require_signature=True)
        self.order.sudo()._subscription_park("Secret reason", date(2026, 1, 16))
        page = self._get_page(upsell)
        self.assertIn("cannot be accepted as it stands", page.text)
        self.assertNotIn("Secret reason", page.text)
        self.assertIn("error", self._sign(upsell))
        self.assertEqual(upsell.state, "sent")

    def test_the_page_of_another_customers_upsell_is_closed(self):
        upsell = self._create_sent(require_payment=False, require_signature=True)
        self.authenticate(self.eve.login, self.eve.login)
        self.env.flush_all()
        page = self.url_open(f"/my/orders/{upsell.id}")
        self.assertNotIn("Added to Your Subscription", page.text)
        answer = self.make_jsonrpc_request(
            f"/my/orders/{upsell.id}/accept", {"name": "Eve", "signature": SIGNATURE.decode()}
        )
        self.assertIn("error", answer)
        self.env.invalidate_all()
        self.assertEqual(upsell.state, "sent")

    def test_a_customer_cannot_turn_an_order_into_an_upsell(self):
        order = self._create_quotation()
        with self.assertRaises(AccessError):
            order.with_user(self.ada).subscription_origin_id = self.order
        with self.assertRaises(AccessError):
            order.with_user(self.ada).write({"order_line": [Command.create({"product_id": self.paper.id})]})
