from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sale_subscription_plus.tests.trap import trap_charges

from .common import PortalCommon, Refused


@tagged("-at_install", "post_install")
class TestWhoSeesThePage(PortalCommon):
    """The link opens the invoice without a login; nothing else does but the customer's own login."""

    def test_the_link_opens_the_invoice_without_a_login(self):
        page = self._get_page()
        self.assertEqual(page.status_code, 200)
        texts = self._get_texts(page)
        self.assertIn("$ 12.00 is to be paid by 01/01/2026.", texts["subscription_notice"].replace("\xa0", " "))
        self.assertIn("subscription_off", texts)
        self.assertIn("subscription_enrol", texts)

    def test_the_customers_own_login_opens_it_without_the_link(self):
        self._log_in(self.ada)
        self.assertEqual(self._get_page(access_token="").status_code, 200)

    @mute_logger("odoo.http")
    def test_nobody_else_comes_in(self):
        paths = ("", "/payment_method")
        for visitor in (None, self.eve):
            if visitor:
                self._log_in(visitor)
            for token in ("", "wrong", self._bill_another()._portal_ensure_token()):
                for suffix in paths:
                    with self.subTest(visitor=visitor and visitor.name, token=token, path=suffix):
                        page = self._get_page(suffix=suffix, access_token=token)
                        self.assertEqual(page.status_code, 303)
                        self.assertTrue(page.headers["Location"].endswith("/my"))
                with self.subTest(visitor=visitor and visitor.name, token=token, path="transaction"):
                    for begin in (self._begin_on_page, self._save_on_page):
                        with self.assertRaises(Refused):
                            begin(access_token=token)
                    with self.assertRaises(Refused):
                        self._assign_on_page(self._create_method(self.eve.partner_id), access_token=token)
                    self._turn_off_on_page(access_token=token)
        self.assertFalse(self.invoice.transaction_ids)

    def test_the_saved_methods_are_shown_to_the_customer_alone(self):
        method = self._create_method(self.customer)
        self.assertEqual(self._get_tokens_on(self._get_page()), [])
        self.assertEqual(self._get_tokens_on(self._get_page(suffix="/payment_method")), [])
        self._log_in(self.ada)
        self.assertEqual(self._get_tokens_on(self._get_page()), [method.id])
        self.assertEqual(self._get_tokens_on(self._get_page(suffix="/payment_method")), [method.id])

    def test_the_saved_method_is_named_to_the_customer_alone(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        self.assertNotIn("4242", self._get_page().text)
        self._log_in(self.ada)
        self.assertIn("4242", self._get_page().text)

    def test_an_ordinary_invoice_is_as_in_odoo(self):
        order = self._create_quotation([self._line(self.poster)])
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        page = self._get_page(invoice)
        self.assertNotIn("subscription_collection", page.text)
        self.assertNotIn("subscription_enrol", page.text)
        self.assertEqual(self._begin_on_page(invoice, amount=4.0).amount, 4.0)


@tagged("-at_install", "post_install")
class TestWhatThePageSays(PortalCommon):
    """The page says what is open, who pays it and when, and what the customer can do."""

    def _assert_says(self, *sentences, pay=True):
        page = self._get_page()
        notice = self._get_texts(page)["subscription_notice"].replace("\xa0", " ")
        for sentence in sentences:
            self.assertIn(sentence, notice)
        self.assertEqual('data-bs-target="#pay_with"' in page.text, pay, notice)

    def test_each_state_of_the_collection(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        self._assert_says("$ 12.00 will be charged to Payment method on 01/01/2026")
        charge = self.charge.sudo()
        for state, sentence, pay in (
            ("in_flight", "is being charged", False),
            ("pending", "is being processed", False),
            ("unknown", "Please do not pay it again", False),
            ("configuration", "the fault is ours", True),
            ("action", "Your bank asks you to confirm", True),
            ("retrying", "We try again on 01/04/2026", True),
            ("exhausted", "Please pay it here with another method", True),
            ("method_needed", "Please pay it here with another method", True),
            ("given_up", "is still open", True),
        ):
            with self.subTest(state=state):
                charge.write({"state": state, "next_attempt_on": "2026-01-04"})
                self._assert_says(sentence, pay=pay)

    def test_an_overdue_invoice(self):
        self._set_today("2026-01-20")
        self._assert_says("was to be paid by 01/01/2026")

    def test_a_paid_invoice(self):
        self._answer(self._begin_on_page(), "done")
        self._assert_says("This invoice is paid", pay=False)

    def test_a_credited_invoice_says_nothing(self):
        self.charge.sudo()._drop()
        self.assertNotIn("subscription_notice", self._get_texts(self._get_page()))

    def test_automatic_payment_is_on_or_off(self):
        self.assertIn("subscription_off", self._get_texts(self._get_page()))
        self.order.subscription_token_id = self._create_method(self.customer)
        self.assertIn("subscription_on", self._get_texts(self._get_page()))
        self.order.subscription_token_id.active = False
        self.assertIn("subscription_off", self._get_texts(self._get_page()))


@tagged("-at_install", "post_install")
class TestPaying(PortalCommon):
    """What is paid is what is open; one payment at a time."""

    def _assert_refused(self, message, **params):
        with self.assertRaises(Refused) as refusal, mute_logger("odoo.http"):
            self._begin_on_page(**params)
        self.assertIn(message, str(refusal.exception))
        self.env.invalidate_all()

    def test_just_paying_saves_nothing(self):
        transaction = self._begin_on_page()
        self.assertFalse(transaction.tokenize)
        self.assertFalse(transaction.subscription_enrol_order_ids)
        self.assertEqual(transaction.partner_id, self.customer)
        self.assertEqual(transaction.landing_route, self.invoice.get_portal_url())
        self._answer(transaction, "done")
        self.assertEqual(self.charge.state, "paid")
        self.assertFalse(self.order.subscription_token_id)

    def test_another_amount_is_refused(self):
        for amount in (0.01, 11.99, 12.01, 9999, -12, 0, None, "12.00x"):
            with self.subTest(amount=amount):
                self._assert_refused("has changed", amount=amount)
        self.assertFalse(self.invoice.transaction_ids)

    def test_the_amount_of_a_payment_link_of_staff(self):
        wizard = self.env["payment.link.wizard"].with_context(active_model="account.move", active_id=self.invoice.id)
        link = wizard.create({"amount": 5.0}).link
        self.assertEqual(self.url_open(link).status_code, 200)
        self.assertEqual(self._begin_on_page(amount=5.0).amount, 5.0)
        self._assert_refused("has changed", amount=4.0)

    def test_each_installment(self):
        half = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [(0, 0, {"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 30)],
            }
        )
        self.customer.property_payment_term_id = half
        invoice = self._bill_another()
        self.assertEqual(self._begin_on_page(invoice, amount=6.0).amount, 6.0)
        self.assertEqual(self._begin_on_page(invoice, amount=12.0).amount, 12.0)

    def test_while_a_payment_is_under_way_no_other_begins(self):
        for state in ("in_flight", "pending", "unknown"):
            with self.subTest(state=state):
                self.charge.sudo().state = state
                self._assert_refused("under way")

    def test_a_second_click_does_not_charge_a_saved_method_again(self):
        method = self._create_method(self.customer)
        self._log_in(self.ada)
        with trap_charges(self.env) as trap:
            self._begin_on_page(flow="token", token_id=method.id, payment_method_id=None)
            self._assert_refused("under way", flow="token", token_id=method.id, payment_method_id=None)
        self.assertEqual(trap.amounts, [12.0])

    def test_a_second_tab_may_pay_while_the_first_is_left_open(self):
        self._begin_on_page()
        self._answer(self._begin_on_page(), "done")
        self.assertEqual(self.invoice.amount_residual, 0.0)
        self._assert_refused("already been paid")

    def test_nothing_is_charged_beside_a_payment_that_has_begun(self):
        self._begin_on_page()
        self.assertGreater(self.charge.held_until, fields.Datetime.now())

    def test_a_payment_that_failed_offers_another_try(self):
        self._answer(self._begin_on_page(), "error")
        texts = self._get_texts(self._get_page())
        self.assertIn("Nothing is lost", texts["subscription_failed_payment"])
        self._answer(self._begin_on_page(), "done")
        self.assertNotIn("subscription_failed_payment", self._get_texts(self._get_page()))
        self.assertEqual(self.charge.state, "paid")

    def test_a_pending_payment_is_waited_for(self):
        transaction = self._answer(self._begin_on_page(), "pending")
        self.assertEqual(self.charge.state, "pending")
        self._assert_refused("under way")
        self._answer(transaction, "done")
        self.assertEqual(self.charge.state, "paid")

    def test_paying_is_the_confirmation_that_the_bank_asks_for(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        self.charge.sudo().state = "action"
        self._answer(self._begin_on_page(), "done")
        self.assertEqual(self.charge.state, "paid")

    @mute_logger("odoo.http")
    def test_what_the_browser_adds_is_refused(self):
        for extra in ({"subscription_enrol_order_ids": [self.order.id]}, {"invoice_ids": [1]}, {"state": "done"}):
            with self.subTest(**extra), self.assertRaises(Refused):
                self._begin_on_page(**extra)
        self.assertFalse(self._begin_on_page(is_validation=True).operation == "validation")
