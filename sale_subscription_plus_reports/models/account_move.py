from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    # The net revenue of years is read from the index alone.
    _subscription_revenue_idx = models.Index(
        "(company_id, invoice_date) INCLUDE (move_type, amount_untaxed_signed, invoice_user_id, team_id)"
        " WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')"
    )
