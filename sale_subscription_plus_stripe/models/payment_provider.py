from datetime import timezone

from odoo import models

PAGE = 100


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _subscription_list_stripe_intents(self, since, **params):
        """Yield the intents that Stripe has had since a time, the latest first.

        :param datetime since: in UTC, without a time zone
        :param dict params: what else restricts them
        :raise ValidationError: if Stripe does not answer
        """
        params = {
            "created[gte]": int(since.replace(tzinfo=timezone.utc).timestamp()),
            "limit": PAGE,
            **params,
        }
        more = True
        while more:
            page = self._send_api_request("GET", "payment_intents", params=params)
            yield from page["data"]
            more = page.get("has_more")
            params = {**params, "starting_after": page["data"][-1]["id"] if more else None}
