from odoo import models


class SubscriptionCharge(models.Model):
    """Where customers give a new method for what could not be charged."""

    _inherit = "subscription.charge"

    def _get_method_link(self):
        """Override of `sale_subscription_plus`: the contact gives it for the subscription, others for the invoice."""
        self.ensure_one()
        order, move = self.order_ids.sudo(), self.move_id.sudo()  # In sudo mode: the link goes to the customer only
        if len(order) == 1 and order.partner_id == self.partner_id:
            return order.get_base_url() + order.get_portal_url(suffix="/payment_method")
        # Who gets the invoices need not be whom the whole subscription is entrusted to.
        return move.get_base_url() + move.get_portal_url(suffix="/payment_method")
