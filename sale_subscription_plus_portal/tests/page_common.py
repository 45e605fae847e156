"""What tests of a subscription's page share: the page as its customer, a colleague or a stranger opens it."""

from lxml import html

from odoo import sql_db
from odoo.tests import new_test_user

from .common import PortalCommon


class PageCommon(PortalCommon):
    """Ada's subscription; her colleague Carl, whom she may let in, and Eve, who is a stranger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.link = cls.order._portal_ensure_token()
        cls.friend = cls.env["res.partner"].create({"name": "Frida Friend", "email": "frida@example.com"})

    @classmethod
    def _create_colleague(cls):
        """Make Ada's customer a company of which Ada and Carl are people; return Carl's login."""
        firm = cls.env["res.partner"].create({"name": "Readers Ltd", "is_company": True})
        cls.customer.parent_id = firm
        return new_test_user(
            cls.env, "carl-portal", "base.group_portal", name="Carl", email="carl@example.com", parent_id=firm.id
        )

    def _let_in(self, level, partner=None, order=None):
        """Let somebody in to a subscription; return the token of their link."""
        access = (
            self.env["subscription.access"]
            .sudo()
            .create({"order_id": (order or self.order).id, "partner_id": (partner or self.friend).id, "level": level})
        )
        return access.sudo().access_token

    def _open(self, order=None, suffix="", **params):
        """Open the page of a subscription; by the link if one is given as ``access_token``."""
        order = order or self.order
        self.env.flush_all()
        return self.url_open(f"/my/subscriptions/{order.id}{suffix}", params=params, allow_redirects=False)

    def _open_by_link(self, order=None, **params):
        order = order or self.order
        return self._open(order, access_token=order._portal_ensure_token(), **params)

    def _count_statements(self, visit):
        """Return how many SQL statements the server needs for a visit, and a few of this test's own."""
        self.env.flush_all()
        before = sql_db.sql_counter
        visit()
        return sql_db.sql_counter - before

    def _read(self, response):
        """Return {name: text} of the blocks of a page that was opened."""
        self.assertEqual(response.status_code, 200, response.headers.get("Location"))
        return self._get_texts(response)

    def _get_rows(self, response, name):
        """Return the texts of all parts of a page that bear ``name``."""
        nodes = html.fromstring(response.text).xpath(f"//*[@name='{name}']")
        return [" ".join(node.text_content().split()) for node in nodes]

    def _get_links(self, response, block):
        """Return the addresses of the links in a block of a page."""
        return html.fromstring(response.text).xpath(f"//*[@name='{block}']//a/@href")

    def assertSentHome(self, response):
        """Assert that the visitor was sent to their home, and told nothing."""
        self.assertEqual(response.status_code, 303)
        self.assertURLEqual(response.headers["Location"], "/my")
