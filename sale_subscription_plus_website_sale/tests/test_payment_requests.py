from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.sale_subscription_plus.tests.trap import trap_charges
from odoo.addons.sale_subscription_plus_portal.tests.common import Refused

from .checkout_common import CheckoutCommon


@tagged("-at_install", "post_install")
class TestPaymentRequests(CheckoutCommon):
    """What a browser says is refused, or counts for nothing, where it is not what the page says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eve = new_test_user(cls.env, "eve-shop", "base.group_portal", name="Eve", email="eve@example.com")

    def _assert_refused(self, cart, form, words=None, **params):
        before = self.env["payment.transaction"].search_count([])
        with mute_logger("odoo.http"), self.assertRaises(Refused) as refusal:
            self._begin(cart, form, **params)
        self.assertEqual(self.env["payment.transaction"].search_count([]), before)
        if words:
            self.assertIn(words, str(refusal.exception))

    def test_another_amount_is_refused(self):
        cart = self._fill_cart(self.aligned)
        form = self._get_form(self._get_payment_page())
        for amount in (0.01, 9.99, 10.01, 31.0, -10.0, 0, None, "ten", float("1e308"), [10.0]):
            with self.subTest(amount=amount):
                self._assert_refused(cart, form, amount=amount)

    def test_what_the_server_knows_better_is_overridden(self):
        cart = self._fill_cart(self.aligned)
        transaction = self._begin(cart, landing_route="https://evil.example.com", is_validation=True)
        self.assertEqual(transaction.landing_route, "/shop/payment/validate")
        self.assertEqual((transaction.operation, transaction.amount), ("online_redirect", 10.0))
        self.assertEqual((transaction.partner_id, transaction.currency_id), (self.customer, cart.currency_id))
        self.assertEqual(transaction.sale_order_ids, cart)
        self.assertTrue(transaction.tokenize, "whatever the browser says, the plan asks for a method")

    def test_what_no_payment_form_sends_is_refused(self):
        cart = self._fill_cart()
        form = self._get_form(self._get_payment_page())
        for name in ("partner_id", "currency_id", "sale_order_id", "custom_create_values", "reference"):
            with self.subTest(name=name):
                self._assert_refused(cart, form, **{name: 1})

    def test_a_page_of_before_the_cart_changed_is_refused(self):
        cart = self._fill_cart()
        form = self._get_form(self._get_payment_page())
        cart.order_line.subscription_plan_id = self.yearly
        self._assert_refused(cart, form, "Your cart has changed")
        self._assert_refused(cart, form, "Your cart has changed", amount=120.0)
        form["transaction_route"] = form["transaction_route"].split("?")[0]
        self._assert_refused(cart, form, "Your cart has changed", amount=120.0)
        self.assertEqual(self._begin(cart).amount, 120.0)

    def test_a_plan_that_is_not_offered_any_more_is_refused(self):
        cart = self._fill_cart()
        form = self._get_form(self._get_payment_page())
        self.monthly.shop_ok = False
        self._assert_refused(cart, form, '"Magazine" is not offered like this any more')

    def test_what_confirmation_would_refuse_is_refused_before_money_is_taken(self):
        cart = self._fill_cart()
        form = self._get_form(self._get_payment_page())
        cart.currency_id.flush_recordset()
        self.env.cr.execute("UPDATE res_currency SET active = false WHERE id = %s", cart.currency_id.ids)
        cart.currency_id.invalidate_recordset(["active"])
        self._assert_refused(cart, form, "we cannot take this order at the moment")

    def test_a_tax_without_an_account_is_refused_before_money_is_taken(self):
        self._set_taxes(self.magazine, self._create_tax())
        cart = self._fill_cart()
        self.assertFalse(self._get_form(self._get_payment_page()))
        self.assertIn("has no account to post to", cart._get_signup_obstacle())

    def test_what_billing_would_refuse_is_refused_before_money_is_taken(self):
        cart = self._fill_cart()
        form = self._get_form(self._get_payment_page())
        journals = self.env["account.journal"].search([("type", "=", "sale"), ("company_id", "=", self.company.id)])
        journals.active = False
        self._assert_refused(cart, form, "we cannot take this order at the moment")

    def test_an_order_that_was_paid_is_not_paid_again(self):
        cart = self._fill_cart()
        form = self._get_form(self._get_payment_page())
        self._order(cart, form=form)
        self._assert_refused(cart, form)
        self._visit(cart=cart)
        self._assert_refused(cart, form)

    def test_a_second_tab_waits_while_the_first_payment_is_under_way(self):
        for state in ("pending", "authorized", "done"):
            with self.subTest(state=state):
                cart = self._fill_cart()
                form = self._get_form(self._get_payment_page())
                transaction = self._begin(cart, form)
                self.provider.support_manual_capture = "full_only"
                # The provider has told, and Odoo has not handled it yet.
                {
                    "pending": transaction._set_pending,
                    "authorized": transaction._set_authorized,
                    "done": transaction._set_done,
                }[state]()
                self._assert_refused(cart, form)

    def test_a_second_click_does_not_charge_a_saved_method_again(self):
        method = self._create_method(self.customer)
        cart = self._fill_cart()
        self._visit(self.ada, cart)
        form = self._get_form(self._get_payment_page())
        with trap_charges(self.env) as trap:
            self._begin(cart, form, flow="token", token_id=method.id, payment_method_id=None)
            self._assert_refused(cart, form, flow="token", token_id=method.id, payment_method_id=None)
        self.assertEqual(trap.amounts, [12.0])

    def test_nobody_pays_with_the_method_of_another(self):
        method = self._create_method(self.customer)
        with trap_charges(self.env) as trap:
            for user in (None, self.eve):
                with self.subTest(user=user and user.name):
                    cart = self._create_cart(partner_id=self.eve.partner_id.copy(self.customer.read(["street"])[0]).id)
                    self._add(cart, self.magazine, self.monthly)
                    self._visit(user, cart)
                    form = {
                        "access_token": cart._portal_ensure_token(),
                        "transaction_route": f"/shop/payment/transaction/{cart.id}"
                        f"?agreed={cart._get_agreement_digest()}",
                        "amount": 12.0,
                        "landing_route": "/",
                        "mode": "payment",
                    }
                    self._assert_refused(cart, form, flow="token", token_id=method.id, payment_method_id=None)
        self.assertFalse(trap.amounts)

    def test_the_cart_of_another_is_not_paid(self):
        adas = self._fill_cart()
        form = self._get_form(self._get_payment_page())
        eves = self._create_cart(partner_id=self.eve.partner_id.id)
        self._add(eves, self.magazine, self.monthly)
        self._visit(self.eve, eves)
        self._assert_refused(adas, form, "This is not your cart")
        self._assert_refused(adas, form | {"access_token": "wrong"})

    def test_a_method_that_the_page_does_not_offer_is_refused(self):
        cart = self._fill_cart()
        form = self._get_form(self._get_payment_page())
        self._assert_refused(cart, form, payment_method_id=self.voucher.id)
        unpublished = self.provider.copy({"name": "Hidden", "is_published": False, "state": "test"})
        unpublished.payment_method_ids = [Command.set(self.payment_method.ids)]
        self._assert_refused(cart, form, provider_id=unpublished.id)
        elsewhere = self._create_company(name="Elsewhere")
        foreign = self.provider.copy({"name": "Foreign", "company_id": elsewhere.id, "is_published": True})
        foreign.write({"state": "test", "is_published": True, "allow_tokenization": True})
        self._assert_refused(cart, form, provider_id=foreign.id)

    def test_nothing_is_charged_where_nothing_is_due(self):
        method = self._create_method(self.customer)
        cart = self._fill_cart(self.arrears)
        self._visit(self.ada, cart)
        form = self._get_form(self._get_payment_page())
        with trap_charges(self.env) as trap:
            self._assert_refused(cart, form, flow="token", token_id=method.id, payment_method_id=None)
        self.assertFalse(trap.amounts)
        self.assertEqual(self._begin(cart, form, is_validation=False, amount=7.0).operation, "validation")

    def test_a_method_is_not_assigned_to_a_cart_on_which_something_is_due(self):
        method = self._create_method(self.customer)
        cart = self._fill_cart()
        self._visit(self.ada, cart)
        digest = cart._get_agreement_digest()
        with mute_logger("odoo.http"), self.assertRaises(Refused):
            self._call_shop(
                f"/shop/payment/method/{cart.id}?agreed={digest}",
                token_id=method.id,
                access_token=cart._portal_ensure_token(),
            )
        self.assertEqual(cart.state, "draft")

    def test_coming_to_the_last_page_confirms_nothing(self):
        for plan in (self.monthly, self.arrears, self.by_hand):
            with self.subTest(plan=plan.name):
                cart = self._fill_cart(plan)
                self._get_payment_page()
                self._come_back()
                self.assertEqual(cart.state, "draft")

    def test_a_share_that_staff_ask_of_a_negotiated_order_is_what_is_charged(self):
        cart = self._fill_cart()
        cart.write({"state": "sent", "require_payment": True, "prepayment_percent": 0.5})
        self._visit()
        form = self._get_form(self.url_open(cart.get_portal_url()))
        self.assertEqual(form["amount"], 6.0)
        self.assertEqual(self._begin(cart, form).amount, 6.0)

    def test_the_portal_sells_no_cart_at_the_prices_of_long_ago(self):
        cart = self._fill_cart()
        self._get_payment_page()
        self._visit()
        page = self.url_open(cart.get_portal_url())
        self.assertIn("/shop/cart", page.url)
        link = {
            "transaction_route": f"/my/orders/{cart.id}/transaction?agreed={cart._get_agreement_digest()}",
            "access_token": cart.access_token,
            "amount": 12.0,
            "landing_route": "/",
            "mode": "payment",
        }
        self._assert_refused(cart, link, "finish this order in the shop")

    def test_nobody_orders_in_the_name_of_the_public_user(self):
        for plan in (self.monthly, self.by_hand):
            with self.subTest(plan=plan.name):
                cart = self._fill_cart(plan, partner_id=self.website.user_id.partner_id.id)
                link = {
                    "transaction_route": f"/shop/payment/transaction/{cart.id}?agreed={cart._get_agreement_digest()}",
                    "access_token": cart._portal_ensure_token(),
                    "amount": cart._get_first_invoice_amount(),
                    "landing_route": "/",
                    "mode": "payment",
                }
                self._assert_refused(cart, link, "complete your cart and your address")

    def test_who_read_one_cart_agreed_to_no_other(self):
        first, second = self._fill_cart(), self._fill_cart()
        self.assertEqual(first._get_agreement(), second._get_agreement())
        self.assertNotEqual(first._get_agreement_digest(), second._get_agreement_digest())
