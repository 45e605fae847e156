from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# These are given by the engine: no customer leaves because of them.
OWN_REASONS = ("sale_subscription_plus.close_reason_unpaid", "sale_subscription_plus.close_reason_term_ended")
# A longer pause is no offer to stay.
LONGEST_PAUSE = 24


class SubscriptionCloseReason(models.Model):
    """Which reasons customers choose from, and what they are offered for staying."""

    _inherit = "subscription.close.reason"

    portal_ok = fields.Boolean(
        string="Customers Choose It",
        compute="_compute_portal_ok",
        store=True,
        readonly=False,
        precompute=True,
        help="Customers who close a subscription in the portal can give this reason.",
    )
    retention_offer = fields.Selection(
        selection=[("none", "Nothing"), ("discount", "A discount"), ("pause", "A pause")],
        string="Offered to Stay",
        required=True,
        default="none",
        help="What customers with this reason are offered before they close a subscription in the portal: at most "
        "once in twelve months. Closing stays one click away.",
    )
    retention_discount = fields.Float(
        string="Discount (%)", digits="Discount", help="Comes on top of what each line costs now."
    )
    retention_periods = fields.Integer(
        string="For N Periods", default=1, help="After as many periods the price of today counts again."
    )
    retention_months = fields.Integer(
        string="Months of Pause", default=1, help="The subscription runs again by itself after them."
    )
    retention_message = fields.Text(
        string="Text for the Customer", translate=True, help="Stands above the figures of the offer."
    )

    # Worked out once, where a reason is new to this add-on; after that it is whatever staff says.
    def _compute_portal_ok(self):
        own = self.browse()
        for xmlid in OWN_REASONS:
            own |= self.env.ref(xmlid, raise_if_not_found=False) or own
        for reason in self:
            reason.portal_ok = reason._origin not in own

    @api.constrains("retention_offer", "retention_discount", "retention_periods", "retention_months")
    def _check_retention_offer(self):
        for reason in self:
            if reason.retention_offer == "discount" and not (
                0 < reason.retention_discount <= 100 and 0 < reason.retention_periods <= 1200
            ):
                raise ValidationError(
                    self.env._('"%s": a discount lies between 0 and 100 %%, for one period or more.', reason.name)
                )
            if reason.retention_offer == "pause" and not 0 < reason.retention_months <= LONGEST_PAUSE:
                raise ValidationError(
                    self.env._(
                        '"%(reason)s": a pause lasts 1 to %(max)s months.', reason=reason.name, max=LONGEST_PAUSE
                    )
                )

    def _prepare_retention_items(self, today):
        """Return the items of the request that makes a customer stay, see ``_read_request``; none: no offer."""
        if self.retention_offer == "discount":
            values = {"discount": self.retention_discount, "periods": self.retention_periods}
            return [{"kind": "discount", "offered": True, **values}]
        if self.retention_offer == "pause":
            resume_on = today + relativedelta(months=self.retention_months)
            return [{"kind": "pause", "offered": True, "from": False, "resume_on": resume_on}]
        return []

    def _get_retention_sentence(self, plans):
        """Return what is offered, in a few words.

        :param plans: those of the lines that it is offered for
        """
        if self.retention_offer == "discount":
            values = {"discount": f"{self.retention_discount:g}", "period": self._get_discount_label(plans)}
            return self.env._("%(discount)s %% off for the next %(period)s", **values)
        if self.retention_months == 1:
            return self.env._("A pause of one month")
        return self.env._("A pause of %s months", self.retention_months)

    def _get_discount_label(self, plans):
        """Return how long the discount counts: in months or years, where all lines have the same plan."""
        if len(plans) == 1:
            count = plans.interval_count * self.retention_periods
            return plans.new({"interval_count": count, "interval_unit": plans.interval_unit})._get_period_label()
        if self.retention_periods == 1:
            return self.env._("period")
        return self.env._("%s periods", self.retention_periods)
