from odoo import models


class ResCompany(models.Model):
    """Rating requests of subscriptions whose template has no schedule of its own."""

    _name = "res.company"
    _inherit = ["subscription.rating.mixin", "res.company"]

    def _get_rated_orders_domain(self):
        return [("company_id", "=", self.id)]
