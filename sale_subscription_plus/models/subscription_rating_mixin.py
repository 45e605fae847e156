from odoo import api, fields, models

SCHEDULE_FIELDS = (
    "subscription_rating_template_id",
    "subscription_rating_first_days",
    "subscription_rating_every_months",
)


class SubscriptionRatingMixin(models.AbstractModel):
    """When, and with which mail, the customers of running subscriptions are asked for a rating."""

    _name = "subscription.rating.mixin"
    _inherit = ["subscription.mail.mixin"]
    _description = "Schedule of Rating Requests"

    subscription_rating_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Rating Request",
        domain="[('model', '=', 'sale.order')]",
        ondelete="set null",
        help="The mail that asks for a rating. Empty: nobody is asked by itself.",
    )
    subscription_rating_first_days = fields.Integer(
        string="First Rating After (Days)",
        default=30,
        help="How many days after the start of a subscription its customer is asked first.",
    )
    subscription_rating_every_months = fields.Integer(
        string="Ratings Every (Months)", default=6, help="How many months later they are asked again. 0: never again."
    )
    subscription_rating_replan = fields.Datetime(
        copy=False, help="Technical: since when the days of the next requests have to be worked out anew."
    )

    _subscription_rating_positive = models.Constraint(
        "CHECK(subscription_rating_first_days BETWEEN 0 AND 3660 "
        "AND subscription_rating_every_months BETWEEN 0 AND 120)",
        "Ratings are asked for after 0 to 3660 days, and every 0 to 120 months.",
    )

    @api.constrains("subscription_rating_template_id")
    def _check_subscription_rating_template(self):
        self._subscription_check_templates("subscription_rating_template_id")

    def write(self, vals):
        """Override of `base`: a changed schedule moves the next request of every subscription that goes by it."""
        if not self._subscription_is_rating_schedule(vals):
            return super().write(vals)
        result = super().write({**vals, "subscription_rating_replan": fields.Datetime.now()})
        self.env["subscription.care.run"]._trigger()
        return result

    @api.model
    def _subscription_is_rating_schedule(self, vals):
        """Return whether writing ``vals`` changes when subscribers are asked."""
        return not set(SCHEDULE_FIELDS).isdisjoint(vals)

    def _get_rated_orders_domain(self):
        """Return the domain of the subscriptions that may go by this schedule."""
        raise NotImplementedError
