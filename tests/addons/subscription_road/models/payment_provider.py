import requests

from odoo import models

STRIPE = "https://api.stripe.com"


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _build_request_url(self, endpoint, **kwargs):
        """Override of `payment` to send requests to the test's own server."""
        return super()._build_request_url(endpoint, **kwargs).replace(STRIPE, self._road_url() or STRIPE)

    def _send_api_request(self, method, endpoint, *, params=None, data=None, json=None, reference=None, **kwargs):
        """Override of `payment` to stop before a payment is asked for, and after the answer."""
        stops = (method, endpoint) == ("POST", "payment_intents")
        if stops:
            self._road_stop("asking")
        try:
            return super()._send_api_request(
                method, endpoint, params=params, data=data, json=json, reference=reference, **kwargs
            )
        finally:
            if stops:
                self._road_stop("answered")

    def _road_url(self):
        return self.env["ir.config_parameter"].sudo().get_param("subscription_road.url")

    def _road_stop(self, name):
        """Wait here, if a test wants that."""
        if url := self._road_url():
            requests.post(f"{url}/shim/checkpoint", json={"name": name}, timeout=600)
