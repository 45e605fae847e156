from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .signup_common import SignupCommon
from .trap import trap_charges


class LateSignupCommon(SignupCommon):
    """Payments that begin on one day, and whose outcome is told on another one or after something else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.aligned = cls._create_plan("Aligned", alignment="month_day", alignment_day=11)
        cls._set_recurring_price(cls.magazine, cls.aligned, 31.0)

    def _get_questions(self, order):
        xmlid = "sale_subscription_plus.mail_activity_type_signup_payment"
        return order.activity_search([xmlid], only_automated=False)

    def _charge(self, answer="done"):
        with self._test_mode(), self.registry.cursor() as cr, trap_charges(self.env, answer) as trap:
            self.env(cr=cr)["subscription.charging.run"].sudo()._run()
        return trap.sent


@tagged("-at_install", "post_install")
class TestSignupAfterFirstInvoice(LateSignupCommon):
    """A payment that comes once the order runs and is billed meets its first invoice; nothing else is charged."""

    def _confirm_meanwhile(self, **values):
        """Return an order that staff confirmed and billed while its customer was at the provider, and that payment."""
        order = self._create_quotation([self._line(), self._line(self.poster)], require_payment=True, **values)
        transaction = self._begin_payment(order, 21.0)
        order.action_confirm()
        self._bill()
        self.assertEqual(self._get_invoices(order).mapped("amount_residual"), [21.0])
        return order, transaction

    def test_it_pays_the_invoice_and_the_night_charges_nothing(self):
        order, transaction = self._confirm_meanwhile()
        self._answer(transaction, "done")
        self.assertEqual(transaction.invoice_ids, self._get_invoices(order))
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)
        self.assertEqual(order.subscription_charge_ids.state, "paid")
        self.assertTrue(order.subscription_token_id, "the method is saved")
        self.assertFalse(self._charge())
        self.assertFalse(self._get_questions(order))

    def test_the_next_period_is_charged_to_the_saved_method(self):
        order, transaction = self._confirm_meanwhile()
        self._answer(transaction, "done")
        self._bill("2026-02-01")
        self.assertEqual(len(self._charge()), 1)
        self.assertEqual(self._get_invoices(order).mapped("amount_residual"), [0.0, 0.0])

    def test_nothing_is_charged_while_a_bank_debit_is_pending(self):
        order, transaction = self._confirm_meanwhile()
        self._answer(transaction, "pending")
        self.assertEqual(order.subscription_charge_ids.state, "pending")
        self.assertFalse(self._charge())
        self._answer(transaction, "done")
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)

    def test_a_bank_debit_that_is_returned_leaves_the_invoice_to_the_saved_method(self):
        order, transaction = self._confirm_meanwhile()
        self._answer(transaction, "pending")
        self._answer(transaction, "error")
        self.assertEqual(len(self._charge()), 1)
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)

    def test_nothing_is_charged_between_the_answer_and_its_booking(self):
        card = self._create_method(self.customer)
        order, transaction = self._confirm_meanwhile()
        order.subscription_token_id = card
        transaction._set_done()
        self.assertFalse(self._charge())
        transaction._post_process()
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)

    def test_money_that_comes_beside_an_attempt_in_flight_is_told(self):
        order, transaction = self._confirm_meanwhile()
        order.subscription_token_id = self._create_method(self.customer)
        self.assertEqual(len(self._charge("pending")), 1)
        charge = order.subscription_charge_ids
        self.assertEqual(charge.state, "pending")
        self._answer(transaction, "done")
        self.assertEqual(len(self._get_questions(order)), 1)
        self.assertIn(transaction.reference, self._get_questions(order).note)
        self.assertIn(charge.last_transaction_id.reference, self._get_questions(order).note)

    def test_money_that_comes_after_the_invoice_was_paid_is_told(self):
        order, transaction = self._confirm_meanwhile()
        order.subscription_token_id = self._create_method(self.customer)
        self.assertEqual(len(self._charge()), 1)
        self._answer(transaction, "done")
        self.assertTrue(transaction.payment_id, "it is in the books")
        self.assertEqual(len(self._get_questions(order)), 1)
        self.assertIn("21.00", self._get_questions(order).summary)

    def test_money_for_an_order_that_was_cancelled_meanwhile_is_told(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._begin_payment(order, 12.0)
        order._action_cancel()
        self._answer(transaction, "done")
        self.assertTrue(transaction.payment_id)
        self.assertIn("12.00", self._get_questions(order).summary)


@tagged("-at_install", "post_install")
class TestSignupOnAnotherDay(LateSignupCommon):
    """What was paid is what is billed, whenever its money is there."""

    def _begin_aligned(self, **values):
        order = self._create_quotation(plan=self.aligned, require_payment=True, **values)
        return order, self._begin_payment(order, order._get_signup_amount())

    def _assert_paid_as_begun(self, order):
        self.assertEqual(order.subscription_start, date(2026, 1, 1))
        first = self._get_invoices(order)[0]
        self.assertEqual((first.amount_total, first.amount_residual), (10.0, 0.0))
        self.assertFalse(self._get_questions(order))

    def test_a_bank_debit_starts_it_on_the_day_on_which_it_began(self):
        order, transaction = self._begin_aligned()
        self._answer(transaction, "pending")
        self._set_today("2026-01-05")
        self._answer(transaction, "done")
        self._assert_paid_as_begun(order)

    def test_it_is_confirmed_even_when_the_next_period_has_begun(self):
        order, transaction = self._begin_aligned()
        self._answer(transaction, "pending")
        self._set_today("2026-01-11")
        self._answer(transaction, "done")
        self._assert_paid_as_begun(order)
        self.assertEqual(self._get_invoices(order).mapped("amount_residual"), [0.0, 31.0])

    def test_days_are_those_of_the_company(self):
        self.company.subscription_tz = "America/New_York"
        self._set_today("2026-01-02 03:00:00")  # the evening of January 1 there
        order, transaction = self._begin_aligned()
        self._set_today("2026-01-02 06:00:00")
        self._answer(transaction, "done")
        self._assert_paid_as_begun(order)

    def test_a_start_that_was_agreed_stays(self):
        for start in ("2025-12-20", "2026-01-20"):
            order, transaction = self._begin_aligned(subscription_start=start)
            self._set_today("2026-01-05")
            self._answer(transaction, "done")
            self.assertEqual(str(order.subscription_start), start)
            self._set_today("2026-01-01")

    def test_a_wire_transfer_starts_it_when_it_is_there_and_what_is_over_is_told(self):
        order, transaction = self._begin_by_wire()
        self._set_today("2026-01-05")
        self._answer(transaction, "done")
        self.assertEqual(order.subscription_start, date(2026, 1, 5))
        self.assertEqual(self._get_invoices(order).amount_total, 6.0)
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)
        self.assertIn("4.00", self._get_questions(order).summary)

    def test_a_wire_transfer_that_does_not_suffice_any_more_is_told(self):
        order, transaction = self._begin_by_wire()
        self._set_today("2026-01-11")
        self._answer(transaction, "done")
        self.assertEqual((order.state, order.subscription_start), ("sent", False))
        question = self._get_questions(order)
        self.assertEqual(len(question), 1)
        self.assertIn("31.00 is due", question.note)
        order.action_confirm()
        self.assertFalse(self._get_questions(order), "it is confirmed")
        self._bill()
        self.assertEqual(self._get_invoices(order).amount_residual, 21.0)

    def _begin_by_wire(self):
        order = self._create_quotation(plan=self.aligned, require_payment=True)
        transaction = self._begin_payment(order, 10.0, tokenize=False)
        self.patch(type(transaction), "_is_paid_by_hand", lambda tx: True)
        return order, self._answer(transaction, "pending")

    def test_an_order_that_was_raised_meanwhile_is_told(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._begin_payment(order, 12.0)
        order.order_line = [self._line(self.poster)]
        self._set_today("2026-01-02")
        self._answer(transaction, "done")
        self.assertEqual((order.state, order.subscription_start), ("draft", False))
        self.assertIn("21.00 is due", self._get_questions(order).note)
        self._pay(order, 9.0)
        self.assertEqual(order.state, "sale")
        self.assertFalse(self._get_questions(order))

    def test_an_order_that_cannot_be_confirmed_keeps_its_money_and_is_told(self):
        order, transaction = self._begin_aligned()
        order.order_line = [Command.create({"name": "Nothing", "product_uom_qty": 1.0, "product_id": False})]
        self._answer(transaction, "done")
        self.assertEqual((order.state, order.subscription_start), ("draft", False))
        self.assertTrue(transaction.payment_id)
        self.assertTrue(order.activity_ids.note)


@tagged("-at_install", "post_install")
class TestSignupTwice(LateSignupCommon):
    """Two payments of one quotation: one at a time, and none is lost."""

    def _begin_two(self):
        order = self._create_quotation(require_payment=True)
        return order, self._begin_payment(order, 12.0), self._begin_payment(order, 12.0, reference="Second")

    def test_the_older_one_is_cancelled(self):
        order, first, second = self._begin_two()
        self.assertEqual((first.state, second.state), ("cancel", "draft"))
        self.assertIn("another payment", first.state_message)
        self._answer(second, "done")
        self.assertEqual(order.state, "sale")
        self.assertFalse(self._get_questions(order))

    def test_the_older_one_may_go_through_instead(self):
        order, first, second = self._begin_two()
        self._answer(first, "done")
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)
        self._answer(second, "error")
        self.assertFalse(self._get_questions(order))

    def test_money_that_comes_twice_is_booked_and_told_once(self):
        order, first, second = self._begin_two()
        self._answer(second, "done")
        self._answer(first, "done")
        first._post_process()
        self.assertTrue(first.payment_id)
        self.assertEqual(len(self._get_invoices(order)), 1)
        question = self._get_questions(order)
        self.assertEqual(len(question), 1)
        self.assertIn("12.00", question.summary)
        self.assertIn(first.reference, question.summary)
        self.assertEqual(question.user_id, order.user_id)

    def test_money_that_comes_twice_before_the_start_is_told(self):
        order, first, second = self._begin_two()
        order.subscription_start = "2026-01-10"
        self._answer(first, "done")
        self.assertEqual(order.subscription_status, "scheduled")
        self.assertFalse(self._get_questions(order))
        self._answer(second, "done")
        self.assertIn("Second", self._get_questions(order).summary)

    def test_no_other_begins_while_the_older_one_is_pending(self):
        order, first, _second = self._begin_two()
        self._answer(first, "pending")
        self.assertEqual(order._get_signup_payment_under_way(), first)

    def test_what_may_be_on_its_way_to_the_provider_is_left_alone(self):
        order = self._create_quotation(require_payment=True)
        token = self._create_transaction(
            "token",
            amount=12.0,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[Command.set(order.ids)],
            token_id=self._create_method(order.partner_id).id,
            reference="Token",
        )
        direct = self._begin_payment(order, 12.0, reference="Direct", operation="online_direct")
        self._begin_payment(order, 12.0, reference="Next")
        self.assertEqual((token.state, direct.state), ("draft", "draft"))
        self._set_today("2026-01-02")
        self._begin_payment(order, 12.0, reference="Last")
        self.assertEqual((token.state, direct.state), ("draft", "cancel"))

    def test_payments_of_ordinary_orders_are_left_alone(self):
        order = self._create_quotation([self._line(self.poster)], require_payment=True)
        first = self._begin_payment(order, 9.0, tokenize=False)
        self._begin_payment(order, 9.0, tokenize=False, reference="Second")
        self.assertEqual(first.state, "draft")
