from odoo.http import request, route

from .subscription_access import SubscriptionAccess

REPORT_TYPES = ("html", "pdf", "text")


class SubscriptionPage(SubscriptionAccess):
    """The page of a subscription: what was agreed, what it costs and when, what was billed, and what comes."""

    @route("/my/subscriptions/<int:order_id>", type="http", auth="public", website=True, sitemap=False)
    def portal_subscription(self, order_id, access_token=None, report_type=None, download=False, **kwargs):
        """Show a subscription to its customer, or its order as a PDF.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        :param str report_type: ``pdf``, ``html`` or ``text``: the order as a document
        """
        order_sudo = self._get_subscription(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        if report_type in REPORT_TYPES:
            return self._show_report(
                model=order_sudo, report_type=report_type, report_ref="sale.action_report_saleorder", download=download
            )
        values = self._prepare_subscription_page_values(order_sudo, access_token, **kwargs)
        return request.render("sale_subscription_plus_portal.portal_subscription", values)

    def _prepare_subscription_page_values(self, order_sudo, access_token=None, **kwargs):
        """Return what the page shows. Add-ons, and other parts of this one, extend it with what theirs needs."""
        values = self._get_subscription_values(order_sudo, access_token)
        return self._get_page_view_values(order_sudo, access_token, values, "my_subscriptions_history", False, **kwargs)
