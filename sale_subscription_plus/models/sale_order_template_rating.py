from odoo import api, fields, models


class SaleOrderTemplate(models.Model):
    """Rating requests of the subscriptions made from this template."""

    _name = "sale.order.template"
    _inherit = ["subscription.rating.mixin", "sale.order.template"]

    subscription_own_ratings = fields.Boolean(
        string="Own Rating Requests",
        help="Ticked: customers are asked for ratings as set here, or not at all. Unticked: as in the settings.",
    )

    @api.model
    def _subscription_is_rating_schedule(self, vals):
        """Extend: whose schedule it is changes it, too."""
        return "subscription_own_ratings" in vals or super()._subscription_is_rating_schedule(vals)

    def _get_rated_orders_domain(self):
        return [("sale_order_template_id", "=", self.id)]
