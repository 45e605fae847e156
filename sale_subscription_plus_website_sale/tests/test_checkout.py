from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.sale_subscription_plus.tests.trap import trap_charges

from .checkout_common import CheckoutCommon


@tagged("-at_install", "post_install")
class TestCheckout(CheckoutCommon):
    """From the payment step to a subscription that runs, and whose first invoice is paid."""

    def test_paying_starts_the_subscription_and_pays_its_first_invoice_to_the_cent(self):
        cart = self._fill_cart(self.aligned, self.poster)
        page = self._order(cart)
        self.assertIn("Thank you for your order", page.text)
        self.assertEqual((cart.state, cart.subscription_status), ("sale", "progress"))
        self.assertEqual(
            (cart.subscription_start, cart.subscription_next_invoice_date), (date(2026, 1, 1), date(2026, 1, 11))
        )
        invoice = self._get_invoices(cart)
        self.assertEqual((self.last_tx.amount, invoice.amount_total, invoice.amount_residual), (19.0, 19.0, 0.0))
        self.assertEqual(invoice.matched_payment_ids, self.last_tx.payment_id)

    def test_the_method_of_a_guest_is_saved_for_the_guests_subscription(self):
        cart = self._fill_cart()
        self._order(cart)
        self.assertEqual(cart.subscription_token_id, self.last_tx.token_id)
        self.assertEqual(cart.subscription_token_id.partner_id, self.customer)

    def test_prorated_prices_are_used_online_with_taxes_and_of_several_plans(self):
        self._set_taxes(self.magazine, self._create_tax_with_account(19.0))
        cart = self._fill_cart(self.aligned, self.poster)
        self._add(cart, self.magazine, self.yearly)
        due = self._get_form(self._get_payment_page())["amount"]
        self.assertEqual(due, 163.7, "11.90 for ten days, 9.00 once, and 142.80 a year")
        self._order(cart)
        invoices = self._get_invoices(cart)
        self.assertEqual((self.last_tx.amount, sum(invoices.mapped("amount_total"))), (due, due))
        self.assertEqual(set(invoices.mapped("amount_residual")), {0.0})

    def test_the_next_invoice_is_charged_to_the_method_and_only_then(self):
        cart = self._fill_cart()
        with trap_charges(self.env) as trap:
            self._order(cart)
            self.assertFalse(trap.amounts)

    def test_a_saved_method_of_the_customer_pays_at_once_and_once(self):
        method = self._create_method(self.customer)
        cart = self._fill_cart()
        self._visit(self.ada, cart)
        with trap_charges(self.env) as trap:
            transaction = self._begin(cart, flow="token", token_id=method.id, payment_method_id=None)
        self.assertEqual(trap.amounts, [12.0])
        transaction._post_process()
        self.assertEqual((cart.subscription_status, cart.subscription_token_id), ("progress", method))
        self.assertFalse(self._get_invoices(cart).amount_residual)

    def test_saving_a_method_confirms_what_is_not_to_be_paid_today(self):
        cart = self._fill_cart(self.arrears)
        page = self._order(cart)
        self.assertEqual(self.last_tx.operation, "validation")
        self.assertEqual((cart.subscription_status, cart.subscription_token_id), ("progress", self.last_tx.token_id))
        self.assertFalse(self._get_invoices(cart))
        self.assertIn("confirmation_subscription", self._get_texts(page))

    def test_a_saved_method_confirms_what_is_not_to_be_paid_today_and_is_charged_nothing(self):
        method = self._create_method(self.customer)
        cart = self._fill_cart(self.arrears)
        self._visit(self.ada, cart)
        form = self._get_form(self._get_payment_page())
        with trap_charges(self.env) as trap:
            self._call_shop(form["assign_token_route"], token_id=method.id, access_token=form["access_token"])
        self.assertFalse(trap.amounts)
        self.assertEqual((cart.subscription_status, cart.subscription_token_id), ("progress", method))
        self.assertIn("confirmation_subscription", self._get_texts(self._come_back()))

    def test_an_authorised_payment_confirms_and_is_not_charged_beside(self):
        cart = self._fill_cart()
        page = self._order(cart, "authorized")
        self.assertEqual(cart.subscription_status, "progress")
        self.assertIn("Thank you for your order", page.text)

    def test_a_pending_payment_leaves_the_quotation_until_the_money_arrives(self):
        cart = self._fill_cart()
        page = self._order(cart, "pending")
        self.assertEqual(cart.subscription_status, "quotation")
        self.assertIn("Your order is confirmed as soon as the payment has arrived", page.text)
        self._answer(self.last_tx, "done")
        self.assertEqual(cart.subscription_status, "progress")
        self.assertFalse(self._get_invoices(cart).amount_residual)

    def test_a_pending_payment_that_staff_confirms(self):
        cart = self._fill_cart()
        self._order(cart, "pending")
        cart.action_confirm()
        self.assertEqual(cart.subscription_status, "progress")

    def test_automatic_invoices_make_no_second_one(self):
        self._set_automatic_invoice(True)
        cart = self._fill_cart(None, self.poster)
        self._order(cart)
        self.assertEqual(len(cart.invoice_ids), 1)

    def test_a_share_that_the_company_asks_of_quotations_is_none_of_the_shops(self):
        self.company.write({"portal_confirmation_pay": True, "prepayment_percent": 0.3})
        cart = self._fill_cart()
        self.assertEqual(self._get_form(self._get_payment_page())["amount"], 12.0)
        self.assertEqual(cart._get_prepayment_required_amount(), 12.0)

    def test_a_cart_of_last_month_does_not_expire(self):
        cart = self._fill_cart(self.arrears)
        cart.validity_date = "2025-12-01"
        self.assertEqual(self._get_form(self._get_payment_page())["mode"], "validation")

    def test_services_alone_need_no_delivery_step(self):
        self._fill_cart()
        page = self._get_shop_page("/shop/checkout", try_skip_step="true")
        self.assertIn("/shop/payment", page.url)

    def test_the_terms_of_the_shop_are_still_to_be_accepted(self):
        self.env.ref("website_sale.accept_terms_and_conditions").active = True
        self._fill_cart()
        self.assertIn("website_sale_tc_checkbox", self._get_payment_page().text)


@tagged("-at_install", "post_install")
class TestCheckoutConsent(CheckoutCommon):
    """What the visitor agreed to on the payment page is kept."""

    def test_what_a_guest_read_is_kept_with_the_payment(self):
        cart = self._fill_cart(self.aligned)
        sentences = cart._get_agreement()
        self._order(cart)
        consent = cart.subscription_consent_ids
        self.assertEqual((consent.kind, consent.transaction_id), ("payment", self.last_tx))
        self.assertEqual((consent.partner_id, consent.ip_address), (self.customer, "127.0.0.1"))
        for sentence in sentences:
            self.assertIn(" ".join(sentence.split()), consent.text)

    def test_saving_a_method_is_an_agreement_too(self):
        cart = self._fill_cart(self.arrears)
        self._order(cart)
        self.assertEqual(cart.subscription_consent_ids.kind, "method")

    def test_the_language_is_that_of_the_page(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.website.language_ids += self.env["res.lang"]._lang_get("fr_FR")
        cart = self._fill_cart()
        self._visit(cart=cart)
        self.opener.cookies["frontend_lang"] = "fr_FR"
        self._order(cart)
        self.assertEqual(cart.subscription_consent_ids.lang, "fr_FR")


@tagged("-at_install", "post_install")
class TestLatePayment(CheckoutCommon):
    """The outcome of a payment comes on another day, after staff confirmed, or for the second time."""

    def test_money_that_arrives_later_pays_what_was_agreed_on_the_day_of_the_order(self):
        for day in ("2026-01-05", "2026-01-11"):
            with self.subTest(day=day):
                self._set_today(date(2026, 1, 1))
                cart = self._fill_cart(self.aligned)
                self._order(cart, "pending")
                self._set_today(date.fromisoformat(day))
                self._answer(self.last_tx, "done")
                self.assertEqual(cart.subscription_start, date(2026, 1, 1))
                first = self._get_invoices(cart).sorted("id")[0]
                self.assertIn(self.last_tx, first.transaction_ids)
                self.assertEqual(self.last_tx.payment_id.reconciled_invoice_ids[:1].currency_id, first.currency_id)
                self.assertEqual((self.last_tx.amount, cart.amount_paid), (10.0, 10.0))

    def test_what_was_begun_before_staff_confirmed_pays_the_invoice(self):
        cart = self._fill_cart()
        transaction = self._begin(cart)
        cart.action_confirm()
        self._bill()
        self._answer(transaction, "done")
        self.assertEqual(self._get_invoices(cart).amount_residual, 0.0)
        self.assertFalse(cart.activity_ids)

    def test_staff_is_told_of_what_two_tabs_paid_twice(self):
        cart = self._fill_cart()
        form = self._get_form(self._get_payment_page())
        first, second = self._begin(cart, form), self._begin(cart, form)
        self._answer(first, "done")
        self.assertFalse(cart.activity_ids)
        self._answer(second, "done")
        self.assertIn("it was paid twice", cart.activity_ids.note)
        self.assertEqual(len(self._get_invoices(cart)), 1)

    def test_staff_is_told_of_a_paid_order_that_cannot_be_confirmed(self):
        cart = self._fill_cart()
        transaction = self._begin(cart)

        def refuse(order):
            if order:
                raise UserError("This reward is spent.")

        with patch.object(type(cart), "_action_confirm", refuse):
            self._answer(transaction, "done")
        self.assertEqual(cart.state, "draft")
        self.assertIn("This reward is spent.", cart.activity_ids.note)
