from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .signup_common import SignupCommon
from .trap import trap_charges

# An image of one pixel
SIGNATURE = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("-at_install", "post_install")
class TestFirstInvoiceAmount(SignupCommon):
    """What is paid to sign up is what the first invoice asks, to the cent."""

    def _sign_up(self, lines=None, plan=None, **values):
        """Return (what is to be paid, the invoices that paying it made)."""
        order = self._create_quotation(lines, plan, require_payment=True, **values)
        amount = order._get_prepayment_required_amount()
        self.assertEqual(amount, order._get_first_invoice_amount())
        self._pay(order, amount)
        self.assertEqual(order.state, "sale")
        return amount, self._get_invoices(order)

    def _assert_pays_exactly(self, expected, lines=None, plan=None, **values):
        amount, invoices = self._sign_up(lines, plan, **values)
        self.assertEqual(amount, expected)
        self.assertEqual(invoices.mapped("amount_total"), [expected])
        self.assertEqual(invoices.amount_residual, 0.0)
        self.assertEqual(invoices.state, "posted")
        return invoices

    def test_one_period_in_advance(self):
        self._assert_pays_exactly(12.0)

    def test_one_off_products_and_set_up_fees_are_part_of_it(self):
        fee = self._create_product(name="Set-up", lst_price=5.0, taxes_id=[], invoice_policy="order")
        paper = self._create_recurring_product("Paper", {self.monthly: 10.0}, subscription_setup_product_id=fee.id)
        self._assert_pays_exactly(24.0, [self._line(paper), self._line(self.poster)])

    def test_the_part_of_a_period_that_an_aligned_plan_begins_with(self):
        plan = self._create_plan(alignment="month_day", alignment_day=1)
        self._set_recurring_price(self.magazine, plan, 31.0)
        self._set_today("2026-01-22")
        invoice = self._assert_pays_exactly(10.0, plan=plan)
        self.assertEqual(invoice.invoice_line_ids.subscription_period_end, date(2026, 2, 1))

    def test_taxes_are_part_of_it(self):
        tax = self.company_data["default_tax_sale"]
        self.assertEqual(tax.amount, 15.0)
        taxed = self._create_recurring_product("Taxed", {self.monthly: 9.99}, taxes_id=tax.ids)
        self._assert_pays_exactly(34.47, [self._line(taxed, product_uom_qty=3)])

    def test_several_plans_on_one_order(self):
        lines = [self._line(), self._line(subscription_plan_id=self.yearly.id)]
        self._assert_pays_exactly(132.0, lines)

    def test_what_is_billed_in_arrears_is_not_paid_now(self):
        arrears = self._create_plan("Arrears", billing_timing="arrears")
        self._set_recurring_price(self.magazine, arrears, 7.0)
        self._assert_pays_exactly(12.0, [self._line(), self._line(subscription_plan_id=arrears.id)])

    def test_one_off_products_beside_arrears_are_invoiced_at_once(self):
        arrears = self._create_plan("Arrears", billing_timing="arrears")
        self._set_recurring_price(self.magazine, arrears, 7.0)
        invoice = self._assert_pays_exactly(9.0, [self._line(), self._line(self.poster)], arrears)
        order = invoice.line_ids.sale_line_ids.order_id
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [9.0, 7.0])

    def test_goods_invoiced_on_delivery_are_invoiced_when_they_are_paid(self):
        goods = self._create_product(name="Lamp", lst_price=30.0, taxes_id=[], invoice_policy="delivery")
        self._assert_pays_exactly(42.0, [self._line(), self._line(goods)])

    def test_discounts_count(self):
        self._assert_pays_exactly(6.0, [self._line(discount=50.0)])

    def test_an_option_that_was_not_chosen_costs_nothing(self):
        self._assert_pays_exactly(
            12.0, [self._line(), self._line(subscription_plan_id=self.yearly.id, product_uom_qty=0)]
        )

    def test_a_term_shorter_than_the_period(self):
        amount, invoices = self._sign_up(
            plan=self.yearly, subscription_commitment_months=6, subscription_auto_renew=False
        )
        self.assertEqual(invoices.amount_total, amount)
        self.assertLess(amount, 120.0)

    def test_a_foreign_currency(self):
        currency = self.currency_euro
        currency.rate_ids.unlink()
        self.env["res.currency.rate"].create({"name": "2025-01-01", "rate": 0.5, "currency_id": currency.id})
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": currency.id})
        self._set_recurring_price(self.magazine, self.monthly, 11.0, pricelist_id=pricelist.id)
        self._assert_pays_exactly(11.0, pricelist_id=pricelist.id)

    def test_a_later_start_is_paid_now_and_meets_its_invoice_then(self):
        order = self._create_quotation(require_payment=True, subscription_start="2026-01-10")
        transaction = self._pay(order, 12.0)
        self.assertEqual(order.subscription_status, "scheduled")
        self.assertFalse(self._get_invoices(order))
        self._bill("2026-01-10")
        invoice = self._get_invoices(order)
        self.assertEqual((invoice.transaction_ids, invoice.amount_residual), (transaction, 0.0))
        self.assertEqual(order.subscription_charge_ids.filtered(lambda charge: charge.state != "paid").ids, [])

    def test_of_periods_missed_before_signing_only_the_first_is_paid_with_it(self):
        order = self._create_quotation(require_payment=True, subscription_start="2025-12-01")
        transaction = self._pay(order, 12.0)
        first, second = self._get_invoices(order)
        self.assertEqual(first.transaction_ids, transaction)
        self.assertFalse(second.transaction_ids)
        self.assertEqual((first.amount_residual, second.amount_residual), (0.0, 12.0))


@tagged("-at_install", "post_install")
class TestSignup(SignupCommon):
    """Paying a quotation confirms it, saves the method and pays the first invoice; nothing stays half done."""

    def test_paying_saves_the_method_and_pays_the_first_invoice(self):
        for automatic in (True, False):
            with self.subTest(automatic_invoice=automatic):
                self._set_automatic_invoice(automatic)
                order = self._create_quotation([self._line(), self._line(self.poster)], require_payment=True)
                transaction = self._pay(order, 21.0)
                invoice = self._get_invoices(order)
                self.assertEqual(order.subscription_status, "progress")
                self.assertEqual(order.subscription_token_id, transaction.token_id)
                self.assertEqual(transaction.invoice_ids, invoice)
                self.assertEqual((invoice.amount_total, invoice.amount_residual), (21.0, 0.0))
                self.assertTrue(transaction.payment_id.is_reconciled)
                self.assertEqual(order.invoice_status, "invoiced")
                self.assertEqual(order.subscription_charge_ids.mapped("state"), ["paid"])

    def test_what_was_paid_is_not_charged_again_and_the_next_period_is(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._pay(order, 12.0)
        self._assert_charged(0)
        self._bill("2026-02-01")
        first, second = self._get_invoices(order)
        self.assertFalse(second.transaction_ids & transaction)
        self._assert_charged(1)
        self.assertEqual((first + second).mapped("amount_residual"), [0.0, 0.0])

    def _assert_charged(self, count):
        with self._test_mode(), self.registry.cursor() as cr, trap_charges(self.env) as trap:
            self.env(cr=cr)["subscription.charging.run"].sudo()._run()
        self.assertEqual(len(trap.sent), count)

    def test_each_invoicing_mode(self):
        for mode, sent in (("draft", False), ("post", False), ("send", True), ("charge", True)):
            with self.subTest(mode=mode):
                plan = self._create_plan(f"Mode {mode}", invoicing_mode=mode)
                self._set_recurring_price(self.magazine, plan, 12.0)
                order = self._create_quotation(plan=plan, require_payment=True)
                self._pay(order, 12.0)
                invoice = self._get_invoices(order)
                self.assertEqual((invoice.state, invoice.amount_residual), ("posted", 0.0), "it is paid")
                self.assertEqual(bool(invoice.sending_data), sent)

    def test_automatic_invoices_do_not_send_it_a_second_time(self):
        self._set_automatic_invoice(True)
        plan = self._create_plan("Send", invoicing_mode="send")
        self._set_recurring_price(self.magazine, plan, 12.0)
        order = self._create_quotation(plan=plan, require_payment=True)
        self._pay(order, 12.0)
        invoice = self._get_invoices(order)
        self.assertFalse(invoice.is_move_sent, "not at once, beside what is queued")
        self.assertTrue(invoice.sending_data)

    def test_the_invoice_comes_from_us_whoever_paid(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._begin_payment(order, 12.0)
        self._answer(transaction.with_user(self.public_user).sudo(), "done")
        self.assertEqual(self._get_invoices(order).create_uid, self.env.ref("base.user_root"))

    def test_a_bank_debit_confirms_when_its_money_is_there(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._pay(order, 12.0, "pending")
        self.assertEqual(order.state, "sent")
        self.assertFalse(self._get_invoices(order))
        self._answer(transaction, "done")
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)
        self.assertEqual(order.subscription_token_id, transaction.token_id)

    def test_a_bank_debit_is_not_charged_beside_when_staff_confirm(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._pay(order, 12.0, "pending")
        order.action_confirm()
        self._bill()
        self.assertEqual(order.subscription_charge_ids.state, "pending")
        self._assert_charged(0)
        self._answer(transaction, "done")
        self.assertEqual(order.subscription_charge_ids.state, "paid")
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)

    def test_a_bank_debit_that_is_returned_leaves_the_invoice_to_the_saved_method(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._pay(order, 12.0, "pending")
        order.action_confirm()
        self._bill()
        self._answer(transaction, "error")
        self._assert_charged(1)
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)

    def test_an_authorised_payment_is_not_charged_beside(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._pay(order, 12.0, "authorized")
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_charge_ids.state, "pending")
        self._assert_charged(0)
        self._answer(transaction, "done")
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)
        self.assertEqual(order.subscription_charge_ids.state, "paid")

    def test_a_share_is_one_of_the_first_invoice_and_the_rest_is_charged(self):
        arrears = self._create_plan("Arrears", billing_timing="arrears")
        self._set_recurring_price(self.magazine, arrears, 700.0)
        lines = [self._line(), self._line(subscription_plan_id=arrears.id)]
        order = self._create_quotation(lines, require_payment=True, prepayment_percent=0.5)
        self.assertEqual(order._get_prepayment_required_amount(), 6.0)
        self._pay(order, 6.0)
        self.assertEqual(self._get_invoices(order).amount_residual, 6.0)
        self._assert_charged(1)
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)

    def test_less_than_asked_does_not_confirm(self):
        order = self._create_quotation(require_payment=True)
        self._pay(order, 5.0)
        self.assertEqual(order.state, "draft")
        self.assertEqual(order._get_signup_amount(), 7.0, "the rest")
        self._pay(order, 7.0)
        self.assertEqual(order.state, "sale")
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)

    def test_an_order_that_cannot_be_billed_is_confirmed_and_keeps_its_money(self):
        order = self._create_quotation(require_payment=True)
        with self._fail_billing(order, UserError("The journal is locked.")):
            transaction = self._pay(order, 12.0)
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.subscription_parked_reason, "The journal is locked.")
        self.assertTrue(transaction.payment_id)
        self._bill("2026-01-02")
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)
        self.assertEqual(self._get_invoices(order).transaction_ids, transaction)

    def test_an_ordinary_order_is_paid_as_in_odoo(self):
        order = self._create_quotation([self._line(self.poster)], require_payment=True)
        self.assertEqual(order._get_prepayment_required_amount(), 9.0)
        self.assertFalse(self.provider._is_tokenization_required(sale_order_id=order.id))
        self._pay(order, 9.0, tokenize=False)
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.invoice_ids)
        self.assertFalse(order.subscription_token_id)


@tagged("-at_install", "post_install")
class TestSignupMethod(SignupCommon):
    """Whose method pays what, and quotations that are not to be paid today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arrears = cls._create_plan("Arrears", billing_timing="arrears")
        cls._set_recurring_price(cls.magazine, cls.arrears, 7.0)
        cls.stranger = cls.env["res.partner"].create({"name": "Stranger"})

    def _save(self, order, state="done", partner=None):
        transaction = self._create_transaction(
            "redirect",
            operation="validation",
            amount=0.0,
            currency_id=order.currency_id.id,
            partner_id=(partner or order.partner_id).id,
            reference=f"V-{order.name}",
            tokenize=True,
            subscription_enrol_order_ids=[Command.set(order.ids)],
        )
        return self._answer(transaction, state)

    def test_saving_a_method_confirms_what_is_not_to_be_paid_today(self):
        order = self._create_quotation(plan=self.arrears, require_payment=True, require_signature=False)
        self.assertEqual(order._get_prepayment_required_amount(), 0.0)
        self.assertTrue(order._has_to_be_paid())
        transaction = self._save(order)
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(order.subscription_token_id, transaction.token_id)
        self.assertFalse(self._get_invoices(order))
        self.assertEqual(order.amount_paid, 0.0)

    def test_it_waits_for_the_signature(self):
        order = self._create_quotation(plan=self.arrears, require_payment=True, require_signature=True)
        self._save(order)
        self.assertEqual(order.state, "draft")
        order.write({"signature": SIGNATURE, "signed_by": "Ada"})
        self.assertFalse(order._has_to_be_paid())

    def test_a_method_that_could_not_be_saved_leaves_the_quotation(self):
        order = self._create_quotation(plan=self.arrears, require_payment=True, require_signature=False)
        self._save(order, "error")
        self.assertEqual(order.state, "draft")
        self.assertTrue(order._has_to_be_paid())

    def test_what_costs_nothing_ever_asks_no_method(self):
        order = self._create_quotation([self._line(price_unit=0.0)], require_payment=True)
        self.assertFalse(order._has_to_save_method())

    def test_saving_a_method_does_not_confirm_what_is_to_be_paid(self):
        order = self._create_quotation(require_payment=True, require_signature=False)
        self._save(order)
        self.assertEqual(order.state, "draft")

    def test_a_strangers_payment_confirms_and_their_method_pays_nothing_else(self):
        order = self._create_quotation(require_payment=True)
        self._pay(order, 12.0, partner_id=self.stranger.id)
        self.assertEqual(order.state, "sale")
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)
        self.assertFalse(order.subscription_token_id)

    def test_nobody_enrols_an_order_with_a_method_of_another_customer(self):
        order = self._create_subscription()
        with self.assertRaises(AccessError):
            order._subscription_enrol(self._create_method(self.stranger))
        self._save(order, partner=self.stranger)
        self.assertFalse(order.subscription_token_id)

    def test_the_method_is_saved_once_and_a_later_choice_stays(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._pay(order, 12.0)
        other = self._create_method(self.customer)
        order.subscription_token_id = other
        transaction._post_process()
        self.assertEqual(order.subscription_token_id, other)

    def test_the_history_tells_when_a_method_comes_and_goes(self):
        order = self._create_subscription()
        order._subscription_enrol(self._create_method(self.customer), self.customer)
        order._subscription_unenrol(self.customer)
        self.assertFalse(order.subscription_token_id)
        told = order.message_ids.filtered(lambda message: "Automatic payment is" in message.body)
        self.assertEqual(told.author_id, self.customer)
        self.assertEqual(["is on" in message.body for message in told.sorted("id")], [True, False])

    def test_paying_with_a_new_method_is_not_charged_to_it_once_more(self):
        """Between the provider's answer and Odoo's handling of it, the run finds a new method and an open invoice."""
        card = self._create_method(self.customer)
        order = self._create_subscription(subscription_token_id=card.id)
        self._bill()
        invoice = self._get_invoices(order)
        self._run_charging("hard")
        self.assertEqual(order.subscription_charge_ids.state, "method_needed")
        transaction = self._create_transaction(
            "redirect",
            amount=12.0,
            currency_id=order.currency_id.id,
            partner_id=self.customer.id,
            invoice_ids=[Command.set(invoice.ids)],
            reference="Own",
        )
        for state in ("pending", "done"):
            getattr(transaction, f"_set_{state}")()
            transaction.token_id = transaction.token_id or self._create_method(self.customer)
            self.assertFalse(self._run_charging().sent, f"the money is on its way: {state}")
        transaction._post_process()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertFalse(self._run_charging().sent)
        self.assertEqual(order.subscription_token_id, transaction.token_id)

    def _run_charging(self, answer="done"):
        with self._test_mode(), self.registry.cursor() as cr, trap_charges(self.env, answer) as trap:
            self.env(cr=cr)["subscription.charging.run"].sudo()._run()
        return trap


@tagged("-at_install", "post_install")
class TestSignupFails(SignupCommon):
    """A first payment that fails loses nothing."""

    def test_the_quotation_stays_as_it_was(self):
        order = self._create_quotation(
            [self._line(), self._line(subscription_plan_id=self.yearly.id)],
            require_payment=True,
            signature=SIGNATURE,
            signed_by="Ada",
        )
        lines = order.order_line
        before = (order.partner_invoice_id, order.partner_shipping_id, order.signed_by, order.signature)
        for state in ("error", "cancel"):
            self._pay(order, 132.0, state)
            self.assertEqual(order.state, "draft")
            self.assertEqual(order.order_line, lines)
            self.assertEqual(
                (order.partner_invoice_id, order.partner_shipping_id, order.signed_by, order.signature), before
            )
            self.assertTrue(order._has_to_be_paid())
        self._pay(order, 132.0)
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)

    def test_who_has_left_the_page_is_mailed_the_link(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._pay(order, 12.0, "pending")
        known = order.message_ids
        self._answer(transaction, "error")
        mail = (order.message_ids - known).filtered(lambda message: message.partner_ids == self.customer)
        self.assertEqual(mail.subject, f"Your payment for {order.name} did not go through")
        self.assertIn(f"/my/orders/{order.id}?access_token={order.access_token}", mail.body.replace("&amp;", "&"))
        self.assertEqual(order.state, "sent")

    def test_who_is_on_the_page_sees_it_there(self):
        order = self._create_quotation(require_payment=True)
        known = order.message_ids
        self._pay(order, 12.0, "error")
        self.assertFalse((order.message_ids - known).filtered(lambda message: message.partner_ids == self.customer))

    def test_a_debit_returned_after_confirmation_is_no_matter_of_the_quotation(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._pay(order, 12.0, "pending")
        order.action_confirm()
        known = order.message_ids
        self._answer(transaction, "error")
        self.assertFalse(
            (order.message_ids - known).filtered(lambda mail: "did not go through" in (mail.subject or ""))
        )
