from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("subscription_change", "Change Subscription"),
    ("subscription_close", "Close Subscription"),
    ("subscription_renewal", "Make Renewal Quotation"),
    ("subscription_rating", "Ask for a Rating"),
]


class NothingDone(UserError):
    """There was nothing that could be done for a subscription just now: no fault of the action."""


class IrActionsServer(models.Model):
    """What can be done with subscriptions by a server action, by an automation rule or from the menu of a list.

    Add-ons that bring another one add its ``state`` and name it in :meth:`_get_subscription_states`.
    """

    _inherit = "ir.actions.server"

    state = fields.Selection(
        selection_add=[*STATES, ("code",)], ondelete={value: "cascade" for value, _label in STATES}
    )
    subscription_change_kind = fields.Selection(
        selection=[("discount", "Discount"), ("pause", "Pause"), ("resume", "End of the pause")],
        string="Change",
        default="discount",
    )
    subscription_discount = fields.Float(string="Discount (%)", digits="Discount", default=10.0)
    subscription_discount_periods = fields.Integer(
        string="Periods at This Discount",
        default=3,
        help="After as many periods the former discount counts. 0: for good.",
    )
    subscription_pause_days = fields.Integer(
        string="Days of the Pause", default=30, help="0: until somebody resumes the subscription."
    )
    subscription_when = fields.Selection(
        selection=[
            ("now", "Today"),
            ("period_end", "At the end of what is billed"),
            ("term_end", "At the end of the term"),
        ],
        string="From",
        default="period_end",
    )
    subscription_close_reason_id = fields.Many2one(
        comodel_name="subscription.close.reason", string="Close Reason", ondelete="restrict"
    )
    subscription_send_quotation = fields.Boolean(
        string="Mail the Quotation", help="The customer gets it at once; unticked, the salesperson looks at it first."
    )
    subscription_rating_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Rating Mail",
        domain=[("model", "=", "sale.order")],
        ondelete="restrict",
        help="Empty: that of the subscription's template, else of the company.",
    )

    @api.model
    def _get_subscription_states(self):
        """Return the kinds of actions that are for subscriptions only."""
        return {value for value, _label in STATES}
