"""A customer at the page of an invoice: what their browser sends to Odoo, and to Stripe by Stripe's script."""

from urllib.parse import urlsplit

import requests


class Browser:
    """A browser in which nobody is logged in."""

    def __init__(self, address, provider):
        self.address = address
        self._provider = provider
        self._session = requests.Session()

    def open(self, link):
        """Open a link from a mail; return whether the page is shown."""
        url = urlsplit(link)
        return self._session.get(f"{self.address}{url.path}?{url.query}", timeout=60).ok

    def pay(self, invoice, card, save=True, wait=True):
        """Pay an invoice with a card that is typed in.

        :param dict invoice: id, access_token, amount, provider_id, payment_method_id
        :param bool save: whether the customer wants it to be used for the invoices to come
        :param bool wait: whether the customer waits for the page that says it is paid
        """
        values = self._call(*self._get_payment_request(invoice, save))
        intent = values["client_secret"].partition("_secret_")[0]
        method = self._provider.create_method({"type": "card", "card": self._provider.card(card)})
        self._provider.stripe.payment_intents.confirm(intent, {"payment_method": method})
        back = urlsplit(values["return_url"])
        self._session.get(
            f"{self.address}{back.path}?{back.query}",
            params={"payment_intent": intent},
            allow_redirects=False,
            timeout=60,
        ).raise_for_status()
        if wait:
            self._call("/payment/status/poll")

    def try_to_pay(self, invoice):
        """Press the button that pays; return the words by which that is refused."""
        return self._post(*self._get_payment_request(invoice, save=False))["error"]["data"]["message"]

    def _get_payment_request(self, invoice, save):
        return f"/invoice/transaction/{invoice['id']}", {
            "access_token": invoice["access_token"],
            "provider_id": invoice["provider_id"],
            "payment_method_id": invoice["payment_method_id"],
            "token_id": None,
            "amount": invoice["amount"],
            "flow": "direct",
            "tokenization_requested": save,
            "landing_route": "/my",
        }

    def _call(self, path, params=None):
        answer = self._post(path, params)
        assert "error" not in answer, answer["error"]["data"]["debug"]
        return answer["result"]

    def _post(self, path, params):
        body = {"jsonrpc": "2.0", "params": params or {}}
        return self._session.post(f"{self.address}{path}", json=body, timeout=60).json()
