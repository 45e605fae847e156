from odoo import models


class PaymentToken(models.Model):
    """Where customers see to their saved methods."""

    _inherit = "payment.token"

    def _get_subscription_method_link(self):
        """Override of `sale_subscription_plus`: a subscription has a page for its method."""
        self.ensure_one()
        order = self._get_paid_subscriptions()[:1].sudo()  # In sudo mode: the link goes to the customer only
        if not order:
            return super()._get_subscription_method_link()
        return order.get_base_url() + order._get_page_url_of(self.partner_id, "/payment_method")

    def _handle_archiving(self):
        """Override of `sale_subscription_plus` to tell it in the history of the subscriptions."""
        super()._handle_archiving()
        author = self.env.user.partner_id
        for token in self.sudo():  # In sudo mode: customers archive their methods themselves
            for order in token._get_paid_subscriptions():
                order.message_post(
                    body=self.env._(
                        "%(method)s, which paid this subscription, was deleted. The customer is asked for another one "
                        "when the next invoice is due.",
                        method=token._get_subscription_label(),
                    ),
                    author_id=author.id,
                )

    def _get_deletion_notice(self):
        """Return what the customer is told before they delete this method; blank where it pays no subscription."""
        self.ensure_one()
        names = self.sudo()._get_subscription_names()  # In sudo mode: it is the customer's own method
        if not names:
            return ""
        return self.env._("Pays %s. If you delete it, we ask you for another one when the next invoice is due.", names)
