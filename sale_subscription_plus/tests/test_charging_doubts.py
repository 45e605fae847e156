from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .charging_common import ChargingCommon


class TestOwnPayment(ChargingCommon):
    """A customer who pays an invoice by themself, while its collection is planned."""

    def _begin_own_payment(self, charge, reference="own"):
        return self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "amount": charge.amount_due,
                "currency_id": charge.currency_id.id,
                "partner_id": self.customer.id,
                "operation": "online_direct",
                "reference": reference,
                "invoice_ids": [(6, 0, charge.move_id.ids)],
            }
        )

    def test_nothing_is_charged_beside_it(self):
        charge = self._get_charge(self._create_automatic())
        own = self._begin_own_payment(charge)
        self.assertEqual(self._charge().sent, [])
        own._set_done()
        self.assertEqual(self._charge().sent, [])
        own._post_process()
        self.assertEqual(charge.state, "paid")
        self.assertEqual(self._charge(day="2026-01-05").sent, [])

    def test_a_page_that_was_left_open_does_not_pay_once_more(self):
        charge = self._get_charge(self._create_automatic())
        self._charge()
        with self.assertRaisesRegex(UserError, "paid already"):
            self._begin_own_payment(charge)

    def test_once_it_failed_the_saved_method_is_charged(self):
        charge = self._get_charge(self._create_automatic())
        own = self._begin_own_payment(charge)
        own._set_error("Wrong number")
        own._post_process()
        self.assertEqual(self._charge().amounts, [12.0])
        self.assertEqual(charge.state, "paid")

    def test_one_that_was_left_halfway_holds_the_saved_method_for_a_day(self):
        charge = self._get_charge(self._create_automatic())
        self._begin_own_payment(charge)
        self.assertEqual(self._charge(day="2026-01-02 11:00:00").sent, [])
        self.assertEqual(self._charge(day="2026-01-02 13:00:00").amounts, [12.0])

    def test_one_that_is_pending_is_waited_for_and_then_what_comes_of_it_counts(self):
        charge = self._get_charge(self._create_automatic())
        own = self._begin_own_payment(charge)
        own._set_pending()
        own._post_process()
        self.assertEqual(charge.state, "pending")
        self.assertEqual(self._charge(day="2026-01-04").sent, [])
        own._set_error("Returned")
        own._post_process()
        self.assertEqual(charge.state, "waiting")
        self.assertEqual(self._charge().amounts, [12.0])

    def test_a_second_one_is_refused_while_the_first_is_pending(self):
        charge = self._get_charge(self._create_automatic())
        own = self._begin_own_payment(charge)
        own._set_pending()
        own._post_process()
        with self.assertRaisesRegex(UserError, "under way"):
            self._begin_own_payment(charge, "another")
        self.assertFalse(charge.move_id._has_to_be_paid())
        self.assertRegex(charge.move_id._get_online_payment_error(), "under way")


class TestDoubts(ChargingCommon):
    """When it is not known whether money was taken."""

    @contextmanager
    def _provider_that(self, resends=False, look_up=None):
        Transaction = self.registry["payment.transaction"]
        with (
            patch.object(Transaction, "_subscription_can_resend", lambda tx: resends),
            patch.object(Transaction, "_subscription_look_up", look_up or (lambda tx: None)),
        ):
            yield

    def test_the_same_transaction_is_sent_again_where_the_provider_charges_it_once(self):
        charge = self._get_charge(self._create_automatic())
        with self._provider_that(resends=True):
            first = self._charge("no_answer").sent
            self.assertEqual(self._charge("done", "2026-01-01 13:00:00").sent, first)
        self.assertEqual((charge.state, charge.attempt_count), ("paid", 1))

    def test_after_a_day_it_is_not_sent_again(self):
        charge = self._get_charge(self._create_automatic())
        with self._provider_that(resends=True):
            self._charge("no_answer")
            self.assertEqual(self._charge("done", "2026-01-02 11:30:00").sent, [])
        self.assertEqual(charge.state, "unknown")

    def test_a_provider_that_finds_the_payment_settles_it(self):
        charge = self._get_charge(self._create_automatic())
        self._charge("no_answer")
        with self._provider_that(look_up=lambda tx: bool(tx._set_done())):
            self.assertEqual(self._charge().sent, [])
        self.assertEqual((charge.state, charge.move_id.payment_state), ("paid", "paid"))

    def test_a_provider_that_has_no_such_payment_lets_another_attempt_begin(self):
        charge = self._get_charge(self._create_automatic())
        self._charge("no_answer")
        with self._provider_that(look_up=lambda tx: False):
            self.assertEqual(self._charge().amounts, [12.0])
        self.assertEqual((charge.state, charge.attempt_count, charge.failure_count), ("paid", 2, 0))

    def test_a_provider_that_cannot_tell_leaves_it_to_a_person_who_is_asked_once(self):
        charge = self._get_charge(self._create_automatic())
        self._charge("no_answer")
        for _hour in range(3):
            self._charge()
        self.assertEqual((charge.state, len(charge.activity_ids)), ("unknown", 1))
        charge.action_mark_not_paid()
        self._charge("done")
        self.assertEqual((charge.state, len(charge.activity_ids)), ("paid", 0))

    def test_an_attempt_that_was_not_made_is_no_decline_when_odoo_looks_at_it_again(self):
        charge = self._get_charge(self._create_automatic())
        self._charge("no_answer")
        charge.action_mark_not_paid()
        charge.last_transaction_id._post_process()
        self.assertEqual((charge.state, charge.failure_count, charge.pending_mail), ("waiting", 0, False))

    def test_money_that_was_said_not_to_be_there_is_booked_when_the_provider_tells_it(self):
        charge = self._get_charge(self._create_automatic())
        self._charge("no_answer")
        charge.action_mark_not_paid()
        charge.last_transaction_id._set_done()
        charge.last_transaction_id._post_process()
        self.assertEqual((charge.state, charge.move_id.payment_state), ("paid", "paid"))
        self.assertEqual(self._charge().sent, [])

    def test_an_answer_about_another_amount_is_left_to_a_person(self):
        charge = self._get_charge(self._create_automatic())

        def answer(tx):
            data = {"amount": 1.0, "currency_code": tx.currency_id.name}
            with patch.object(type(tx), "_extract_amount_data", lambda tx, payment_data: data):
                tx._process("none", data)
            return "draft"

        with self._provider_that(resends=True):
            self._charge(answer)
            self.assertEqual(charge.state, "unknown")
            self.assertEqual(self._charge().sent, [])
        charge.action_mark_paid()
        self.assertEqual((charge.state, charge.move_id.payment_state), ("paid", "paid"))

    def test_money_that_cannot_be_booked_is_not_forgotten_and_not_taken_again(self):
        charge = self._get_charge(self._create_automatic())
        Transaction = self.registry["payment.transaction"]
        with (
            patch.object(Transaction, "_create_payment", side_effect=UserError("The journal is closed.")),
            mute_logger("odoo.addons.sale_subscription_plus.charger"),
        ):
            self._charge("done")
        self.assertEqual((charge.state, charge.last_transaction_id.state), ("unknown", "done"))
        self.assertEqual(charge.last_failure_message, "The journal is closed.")
        self.assertEqual(len(charge.activity_ids), 1)
        self.assertEqual(self._charge().sent, [])
        self.assertEqual((charge.state, charge.move_id.payment_state), ("paid", "paid"))

    def test_one_that_cannot_be_booked_stops_no_other(self):
        orders = self._create_automatic() | self._create_automatic(token=self._create_token())
        bad, good = orders.subscription_charge_ids.sorted("id")
        Transaction = self.registry["payment.transaction"]
        original = Transaction._create_payment

        def create_payment(tx, **values):
            if tx.subscription_charge_id.id == bad.id:
                raise UserError("No.")
            return original(tx, **values)

        with patch.object(Transaction, "_create_payment", create_payment):
            self._charge("done")
        self.assertEqual((bad.state, good.state), ("unknown", "paid"))

    def test_one_that_cannot_be_planned_stops_no_other(self):
        orders = self._create_automatic() | self._create_automatic(token=self._create_token())
        bad, good = orders.subscription_charge_ids.sorted("id")
        Move = self.registry["account.move"]
        original = Move._subscription_apply_credits

        def apply_credits(move):
            if move.id == bad.move_id.id:
                raise UserError("No.")
            return original(move)

        with patch.object(Move, "_subscription_apply_credits", apply_credits):
            self.assertEqual(len(self._charge("done").sent), 1)
        self.assertEqual((bad.state, good.state), ("configuration", "paid"))

    def test_odoos_own_action_takes_no_draft_that_waits_to_be_sent_for_an_outcome(self):
        charge = self._get_charge(self._create_automatic())
        today = self.company._get_subscription_today()
        self.env["subscription.charging.run"].sudo()._plan_attempts(self.company, today, 10)
        transaction = charge.last_transaction_id
        self.assertEqual((charge.state, transaction.state), ("in_flight", "draft"))
        transaction._post_process()
        self.assertEqual(charge.state, "in_flight")

    def test_money_that_was_booked_and_not_reconciled_is_not_taken_again(self):
        charge = self._get_charge(self._create_automatic())
        self._charge("done")
        Move = self.registry["account.move"]
        charge.move_id.line_ids.remove_move_reconcile()
        with patch.object(Move, "_subscription_apply_credits", lambda move: None):
            self.assertEqual(self._charge(day="2026-01-02").sent, [])
        self.assertEqual(charge.state, "configuration")
        self.assertRegex(charge.last_failure_message, "took this money already")

    def test_late_money_for_a_paid_invoice_is_told_to_staff(self):
        charge = self._get_charge(self._create_automatic())
        self._charge("soft")
        late = charge.last_transaction_id
        charge.action_retry()
        self._charge("done")
        late._set_done()
        late._post_process()
        self.assertEqual(charge.state, "paid")
        self.assertRegex(charge.activity_ids.summary, "twice")
