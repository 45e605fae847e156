from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_tz = fields.Selection(related="company_id.subscription_tz", readonly=False)
    subscription_max_periods = fields.Integer(related="company_id.subscription_max_periods", readonly=False)
    subscription_dunning_policy_id = fields.Many2one(
        related="company_id.subscription_dunning_policy_id", readonly=False
    )
    subscription_invoice_template_id = fields.Many2one(
        related="company_id.subscription_invoice_template_id", readonly=False
    )
