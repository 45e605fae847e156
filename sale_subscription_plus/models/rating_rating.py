from odoo import api, fields, models


class RatingRating(models.Model):
    """A customer's answer has the health of the subscription looked at."""

    _inherit = "rating.rating"

    subscription_asked_on = fields.Date(
        string="Asked On",
        readonly=True,
        help="The day on which the customer of a subscription was asked. Empty: nobody asked, as when a mail is only "
        "looked at.",
    )

    # Who was asked lately is looked up by customer.
    _subscription_asked_idx = models.Index(
        "(partner_id, subscription_asked_on) WHERE subscription_asked_on IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._watch_subscriptions()
        return ratings

    def write(self, vals):
        result = super().write(vals)
        if not {"rating", "consumed"}.isdisjoint(vals):
            self._watch_subscriptions()
        return result

    def _watch_subscriptions(self):
        answers = self.filtered(lambda rating: rating.consumed and rating.res_model == "sale.order")
        self.env["sale.order"].browse(answers.mapped("res_id"))._subscription_watch()
