"""Stripe, played by a list of answers."""

import json
from contextlib import contextmanager
from unittest.mock import patch

import requests

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment.models import payment_provider
from odoo.addons.sale_subscription_plus.tests.common import SubscriptionCommon

REFERENCE = "INV/2026/00001-1"


@tagged("-at_install", "post_install")
class StripeCommon(SubscriptionCommon):
    """A customer with a card saved at Stripe, and a payment with it that was not sent yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # In sudo mode: the company's provider holds keys that only administrators see
        cls.provider = (
            cls.env["payment.provider"]
            .sudo()
            .search([("code", "=", "stripe"), ("company_id", "=", cls.env.company.id)], limit=1)
        )
        cls.provider.write({"state": "test", "stripe_publishable_key": "pk_test_1", "stripe_secret_key": "sk_test_1"})
        cls.card = cls.quick_ref("payment.payment_method_card")
        cls.token = cls._save_card()
        cls.transaction = cls._create_payment(REFERENCE)

    @classmethod
    def _save_card(cls, **values):
        return (
            cls.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": cls.provider.id,
                    "payment_method_id": cls.card.id,
                    "partner_id": cls.customer.id,
                    "provider_ref": "cus_1",
                    "stripe_payment_method": "pm_1",
                    "payment_details": "4242",
                    **values,
                }
            )
        )

    @classmethod
    def _create_payment(cls, reference, **values):
        return (
            cls.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": cls.provider.id,
                    "payment_method_id": cls.card.id,
                    "token_id": cls.token.id,
                    "partner_id": cls.customer.id,
                    "operation": "offline",
                    "reference": reference,
                    "amount": 12.0,
                    "currency_id": cls.env.company.currency_id.id,
                    **values,
                }
            )
        )

    def _intent(self, status="succeeded", error=None, **values):
        """Return an intent for :attr:`transaction` as Stripe tells it."""
        return {
            "id": "pi_1",
            "object": "payment_intent",
            "status": status,
            "amount": 1200,
            "amount_received": 1200 if status == "succeeded" else 0,
            "currency": self.env.company.currency_id.name.lower(),
            "customer": "cus_1",
            "description": REFERENCE,
            "last_payment_error": error,
            "payment_method": "pm_1",
            "charges": {"data": [{"amount_refunded": 0}]},
            **values,
        }

    def _decline(self, code, decline_code=None):
        """Return the answer by which Stripe declines."""
        error = {"type": "card_error", "code": code, "decline_code": decline_code, "message": "Your card was declined."}
        intent = self._intent("requires_payment_method", error, id="pi_declined")
        return 402, {"error": {**error, "payment_intent": intent}}

    @contextmanager
    def _stripe(self, *answers):
        """Let Stripe give these answers, (status, body) or an exception; the requests are in what this yields."""
        sent, answers = [], list(answers)

        def request(method, url, **kwargs):
            sent.append((method, url.removeprefix("https://api.stripe.com/v1/"), kwargs))
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            response = requests.Response()
            response.status_code, body = answer
            response._content = (body if isinstance(body, str) else json.dumps(body)).encode()
            return response

        with patch.object(payment_provider.requests, "request", request), mute_logger(payment_provider.__name__):
            yield sent
        self.assertFalse(answers, "Stripe was asked less often than it was to answer.")

    def _charge(self, *answers):
        """Send the payment; Stripe gives these answers."""
        with self._stripe(*answers):
            self.transaction._charge_with_token()
        return self.transaction
