import requests

from .common import StripeCommon


class TestStripeAnswers(StripeCommon):
    """What the answer to a charge, or an event that follows it, leaves on the transaction."""

    def _assert_failed(self, kind, status, code, **values):
        transaction = self.transaction
        self.assertEqual(transaction._get_failure_kind(), kind)
        self.assertRecordValues(
            transaction,
            [{"subscription_http_status": status, "subscription_decline_code": code, **values}],
        )

    def test_a_payment_is_taken(self):
        transaction = self._charge((200, self._intent()))
        self.assertEqual((transaction.state, transaction.provider_reference), ("done", "pi_1"))

    def test_a_decline_leaves_its_codes_and_its_intent(self):
        self._charge(self._decline("card_declined", "insufficient_funds"))
        self._assert_failed(
            "soft",
            402,
            "insufficient_funds",
            subscription_stripe_code="card_declined",
            subscription_stripe_status="requires_payment_method",
            provider_reference="pi_declined",
            state="error",
        )

    def test_a_stolen_card_is_never_tried_again(self):
        self._charge(self._decline("card_declined", "stolen_card"))
        self._assert_failed("hard", 402, "stolen_card")

    def test_a_code_without_a_decline_code_is_kept_in_its_place(self):
        self._charge(self._decline("expired_card"))
        self._assert_failed("hard", 402, "expired_card")

    def test_the_customer_must_confirm(self):
        self._charge(self._decline("authentication_required", "authentication_required"))
        self._assert_failed("action", 402, "authentication_required")

    def test_an_intent_that_waits_for_the_customer_is_no_success(self):
        transaction = self._charge((200, self._intent("requires_action")))
        self.assertNotIn(transaction.state, ("done", "pending"))
        self.assertEqual(transaction._get_failure_kind(), "action")

    def test_a_debit_that_is_returned_days_later_is_declined_by_its_code(self):
        transaction = self._charge((200, self._intent("processing")))
        self.assertEqual((transaction.state, transaction._get_failure_kind()), ("pending", "pending"))
        error = {"code": "debit_not_authorized", "message": "The customer has not authorized the debit."}
        intent = self._intent("requires_payment_method", error)
        transaction._process("stripe", {"reference": transaction.reference, "payment_intent": intent})
        self.assertEqual(transaction.state, "error")
        self._assert_failed("hard", 200, "debit_not_authorized")

    def test_a_wrong_key_is_ours_to_mend(self):
        self._charge((401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}))
        self._assert_failed("configuration", 401, "invalid_request_error")

    def test_a_card_that_stripe_does_not_know_must_be_given_anew(self):
        error = {"code": "resource_missing", "param": "payment_method", "message": "No such PaymentMethod: 'pm_1'"}
        self._charge((400, {"error": error}))
        self._assert_failed("hard", 400, "unknown_method")

    def test_without_an_answer_nothing_is_known(self):
        answers = (requests.ConnectionError(), requests.Timeout(), (500, {}), (502, "<html>"), (409, {}))
        for number, answer in enumerate(answers):
            with self.subTest(repr(answer)):
                self.transaction = self._create_payment(f"INV/{number}")
                self._charge(answer)
                self.assertEqual(self.transaction._get_failure_kind(), "unknown")

    def test_after_no_answer_only_money_or_a_decline_is_one(self):
        self._charge(requests.Timeout())
        refused = {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}
        reused = {"error": {"type": "idempotency_error", "message": "Keys can only be used with the same parameters"}}
        for status, body in ((401, refused), (400, reused), (404, refused)):
            with self.subTest(status):
                self._charge((status, body))
                self.assertEqual(self.transaction._get_failure_kind(), "unknown")
        self.transaction.state = "draft"
        self._charge(self._decline("card_declined", "lost_card"))
        self.assertEqual(self.transaction._get_failure_kind(), "hard")

    def test_another_amount_than_was_asked_for_is_no_answer(self):
        transaction = self._charge((200, self._intent(amount=1300)))
        self.assertNotEqual(transaction.state, "done")
        self.assertEqual(transaction._get_failure_kind(), "unknown")

    def test_other_providers_are_left_alone(self):
        provider = self.env["payment.provider"].sudo().create({"name": "Other", "code": "none", "state": "test"})
        transaction = self._create_payment("INV/other", provider_id=provider.id, token_id=False)
        self.assertFalse(transaction._subscription_can_resend())
        self.assertIsNone(transaction._subscription_look_up())
        self.assertTrue(self.transaction._subscription_can_resend())
