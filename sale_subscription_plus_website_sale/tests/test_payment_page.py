from odoo.tests import tagged

from .checkout_common import CheckoutCommon


@tagged("-at_install", "post_install")
class TestPaymentPage(CheckoutCommon):
    """What the payment step of the checkout asks for, and what it says."""

    def test_it_asks_for_the_first_invoice_and_not_for_the_total(self):
        cart = self._fill_cart(self.aligned)
        form = self._get_form(self._get_payment_page())
        self.assertEqual((cart.amount_total, form["amount"]), (31.0, 10.0))
        self.assertEqual(form["landing_route"], "/shop/payment/validate")

    def test_what_is_sold_once_is_part_of_it(self):
        self._fill_cart(self.aligned, self.poster)
        self.assertEqual(self._get_form(self._get_payment_page())["amount"], 19.0)

    def test_an_ordinary_cart_is_paid_as_in_odoo(self):
        cart = self._create_cart()
        self._add(cart, self.poster)
        self._visit(cart=cart)
        page = self._get_payment_page()
        form = self._get_form(page)
        self.assertEqual(form["amount"], 9.0)
        self.assertIn(self.voucher.id, form["payment_method_ids"])
        self.assertNotIn("subscription_shop_agreement", self._get_texts(page))
        self.assertFalse(cart.require_payment)

    def test_only_methods_that_can_be_saved_are_offered_where_the_plan_asks(self):
        for plan, offered in ((self.monthly, False), (self.by_hand, True)):
            with self.subTest(plan=plan.name):
                self._fill_cart(plan)
                form = self._get_form(self._get_payment_page())
                self.assertIn(self.payment_method.id, form["payment_method_ids"])
                self.assertEqual(self.voucher.id in form["payment_method_ids"], offered)

    def test_where_no_method_can_be_saved_the_page_says_why_and_whom_to_ask(self):
        self.provider.allow_tokenization = False
        self.company.email = "hello@example.com"
        self._fill_cart()
        page = self._get_payment_page()
        self.assertFalse(self._get_form(page))
        self.assertIn("No payment method can be saved for this order", page.text)
        self.assertIn("Monthly: the next invoices are paid by a saved payment method", page.text)
        self.assertIn("hello@example.com", page.text)
        self._fill_cart(self.by_hand)
        self.assertTrue(self._get_form(self._get_payment_page()))

    def test_saved_methods_are_offered_to_who_is_logged_in_and_to_nobody_else(self):
        method = self._create_method(self.customer)
        cart = self._fill_cart()
        self.assertFalse(self._get_form(self._get_payment_page())["token_ids"])
        self._visit(self.ada, cart)
        self.assertEqual(self._get_form(self._get_payment_page())["token_ids"], [method.id])

    def test_where_nothing_is_due_today_the_form_saves_a_method(self):
        self._fill_cart(self.arrears)
        page = self._get_payment_page()
        form = self._get_form(page)
        self.assertEqual(form["mode"], "validation")
        self.assertNotIn(self.voucher.id, form["payment_method_ids"])
        self.assertIn("Nothing is to be paid today", self._get_texts(page)["subscription_agreement"])
        self.assertIn("Save and confirm", page.text)

    def test_a_first_invoice_wholly_discounted_asks_for_a_method_all_the_same(self):
        cart = self._fill_cart()
        self.poster.lst_price = -12.0
        self._add(cart, self.poster).price_unit = -12.0
        self.assertEqual(cart.amount_total, 0.0)
        self.assertEqual(self._get_form(self._get_payment_page())["mode"], "validation")

    def test_where_nothing_is_due_and_no_method_asked_the_cart_is_confirmed_by_a_button(self):
        self.arrears.method_required = False
        self._fill_cart(self.arrears)
        page = self._get_payment_page()
        self.assertFalse(self._get_form(page))
        self.assertIn("o_wsale_confirm_order", self._get_texts(page))

    def test_the_agreement_stands_above_the_form_in_the_same_words(self):
        cart = self._fill_cart(self.aligned)
        page = self._get_payment_page()
        shown = self._get_texts(page)["subscription_agreement"]
        for sentence in cart._get_agreement():
            self.assertIn(" ".join(sentence.split()), shown)
        self.assertLess(page.text.index("subscription_agreement"), page.text.index('id="o_payment_form"'))

    def test_who_pays_by_hand_reads_so(self):
        self._fill_cart(self.by_hand)
        self.assertIn(
            "You pay the next ones by hand", self._get_texts(self._get_payment_page())["subscription_agreement"]
        )

    def test_a_currency_without_decimals_is_asked_as_it_is(self):
        currency = self._use_currency("CLP", 900.0)
        self.shop_pricelist.currency_id = currency
        self._set_recurring_price(self.magazine, self.monthly, 9990.0, pricelist_id=self.shop_pricelist.id)
        cart = self._fill_cart()
        form = self._get_form(self._get_payment_page())
        self.assertEqual((form["amount"], form["currency_id"]), (9990.0, currency.id))
        self._order(cart)
        self.assertEqual((self.last_tx.amount, self.last_tx.currency_id), (9990.0, currency))
        invoice = self._get_invoices(cart)
        self.assertEqual((invoice.amount_total, invoice.currency_id), (9990.0, currency))
        self.assertFalse(invoice.amount_residual)

    def test_a_currency_without_a_rate_is_refused_before_money_is_taken_and_staff_is_told(self):
        currency = self._use_currency("CLP")
        self.shop_pricelist.currency_id = currency
        self._set_recurring_price(self.magazine, self.monthly, 9990.0, pricelist_id=self.shop_pricelist.id)
        cart = self._fill_cart()
        page = self._get_payment_page()
        self.assertFalse(self._get_form(page))
        self.assertIn("we cannot take this order at the moment", page.text)
        self.assertNotIn("exchange rate", page.text, "that is for staff")
        self.assertIn("exchange rate", cart.activity_ids.note)

    def test_express_checkout_is_not_offered_for_what_recurs(self):
        self.provider.allow_express_checkout = True
        self.payment_method.support_express_checkout = True
        self.provider.express_checkout_form_view_id = self.env["ir.ui.view"].create(
            {"name": "express", "type": "qweb", "key": "payment.express_of_test", "arch": "<p>Pay in one click</p>"}
        )
        self.env["ir.model.data"].create(
            {
                "module": "payment",
                "name": "express_of_test",
                "model": "ir.ui.view",
                "res_id": self.provider.express_checkout_form_view_id.id,
            }
        )
        for product, plan, offered in ((self.magazine, self.monthly, False), (self.poster, None, True)):
            with self.subTest(product=product.name):
                cart = self._create_cart()
                self._add(cart, product, plan)
                self._visit(cart=cart)
                self.assertEqual("Pay in one click" in self._get_shop_page("/shop/cart").text, offered)
