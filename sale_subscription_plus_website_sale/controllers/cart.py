import re

from werkzeug.exceptions import NotFound

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.payment import utils as payment_utils
from odoo.addons.website_sale.controllers.cart import Cart


def is_id(text):
    """Return whether ``text``, from a link or a form, may be the id of a record."""
    return bool(re.fullmatch(r"[0-9]{1,9}", text))


class SubscriptionCart(Cart):
    """The cart of a visitor who subscribes."""

    # === PLANS ===#

    @route("/shop/cart/plan", type="jsonrpc", auth="public", methods=["POST"], website=True, sitemap=False)
    def cart_plan(self, line_id, subscription_plan_id, **_rest):
        """Put a line of the visitor's cart on another plan; 0: bought once.

        :return: what ``/shop/cart/update`` returns, with the id of the line that has the plan now
        """
        order_sudo = request.cart
        line = order_sudo._cart_set_plan(line_id, subscription_plan_id)
        return {"line_id": line.id, "warning": "", **self._get_cart_parts(order_sudo)}

    @route("/shop/cart/plan/submit", type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def cart_plan_submit(self, line_id, subscription_plan_id, **_post):
        """Do the same for a browser without JavaScript, and show the cart again."""
        order_sudo = request.cart
        try:
            if not (is_id(line_id) and is_id(subscription_plan_id)):
                raise UserError(request.env._("Please reload the page and choose again how to buy this product."))
            # What fails leaves nothing behind but its sentence.
            with request.env.cr.savepoint():
                order_sudo._cart_set_plan(int(line_id), int(subscription_plan_id))
        except UserError as error:
            if order_sudo:
                order_sudo.shop_warning = str(error)
        return request.redirect("/shop/cart")

    def _get_cart_parts(self, order_sudo):
        """Return what the page of the cart shows anew after a change."""
        render = request.env["ir.ui.view"]._render_template
        return {
            "cart_quantity": order_sudo.cart_quantity,
            "cart_ready": order_sudo._is_cart_ready(),
            **self._get_express_amounts(order_sudo),
            "website_sale.cart_lines": render(
                "website_sale.cart_lines",
                {
                    "website_sale_order": order_sudo,
                    "date": fields.Date.today(),  # as Odoo's own cart does
                    "suggested_products": order_sudo._cart_accessories(),
                },
            ),
            "website_sale.total": render("website_sale.total", {"website_sale_order": order_sudo}),
            "website_sale.quick_reorder_history": render(
                "website_sale.quick_reorder_history",
                {"website_sale_order": order_sudo, **self._prepare_order_history()},
            ),
        }

    def _get_express_amounts(self, order_sudo):
        amount = order_sudo._get_shop_totals()["total"]
        return {
            "amount": amount,
            "minor_amount": payment_utils.to_minor_currency_units(amount, order_sudo.currency_id),
        }

    # === WHAT THE SHOP DOES WITH A CART ===#

    @route()
    def cart(self, id=None, access_token=None, revive_method="", **post):
        """Extend: a quotation that was never a cart is not taken for one; what is merged is priced in its new cart."""
        merged_currency = None
        if id and access_token:
            merged_currency = self._get_revivable(id).currency_id
            # Look at the cart before lines are moved into it: one that was paid meanwhile, is none any more.
            bool(request.cart)
        page = super().cart(id=id, access_token=access_token, revive_method=revive_method, **post)
        if merged_currency and revive_method == "merge" and request.cart:
            request.cart._price_merged_cart(merged_currency)
        return page

    def _get_revivable(self, order_id):
        """Return the cart of this website that a link names by ``order_id``; who has no token of it, gets nothing.

        :raise NotFound: where there is none
        """
        if not is_id(order_id):
            raise NotFound
        # In sudo mode: visitors read no orders; Odoo looks at the token.
        order = request.env["sale.order"].sudo().search([("id", "=", int(order_id))])
        if order.website_id != request.website or order.subscription_renews_id or order.subscription_origin_id:
            raise NotFound
        return order

    @route()
    def update_cart(self, *args, **kwargs):
        """Extend: express payments take what is due today."""
        values = super().update_cart(*args, **kwargs)
        return values | (self._get_express_amounts(request.cart) if request.cart else {})

    @route()
    def clear_cart(self):
        """Extend: an empty cart binds to nothing."""
        result = super().clear_cart()
        if request.cart:
            request.cart._set_shop_order_plan()
        return result

    def _get_additional_cart_notification_information(self, line):
        """Extend: say for what the price is, and what comes with it."""
        infos = super()._get_additional_cart_notification_information(line)
        if line.subscription_plan_id:
            infos["subscription_period"] = line.subscription_plan_id._get_period_label()
        if setup := line._get_setup_sentence():
            description = line._get_sale_order_line_multiline_description_variants()
            infos["description"] = " · ".join(filter(None, [description, setup]))
        return infos
