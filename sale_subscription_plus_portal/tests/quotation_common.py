"""What tests of the quotation page share: a quotation that offers three plans and options, and its page."""

import json
import re

from lxml import html

from odoo import http
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.payment.tests.http_common import PaymentHttpCommon
from odoo.addons.sale_subscription_plus.tests.signup_common import SignupCommon

from .common import Refused


class QuotationCommon(SignupCommon, PaymentHttpCommon):
    """A magazine by the month, the quarter or the year, with an option; sent to Ada, who has a login; Eve has another.

    The company charges 10 % tax on top.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = new_test_user(cls.env, "ada-quotation", "base.group_portal", partner_id=cls.customer.id)
        cls.eve = new_test_user(cls.env, "eve-quotation", "base.group_portal", name="Eve", email="eve@example.com")
        cls.tax = cls.company_data["default_tax_sale"].copy({"name": "Ten", "amount": 10.0})
        cls.magazine.taxes_id = cls.tax
        cls.monthly.commitment_months = 3
        cls.quarterly = cls._create_plan("Quarterly", interval_count=3, commitment_months=6, notice_days=30)
        cls.yearly.write({"commitment_months": 12, "auto_renew": False})
        cls._set_recurring_price(cls.magazine, cls.quarterly, 33.0)
        cls.archive = cls._create_recurring_product(
            "Archive", {cls.monthly: 5.0, cls.quarterly: 14.0, cls.yearly: 50.0}
        )
        cls.plans = cls.monthly | cls.quarterly | cls.yearly

    @classmethod
    def _create_sent(cls, lines=None, offered=None, **values):
        """Create a quotation as the customer gets it; it offers all plans unless told otherwise."""
        offered = cls.plans if offered is None else offered
        values = {"require_payment": False, "require_signature": False, **values}
        order = cls._create_quotation(lines, subscription_offered_plan_ids=[Command.set(offered.ids)], **values)
        order.action_quotation_sent()
        return order

    @classmethod
    def _option(cls, product=None, quantity=0, **values):
        """Return the commands that create an optional section with a line."""
        section = {"name": "Options", "display_type": "line_section", "is_optional": True}
        values = {"product_id": (product or cls.archive).id, "product_uom_qty": quantity, **values}
        return [Command.create(section), Command.create(values)]

    # === THE PAGE ===#

    def _log_in(self, user):
        self.authenticate(user.login if user else None, user.login if user else None)

    def _get_page(self, order, **params):
        """Return the page of ``order``, as its link opens it; other parameters replace those of the link."""
        params = {"access_token": order._portal_ensure_token(), **params}
        self.env.flush_all()
        response = self.url_open(f"/my/orders/{order.id}", params=params)
        self.env.invalidate_all()
        return response

    def _read(self, response):
        """Return {name: text} of the named parts of a page; of several, the texts in a list."""
        self.assertEqual(response.status_code, 200)
        texts = {}
        for node in html.fromstring(response.text).xpath("//*[@name]"):
            texts.setdefault(node.get("name"), []).append(" ".join(node.text_content().split()))
        return {name: found if len(found) > 1 else found[0] for name, found in texts.items()}

    def _post(self, path, **values):
        """Send a form of the page; return the answer, which leads to another page."""
        if not self.session:
            self.authenticate(None, None)
        values.setdefault("csrf_token", http.Request.csrf_token(self))
        self.env.flush_all()
        response = self.url_open(path, data=values, allow_redirects=False)
        self.env.invalidate_all()
        return response

    def _choose(self, order, plan, **values):
        """Choose ``plan`` (record, or whatever else a browser may send) on the page of ``order``."""
        plan_id = plan.id if hasattr(plan, "id") else plan
        values = {"access_token": order._portal_ensure_token(), "plan_id": plan_id, **values}
        return self._post(f"/my/orders/{order.id}/plan", **values)

    def _call(self, path, **params):
        self.env.flush_all()
        # Browsers send no NaN; others may.
        data = json.dumps({"jsonrpc": "2.0", "params": params})
        answer = self.url_open(path, data=data, headers={"Content-Type": "application/json"}).json()
        self.env.invalidate_all()
        if "error" in answer:
            raise Refused(answer["error"]["data"]["message"])
        return answer.get("result")

    def _set_option(self, order, line, quantity=False, **values):
        """Set the quantity of an option, as the page of ``order`` does."""
        values = {"access_token": order._portal_ensure_token(), "line_id": line.id, **values}
        return self._call(f"/my/orders/{order.id}/update_line_dict", input_quantity=quantity, **values)

    def _sign(self, order, name="Ada Reader", **values):
        """Sign ``order`` on its page."""
        values = {"access_token": order._portal_ensure_token(), "name": name, "signature": SIGNATURE, **values}
        return self._call(f"/my/orders/{order.id}/accept", **values)

    def _begin_on_page(self, order, route=None, **params):
        """Create a transaction as the page of ``order`` does; return it."""
        values = {
            "access_token": order._portal_ensure_token(),
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method.id,
            "token_id": None,
            "amount": order._get_signup_amount(),
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": order.get_portal_url(),
            "is_validation": False,
            **params,
        }
        return self._get_tx(self._call(route or f"/my/orders/{order.id}/transaction", **values)["reference"])

    def _get_amounts(self, text):
        """Return the amounts of money in ``text``."""
        return [float(amount.replace(",", "")) for amount in re.findall(r"\$\s?([\d,]+\.\d\d)", text)]


# A white dot.
SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
