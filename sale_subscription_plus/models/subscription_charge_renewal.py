from odoo import models
from odoo.fields import Command


class SubscriptionCharge(models.Model):
    """What is still to be paid for a subscription that was renewed."""

    _inherit = "subscription.charge"

    def _subscription_add_order(self, order):
        """Let these collections count for ``order``, too."""
        self.write({"order_ids": [Command.link(order.id)]})
        self._update_payment_status()

    def _undo_final_action(self):
        """Extend: what goes on in its renewal does not run again beside it."""
        for charge in self:
            charge.final_order_ids -= charge.final_order_ids.filtered(lambda order: order._get_confirmed_renewal())
        return super()._undo_final_action()
