from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_tz = fields.Selection(related="company_id.subscription_tz", readonly=False)
    subscription_max_periods = fields.Integer(related="company_id.subscription_max_periods", readonly=False)
