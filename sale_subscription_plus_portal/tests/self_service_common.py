"""What tests of the customer's forms share: a form is opened, filled in, looked at and confirmed, as browsers do."""

from lxml import html

from odoo import http
from odoo.tests import HttpCase

from .request_common import RequestCommon


class SelfServiceCommon(RequestCommon, HttpCase):
    """A magazine for 12.00 and a paper for 31.00 a month, billed for January 2026, and the link of its customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_running()
        cls.magazine_line, cls.paper_line = cls.order.order_line
        cls.reason = cls.env.ref("sale_subscription_plus.close_reason_expensive")

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    def _url(self, suffix, order=None):
        return f"/my/subscriptions/{(order or self.order).id}{suffix}"

    def _get(self, suffix="", order=None, **params):
        """Open a page by the link of its customer; other parameters replace those of the link."""
        params = {"access_token": (order or self.order)._portal_ensure_token(), **params}
        self.env.flush_all()
        return self.url_open(self._url(suffix, order), params=params, allow_redirects=False)

    def _post(self, suffix, order=None, **entered):
        """Send a form, by the link of its customer unless told otherwise."""
        entered = {
            "access_token": (order or self.order)._portal_ensure_token(),
            "csrf_token": http.Request.csrf_token(self),
            **entered,
        }
        self.env.flush_all()
        response = self.url_open(self._url(suffix, order), data=entered, allow_redirects=False)
        self.env.invalidate_all()
        return response

    def _get_forms(self, response):
        """Return {end of its address: {name: value}} of the forms on a page."""
        self.assertEqual(response.status_code, 200, response.headers.get("Location"))
        forms = {}
        for form in html.fromstring(response.text).xpath("//*[@name='self_service']//form"):
            fields = form.xpath(".//input[@name]")
            action = form.get("action").split("?")[0]
            forms[action.split(f"/{self.order.id}/")[-1]] = {
                field.get("name"): field.get("value") or "" for field in fields
            }
        return forms

    def _read(self, response):
        """Return {name: text} of the named parts of a page."""
        self.assertEqual(response.status_code, 200, response.headers.get("Location"))
        nodes = html.fromstring(response.text).xpath("//*[@name]")
        return {node.get("name"): " ".join(node.text_content().split()) for node in nodes}

    def _review(self, form, **entered):
        return self._post(f"/{form}/review", **entered)

    def _confirm(self, review, action):
        """Press the button of a review that leads to ``action``; return what comes."""
        fields = self._get_forms(review)[action]
        return self._post(f"/{action}", **fields)

    def _do(self, form, **entered):
        """Fill in a form and confirm it; return what comes."""
        return self._confirm(self._review(form, **entered), f"{form}/confirm")

    def _get_mails(self):
        """Return the mails that tell the customer what was done, the first first."""
        requests = self.order.subscription_request_ids
        domain = [("model", "=", "subscription.request"), ("res_id", "in", requests.ids)]
        return self.env["mail.mail"].search(domain, order="id")

    def _quantities(self, magazine=1, paper=1, **entered):
        return {
            "part": "lines",
            f"quantity_{self.magazine_line.id}": magazine,
            f"quantity_{self.paper_line.id}": paper,
            **entered,
        }

    def assertToldOnPage(self, response, code):
        """Assert that the visitor is led to the subscription, which says what was done."""
        self.assertEqual(response.status_code, 303)
        location = response.headers["Location"]
        self.assertIn(f"/my/subscriptions/{self.order.id}?", location)
        self.assertIn(f"message={code}", location)
        page = self.url_open(location, allow_redirects=False)
        self.assertIn("alert-", page.text)

    def assertRefused(self, response, sentence):
        """Assert that the form is shown again, and why."""
        self.assertIn(sentence, self._read(response)["form_error"])

    def assertNothingAsked(self):
        self.assertFalse(self.order.subscription_request_ids)
        self.assertFalse(self.order.subscription_change_ids)
