from odoo import api, models


class MailMail(models.Model):
    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `mail` to stop when a mail is written and not committed."""
        mails = super().create(vals_list)
        self.env["payment.provider"]._road_stop("mailing")
        return mails
