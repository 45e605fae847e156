import requests

from .common import REFERENCE, StripeCommon


class TestMoneyAtStripe(StripeCommon):
    """The books and Stripe tell the same, or the check names who differs."""

    def setUp(self):
        super().setUp()
        order = self._create_subscription()
        self._bill()
        self.transaction.subscription_charge_id = self.env["subscription.charge"].search(
            [("order_ids", "in", order.ids)]
        )
        self.transaction.state = "done"

    def _check(self, *answers):
        """Return the problems that the check finds; Stripe gives these answers."""
        with self._stripe(*answers):
            result = self.env["subscription.check"]._run(ask_providers=True)
        return [
            (detail["model"], detail["id"], detail["problem"])
            for detail in result["details"]
            if detail["check"] == "money_at_stripe"
        ]

    def _assert_names(self, record, word, *intents):
        (model, record_id, problem), *others = self._check((200, {"data": list(intents)}))
        self.assertFalse(others)
        self.assertEqual((model, record_id), (record._name, record.id))
        self.assertIn(word, problem)

    def test_both_tell_the_same(self):
        self.assertFalse(self._check((200, {"data": [self._intent()]})))

    def test_nobody_is_asked_unless_that_is_wanted(self):
        with self._stripe():
            self.assertNotIn("money_at_stripe", self.env["subscription.check"]._run()["checks"])

    def test_paid_at_stripe_and_not_in_the_books(self):
        self.transaction.state = "error"
        self._assert_names(self.transaction, "pi_1", self._intent())

    def test_paid_in_the_books_and_not_at_stripe(self):
        self._assert_names(self.transaction, REFERENCE, self._intent("requires_payment_method"))

    def test_paid_twice(self):
        self._assert_names(self.transaction, "2 times", self._intent(), self._intent(id="pi_2"))

    def test_another_amount(self):
        self._assert_names(self.transaction, "1100", self._intent(amount_received=1100))

    def test_a_refund_that_the_books_do_not_know(self):
        self._assert_names(self.transaction, "700", self._intent(charges={"data": [{"amount_refunded": 500}]}))

    def test_a_refund_that_both_know(self):
        self._create_payment(
            "R-1", operation="refund", amount=-5.0, state="done", source_transaction_id=self.transaction.id
        )
        self.assertFalse(self._check((200, {"data": [self._intent(charges={"data": [{"amount_refunded": 500}]})]})))

    def test_money_that_was_taken_with_our_methods_by_nobody(self):
        stranger = self._intent(id="pi_9", description="Who knows")
        self._assert_names(self.token, "pi_9", self._intent(), stranger)

    def test_money_of_others_at_the_same_account_is_their_business(self):
        others = self._intent(id="pi_9", description="Shop 17", customer="cus_of_a_shop")
        self.assertFalse(self._check((200, {"data": [self._intent(), others]})))

    def test_a_copy_of_the_database_may_use_the_same_account(self):
        self._charge((200, self._intent()))
        of_copy = self._intent(id="pi_9", customer="cus_of_the_copy")
        self.assertFalse(self._check((200, {"data": [self._intent(), of_copy]})))

    def test_stripe_does_not_answer(self):
        ((model, record_id, problem),) = self._check(requests.ConnectionError())
        self.assertEqual((model, record_id), ("payment.provider", self.provider.id))
        self.assertIn("does not tell", problem)
