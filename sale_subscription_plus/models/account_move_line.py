from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    subscription_period_start = fields.Date(
        string="Period From", copy=False, help="First day of the subscription period that this line bills."
    )
    subscription_period_end = fields.Date(
        string="Period Until", copy=False, help="First day after the subscription period that this line bills."
    )
    subscription_period_ids = fields.One2many(
        comodel_name="subscription.period", inverse_name="invoice_line_id", string="Billed Periods"
    )

    def _copy_data_extend_business_fields(self, values):
        """Override of `account`: credit notes and corrected invoices speak of the same period."""
        super()._copy_data_extend_business_fields(values)
        values["subscription_period_start"] = self.subscription_period_start
        values["subscription_period_end"] = self.subscription_period_end
