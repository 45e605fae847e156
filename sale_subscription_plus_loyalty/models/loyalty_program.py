from odoo import fields, models


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    subscription_discount = fields.Selection(
        selection=[("first", "First Invoice Only"), ("always", "Every Invoice")],
        string="On Subscriptions",
        default="first",
        required=True,
        help="First Invoice Only: a discount is worked out on what the first invoice bills, and a free product is "
        "given once.\n"
        "Every Invoice: a discount is taken off each period of what recurs for as long as the subscription runs, and "
        "a free product that recurs stays free.",
    )

    def _is_on_every_invoice(self):
        """Return whether subscriptions have this program's rewards on each invoice; what is money is spent once."""
        return self.subscription_discount == "always" and not self.is_payment_program

    def _compute_order_count(self):
        """Override of `sale_loyalty`: a subscription that only goes on with a discount does not use it once more."""
        used = self.env["sale.order.line"]._read_group(
            [("reward_id", "in", self.reward_ids.ids), ("coupon_id", "!=", False)],
            ["reward_id"],
            ["order_id:recordset"],
        )
        orders = dict(used)
        for program in self:
            program.order_count = len({order for reward in program.reward_ids for order in orders.get(reward, ())})
