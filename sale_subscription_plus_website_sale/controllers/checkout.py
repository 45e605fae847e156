from odoo.http import request, route

from odoo.addons.website_sale.controllers.main import WebsiteSale

from .payment import LANDING_ROUTE


class ShopCheckout(WebsiteSale):
    """The last steps of the checkout of a cart that recurs."""

    def _get_shop_payment_values(self, order, **kwargs):
        """Override of `website_sale` to ask for the first invoice, by methods that can be saved where a plan asks."""
        values = super()._get_shop_payment_values(order, **kwargs)
        if not order._is_subscription_signup():
            return values
        digest = order._get_agreement_digest()
        values |= self._get_payment_values(order, website_id=request.website.id)
        values |= {
            "transaction_route": f"/shop/payment/transaction/{order.id}?agreed={digest}",
            "assign_token_route": f"/shop/payment/method/{order.id}?agreed={digest}",
            "landing_route": LANDING_ROUTE,
            "subscription_agreed": digest,
            "subscription_failure": self._get_payment_failure(order),
            "subscription_changed": bool(kwargs.get("changed")),
            "errors": values["errors"] or self._get_signup_errors(order, values),
        }
        if order._has_to_save_method():
            values["submit_button_label"] = request.env._("Save and confirm")
        else:
            del values["assign_token_route"]
        return values

    def _get_signup_errors(self, order, values):
        """Return what keeps this cart from being ordered, as the page shows it: a list of (title, message)."""
        if reason := order._get_signup_obstacle():
            order._subscription_tell_obstacle(reason)
            return [order._get_obstacle_words()]
        saving = order._is_method_required() and not order._is_confirmed_unpaid()
        if saving and not (values["payment_methods_sudo"] or values["tokens_sudo"]):
            return [order._get_unsavable_words()]
        return []

    def _get_payment_failure(self, order):
        """Return why the visitor's last try to pay this cart failed; blank where it did not."""
        tx_sudo = order._get_last_signup_transaction()
        if tx_sudo.state not in ("error", "cancel"):
            return ""
        return tx_sudo.state_message or request.env._("The payment was cancelled.")

    @route()
    def shop_payment_validate(self, sale_order_id=None, **post):
        """Override of `website_sale`: a cart that recurs is kept until its first payment has gone through."""
        order_sudo = self._get_last_order(sale_order_id)
        if not order_sudo.subscription_status:
            return super().shop_payment_validate(sale_order_id=sale_order_id, **post)
        if order_sudo.state in ("draft", "sent") and order_sudo._is_confirmed_unpaid():
            return self._confirm_unpaid(order_sudo, post.get("agreed"))
        if order_sudo._is_subscription_signup() and order_sudo._get_last_signup_transaction().state not in (
            "pending",
            "authorized",
            "done",
        ):
            return request.redirect("/shop/payment")
        request.website.sale_reset()
        return request.redirect("/shop/confirmation")

    def _get_last_order(self, sale_order_id=None):
        """Return the order that the visitor has just paid, or tried to, in sudo mode; none if there is none.

        :param str sale_order_id: as the browser says; only the one of the session is taken
        """
        last_id = request.session.get("sale_last_order_id")
        if sale_order_id is None and request.cart:
            return request.cart
        if sale_order_id is not None and sale_order_id != last_id:
            return request.env["sale.order"]
        # In sudo mode: visitors read no orders; this one is of their session.
        return request.env["sale.order"].sudo().browse(last_id).exists()

    def _confirm_unpaid(self, order_sudo, agreed):
        """Confirm a cart on which nothing is due, and for which no method is saved; on the form's button alone."""
        order_sudo._subscription_lock()
        if redirection := self._check_cart_and_addresses(order_sudo):
            return redirection
        if request.httprequest.method != "POST" or agreed != order_sudo._get_agreement_digest():
            return request.redirect("/shop/payment?changed=1")
        order_sudo._check_cart_is_ready_to_be_paid()
        text = self._get_consent_text(order_sudo, "order")
        order_sudo._validate_order()
        self._keep_consent(order_sudo, "order", text)
        request.website.sale_reset()
        return request.redirect("/shop/confirmation")
