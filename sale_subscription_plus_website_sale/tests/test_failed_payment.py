from lxml import html

from odoo.tests import tagged

from .checkout_common import CheckoutCommon


@tagged("-at_install", "post_install")
class TestFailedPayment(CheckoutCommon):
    """A first payment that fails loses nothing."""

    def test_the_cart_is_still_there_and_the_page_says_why(self):
        cart = self._fill_cart(self.aligned, self.poster)
        for state, words in (("error", "Your card was declined"), ("cancel", "The payment was cancelled")):
            with self.subTest(state=state):
                page = self._order(cart, state)
                self.assertIn("/shop/payment", page.url)
                self.assertIn(words, self._get_texts(page)["subscription_failure"])
                self.assertEqual(self._get_form(page)["amount"], 19.0)
                self.assertEqual((cart.state, len(cart.order_line)), ("draft", 2))
        self.assertFalse(cart.subscription_token_id)

    def test_a_second_try_with_another_method_pays_once(self):
        cart = self._fill_cart()
        self._order(cart, "error")
        other = self.payment_method.copy({"name": "Other", "code": "other_shop", "active": True})
        other.provider_ids = self.provider
        self._order(cart, payment_method_id=other.id)
        self.assertEqual(cart.subscription_status, "progress")
        invoice = self._get_invoices(cart)
        self.assertEqual((len(invoice), invoice.amount_residual), (1, 0.0))
        self.assertEqual(cart.amount_paid, 12.0)

    def test_a_method_that_could_not_be_saved_leaves_the_cart(self):
        cart = self._fill_cart(self.arrears)
        page = self._order(cart, "error")
        self.assertIn("Your card was declined", self._get_texts(page)["subscription_failure"])
        self._order(cart)
        self.assertEqual(cart.subscription_status, "progress")

    def test_who_pays_after_all_reads_nothing_of_the_failure(self):
        cart = self._fill_cart()
        self._order(cart, "error")
        self.assertNotIn("Your card was declined", self._order(cart).text)

    def test_who_has_left_is_mailed_a_link_that_works_without_a_login(self):
        cart = self._fill_cart(self.aligned)
        self._order(cart, "pending")
        self._answer(self.last_tx, "error")
        mail = cart.message_ids.filtered(lambda message: "did not go through" in (message.subject or ""))
        link = html.fromstring(mail.body).xpath("//a/@href")[0]
        self._visit()
        page = self.url_open(link)
        self.env.invalidate_all()
        form = self._get_form(page)
        self.assertEqual(form["amount"], 10.0)
        answer = self._call_shop(
            form["transaction_route"],
            access_token=form["access_token"],
            provider_id=self.provider.id,
            payment_method_id=self.payment_method.id,
            token_id=None,
            amount=10.0,
            flow="redirect",
            tokenization_requested=False,
            landing_route=form["landing_route"],
            is_validation=False,
        )
        self._answer(self._get_tx(answer["reference"]), "done")
        self.assertEqual(cart.subscription_status, "progress")
        self.assertEqual(self._get_invoices(cart).amount_residual, 0.0)
