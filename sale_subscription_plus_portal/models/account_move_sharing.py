from odoo import models


class AccountMove(models.Model):
    """Invoices for people whom a customer let in to one subscription."""

    _inherit = "account.move"

    def _get_shared_access(self, user, access_token=None):
        """Return the ``subscription.access`` by which ``user``, or who holds the link, sees this invoice.

        One that bills other subscriptions, too, is not theirs to see.

        :param user: ``res.users``; the public user without a login
        :param str access_token: that of somebody who was let in
        """
        self.ensure_one()
        none = self.env["subscription.access"]
        orders = self.line_ids.sale_line_ids.order_id
        if self.state != "posted" or len(orders) != 1:
            return none
        access = orders._get_access_by_link(access_token)
        if not access and not user._is_public():
            access = orders.subscription_access_ids.filtered(lambda access: access.partner_id == user.partner_id)
        return access

    def _portal_ensure_token(self):
        """Override of `portal`: a page for somebody who was let in holds their own link, not that of the customer."""
        link = self.env.context.get("subscription_shared_link")
        return super()._portal_ensure_token() if link is None else link

    def _has_to_be_paid(self):
        """Override of `account_payment`: the page for somebody who may see, and no more, asks for no payment."""
        return super()._has_to_be_paid() and not self.env.context.get("subscription_shared_see_only")
