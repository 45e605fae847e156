from odoo.exceptions import UserError
from odoo.http import request, route

from .subscription import SubscriptionPage


class RenewalOfSubscription(SubscriptionPage):
    """The button on the page of a subscription that leads to its renewal.

    It is for the customer. Whoever was let in to a subscription has a link that can be taken back; the one of the
    renewal, with which it is accepted, could not.
    """

    @route(
        "/my/subscriptions/<int:order_id>/renew",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_subscription_renew(self, order_id, access_token=None, **kwargs):
        """Make the quotation that renews a subscription, and lead the customer to it.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        """
        order_sudo = self._get_subscription(order_id, access_token, level="manage")
        if not (order_sudo and self._is_customer(order_sudo, access_token)):
            return request.redirect("/my")
        values = self._get_subscription_values(order_sudo, access_token)
        try:
            renewal_sudo = order_sudo._subscription_renew_in_portal(values["visitor"])
        except UserError:
            return request.redirect(values["subscription_url"](message="renewal_refused"), code=303)
        return request.redirect(renewal_sudo.get_portal_url(), code=303)

    def _get_page_messages(self):
        """Extend: why no renewal was made."""
        return super()._get_page_messages() | {
            "renewal_refused": (
                "warning",
                request.env._("This subscription cannot be renewed here now. Please contact us."),
            ),
        }

    def _prepare_subscription_page_values(self, order_sudo, access_token=None, **kwargs):
        """Extend: whether there is a renewal to accept, or to ask for."""
        values = super()._prepare_subscription_page_values(order_sudo, access_token, **kwargs)
        manages = values["subscription_level"] == "manage" and self._is_customer(order_sudo, access_token)
        return values | {
            "renewal": manages and order_sudo._get_renewal_to_accept(),
            "renewable": manages and order_sudo._can_renew_in_portal(),
        }
