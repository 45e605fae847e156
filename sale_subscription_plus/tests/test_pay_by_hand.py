from odoo.tests import tagged

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .signup_common import SignupCommon
from .test_signup import SIGNATURE


class ByHandCommon(SignupCommon):
    """A plan whose invoices are paid by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_hand = cls._create_plan("By Hand", method_required=False)
        cls.by_hand_later = cls._create_plan("By Hand, Afterwards", method_required=False, billing_timing="arrears")
        for plan in (cls.by_hand, cls.by_hand_later):
            cls._set_recurring_price(cls.magazine, plan, 10.0)

    def _create_sent(self, plan, **values):
        order = self._create_quotation(plan=plan, require_payment=True, require_signature=False, **values)
        order.state = "sent"
        return order


class TestPayByHand(ByHandCommon):
    """Who signs up for a plan that asks for no method."""

    def test_a_method_is_saved_unless_the_plan_says_otherwise(self):
        self.assertTrue(self.env["subscription.plan"].create({"name": "New"}).method_required)

    def test_paying_saves_no_method_and_the_next_invoice_waits_for_the_customer(self):
        order = self._create_sent(self.by_hand)
        self._pay(order, 10.0, tokenize=False)
        self.assertEqual((order.state, order.subscription_status), ("sale", "progress"))
        self.assertEqual(order.invoice_ids.payment_state, order.invoice_ids._get_invoice_in_payment_state())
        self.assertFalse(order.subscription_token_id)

    def test_a_saved_method_pays_by_itself_only_where_the_customer_saved_it_here(self):
        chosen, known = self._create_sent(self.by_hand), self._create_sent(self.by_hand)
        self._pay(chosen, 10.0, tokenize=True)
        self.assertTrue(chosen.subscription_token_id)
        self._pay(known, 10.0, tokenize=False, token_id=self._create_method(self.customer).id)
        self.assertFalse(known.subscription_token_id)

    def test_one_line_on_a_plan_that_asks_is_enough(self):
        both = self._create_sent(self.by_hand, lines=[self._line(), self._line(subscription_plan_id=self.monthly.id)])
        self.assertTrue(both._is_method_required())
        self._pay(both, both._get_first_invoice_amount(), tokenize=True)
        self.assertTrue(both.subscription_token_id)

    def test_the_provider_asks_to_save_where_a_plan_does(self):
        provider = self.provider.with_user(self.env.ref("base.public_user")).sudo()
        for plan, asked in ((self.monthly, True), (self.by_hand, False)):
            with self.subTest(plan=plan.name):
                self.assertEqual(provider._is_tokenization_required(sale_order_id=self._create_sent(plan).id), asked)

    def test_a_discount_on_the_first_invoice_alone_leaves_the_next_ones_to_a_saved_method(self):
        given = self._line(self.poster, price_unit=-12.0)
        order = self._create_sent(self.monthly, lines=[self._line(), given])
        self.assertEqual((order.amount_total, order._get_first_invoice_amount()), (0.0, 0.0))
        self.assertTrue(order._has_to_save_method())

    def test_where_nothing_is_due_today_the_customer_signs(self):
        order = self._create_sent(self.by_hand_later)
        self.assertFalse(order._has_to_save_method() or order._has_to_be_paid())
        self.assertTrue(order._has_to_be_signed())
        order.write({"signed_by": "Ada", "signature": SIGNATURE})
        self.assertFalse(order._has_to_be_signed())

    def test_nobody_signs_in_place_of_paying_or_of_saving_a_method(self):
        arrears = self._create_plan("Arrears", billing_timing="arrears")
        self._set_recurring_price(self.magazine, arrears, 7.0)
        for plan in (self.by_hand, self.monthly, arrears):
            with self.subTest(plan=plan.name):
                self.assertFalse(self._create_sent(plan)._has_to_be_signed())


@tagged("-at_install", "post_install")
class TestPayByHandPage(ByHandCommon, PaymentHttpCommon):
    """The page of a quotation on a plan that asks for no method."""

    def _get_page(self, order):
        self.env.flush_all()
        return self.url_open(f"/my/orders/{order.id}", params={"access_token": order._portal_ensure_token()})

    def test_methods_that_cannot_be_saved_are_offered(self):
        voucher = self.payment_method.copy(
            {"name": "Voucher", "code": "voucher_by_hand", "support_tokenization": False, "active": True}
        )
        voucher.provider_ids = self.provider
        for plan, offered in ((self.by_hand, True), (self.monthly, False)):
            with self.subTest(plan=plan.name):
                context = self._get_payment_context(self._get_page(self._create_sent(plan)))
                self.assertEqual(voucher.id in context["payment_method_ids"], offered)

    def test_the_customer_reads_that_the_next_invoices_are_paid_by_hand(self):
        self.assertIn("You pay the next ones by hand", self._get_page(self._create_sent(self.by_hand)).text)
