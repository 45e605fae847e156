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

    def unlink(self):
        """Override of `account`: a period whose line is taken off its draft invoice counts as not billed."""
        # In sudo mode: the ledger follows the invoice whoever handles it.
        for row in self.sudo().subscription_period_ids.filtered(lambda row: row.state == "live"):
            row.order_id._subscription_lock()
            row._undo(self.env._("its line was taken off invoice %s", row.move_id._get_subscription_name()))
        return super().unlink()

    def _reconcile_post_hook(self, data):
        """Override of `account`: nothing is collected for an invoice that was credited in full."""
        super()._reconcile_post_hook(data)
        credited = data["not_paid_invoices"].filtered(lambda move: move.payment_state == "reversed")
        credited._get_subscription_charges()._drop()

    def _copy_data_extend_business_fields(self, values):
        """Override of `account`: credit notes and corrected invoices speak of the same period."""
        super()._copy_data_extend_business_fields(values)
        values["subscription_period_start"] = self.subscription_period_start
        values["subscription_period_end"] = self.subscription_period_end
