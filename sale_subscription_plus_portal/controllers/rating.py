from odoo.http import request

from .subscription import SubscriptionPage


class SubscriptionRating(SubscriptionPage):
    """What the customer said of a subscription, and a request that waits for their answer."""

    def _prepare_subscription_page_values(self, order_sudo, access_token=None, **kwargs):
        """Extend: ratings are between the customer and us, and none of the business of whom they let in."""
        values = super()._prepare_subscription_page_values(order_sudo, access_token, **kwargs)
        none = request.env["rating.rating"]
        return values | {
            "rating_request": order_sudo._get_open_rating() if self._may_rate(order_sudo, access_token) else none,
            "rating_answers": order_sudo._get_rating_answers() if self._is_customer(order_sudo, access_token) else none,
        }

    def _may_rate(self, order_sudo, access_token):
        """Return whether Odoo's page of ratings would take an answer from the visitor."""
        if request.env.user._is_public():
            return self._is_own_link(order_sudo, access_token)
        return self._is_named(order_sudo)
