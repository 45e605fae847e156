from odoo import models


class PaymentTransaction(models.Model):
    """A payment that confirms an upsell."""

    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Override of `sale`: what cannot be merged keeps its money, and its salesperson is told."""
        confirmed = self.env["sale.order"]
        others = self
        for transaction in self:
            upsell = transaction.sale_order_ids.filtered(lambda order: order.subscription_status == "upsell")
            if len(upsell) == 1:
                others -= transaction
                confirmed |= transaction._confirm_upsell(upsell)
        return confirmed | super(PaymentTransaction, others)._check_amount_and_confirm_order()

    def _confirm_upsell(self, upsell):
        """Confirm ``upsell`` if this payment suffices.

        :return: the upsell, if that worked
        """
        confirmed = upsell._subscription_try(super()._check_amount_and_confirm_order)
        if confirmed is not None and not confirmed and self.state == "done":
            upsell._subscription_tell_underpaid(self)
        return confirmed or upsell.browse()
