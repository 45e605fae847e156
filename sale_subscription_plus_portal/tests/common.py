"""What tests of the customer's pages share: an invoice with its link, and who may come by it."""

from lxml import html

from odoo import http
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.payment.tests.http_common import PaymentHttpCommon
from odoo.addons.sale_subscription_plus.tests.signup_common import SignupCommon


class Refused(Exception):
    """What the customer is told in place of what they asked for."""


class PortalCommon(SignupCommon, PaymentHttpCommon):
    """Ada's subscription, billed and paid by hand; Ada with a login, and Eve with another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = new_test_user(cls.env, "ada-portal", "base.group_portal", partner_id=cls.customer.id)
        cls.eve = new_test_user(cls.env, "eve-portal", "base.group_portal", name="Eve", email="eve@example.com")
        cls.order = cls._create_subscription()
        cls.order._subscription_bill_signup()
        cls.invoice = cls._get_invoices(cls.order)
        cls.charge = cls.order.subscription_charge_ids
        cls.token = cls.invoice._portal_ensure_token()

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def _bill_another(self, **values):
        """Return the invoice of another subscription."""
        order = self._create_subscription(**values)
        order._subscription_bill_signup()
        return self._get_invoices(order)

    # === PAGES ===#

    def _get_page(self, invoice=None, suffix="", **params):
        """Return the page of ``invoice``, as its link opens it; other parameters replace those of the link."""
        invoice = invoice or self.invoice
        params = {"access_token": invoice._portal_ensure_token(), **params}
        self.env.flush_all()
        return self.url_open(f"/my/invoices/{invoice.id}{suffix}", params=params, allow_redirects=False)

    def _get_texts(self, response):
        """Return {name: text} of the named parts of a page."""
        page = html.fromstring(response.text)
        return {node.get("name"): " ".join(node.text_content().split()) for node in page.xpath("//*[@name]")}

    def _get_tokens_on(self, response):
        return self._get_payment_context(response)["token_ids"]

    # === PAYING ===#

    def _call(self, path, **params):
        self.env.flush_all()
        answer = self.url_open(path, json={"jsonrpc": "2.0", "params": params}).json()
        self.env.invalidate_all()
        if "error" in answer:
            raise Refused(answer["error"]["data"]["message"])
        return answer.get("result")

    def _begin_on_page(self, invoice=None, **params):
        """Create a transaction as the page of ``invoice`` does; return it."""
        invoice = invoice or self.invoice
        values = {
            "access_token": invoice._portal_ensure_token(),
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method.id,
            "token_id": None,
            "amount": invoice.amount_residual,
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": "/evil",
            "is_validation": False,
            **params,
        }
        return self._get_tx(self._call(f"/invoice/transaction/{invoice.id}", **values)["reference"])

    def _save_on_page(self, invoice=None, suffix="", **params):
        """Do on the page for saving a method what its form does."""
        invoice = invoice or self.invoice
        values = {
            "access_token": invoice._portal_ensure_token(),
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method.id,
            "token_id": None,
            "amount": None,
            "flow": "redirect",
            "tokenization_requested": True,
            "landing_route": "/evil",
            "is_validation": True,
            **params,
        }
        answer = self._call(f"/my/invoices/{invoice.id}/payment_method/transaction", **values)
        return self._get_tx(answer["reference"])

    def _assign_on_page(self, token, invoice=None, suffix="assign", **params):
        invoice = invoice or self.invoice
        params = {"access_token": invoice._portal_ensure_token(), **params}
        return self._call(f"/my/invoices/{invoice.id}/payment_method/{suffix}", token_id=token.id, **params)

    def _turn_off_on_page(self, invoice=None, **params):
        invoice = invoice or self.invoice
        if not self.session:
            self.authenticate(None, None)
        params = {"access_token": invoice._portal_ensure_token(), "csrf_token": http.Request.csrf_token(self), **params}
        self.env.flush_all()
        response = self.url_open(f"/my/invoices/{invoice.id}/payment_method/remove", data=params, allow_redirects=False)
        self.env.invalidate_all()
        return response

    def _create_unsavable_method(self):
        return self.env["payment.method"].create(
            {
                "name": "Voucher",
                "code": "voucher_test",
                "support_tokenization": False,
                "active": True,
                "provider_ids": [Command.link(self.provider.id)],
            }
        )
