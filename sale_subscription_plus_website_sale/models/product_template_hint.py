from odoo import api, fields, models


class ProductTemplate(models.Model):
    """Whether a subscription that is published can be bought at all: its form says what is missing."""

    _inherit = "product.template"

    subscription_unsold = fields.Boolean(
        string="Published, Not Sold",
        compute="_compute_subscription_unsold",
        help="The product is published, but the shop offers it on no plan.",
    )

    @api.depends(
        "is_published",
        "sale_ok",
        "subscription_ok",
        "subscription_buy_once_ok",
        "subscription_plan_id.shop_ok",
        "subscription_price_ids.subscription_plan_id.shop_ok",
        "subscription_price_ids.date_end",
    )
    @api.depends_context("company")
    def _compute_subscription_unsold(self):
        now = fields.Datetime.now()
        for template in self:
            prices = template.subscription_price_ids.filtered(lambda rule: not rule.date_end or rule.date_end >= now)
            plans = template.subscription_plan_id | prices.subscription_plan_id
            template.subscription_unsold = (
                template.is_published
                and template.sale_ok
                and not template._can_buy_once()
                and not plans._filter_offered_in_shop(self.env.company)
            )
