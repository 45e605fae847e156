from odoo import models
from odoo.exceptions import UserError


class SubscriptionPeriod(models.Model):
    """Days that were the former customer's."""

    _inherit = "subscription.period"

    def action_bill_again(self):
        """Extend: days before a hand-over are not billed to who has the subscription now.

        :raise UserError: for such days
        """
        for row in self.filtered(lambda row: row._is_former_customers()):
            raise UserError(
                self.env._(
                    "%(period)s was billed before %(order)s was handed over: the new customer does not pay for it. "
                    "Invoice the former one by hand.",
                    period=row.display_name,
                    order=row.order_id.name,
                )
            )
        return super().action_bill_again()

    def _is_former_customers(self):
        """Return whether these days are a matter of who had the subscription before."""
        row = self.sudo()  # In sudo mode: it counts for any user
        order, invoice = row.order_id, row.source_id.move_id
        if not order.subscription_handed_over_on:
            return False
        if invoice:
            return invoice.commercial_partner_id != order.partner_invoice_id.commercial_partner_id
        return row.start < order.subscription_handed_over_on
