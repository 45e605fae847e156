from odoo import models
from odoo.exceptions import ValidationError

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment_stripe import const

from .payment_transaction import CLOCK_SKEW

PAYMENTS = ("online_redirect", "online_direct", "online_token", "offline")


class SubscriptionCheck(models.AbstractModel):
    _inherit = "subscription.check"

    def _get_provider_checks(self):
        """Override of `sale_subscription_plus` to compare the books with Stripe's."""
        return super()._get_provider_checks() | {"money_at_stripe": self._check_money_at_stripe}

    def _check_money_at_stripe(self):
        """What Stripe took is in the books, and what the books say that it took, it did."""
        for provider in self.env["payment.provider"].search([("code", "=", "stripe"), ("state", "!=", "disabled")]):
            try:
                yield from self._compare_with_stripe(provider)
            except ValidationError as error:
                yield "payment.provider", provider.id, f"Stripe does not tell what it took: {error}"

    def _compare_with_stripe(self, provider):
        """Compare from the first charge of a subscription on."""
        Transaction = self.env["payment.transaction"]
        of_provider = [("provider_id", "=", provider.id), ("operation", "in", PAYMENTS)]
        first = Transaction.search([*of_provider, ("subscription_charge_id", "!=", False)], order="id", limit=1)
        if not first:
            return
        since = first.create_date - CLOCK_SKEW
        intents = [
            intent for intent in provider._subscription_list_stripe_intents(since) if intent["status"] == "succeeded"
        ]
        of_intents = ["|", ("provider_reference", "in", [intent["id"] for intent in intents])]
        of_intents += [("reference", "in", [intent.get("description") for intent in intents])]
        known = {}
        for transaction in Transaction.search(of_provider + of_intents):
            found = [intent for intent in intents if _pays(intent, transaction)]
            if found:
                known[transaction.id] = found
                yield from self._compare_transaction(transaction, found)
        matched = {intent["id"] for found in known.values() for intent in found}
        yield from self._find_strangers(provider, [intent for intent in intents if intent["id"] not in matched])
        missing = [("state", "=", "done"), ("create_date", ">=", first.create_date), ("id", "not in", list(known))]
        for transaction in Transaction.search(of_provider + missing):
            yield transaction._name, transaction.id, f"{transaction.reference} is paid in the books, not at Stripe"

    def _compare_transaction(self, transaction, intents):
        """Stripe took the money of a transaction once, as much as the books say, and gave back as much."""
        name, record_id, reference = transaction._name, transaction.id, transaction.reference
        if len(intents) > 1:
            yield name, record_id, f"{reference} was paid {len(intents)} times: {[one['id'] for one in intents]}"
        elif transaction.state != "done":
            yield name, record_id, f"{reference} was paid at Stripe as {intents[0]['id']}, not in the books"
        elif (taken := _taken_at_stripe(intents[0])) != (booked := _taken_in_books(transaction)):
            yield name, record_id, f"{reference}: Stripe kept {taken} of the smallest coin, the books {booked}"

    def _find_strangers(self, provider, intents):
        """No money was taken with our saved methods that the books know nothing of."""
        Token = self.env["payment.token"].with_context(active_test=False)
        for intent in intents:
            customer = intent.get("customer")
            tokens = Token.search([("provider_id", "=", provider.id), ("provider_ref", "=", customer)])
            for token in tokens if customer else ():
                yield token._name, token.id, f"{intent['id']} took money with it, which the books don't know"


def _pays(intent, transaction):
    """Return whether an intent is that of a transaction.

    References alone don't tell: another database, a copy of this one for instance, may use the same account.
    """
    if transaction.provider_reference == intent["id"]:
        return True
    token = transaction.token_id
    same_customer = token.provider_ref == intent.get("customer") if token else not transaction.provider_reference
    return transaction.reference == intent.get("description") and same_customer


def _taken_at_stripe(intent):
    """Return what Stripe kept, in the smallest coin."""
    charges = intent.get("charges", {}).get("data", [])
    return intent["amount_received"] - sum(charge["amount_refunded"] for charge in charges)


def _taken_in_books(transaction):
    """Return what the books say that Stripe kept, in the smallest coin."""
    refunds = transaction.child_transaction_ids.filtered(lambda tx: tx.operation == "refund" and tx.state == "done")
    return payment_utils.to_minor_currency_units(
        transaction.amount + sum(refunds.mapped("amount")),
        transaction.currency_id,
        arbitrary_decimal_number=const.CURRENCY_DECIMALS.get(transaction.currency_id.name),
    )
