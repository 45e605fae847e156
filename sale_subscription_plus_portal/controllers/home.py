from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class SubscriptionHome(CustomerPortal):
    """The customer's home: their subscriptions, and what needs them."""

    def _prepare_home_portal_values(self, counters):
        """Override of `portal` to count subscriptions, and those that need the customer, as far as it is asked."""
        values = super()._prepare_home_portal_values(counters)
        Order, partner = request.env["sale.order"], request.env.user.partner_id
        counts = {
            "subscription_count": Order._count_portal_subscriptions,
            "subscription_unpaid_count": Order._count_unpaid_subscriptions,
            "subscription_method_count": Order._count_ending_methods,
            "subscription_renewal_count": Order._count_renewals_to_sign,
            "subscription_request_count": Order._count_awaiting_requests,
        }
        return values | {name: counts[name](partner) for name in counters if name in counts}
