from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .sale_order import SUBSCRIPTION_STATUS
from .subscription_health_rule import HEALTH

TRIGGERS = [
    ("on_subscription_health", "Health becomes"),
    ("on_subscription_status", "Subscription becomes"),
    ("on_subscription_payment_failed", "Payment failed"),
    ("on_subscription_mrr_change", "MRR changed"),
    ("on_subscription_date", "Before or after a subscription's date"),
    ("on_subscription_rating", "Customer answered a rating request"),
]
SUBSCRIPTION_TRIGGERS = tuple(value for value, _label in TRIGGERS)
# What a quotation is, no rule asks for: these run for subscriptions.
STATUSES = [item for item in SUBSCRIPTION_STATUS if item[0] not in ("quotation", "upsell", "merged")]
DATES = [
    ("subscription_start", "the start"),
    ("subscription_next_invoice_date", "the next invoice"),
    ("subscription_term_end", "the end of the term"),
    ("subscription_closed_on", "the close"),
    ("subscription_last_payment_on", "the last payment"),
    ("subscription_paused_on", "the begin of the pause"),
]
# What the triggers ask, set by whoever switches a rule on.
PARAMETERS = (
    "subscription_health",
    "subscription_status",
    "subscription_failures",
    "subscription_mrr_direction",
    "subscription_mrr_change",
    "subscription_mrr_unit",
    "subscription_mrr_days",
    "subscription_date_days",
    "subscription_date_mode",
    "subscription_date_field",
    "subscription_date_repeat",
    "subscription_rating_mode",
    "subscription_rating",
)
LONGEST_DAYS, LONGEST_REPEAT = 3660, 120


class BaseAutomation(models.Model):
    """Triggers that subscriptions have and Odoo does not: the care run looks for what they wait for.

    Nothing of it happens while anybody writes: a rule of these never makes billing, charging or a user's screen wait
    or fail.
    """

    _inherit = "base.automation"

    trigger = fields.Selection(selection_add=TRIGGERS, ondelete=dict.fromkeys(SUBSCRIPTION_TRIGGERS, "cascade"))

    # What the triggers ask
    subscription_health = fields.Selection(selection=HEALTH, default="bad", help="The health that it becomes.")
    subscription_status = fields.Selection(
        selection=STATUSES, default="closed", help="The status that the subscription comes to."
    )
    subscription_failures = fields.Integer(
        string="Failed Payments", default=2, help="How often the payment of one invoice failed."
    )
    subscription_mrr_direction = fields.Selection(
        selection=[("down", "fell"), ("up", "grew")], default="down", help="Whether MRR fell or grew."
    )
    subscription_mrr_change = fields.Float(
        string="MRR Change", digits=(16, 2), default=20.0, help="By as much, or more, in the unit beside it."
    )
    subscription_mrr_unit = fields.Selection(
        selection=[("percent", "%"), ("amount", "in the subscription's currency")], string="MRR Unit", default="percent"
    )
    subscription_mrr_days = fields.Integer(string="Over Days", default=90, help="What it was so many days ago counts.")
    subscription_date_days = fields.Integer(string="Days", default=30)
    subscription_date_mode = fields.Selection(
        selection=[("before", "days before"), ("after", "days after")], string="Before or After", default="after"
    )
    subscription_date_field = fields.Selection(selection=DATES, string="Date", default="subscription_start")
    subscription_date_repeat = fields.Integer(
        string="Again Every", help="Months after which it fires anew, and so on. 0: it fires once."
    )
    subscription_rating_mode = fields.Selection(
        selection=[("at_most", "at most"), ("at_least", "at least")], string="At Most or Least", default="at_most"
    )
    subscription_rating = fields.Integer(
        string="Rating", default=2, help="From 1 (unhappy) by 3 (neutral) to 5 (happy)."
    )

    # The page of ready-made rules
    subscription_ready_made = fields.Boolean(
        string="Ready-made",
        readonly=True,
        copy=False,
        help="Came with the add-on: subscription administrators switch it on and off and set its numbers.",
    )
    subscription_switched_by_id = fields.Many2one(
        comodel_name="res.users", string="Switched On By", readonly=True, copy=False, ondelete="set null"
    )
    subscription_switched_on = fields.Datetime(
        string="Counts Since", readonly=True, copy=False, help="What was so before is left alone."
    )

    # === CONSTRAINTS ===#

    @api.constrains("trigger", "model_id")
    def _check_subscription_trigger(self):
        for rule in self._filter_subscription():
            if rule.model_name != "sale.order":
                raise ValidationError(
                    self.env._('"%s" waits for something of a subscription: choose the model Sales Order.', rule.name)
                )

    @api.constrains(
        "trigger",
        "subscription_failures",
        "subscription_mrr_change",
        "subscription_mrr_days",
        "subscription_date_days",
        "subscription_date_repeat",
        "subscription_rating",
    )
    def _check_subscription_numbers(self):
        for rule in self._filter_subscription():
            if problem := rule._get_subscription_number_problem():
                raise ValidationError(self.env._("%(rule)s: %(problem)s", rule=rule.name, problem=problem))

    def _get_subscription_number_problem(self):
        """Return what is wrong with the numbers that the trigger asks, or False."""
        match self.trigger:
            case "on_subscription_payment_failed" if not 1 <= self.subscription_failures <= 100:
                return self.env._("a payment fails once at least.")
            case "on_subscription_mrr_change" if self.subscription_mrr_change <= 0:
                return self.env._("say by how much MRR changes, more than 0.")
            case "on_subscription_mrr_change" if not 1 <= self.subscription_mrr_days <= LONGEST_DAYS:
                return self.env._("say over how many days MRR changes: one day at least, ten years at most.")
            case "on_subscription_date" if not 0 <= self.subscription_date_days <= LONGEST_DAYS:
                return self.env._("the days before or after a date lie between 0 and ten years.")
            case "on_subscription_date" if not 0 <= self.subscription_date_repeat <= LONGEST_REPEAT:
                return self.env._("it fires again every month at most, every ten years at least; 0: once.")
            case "on_subscription_rating" if not 1 <= self.subscription_rating <= 5:
                return self.env._("ratings go from 1 to 5.")
        return False

    def _filter_subscription(self):
        """Return the rules that wait for something of a subscription."""
        return self.filtered(lambda rule: rule.trigger in SUBSCRIPTION_TRIGGERS)
