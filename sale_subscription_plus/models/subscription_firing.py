from odoo import fields, models


class SubscriptionFiring(models.Model):
    """What an automation rule did about one fact of one subscription: at most once, whatever happens.

    A level ("is closed", "MRR is down") is one fact as long as it holds; released, it may come about anew.
    """

    _name = "subscription.firing"
    _description = "Fired Automation"
    _order = "fired_on desc, id desc"
    _rec_name = "automation_id"
    _log_access = False

    automation_id = fields.Many2one(
        comodel_name="base.automation", string="Rule", required=True, ondelete="cascade", readonly=True
    )
    name = fields.Char(related="automation_id.name", string="Name of the Rule")
    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Subscription",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    user_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    company_id = fields.Many2one(comodel_name="res.company", required=True, index=True, readonly=True)
    fact = fields.Char(required=True, readonly=True, help="Technical: what it fired for.")
    fired_on = fields.Date(required=True, readonly=True, help="The company's day on which it was done, or last tried.")
    state = fields.Selection(
        selection=[("before", "Was So Before"), ("done", "Done"), ("failed", "Failed")],
        required=True,
        readonly=True,
        help="What was so before a rule was switched on is noted, and nothing is done about it.",
    )
    reason = fields.Text(string="Failed Because", readonly=True)
    attempts = fields.Integer(readonly=True, default=0)
    released_on = fields.Date(readonly=True, help="Since when it does not hold any more: it may come about anew.")

    _once = models.UniqueIndex(
        "(automation_id, order_id, fact) WHERE released_on IS NULL",
        "A rule does not fire twice for the same fact.",
    )
    _automation_idx = models.Index("(automation_id, fired_on)")
