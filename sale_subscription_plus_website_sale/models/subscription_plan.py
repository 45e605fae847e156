from odoo import fields, models


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    shop_ok = fields.Boolean(
        string="Offered in the Shop",
        default=True,
        help="Visitors of the website may choose this plan, for products that have a price on it or that it is the "
        "default plan of.",
    )

    def _filter_offered_in_shop(self, company):
        """Return the plans that shops of ``company`` may offer."""
        return self.filtered(lambda plan: plan.active and plan.shop_ok and plan.company_id.id in (False, company.id))
