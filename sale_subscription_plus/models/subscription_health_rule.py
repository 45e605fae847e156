from odoo import fields, models

HEALTH = [("good", "Good"), ("at_risk", "At Risk"), ("bad", "Bad")]


class SubscriptionHealthRule(models.Model):
    """What makes a running subscription good, at risk or bad: the first rule that holds decides."""

    _name = "subscription.health.rule"
    _description = "Health Rule"
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    name = fields.Char(
        string="Reason", required=True, translate=True, help="Shown on each subscription that the rule holds for."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company", index="btree_not_null", help="Empty: the rule is there for all companies."
    )
    template_id = fields.Many2one(
        comodel_name="sale.order.template",
        string="Quotation Template",
        ondelete="cascade",
        check_company=True,
        index="btree_not_null",
        help="A template that has rules of its own goes by these alone. Empty: a rule for all the others.",
    )
    domain = fields.Char(string="Subscriptions", default="[]", required=True)
    result = fields.Selection(selection=HEALTH, string="Health", required=True, default="at_risk")
    description = fields.Text(help="What to do about it, for those who see it.")
    parked_reason = fields.Char(readonly=True, copy=False, help="Why the rule could not be looked at.")
    parked_on = fields.Date(readonly=True, copy=False)
