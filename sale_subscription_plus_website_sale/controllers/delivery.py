from odoo.http import request

from odoo.addons.website_sale.controllers.delivery import Delivery


class SubscriptionDelivery(Delivery):
    def _order_summary_values(self, order, **kwargs):
        """Override of `website_sale`: a cart that recurs says what is due today."""
        values = super()._order_summary_values(order, **kwargs)
        if not order._is_shop_subscription():
            return values
        to_html = request.env["ir.qweb.field.monetary"].value_to_html
        return values | {
            f"amount_{name}": to_html(amount, {"display_currency": order.currency_id})
            for name, amount in order._get_shop_totals().items()
        }
