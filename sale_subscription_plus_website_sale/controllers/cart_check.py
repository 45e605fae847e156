from odoo.http import request

from odoo.addons.website_sale.controllers.main import WebsiteSale


class SubscriptionCartCheck(WebsiteSale):
    def _check_cart(self, order_sudo):
        """Extend: what the shop does not offer any more is told in the cart, before an address is asked for."""
        if redirection := super()._check_cart(order_sudo):
            return redirection
        return request.redirect("/shop/cart") if order_sudo._get_unoffered_lines() else None
