from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.sale_subscription_plus.models.sale_order import RUNNING_STATUSES


class SaleOrder(models.Model):
    """What the home of a customer in the portal counts: their subscriptions, and those that need them.

    All in sudo mode: Odoo's rules do not know whom customers let in, and the domains name whose it is.
    """

    _inherit = "sale.order"

    @api.model
    def _count_portal_subscriptions(self, partner):
        """Return how many subscriptions ``partner`` sees; a renewed one goes on as another."""
        domain = Domain(self._get_subscription_page_domain(partner)) & Domain("subscription_status", "!=", "renewed")
        # In sudo mode: the domain says what the customer sees, and collections are read by no customer.
        return self.sudo().search_count(domain)

    @api.model
    def _get_payable_domain(self, partner):
        """Return the domain of the subscriptions that ``partner`` may pay: of their firm, or entrusted to them."""
        entrusted = Domain("partner_id", "=", partner.id) & Domain("level", "in", ("pay", "manage"))
        return Domain(self._get_subscription_page_domain(partner)) & (
            self._get_own_domain(partner) | Domain("subscription_access_ids", "any", entrusted)
        )

    @api.model
    def _get_own_domain(self, partner):
        return Domain("partner_id.commercial_partner_id", "=", partner.commercial_partner_id.id)

    @api.model
    def _get_unpaid_subscriptions(self, partner):
        """Return the subscriptions that wait for ``partner`` to pay: an invoice, or something that they asked for."""
        # In sudo mode: the domain says what the customer sees, and collections are read by no customer.
        orders = self.sudo().search(self._get_payable_domain(partner))
        return (orders._get_unpaid_charges().order_ids & orders) | orders._get_awaiting_requests().order_id

    @api.model
    def _count_unpaid_subscriptions(self, partner):
        """Return on how many subscriptions an invoice is to be paid."""
        # In sudo mode: the domain says what the customer sees, and collections are read by no customer.
        orders = self.sudo().search(self._get_payable_domain(partner))
        return len(orders._get_unpaid_charges().order_ids & orders)

    def _get_awaiting_requests(self):
        """Return what was asked for on these subscriptions, and waits for its payment."""
        Request = self.env["subscription.request"].sudo()  # as above
        now = fields.Datetime.now()
        return Request.search([("order_id", "in", self.ids), ("state", "=", "awaiting"), ("expires_on", ">", now)])

    @api.model
    def _count_awaiting_requests(self, partner):
        """Return how many changes wait for the payment of ``partner``."""
        # In sudo mode: the domain says what the customer sees, and collections are read by no customer.
        return len(self.sudo().search(self._get_payable_domain(partner))._get_awaiting_requests())

    @api.model
    def _get_subscriptions_without_method_soon(self, partner):
        """Return the running subscriptions of ``partner`` whose saved method soon cannot be charged, or cannot now."""
        # In sudo mode: the domain says what the customer sees, and collections are read by no customer.
        orders = self.sudo().search(
            self._get_own_domain(partner)
            & Domain("subscription_status", "in", RUNNING_STATUSES)
            & Domain("subscription_token_id", "!=", False)
        )
        tokens = orders.with_context(active_test=False).subscription_token_id
        ending = tokens.filtered(lambda token: token._get_notice(token.company_id._get_subscription_today()))
        return orders.filtered(lambda order: order.subscription_token_id in ending)

    @api.model
    def _count_ending_methods(self, partner):
        """Return how many saved methods that pay subscriptions of ``partner`` soon cannot, or cannot any more."""
        return len(self._get_subscriptions_without_method_soon(partner).subscription_token_id)

    @api.model
    def _count_renewals_to_sign(self, partner):
        """Return how many renewals of subscriptions of ``partner`` wait for their signature."""
        # In sudo mode: the domain says what the customer sees, and collections are read by no customer.
        return self.sudo().search_count(
            self._get_own_domain(partner)
            & Domain("state", "=", "sent")
            & Domain("subscription_renews_id", "!=", False)
            & (Domain("validity_date", "=", False) | Domain("validity_date", ">=", fields.Date.context_today(self)))
        )
