from odoo.tests import BaseCase

from ..tools.declines import ACTION, CONFIGURATION, HARD, KINDS, SOFT, UNKNOWN, failure_kind


class TestDeclines(BaseCase):
    """The table of declines; examples of each rule are doctests beside it."""

    def test_a_code_is_of_one_kind(self):
        codes = [code for codes in KINDS.values() for code in codes]
        self.assertEqual(len(codes), len(set(codes)))

    def test_what_stripe_never_retries_is_not_retried(self):
        never = (
            "incorrect_number",
            "lost_card",
            "pickup_card",
            "stolen_card",
            "revocation_of_authorization",
            "revocation_of_all_authorizations",
            "highest_risk_level",
            "transaction_not_allowed",
        )
        for code in never:
            with self.subTest(code):
                self.assertEqual(failure_kind(402, "card_declined", code, "requires_payment_method"), HARD)

    def test_what_may_work_another_day_is_tried_again(self):
        for code in ("insufficient_funds", "generic_decline", "do_not_honor", "processing_error", "try_again_later"):
            with self.subTest(code):
                self.assertEqual(failure_kind(402, "card_declined", code, "requires_payment_method"), SOFT)

    def test_the_customer_confirms_whatever_stripe_calls_it(self):
        self.assertEqual(failure_kind(402, "card_declined", "authentication_required"), ACTION)
        self.assertEqual(failure_kind(402, "authentication_required", None), ACTION)
        self.assertEqual(failure_kind(200, None, None, "requires_action"), ACTION)

    def test_a_refused_request_is_ours_to_mend(self):
        for status, code in ((400, "parameter_invalid_integer"), (401, ""), (403, ""), (404, "resource_missing")):
            with self.subTest(status):
                self.assertEqual(failure_kind(status, code), CONFIGURATION)

    def test_no_answer_names_a_decline_that_did_not_come_from_stripe_s_books(self):
        for status in (0, 408, 409, 429, 500, 502, 503, 504):
            with self.subTest(status):
                self.assertEqual(failure_kind(status, "card_declined", "stolen_card"), UNKNOWN)
        self.assertEqual(failure_kind(200, None, None, "succeeded"), UNKNOWN, "another amount than was asked for")
        self.assertEqual(failure_kind(200, None, None, "a status of next year"), UNKNOWN)
