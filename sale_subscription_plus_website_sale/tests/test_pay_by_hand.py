from odoo import http
from odoo.tests import tagged

from .checkout_common import CheckoutCommon


@tagged("-at_install", "post_install")
class TestPayByHand(CheckoutCommon):
    """Plans whose invoices are paid by hand, in the shop."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.later = cls._create_plan("Afterwards", method_required=False, billing_timing="arrears")
        cls._set_recurring_price(cls.magazine, cls.later, 7.0)

    def test_any_method_pays_and_none_is_saved(self):
        cart = self._fill_cart(self.by_hand)
        self._order(cart, payment_method_id=self.voucher.id)
        self.assertEqual(cart.subscription_status, "progress")
        self.assertFalse(cart.subscription_token_id)
        self.assertFalse(self._get_invoices(cart).amount_residual)

    def test_who_chooses_to_save_their_method_lets_it_pay(self):
        cart = self._fill_cart(self.by_hand)
        self._order(cart, tokenization_requested=True)
        self.assertEqual(cart.subscription_token_id, self.last_tx.token_id)
        self.assertTrue(cart.subscription_token_id)

    def test_one_plan_that_asks_is_enough(self):
        cart = self._fill_cart(self.by_hand)
        self._add(cart, self.magazine, self.monthly)
        self.assertNotIn(self.voucher.id, self._get_form(self._get_payment_page())["payment_method_ids"])

    def _confirm(self, agreed):
        """Press the button that confirms a cart on which nothing is due."""
        data = {"csrf_token": http.Request.csrf_token(self), "agreed": agreed}
        return self.url_open("/shop/payment/validate", data=data, method="POST")

    def test_a_cart_on_which_nothing_is_due_is_confirmed_by_its_button_with_consent(self):
        cart = self._fill_cart(self.later)
        self._get_payment_page()
        page = self._confirm(cart._get_agreement_digest())
        self.env.invalidate_all()
        self.assertEqual(cart.subscription_status, "progress")
        self.assertEqual(cart.subscription_consent_ids.kind, "order")
        self.assertIn("Thank you for your order", page.text)

    def test_the_button_of_a_page_of_before_confirms_nothing(self):
        cart = self._fill_cart(self.later)
        self._get_payment_page()
        for agreed in ("", "something else"):
            page = self._confirm(agreed)
            self.assertIn("Your cart has changed since you opened the page", page.text)
        self.env.invalidate_all()
        self.assertEqual(cart.state, "draft")

    def test_the_button_confirms_nothing_that_is_to_be_paid(self):
        for plan in (self.by_hand, self.arrears):
            with self.subTest(plan=plan.name):
                cart = self._fill_cart(plan)
                self._get_payment_page()
                self._confirm(cart._get_agreement_digest())
                self.env.invalidate_all()
                self.assertEqual(cart.state, "draft")
