from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    subscription_ok = fields.Boolean(
        string="Subscription",
        help="On an order, this product recurs with the order's plan.",
    )
    subscription_plan_id = fields.Many2one(
        comodel_name="subscription.plan",
        string="Default Plan",
        company_dependent=True,
        check_company=True,
        help="The plan of a line with this product. Empty: the plan of the order.",
    )
    subscription_setup_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Set-up Fee",
        domain="[('subscription_ok', '=', False), ('sale_ok', '=', True)]",
        check_company=True,
        help="Product added once to each order that subscribes to this one.",
    )
    subscription_price_ids = fields.One2many(
        comodel_name="product.pricelist.item",
        inverse_name="product_tmpl_id",
        string="Recurring Prices",
        domain=[("subscription_plan_id", "!=", False)],
    )

    @api.constrains("subscription_ok", "invoice_policy")
    def _check_subscription_invoice_policy(self):
        for template in self:
            if template.subscription_ok and template.invoice_policy == "delivery":
                raise ValidationError(
                    self.env._(
                        '"%s" is invoiced on delivered quantities and cannot recur. '
                        "Choose ordered quantities (prepaid) as its invoicing policy.",
                        template.display_name,
                    )
                )

    @api.constrains("subscription_setup_product_id", "subscription_ok")
    def _check_subscription_setup_product(self):
        # In sudo mode: a fee of a product that this user may not see is a fee, too.
        recurring = self.filtered("subscription_ok").sudo().product_variant_ids
        users = self.sudo().search([("subscription_setup_product_id", "in", recurring.ids)]) if recurring else self
        for template in self | users:
            if template.subscription_setup_product_id.subscription_ok:
                raise ValidationError(
                    self.env._('The set-up fee of "%s" must be a product that does not recur.', template.display_name)
                )
