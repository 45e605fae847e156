from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.http import request, route

from odoo.addons.website_sale.controllers.cart import Cart
from odoo.addons.website_sale.controllers.reorder import CustomerPortal


def get_last_line(product_id):
    """Return the line by which the visitor bought a product last, in sudo mode."""
    # In sudo mode: customers see their own lines only on their own pages; these are their own.
    return (
        request.env["sale.order.line"]
        .sudo()
        .search(
            [
                ("order_id.partner_id", "=", request.env.user.partner_id.id),
                ("order_id.website_id", "=", request.website.id),
                ("state", "=", "sale"),
                ("product_id", "=", product_id),
                ("subscription_setup_line_id", "=", False),
            ],
            order="order_id, sequence, id",  # as the history lists them: the newest order first
            limit=1,
        )
    )


class SubscriptionQuickReorder(Cart):
    @route()
    def quick_add(self, product_template_id, product_id, quantity=1.0, **kwargs):
        """Extend: what was bought on a plan, is bought on that plan again."""
        if "subscription_plan_id" not in kwargs and type(product_id) is int:
            kwargs["subscription_plan_id"] = get_last_line(product_id)._get_reorder_plan_id()
        return super().quick_add(product_template_id, product_id, quantity=quantity, **kwargs)

    def _prepare_order_history(self):
        """Extend: what recurs is offered again where the shop still has a plan for it."""
        history = super()._prepare_order_history()
        for group in history["order_history"]:
            group["lines"] = group["lines"].filtered(lambda line: line._is_sold_again())
        return history | {"order_history": [group for group in history["order_history"] if group["lines"]]}


class SubscriptionReorder(CustomerPortal):
    @route()
    def my_orders_reorder(self, order_id, access_token=None):
        """Override of `website_sale`: lines of an order that recurs are bought again on their own plans."""
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if not order_sudo.order_line.subscription_plan_id:
            return super().my_orders_reorder(order_id, access_token=access_token)
        return self._reorder_subscription(order_sudo)

    def _reorder_subscription(self, order_sudo):
        """Add the lines of ``order_sudo`` to the cart, each on its plan; return what the page tells of it."""
        lines = order_sudo.order_line.filtered(
            # In sudo mode: the rights of the visitor say which products are sold to them, not which lines they read.
            lambda line: line.with_user(request.env.user).sudo()._is_reorder_allowed()
        )
        if not lines:
            raise ValidationError(request.env._("Nothing can be reordered in this order"))
        cart = request.cart or request.website._create_cart()
        tracking, warnings = [], []
        for line in lines:
            values = Cart().add_to_cart(**self._prepare_reorder(line))
            tracking += values["tracking_info"]
            if not values["quantity"]:
                warnings.append(values["notification_info"].get("warning") or cart.shop_warning)
        if any(warnings):
            cart.shop_warning = "\n".join(dict.fromkeys(filter(None, warnings)))
        return {"tracking_info": tracking, "cart_quantity": cart.cart_quantity}

    def _prepare_reorder(self, line):
        """Return what the product page would send to buy ``line`` again."""
        return {
            **self._prepare_reordered_product(line),
            "subscription_plan_id": line._get_reorder_plan_id(),
            "linked_products": [
                {
                    **self._prepare_reordered_product(item),
                    "combo_item_id": item.combo_item_id.id,
                    "parent_product_template_id": line.product_template_id.id,
                }
                for item in line.linked_line_ids.filtered("combo_item_id")
            ],
        }

    def _prepare_reordered_product(self, line):
        return {
            "product_template_id": line.product_template_id.id,
            "product_id": line.product_id.id,
            "quantity": line.product_uom_qty,
            "uom_id": line.product_uom_id.id,
            "no_variant_attribute_value_ids": line.product_no_variant_attribute_value_ids.ids,
            "product_custom_attribute_values": [
                {
                    "custom_product_template_attribute_value_id": (value.custom_product_template_attribute_value_id.id),
                    "custom_value": value.custom_value,
                }
                for value in line.product_custom_attribute_value_ids
            ],
        }
