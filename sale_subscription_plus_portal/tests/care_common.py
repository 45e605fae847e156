"""What tests of the pages share on which customers look after method, addresses and people."""

from odoo import http
from odoo.tools import mute_logger

from .page_common import PageCommon

NOBODY = object()


class CareCommon(PageCommon):
    """Ada by her link or her login; Frida, whom she let in; Eve, who is a stranger."""

    def _log_out(self):
        self.authenticate(None, None)

    def _come(self, visitor=None, level=None):
        """Come as ``visitor``, logged in or not; return the link, if ``level`` says by which.

        :param visitor: user to log in
        :param str level: ``own``, ``wrong``, or what Frida was let in for
        """
        self._log_in(visitor) if visitor else self._log_out()
        if level in ("see", "pay", "manage"):
            self.order.sudo().subscription_access_ids.unlink()
            return self._let_in(level)
        return {"own": self.link, "wrong": "wrong"}.get(level, "")

    def _post(self, suffix, order=None, link=None, **data):
        """Send a form of a page of a subscription; by the customer's link if not told otherwise."""
        order = order or self.order
        if not self.session:
            self._log_out()
        data = {
            "access_token": order._portal_ensure_token() if link is None else link,
            "csrf_token": http.Request.csrf_token(self),
            **data,
        }
        self.env.flush_all()
        response = self.url_open(f"/my/subscriptions/{order.id}{suffix}", data=data, allow_redirects=False)
        self.env.invalidate_all()
        return response

    def assertDone(self, response, message):
        """Assert that a form was taken, and the visitor sent to a page that says so."""
        self.assertEqual(response.status_code, 303, response.text[:2000])
        self.assertIn(f"message={message}", response.headers["Location"])

    def assertTold(self, response, sentence):
        """Assert that the page came back with ``sentence``."""
        self.assertEqual(response.status_code, 200)
        self.assertIn(sentence, " ".join(response.text.split()))

    def _get_history(self):
        return [str(message.body) for message in self.order.message_ids]

    def assertRefusedToAll(self, suffix, needed, **data):
        """Assert that a form does nothing for whoever may less than ``needed``, for strangers, and without the form."""
        lower = {"pay": ("see",), "manage": ("see", "pay")}[needed]
        visitors = [(None, ""), (None, "wrong"), (self.eve, ""), (self.eve, "wrong")]
        for visitor, level in (*visitors, *((None, level) for level in lower)):
            with self.subTest(path=suffix, visitor=visitor and visitor.name, level=level), mute_logger("odoo.http"):
                link = self._come(visitor, level)
                self.assertSentHome(self._post(suffix, link=link, **data))
        with self.subTest(path=suffix, visitor="another subscription's link"):
            self._log_out()
            other = self._bill_another().line_ids.sale_line_ids.order_id
            self.assertSentHome(self._post(suffix, link=other._portal_ensure_token(), **data))
        with self.subTest(path=suffix, visitor="no csrf token"), mute_logger("odoo.http"):
            self.assertEqual(self._post(suffix, csrf_token="forged", **data).status_code, 400)
        with self.subTest(path=suffix, visitor="GET"), mute_logger("odoo.http"):
            if not suffix.endswith("/new"):
                self.assertEqual(self._open_by_link(suffix=suffix).status_code, 405)
