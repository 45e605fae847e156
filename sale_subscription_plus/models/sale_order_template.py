from odoo import fields, models


class SaleOrderTemplate(models.Model):
    _inherit = "sale.order.template"

    subscription_plan_id = fields.Many2one(
        comodel_name="subscription.plan",
        string="Plan",
        check_company=True,
        help="Plan of the recurring lines of orders made from this template.",
    )
    subscription_own_terms = fields.Boolean(
        string="Own Terms",
        help="Ticked: orders take commitment, renewal, notice and invoicing from this template. "
        "Unticked: from their plan.",
    )
    subscription_commitment_months = fields.Integer(
        string="Commitment", help="How many months the customer is bound. 0: not bound."
    )
    subscription_auto_renew = fields.Boolean(
        string="Renew the Term", default=True, help="Unticked, the subscription ends with its term."
    )
    subscription_notice_days = fields.Integer(
        string="Notice (Days)", help="Days before the end of the term by which the customer must say that they leave."
    )
    subscription_invoicing_mode = fields.Selection(
        selection=lambda self: self.env["subscription.plan"]._selection_invoicing_mode(),
        string="Invoices Are",
        default="send",
        help="What the nightly billing does with the invoices that it makes.",
    )
    subscription_dunning_policy_id = fields.Many2one(
        comodel_name="subscription.dunning.policy",
        string="Dunning Policy",
        check_company=True,
        ondelete="restrict",
        help="What happens when an invoice is not paid. Empty: the policy of the plan, or of the company.",
    )

    _subscription_terms_positive = models.Constraint(
        "CHECK(subscription_commitment_months >= 0 AND subscription_notice_days >= 0)",
        "Commitment and notice cannot be negative.",
    )
    _subscription_terms_finite = models.Constraint(
        "CHECK(subscription_commitment_months <= 1200)", "Nobody is bound for more than 100 years."
    )
