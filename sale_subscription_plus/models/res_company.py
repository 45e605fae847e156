from zoneinfo import ZoneInfo

from odoo import api, fields, models

from odoo.addons.base.models.res_partner import _tz_get


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_tz = fields.Selection(
        selection=_tz_get,
        string="Billing Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="The zone in which a day begins for this company's subscriptions: periods become due at its midnight.",
    )
    subscription_max_periods = fields.Integer(
        string="Missed Periods per Run",
        required=True,
        default=12,
        help="How many missed bill dates of one subscription are made up for in one day. The rest stays due, "
        "is told on the subscription, and goes on the next day.",
    )
    subscription_dunning_policy_id = fields.Many2one(
        comodel_name="subscription.dunning.policy",
        string="Dunning Policy",
        ondelete="restrict",
        default=lambda self: self.env.ref("sale_subscription_plus.dunning_policy_default", raise_if_not_found=False),
        help="What happens when an invoice of a subscription is not paid, unless its plan says otherwise.",
    )
    subscription_invoice_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Invoice Mail",
        domain="[('model', '=', 'account.move')]",
        help="The mail with which invoices of subscriptions are sent. Empty: the one that tells how they get paid.",
    )

    _subscription_max_periods_positive = models.Constraint(
        "CHECK(subscription_max_periods > 0)", "At least one period must be billed in a run."
    )

    def _get_subscription_today(self):
        """Return the company's date now, in its billing time zone: the one clock of subscriptions."""
        self.ensure_one()
        now = fields.Datetime.now().replace(tzinfo=ZoneInfo("UTC"))
        return now.astimezone(ZoneInfo(self.subscription_tz or "UTC")).date()

    @api.model
    def _subscription_set_default_policy(self):
        """Give the policy that comes with the add-on to companies that have none."""
        policy = self.env.ref("sale_subscription_plus.dunning_policy_default")
        self.search([("subscription_dunning_policy_id", "=", False)]).subscription_dunning_policy_id = policy
