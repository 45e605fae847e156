from odoo import fields, models


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    term_mail_days = fields.Integer(
        string="Tell Customers Ahead (Days)",
        help="How many days before the last day of notice customers are told by mail that their term renews, or "
        "ends, what it costs, and until when they may leave. 0: they are not told.",
    )

    _term_mail_days_positive = models.Constraint(
        "CHECK(term_mail_days >= 0)", "Customers are told ahead of the end of their term, not after it."
    )
