from datetime import date

from .common import StripeCommon


class TestCardExpiry(StripeCommon):
    """Until when a saved card is valid is known from the day it is saved."""

    def _save(self, **values):
        transaction = self._create_payment("INV/save", token_id=False, operation="online_direct", tokenize=True)
        method = {"id": "pm_2", **values}
        intent = self._intent(description="INV/save", payment_method=method)
        intent["charges"]["data"][0]["payment_method_details"] = None
        data = {"reference": "INV/save", "payment_intent": intent, "payment_method": method}
        transaction._process("stripe", data)
        self.assertEqual(transaction.token_id.stripe_payment_method, "pm_2")
        return transaction.token_id

    def test_a_card_is_valid_to_the_end_of_its_month(self):
        token = self._save(type="card", card={"last4": "4242", "brand": "visa", "exp_month": 2, "exp_year": 2028})
        self.assertEqual(token.subscription_expires_on, date(2028, 2, 29))

    def test_a_bank_account_does_not_expire(self):
        token = self._save(type="sepa_debit", sepa_debit={"last4": "3000"})
        self.assertFalse(token.subscription_expires_on)
