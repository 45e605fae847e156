from lxml import etree, html
from markupsafe import Markup

from odoo import models


class SaleOrder(models.Model):
    """Abandoned carts: the mail that brings the visitor back, and what becomes of the cart then."""

    _inherit = "sale.order"

    def _price_merged_cart(self, currency):
        """Price this cart anew after lines that were in ``currency`` have moved into it."""
        self._with_agreed_prices(currency)._recompute_cart()
        self._verify_cart_after_update()

    def _add_cart_terms(self, body):
        """Return ``body`` of a mail with what this cart costs before the link that resumes it."""
        if not self._is_shop_subscription():
            return body
        order = self.with_context(lang=self.partner_id.lang or self.env.lang)
        terms = order.env["ir.qweb"]._render(
            "sale_subscription_plus_website_sale.cart_recovery_terms", {"order": order}
        )
        page = html.fragment_fromstring(body or "", create_parent="div")
        links = page.xpath("//a[contains(@href, '/shop/cart?id=')]")
        block = html.fragment_fromstring(terms)
        if links:
            links[0].getparent().addprevious(block)
        else:
            page.append(block)
        return Markup(etree.tostring(page, encoding="unicode", method="html"))
