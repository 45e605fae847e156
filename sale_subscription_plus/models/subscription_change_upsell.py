from odoo import fields, models


class SubscriptionChange(models.Model):
    _inherit = "subscription.change"

    upsell_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Sold By",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The line of the upsell by which the quantity was raised.",
    )
