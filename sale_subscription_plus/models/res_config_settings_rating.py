from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_rating_template_id = fields.Many2one(
        related="company_id.subscription_rating_template_id", readonly=False
    )
    subscription_rating_first_days = fields.Integer(related="company_id.subscription_rating_first_days", readonly=False)
    subscription_rating_every_months = fields.Integer(
        related="company_id.subscription_rating_every_months", readonly=False
    )
    subscription_mail_failure = fields.Char(related="company_id.subscription_mail_failure")
