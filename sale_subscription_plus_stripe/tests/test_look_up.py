import requests

from .common import REFERENCE, StripeCommon


class TestLookUp(StripeCommon):
    """What became of a payment without an answer is asked of Stripe."""

    def setUp(self):
        super().setUp()
        self._charge(requests.Timeout())._subscription_set_in_doubt("The provider did not answer.")

    def _look_up(self, *answers):
        with self._stripe(*answers) as sent:
            told = self.transaction._subscription_look_up()
        self.sent = sent
        return told

    def _page(self, *intents, has_more=False):
        return 200, {"data": list(intents), "has_more": has_more}

    def test_it_was_taken(self):
        self.assertIs(self._look_up(self._page(self._intent(description="Another"), self._intent())), True)
        self.assertEqual((self.transaction.state, self.transaction.provider_reference), ("done", "pi_1"))
        method, path, options = self.sent[0]
        self.assertEqual((method, path), ("GET", "payment_intents"))
        self.assertEqual(options["params"]["customer"], "cus_1")
        self.assertLess(options["params"]["created[gte]"], self.transaction.create_date.timestamp())

    def test_it_was_declined(self):
        error = {"code": "card_declined", "decline_code": "lost_card", "message": "Your card was declined."}
        self.assertIs(self._look_up(self._page(self._intent("requires_payment_method", error))), True)
        self.assertEqual((self.transaction.state, self.transaction._get_failure_kind()), ("error", "hard"))

    def test_stripe_has_none(self):
        self.assertIs(self._look_up(self._page()), False)
        self.assertEqual(self.transaction._get_failure_kind(), "unknown", "until the engine decides")

    def test_it_is_on_a_later_page(self):
        other = self._intent(id="pi_other", description="Another")
        self.assertIs(self._look_up(self._page(other, has_more=True), self._page(self._intent())), True)
        self.assertEqual(self.sent[1][2]["params"]["starting_after"], "pi_other")

    def test_money_is_believed_first(self):
        failed = self._intent("requires_payment_method", {"code": "card_declined", "message": "No"}, id="pi_2")
        self.assertIs(self._look_up(self._page(failed, self._intent())), True)
        self.assertEqual(self.transaction.state, "done")

    def test_stripe_cannot_tell(self):
        for answer in (requests.ConnectionError(), (500, {}), (404, {"error": {"code": "resource_missing"}})):
            with self.subTest(str(answer)):
                self.assertIsNone(self._look_up(answer))
                self.assertEqual(self.transaction._get_failure_kind(), "unknown")

    def test_an_intent_of_another_amount_is_not_an_answer(self):
        self.assertIsNone(self._look_up(self._page(self._intent(amount=1300))))
        self.assertNotEqual(self.transaction.state, "done")
        self.assertEqual(self.transaction._get_failure_kind(), "unknown")

    def test_a_known_intent_is_asked_for_by_its_id(self):
        self.transaction.provider_reference = "pi_1"
        self.assertIs(self._look_up((200, self._intent())), True)
        self.assertEqual(self.sent[0][1], "payment_intents/pi_1")
        self.assertEqual(self.transaction.reference, REFERENCE)
