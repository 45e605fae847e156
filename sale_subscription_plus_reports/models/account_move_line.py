from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # What is not invoiced period by period is little beside the rest, and asked for by each look at the key figures.
    _subscription_one_off_idx = models.Index(
        "(company_id, invoice_date) WHERE subscription_period_start IS NULL AND display_type = 'product'"
    )
