from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .charging_common import ChargingCommon


class TestAttempt(ChargingCommon):
    """One attempt at a time: what each answer makes of invoice, collection and subscription."""

    def test_a_saved_method_is_charged_when_the_invoice_is_due_and_the_payment_is_in_the_books(self):
        order = self._create_automatic()
        charge = self._get_charge(order)
        self.assertRecordValues(
            charge, [{"state": "waiting", "is_automatic": True, "next_attempt_on": charge.due_on, "amount_due": 12.0}]
        )
        trap = self._charge()
        self.assertEqual(trap.amounts, [12.0])
        self.assertRecordValues(charge, [{"state": "paid", "next_attempt_on": False, "amount_due": 0.0}])
        self.assertEqual(charge.move_id.payment_state, "paid")
        self.assertEqual(charge.last_transaction_id.payment_id.state, "paid")
        self.assertEqual(charge.last_transaction_id.invoice_ids, charge.move_id)
        self.assertFalse(charge.last_transaction_id.sale_order_ids)
        self.assertEqual(order.subscription_payment_status, "ok")

    def test_charging_twice_takes_money_once(self):
        self._create_automatic()
        self._charge()
        self.assertEqual(self._charge().amounts, [])

    def test_a_soft_decline_is_tried_again_on_the_days_of_the_policy_and_no_others(self):
        order = self._create_automatic()
        charge = self._get_charge(order)
        tried = []
        for day in range(1, 14):
            date = f"2026-01-{day:02}"
            tried += [date] * len(self._charge("soft", date).sent)
        self.assertEqual(tried, ["2026-01-01", "2026-01-02", "2026-01-04", "2026-01-08"])
        self.assertEqual((charge.state, charge.failure_count), ("exhausted", 4))

    def test_a_hard_decline_is_never_tried_again(self):
        order = self._create_automatic()
        self._charge("hard")
        charge = self._get_charge(order)
        self.assertEqual((charge.state, charge.last_failure_kind), ("method_needed", "hard"))
        self.assertEqual(order.subscription_payment_status, "method_needed")
        sent = [self._charge("done", f"2026-01-{day:02}").sent for day in range(2, 14)]
        self.assertFalse(any(sent))

    def test_a_new_method_wakes_what_failed_at_once(self):
        order = self._create_automatic()
        self._charge("hard")
        card = self._create_token()
        self.assertEqual(order.subscription_token_id, card)
        trap = self._charge("done")
        self.assertEqual([token for _reference, token, _amount in trap.sent], [card])
        self.assertEqual((self._get_charge(order).state, order.subscription_payment_status), ("paid", "ok"))

    def test_a_pending_payment_blocks_others_until_the_provider_tells(self):
        order = self._create_automatic()
        self._charge("pending")
        charge = self._get_charge(order)
        self.assertEqual(charge.state, "pending")
        self.assertEqual(self._charge("done", "2026-01-05").amounts, [])
        charge.last_transaction_id._set_done()
        charge.last_transaction_id._post_process()
        self.assertEqual((charge.state, charge.move_id.payment_state), ("paid", "paid"))

    def test_a_pending_payment_that_is_returned_days_later_is_dunned_from_that_day(self):
        order = self._create_automatic()
        self._charge("pending")
        charge = self._get_charge(order)
        self._set_today("2026-01-06")
        charge.last_transaction_id._set_error("Returned")
        charge.last_transaction_id._post_process()
        self.assertRecordValues(
            charge,
            [
                {
                    "state": "retrying",
                    "first_failure_on": self._date("2026-01-06"),
                    "next_attempt_on": self._date("2026-01-07"),
                }
            ],
        )

    def test_no_answer_is_no_decline_and_blocks_everything_until_it_is_resolved(self):
        for answer in ("no_answer", 500, 409, 429, RuntimeError("Out of luck"), "draft"):
            with self.subTest(answer=answer):
                order = self._create_automatic()
                with mute_logger("odoo.addons.sale_subscription_plus.charger"):
                    self._charge(answer)
                charge = self._get_charge(order)
                self.assertEqual((charge.state, charge.last_transaction_id.state), ("unknown", "draft"))
                self.assertEqual(charge.failure_count, 0)
                self.assertFalse(charge.pending_mail)
                self.assertEqual(self._charge("done").amounts, [])
                with self.assertRaisesRegex(UserError, "under way"):
                    self.env["payment.transaction"].create(
                        {
                            "provider_id": self.provider.id,
                            "payment_method_id": self.method.id,
                            "amount": 12.0,
                            "currency_id": charge.currency_id.id,
                            "partner_id": self.customer.id,
                            "operation": "online_direct",
                            "reference": f"own {answer}",
                            "invoice_ids": [(6, 0, charge.move_id.ids)],
                        }
                    )
                charge.action_mark_not_paid()
                self.assertEqual(self._charge("done").amounts, [12.0])

    def test_a_refused_request_of_ours_is_told_to_staff_and_not_to_the_customer(self):
        order = self._create_automatic()
        self._charge(401)
        charge = self._get_charge(order)
        self.assertEqual((charge.state, charge.last_failure_kind), ("configuration", "configuration"))
        self.assertFalse(charge.pending_mail)
        self.assertEqual(len(charge.activity_ids), 1)
        self.assertEqual(order.subscription_payment_status, "ok")

    def test_after_the_final_day_the_subscription_closes_once_and_a_late_payment_is_kept(self):
        order = self._create_automatic()
        for day in range(1, 16):
            self._charge("soft", f"2026-01-{day:02}")
        charge = self._get_charge(order)
        self.assertEqual((charge.state, order.subscription_status), ("given_up", "closed"))
        self.assertEqual(order.subscription_close_reason_id, self.policy.close_reason_id)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=charge.move_id.ids
        ).create({})._create_payments()
        self.assertEqual((charge.state, order.subscription_status), ("paid", "closed"))
