from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.addons.sale_subscription_plus.models.sale_order import RUNNING_STATUSES

from .subscription_access import SubscriptionAccess

LIST_URL = "/my/subscriptions"
SHOWN_SUBSCRIPTIONS = 20


class SubscriptionList(SubscriptionAccess):
    """The list of the subscriptions that a customer has, or was let in to."""

    @route(
        [LIST_URL, f"{LIST_URL}/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        sitemap=False,
    )
    def portal_my_subscriptions(self, page=1, filterby=None, sortby=None, search=None, **kwargs):
        """Show the subscriptions of the customer who is logged in.

        :param int page: number of the page, from 1
        :param str filterby: one of the filters; the running ones if not told otherwise
        :param str sortby: one of the orders; by next invoice if not told otherwise
        :param str search: part of a number, a product or a reference
        """
        values = self._prepare_subscription_list_values(page, filterby, sortby, search)
        return request.render("sale_subscription_plus_portal.portal_my_subscriptions", values)

    def _prepare_subscription_list_values(self, page=1, filterby=None, sortby=None, search=None):
        """Return what the list shows; add-ons extend it."""
        filters, sortings = self._get_subscription_filters(), self._get_subscription_sortings()
        filterby = filterby if filterby in filters else "running"
        sortby = sortby if sortby in sortings else "next"
        search = search.replace("\0", "").strip() if isinstance(search, str) else ""
        domain = filters[filterby]["domain"] & self._get_subscription_search_domain(search)
        orders_sudo, pager = self._search_subscriptions(domain, sortings[sortby]["order"], page)
        pager = portal_pager(**pager, url_args={"filterby": filterby, "sortby": sortby, "search": search})
        return {
            "page_name": "subscription",
            "subscriptions": orders_sudo,
            "payments": orders_sudo._get_page_payments(),
            "next_invoices": orders_sudo._get_page_next_invoices(),
            "filters": filters,
            "filterby": filterby,
            "sortings": sortings,
            "sortby": sortby,
            "search": search,
            "pager": pager,
        }

    def _search_subscriptions(self, domain, order, page):
        """Return the subscriptions of a page of the list, in sudo mode, and what the pager needs."""
        # In sudo mode: Odoo's rules do not know whom customers let in; the domain does.
        Order = request.env["sale.order"].sudo()
        domain &= Domain(Order._get_subscription_page_domain(request.env.user.partner_id))
        pager = {"url": LIST_URL, "total": Order.search_count(domain), "page": page, "step": SHOWN_SUBSCRIPTIONS}
        offset = portal_pager(**pager)["offset"]
        return Order.search(domain, order=order, limit=SHOWN_SUBSCRIPTIONS, offset=max(offset, 0)), pager

    def _get_subscription_filters(self):
        """Return {name: {label, domain}}. A renewed subscription goes on as another one, so it counts as closed."""
        Order, partner = request.env["sale.order"], request.env.user.partner_id
        unpaid, ending = Order._get_unpaid_subscriptions(partner), Order._get_subscriptions_without_method_soon(partner)
        filters = {
            "running": (request.env._("Running"), Domain("subscription_status", "in", RUNNING_STATUSES)),
            "to_pay": (request.env._("To pay"), Domain("id", "in", unpaid.ids)),
            "method": (request.env._("Payment method to renew"), Domain("id", "in", ending.ids)),
            "paused": (request.env._("Paused"), Domain("subscription_status", "=", "paused")),
            "closed": (request.env._("Closed"), Domain("subscription_status", "in", ("closed", "renewed"))),
            "all": (request.env._("All"), Domain("subscription_status", "!=", "renewed")),
        }
        return {name: {"label": label, "domain": domain} for name, (label, domain) in filters.items()}

    def _get_subscription_sortings(self):
        return {
            "next": {
                "label": request.env._("Next invoice"),
                "order": "subscription_next_invoice_date asc nulls last, id desc",
            },
            "name": {"label": request.env._("Number"), "order": "name desc, id desc"},
            "start": {"label": request.env._("Start"), "order": "subscription_start desc, id desc"},
            "reference": {
                "label": request.env._("Your reference"),
                "order": "client_order_ref asc nulls last, id desc",
            },
        }

    def _get_subscription_search_domain(self, search):
        if not search:
            return Domain.TRUE
        bought = Domain("subscription_plan_id", "!=", False) & Domain("name", "ilike", search)
        return (
            Domain("name", "ilike", search)
            | Domain("client_order_ref", "ilike", search)
            | Domain("order_line", "any", bought)
        )
