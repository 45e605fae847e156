from odoo import fields, models


class SaleOrderTemplateLine(models.Model):
    _inherit = "sale.order.template.line"

    subscription_plan_id = fields.Many2one(
        comodel_name="subscription.plan",
        string="Plan",
        check_company=True,
        help="Plan of this line. Empty: a subscription product takes the order's plan, any other is sold once.",
    )

    def _prepare_order_line_values(self):
        """Override of `sale_management` to carry the line's own plan."""
        values = super()._prepare_order_line_values()
        if self.subscription_plan_id:
            values["subscription_plan_id"] = self.subscription_plan_id.id
        return values
