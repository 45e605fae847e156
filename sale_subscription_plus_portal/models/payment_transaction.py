from odoo import fields, models


class PaymentTransaction(models.Model):
    """A payment by which a customer changes a subscription."""

    _inherit = "payment.transaction"

    subscription_request_id = fields.Many2one(
        comodel_name="subscription.request",
        string="Customer Request",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="What the customer asked for in the portal: it is done once this is paid.",
    )

    def _post_process(self):
        """Override of `account_payment`: what is paid is done, so that the payment meets its invoice."""
        for transaction in self.filtered(lambda tx: tx.state == "done"):
            # In sudo mode: who pays reads no request.
            if request := transaction.sudo().subscription_request_id:
                request._apply_paid(transaction)
        super()._post_process()
