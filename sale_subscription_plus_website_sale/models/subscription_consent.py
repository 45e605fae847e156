from odoo import fields, models


class SubscriptionConsent(models.Model):
    _inherit = "subscription.consent"

    kind = fields.Selection(selection_add=[("order", "Order in the shop")], ondelete={"order": "cascade"})
