from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _get_default_mail_template_id(self, move):
        """Override of `account`: invoices of subscriptions go out with the mail that says how they get paid.

        A template that the company chose in the settings wins, and so does one that another add-on chooses for
        an invoice; on the screen that sends a single invoice the user may take yet another.
        """
        template = super()._get_default_mail_template_id(move)
        # In sudo mode: who sends an invoice need not see its subscription.
        if move.move_type != "out_invoice" or not move.sudo()._get_subscriptions():
            return template
        if template != self.env.ref("account.email_template_edi_invoice", raise_if_not_found=False):
            return template
        own = self.env.ref("sale_subscription_plus.mail_template_invoice", raise_if_not_found=False)
        return move.company_id.subscription_invoice_template_id or own or template
