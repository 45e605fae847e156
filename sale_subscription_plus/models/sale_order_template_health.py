from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrderTemplate(models.Model):
    """Templates whose subscriptions go by health rules of their own."""

    _inherit = "sale.order.template"

    subscription_health_rule_ids = fields.One2many(
        comodel_name="subscription.health.rule",
        inverse_name="template_id",
        string="Health Rules",
        help="None: subscriptions made from this template go by the company's rules.",
    )

    def action_view_subscription_health_rules(self):
        """Open the health rules of this template, to write new ones."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_health_rule_action")
        action["domain"] = [("template_id", "=", self.id)]
        action["context"] = {"default_template_id": self.id, "default_company_id": self.company_id.id}
        return action

    def action_subscription_copy_health_rules(self):
        """Give this template copies of the company's rules, to start from.

        :raise UserError: when it has rules of its own, or the company has none
        """
        self.ensure_one()
        if self.subscription_health_rule_ids:
            raise UserError(self.env._('"%s" has health rules of its own already.', self.display_name))
        company = self.company_id or self.env.company
        rules = self.subscription_health_rule_ids.search(
            [("template_id", "=", False), ("company_id", "in", (company.id, False))]
        )
        if not rules:
            raise UserError(self.env._("The company has no health rules to start from. Create the first one."))
        for rule in rules:
            rule.copy({"template_id": self.id, "company_id": self.company_id.id})
        return self.action_view_subscription_health_rules()
