from zoneinfo import ZoneInfo

from odoo import fields, models

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

    _subscription_max_periods_positive = models.Constraint(
        "CHECK(subscription_max_periods > 0)", "At least one period must be billed in a run."
    )

    def _get_subscription_today(self):
        """Return the company's date now, in its billing time zone: the one clock of subscriptions."""
        self.ensure_one()
        now = fields.Datetime.now().replace(tzinfo=ZoneInfo("UTC"))
        return now.astimezone(ZoneInfo(self.subscription_tz or "UTC")).date()
