from odoo import api, fields, models
from odoo.fields import Command


class SubscriptionCharge(models.Model):
    """What a customer still owes for a subscription that was handed over: their affair, paid by their method."""

    _inherit = "subscription.charge"

    former_order_ids = fields.Many2many(
        comodel_name="sale.order",
        relation="subscription_charge_former_order_rel",
        string="Handed Over Since",
        readonly=True,
        help="Subscriptions on the invoice that belong to another customer now: whether it is paid does not "
        "concern them any more.",
    )
    former_token_id = fields.Many2one(
        comodel_name="payment.token",
        string="Former Method",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The method with which the former customer pays what is left.",
    )

    @api.depends("order_ids", "former_token_id")
    def _compute_token_id(self):
        """Extend: once all its subscriptions are handed over, the method is the one they had."""
        super()._compute_token_id()
        for charge in self.filtered(lambda charge: not charge.order_ids):
            charge.token_id = charge.former_token_id

    def _subscription_leave(self, order):
        """Part ``order`` from these collections: it belongs to another customer now."""
        for charge in self:
            token = charge.token_id
            charge.write(
                {
                    "order_ids": [Command.unlink(order.id)],
                    "former_order_ids": [Command.link(order.id)],
                    "final_order_ids": [Command.unlink(order.id)],
                }
            )
            charge.former_token_id = token if not charge.order_ids else False

    def _get_order(self):
        """Extend: where all subscriptions were handed over, one of them speaks still."""
        return super()._get_order() or self.former_order_ids[:1]

    def _get_subscription_names(self):
        """Extend: a subscription that was handed over keeps its name for who paid it."""
        return super()._get_subscription_names() or ", ".join(self.former_order_ids.mapped("name"))


class PaymentToken(models.Model):
    """A former customer's method pays what is left of what they owe, and nothing else."""

    _inherit = "payment.token"

    def _subscription_adopt(self):
        """Extend: a new method takes over what is left of subscriptions that were handed over, too."""
        result = super()._subscription_adopt()
        # In sudo mode: customers save their methods themselves.
        charges = (
            self.env["subscription.charge"]
            .sudo()
            .search(
                [
                    ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "in", ("retrying", "exhausted", "method_needed", "action")),
                    ("former_token_id", "!=", False),
                ]
            )
        )
        charges.former_token_id = self
        charges._follow_token()
        return result

    def _handle_archiving(self):
        """Extend: what is left of subscriptions that were handed over needs another method, too."""
        super()._handle_archiving()
        # In sudo mode: customers archive their methods themselves.
        charges = self.env["subscription.charge"].sudo().search([("former_token_id", "in", self.ids)])
        charges.filtered(lambda charge: charge.state == "retrying")._wake()
