from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.sale.controllers import portal as sale_portal

from ..models.subscription_access import PAGE_STATUSES


class OrderPages(sale_portal.CustomerPortal):
    """Subscriptions have pages of their own: Sales' list and page of orders leave them to these.

    Sales' pages hand out the link of the order, with which everything can be done, to each colleague.
    """

    def _prepare_orders_domain(self, partner):
        """Override of `sale`: subscriptions stand in their own list."""
        orders = super()._prepare_orders_domain(partner)
        return list(Domain(orders) & Domain("subscription_status", "not in", PAGE_STATUSES))

    @route()
    def portal_order_page(self, order_id, access_token=None, **kwargs):
        """Override of `sale`: the page of a subscription is its own."""
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if order_sudo.subscription_status not in PAGE_STATUSES:
            return super().portal_order_page(order_id, access_token=access_token, **kwargs)
        params = {"access_token": access_token, **kwargs} if access_token else kwargs
        return request.redirect_query(f"/my/subscriptions/{order_sudo.id}", params)
