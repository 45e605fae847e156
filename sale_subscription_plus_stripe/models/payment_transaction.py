from calendar import monthrange
from datetime import date, timedelta

from odoo import fields, models
from odoo.exceptions import ValidationError

from odoo.addons.payment_stripe.controllers.main import StripeController

from ..tools.declines import UNKNOWN, error_code, failure_kind

# By how much Stripe's clock and ours may differ.
CLOCK_SKEW = timedelta(hours=1)
# What is believed first, should Stripe hold several intents for one transaction.
MONEY_FIRST = ("succeeded", "requires_capture", "processing", "requires_action")


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    subscription_stripe_code = fields.Char("Stripe Error Code", readonly=True, copy=False)
    subscription_stripe_status = fields.Char("Stripe Intent Status", readonly=True, copy=False)

    # === WHAT STRIPE SAID ===#

    def _subscription_keep_answer(self, status, body):
        """Override of `sale_subscription_plus` to keep why Stripe refused, and for which intent."""
        super()._subscription_keep_answer(status, body)
        error = isinstance(body, dict) and body.get("error")
        if self.provider_code == "stripe" and isinstance(error, dict):
            self._subscription_keep_stripe_answer(error.get("payment_intent") or {}, error)
            if self._subscription_get_stripe_kind() == UNKNOWN:
                self.subscription_doubt = "no_answer"

    def _apply_updates(self, payment_data):
        """Override of `payment` to keep what an intent says: an answer, an event, or looked up."""
        intent = payment_data.get("payment_intent")
        if self.provider_code == "stripe" and intent:
            self.subscription_http_status = 200
            self._subscription_keep_stripe_answer(intent, intent.get("last_payment_error") or {})
        return super()._apply_updates(payment_data)

    def _subscription_keep_stripe_answer(self, intent, error):
        """Keep an intent's id, by which later events and look-ups find it, its status, and the codes of an error."""
        self.write(
            {
                "provider_reference": intent.get("id") or self.provider_reference,
                "subscription_stripe_status": intent.get("status"),
                "subscription_stripe_code": error_code(error),
                "subscription_decline_code": error.get("decline_code") or error_code(error),
            }
        )

    def _get_failure_kind(self):
        """Override of `sale_subscription_plus` to tell Stripe's declines apart."""
        kind = super()._get_failure_kind()
        told = self.state in ("error", "cancel") or self.subscription_stripe_status == "requires_action"
        if self.provider_code != "stripe" or self.subscription_doubt or not told:
            return kind
        return self._subscription_get_stripe_kind()

    def _subscription_get_stripe_kind(self):
        return failure_kind(
            self.subscription_http_status,
            self.subscription_stripe_code,
            self.subscription_decline_code,
            self.subscription_stripe_status,
        )

    # === WHERE STRIPE SAID NOTHING ===#

    def _subscription_can_resend(self):
        """Override of `sale_subscription_plus`: Stripe answers the same request once."""
        return self.provider_code == "stripe" or super()._subscription_can_resend()

    def _subscription_look_up(self):
        """Override of `sale_subscription_plus` to ask Stripe what became of the payment."""
        if self.provider_code != "stripe":
            return super()._subscription_look_up()
        try:
            intent = self._subscription_find_stripe_intent()
        except ValidationError:
            return None
        if not intent:
            return False
        payment_data = {"reference": self.reference}
        StripeController._include_payment_intent_in_payment_data(intent, payment_data)
        self._process("stripe", payment_data)
        # An intent of another amount is not taken for an answer.
        return self.subscription_stripe_status == intent["status"] or None

    def _subscription_find_stripe_intent(self):
        """Return the intent of the transaction at Stripe; None where Stripe has none."""
        if self.provider_reference:
            return self._send_api_request(
                "GET", f"payment_intents/{self.provider_reference}", params={"expand[]": "payment_method"}
            )
        intents = self.provider_id._subscription_list_stripe_intents(
            self.create_date - CLOCK_SKEW, customer=self.token_id.provider_ref
        )
        # Odoo gives an intent the transaction's reference as its description.
        found = [intent for intent in intents if intent.get("description") == self.reference]
        found.sort(key=lambda intent: [status != intent["status"] for status in MONEY_FIRST])
        return found[0] if found else None

    # === SAVED METHODS ===#

    def _extract_token_values(self, payment_data):
        """Override of `payment` to note until when a card is valid; bank accounts don't expire."""
        values = super()._extract_token_values(payment_data)
        method = payment_data.get("payment_method")
        card = isinstance(method, dict) and method.get("card")
        if self.provider_code == "stripe" and values and card:
            values["subscription_expires_on"] = _last_day(card.get("exp_year"), card.get("exp_month"))
        return values


def _last_day(year, month):
    return date(year, month, monthrange(year, month)[1]) if year and month else False
