from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    """How a subscription is paid."""

    _inherit = "sale.order"

    subscription_token_id = fields.Many2one(
        comodel_name="payment.token",
        string="Saved Payment Method",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('partner_id.commercial_partner_id', 'parent_of', partner_id)]",
        help="The customer's saved method that pays this subscription. It belongs to the same customer.",
    )

    @api.constrains("subscription_token_id", "partner_id")
    def _check_subscription_token(self):
        for order in self:
            owner = order.subscription_token_id.sudo().partner_id  # In sudo mode: whose it is, whoever sets it
            if owner and owner.commercial_partner_id != order.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._("%s: the payment method belongs to another customer.", order.display_name)
                )

    def write(self, vals):
        """Override of `sale`: what is open is paid by the new method, or by the customer once there is none."""
        changed = self.browse()
        if "subscription_token_id" in vals:
            changed = self.filtered(lambda order: order.subscription_token_id.id != vals["subscription_token_id"])
        result = super().write(vals)
        if changed:
            # In sudo mode: what happens to a collection is written by no user.
            changed.sudo().subscription_charge_ids._follow_token()
        return result
