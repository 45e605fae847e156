from functools import partial

from odoo.http import request

from odoo.addons.website_sale_loyalty.controllers.delivery import WebsiteSaleLoyaltyDelivery


class Delivery(WebsiteSaleLoyaltyDelivery):
    def _order_summary_values(self, order, **post):
        """Override of `website_sale_loyalty`: the page replaces amounts of discounts in the order it shows them."""
        values = super()._order_summary_values(order, **post)
        to_html = partial(
            request.env["ir.qweb.field.monetary"].value_to_html, options={"display_currency": order.currency_id}
        )
        shown = order.website_order_line.filtered(lambda line: line.reward_id.reward_type == "discount")
        return values | {"discount_reward_amounts": [to_html(line._get_cart_display_price()) for line in shown]}
