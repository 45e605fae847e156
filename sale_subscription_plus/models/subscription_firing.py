from odoo import api, fields, models
from odoo.tools.misc import format_date

# Facts that are named after a record.
OCCASIONS = {
    "health": "subscription.health.change",
    "charge": "subscription.charge",
    "rating": "rating.rating",
}


class SubscriptionFiring(models.Model):
    """What an automation rule did about one fact of one subscription: at most once, whatever happens.

    A level ("is closed", "MRR is down") is one fact as long as it holds; released, it may come about anew.
    """

    _name = "subscription.firing"
    _description = "Fired Automation"
    _order = "fired_on desc, id desc"
    _rec_name = "name"  # who sees what a rule did need not be allowed to see the rule
    _log_access = False

    automation_id = fields.Many2one(
        comodel_name="base.automation",
        string="Rule",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
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
    occasion = fields.Char(compute="_compute_occasion", help="What it fired for.")
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

    @api.depends("fact")
    @api.depends_context("lang")
    def _compute_occasion(self):
        records = self._get_occasion_records()
        for firing in self:
            kind, _separator, key = firing.fact.partition(":")
            describe = getattr(firing, f"_describe_{kind}", None) or firing._describe_date
            firing.occasion = describe(records.get((kind, int(key))) if kind in OCCASIONS else key)

    def _get_occasion_records(self):
        """Return {(kind of fact, id): record} of what these fired for, as far as it is still there."""
        records = {}
        for kind, model in OCCASIONS.items():
            ids = [int(fact.partition(":")[2]) for fact in self.mapped("fact") if fact.startswith(f"{kind}:")]
            # In sudo mode: who sees the firing sees what it fired for.
            records |= {(kind, record.id): record for record in self.env[model].sudo().browse(ids).exists()}
        return records

    def _describe_health(self, change):
        return (change and change.reason) or self.env._("Health changed")

    def _describe_status(self, key):
        statuses = self.env["sale.order"]._fields["subscription_status"]
        return dict(statuses._description_selection(self.env)).get(key, key)

    def _describe_charge(self, charge):
        return self.env._("Payment of %s failed", (charge and charge.move_id.name) or self.env._("an invoice"))

    def _describe_mrr(self, key):
        return self.env._("MRR fell") if key == "down" else self.env._("MRR grew")

    def _describe_rating(self, rating):
        return self.env._("Rated %g of 5", rating.rating) if rating else self.env._("Rated")

    def _describe_date(self, key):
        name = self.fact.partition(":")[0]
        label = self.env["sale.order"]._fields[name].get_description(self.env)["string"]
        return f"{label}: {format_date(self.env, key)}"

    def action_view_order(self):
        """Open the subscription."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "view_mode": "form",
            "views": [(self.env.ref("sale.view_order_form").id, "form")],
            "res_id": self.order_id.id,
        }
