from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrderTemplate(models.Model):
    """Which plans the customer chooses from, and whether customers take this template by themselves."""

    _inherit = "sale.order.template"

    subscription_offered_plan_ids = fields.Many2many(
        comodel_name="subscription.plan",
        relation="sale_order_template_offered_plan_rel",
        string="Plans Offered",
        check_company=True,
        help="The customer chooses one of them on the page of the quotation, and sees what each one saves. The "
        "quotation starts with the recurring plan. Empty: there is no choice.",
    )
    subscription_self_service = fields.Boolean(
        string="Open to Self-Service",
        help="Customers with a login take this template in the portal: it makes them a quotation, which they accept "
        "like any other.",
    )
    subscription_public_description = fields.Text(
        string="Public Description", translate=True, help="What customers read about it in the portal."
    )

    @api.constrains("subscription_plan_id", "subscription_offered_plan_ids")
    def _check_subscription_offered_plans(self):
        for template in self:
            offered = template.with_context(active_test=False).subscription_offered_plan_ids
            if offered and template.subscription_plan_id not in offered:
                raise ValidationError(
                    self.env._(
                        'Template "%s": its recurring plan, with which quotations start, must be among the plans '
                        "offered.",
                        template.name,
                    )
                )

    @api.constrains("subscription_self_service", "subscription_plan_id", "sale_order_template_line_ids")
    def _check_subscription_self_service(self):
        for template in self:
            if template.subscription_self_service and not template._has_recurring_line():
                raise ValidationError(
                    self.env._(
                        'Template "%s" has nothing that recurs. Add a subscription product and a recurring plan '
                        "before you open it to self-service.",
                        template.name,
                    )
                )

    def _has_recurring_line(self):
        """Return whether an order made from this template recurs."""
        self.ensure_one()
        return any(
            line.subscription_plan_id
            or (line.product_id.subscription_ok and (line.product_id.subscription_plan_id or self.subscription_plan_id))
            for line in self.sale_order_template_line_ids
        )
