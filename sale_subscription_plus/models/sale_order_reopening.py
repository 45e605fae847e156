from odoo import models


class SaleOrder(models.Model):
    """What is told of the days on which a subscription was closed, once it runs again."""

    _inherit = "sale.order"

    def _subscription_reopen(self):
        """Extend: the change that closed a subscription knows from then on until when it did."""
        closing = self._get_last_closings()
        result = super()._subscription_reopen()
        for change in closing:
            change.resume_on = change.company_id._get_subscription_today()
        return result

    def _get_last_closings(self):
        """Return the changes that closed these orders, as far as changes did: a term just ends."""
        # In sudo mode: changes are written by no user, only by what is done to the order.
        return (
            self.sudo()
            .filtered(lambda order: order.subscription_status == "closed")
            .subscription_change_ids.filtered(
                lambda change: (
                    change.kind == "close"
                    and change.state == "applied"
                    and change.effective_on >= change.order_id.subscription_closed_on
                )
            )
        )
