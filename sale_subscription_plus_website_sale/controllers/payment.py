from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.http import request, route

from odoo.addons.sale_subscription_plus_portal.controllers.quotation import QuotationConsent, QuotationPage
from odoo.addons.website_sale.controllers.cart import Cart
from odoo.addons.website_sale.controllers.payment import PaymentPortal

# Where the visitor comes after paying
LANDING_ROUTE = "/shop/payment/validate"


class ShopPayment(QuotationPage, QuotationConsent, PaymentPortal):
    """The payment of a cart that recurs: the first invoice, by a method that can be saved where a plan asks."""

    @route()
    def shop_payment_transaction(self, order_id, access_token, **kwargs):
        """Override of `website_sale`: what is due, and how it is paid, is not left to the browser."""
        order_sudo = self._get_shop_signup(order_id, access_token)
        if not order_sudo:
            return super().shop_payment_transaction(order_id, access_token, **kwargs)
        self._validate_transaction_kwargs(kwargs)
        self._check_cart_to_pay(order_sudo)
        self._check_payment_form(kwargs)
        self._check_method_offered(order_sudo, kwargs)
        kind = "method" if order_sudo._has_to_save_method() else "payment"
        # Read before it is confirmed, when it says what is agreed.
        text = self._get_consent_text(order_sudo, kind, order_sudo._get_signup_amount())
        if kind == "method":
            payer_sudo = order_sudo._get_signup_payer(request.env.user)
            values = self._create_method_transaction(order_sudo, order_sudo, payer_sudo, kwargs, LANDING_ROUTE)
        else:
            order_sudo._check_signup_payment(self._cast_as_float(kwargs.get("amount")))
            # Odoo compares with the total of the lines: see `_create_transaction` for what is paid.
            kwargs |= {"amount": order_sudo.amount_total, "is_validation": False, "landing_route": LANDING_ROUTE}
            request.update_context(subscription_shop_signup=order_sudo.id)
            due = order_sudo._get_signup_amount()
            values = super().shop_payment_transaction(order_id, access_token, **kwargs)
        # In sudo mode: visitors read no transaction; this is the one that was just created for them.
        tx_sudo = request.env["payment.transaction"].sudo().search([("reference", "=", values["reference"])])
        if kind == "payment" and tx_sudo.state == "draft":
            self._check_still_due(order_sudo, due)
        self._keep_consent(order_sudo, kind, text, transaction_id=tx_sudo.id)
        return values

    def _create_transaction(self, *args, amount=None, **kwargs):
        """Override of `payment`: in the shop, a cart that recurs is paid by its first invoice, not by its total."""
        order_id = request.env.context.get("subscription_shop_signup")
        if order_id and kwargs.get("sale_order_id") == order_id:
            # In sudo mode: who pays need not be allowed to read the order; the shop's route has checked its link.
            amount = request.env["sale.order"].sudo().browse(order_id)._get_signup_amount()
        return super()._create_transaction(*args, amount=amount, **kwargs)

    def _check_still_due(self, order_sudo, due):
        """Raise where what other add-ons settle at the last moment, as rewards, has changed what is due."""
        if order_sudo.currency_id.compare_amounts(due, order_sudo._get_signup_amount()):
            raise ValidationError(self._get_changed_words())

    @route("/shop/payment/method/<int:order_id>", type="jsonrpc", auth="public", website=True)
    def subscription_shop_method(self, order_id, token_id, access_token=None):
        """Confirm a cart that is not to be paid today with a method that the customer has saved.

        :param int order_id: the cart
        :param int token_id: one of the customer's own methods
        :param str access_token: the cart's
        """
        order_sudo = self._get_shop_signup(order_id, access_token)
        if not order_sudo:
            raise ValidationError(request.env._("This cart does not ask for a payment method."))
        self._check_cart_to_pay(order_sudo)
        request.update_context(subscription_shop_signup=order_sudo.id)
        self.subscription_signup_method(order_id, token_id, access_token=access_token)

    def _get_signup(self, order_id, access_token):
        """Override of the core: a cart is ordered in the shop, where its prices and plans are those of the day."""
        order_sudo = super()._get_signup(order_id, access_token)
        in_shop = order_sudo and request.env.context.get("subscription_shop_signup") == order_sudo.id
        if order_sudo and order_sudo._is_shop_signup() and not in_shop:
            raise UserError(
                request.env._("Please finish this order in the shop: %s", order_sudo._get_cart_recovery_url())
            )
        return order_sudo

    @route()
    def portal_order_page(self, order_id, access_token=None, **kwargs):
        """Override of `sale`: the link of a cart leads to the shop."""
        order_sudo = self._get_recurring_quotation(order_id, access_token)
        if order_sudo and order_sudo._is_shop_signup() and not request.env.user._is_internal():
            return request.redirect(order_sudo._get_cart_recovery_url())
        return super().portal_order_page(order_id, access_token=access_token, **kwargs)

    def _get_shop_signup(self, order_id, access_token):
        """Return the cart if the visitor has access to it and it recurs; else nothing, and the shop answers.

        :raise UserError: where it is a cart no more
        """
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token)
        except (AccessError, MissingError):
            return None
        if not order_sudo.subscription_status:
            return None
        if not order_sudo._is_subscription_signup():
            raise UserError(request.env._("This cart was ordered already. Please refresh the page."))
        return order_sudo

    def _check_cart_to_pay(self, order_sudo):
        """Raise unless the visitor may order this cart now, as their page shows it."""
        if order_sudo != request.cart:
            raise UserError(request.env._("This is not your cart, or it was paid already. Please refresh the page."))
        # Two clicks at once: the second one looks at what the first has done.
        order_sudo._subscription_lock()
        order_sudo._check_cart_is_ready_to_be_paid()
        if self._check_cart_and_addresses(order_sudo):
            raise UserError(request.env._("Please complete your cart and your address before you pay."))
        if not request.httprequest.args.get("agreed") or self._get_agreement_problem(order_sudo):
            raise UserError(self._get_changed_words())

    def _get_changed_words(self):
        return request.env._("Your cart has changed since you opened the page. Please reload it and try again.")

    def _check_method_offered(self, order_sudo, kwargs):
        """Raise unless the visitor chose what the payment page offers for this cart.

        :param dict kwargs: changed in place: the provider of a saved method is its own
        """
        offered = self._get_payment_values(order_sudo, website_id=request.website.id)
        if kwargs["flow"] == "token":
            token_sudo = offered["tokens_sudo"].filtered(lambda token: token.id == kwargs["token_id"])
            kwargs |= {"provider_id": token_sudo.provider_id.id, "payment_method_id": None}
            # Where nothing is due, a saved method confirms by a route of its own, and is charged nothing.
            known = token_sudo and not order_sudo._has_to_save_method()
        else:
            known = (
                kwargs["provider_id"] in offered["providers_sudo"].ids
                and kwargs["payment_method_id"] in offered["payment_methods_sudo"].ids
            )
        if not known:
            raise ValidationError(
                request.env._("This payment method is not offered for your cart. Please choose another one.")
            )


class ShopExpressCheckout(Cart):
    """Express checkout, which saves no method and shows no terms."""

    def _get_express_shop_payment_values(self, order, **kwargs):
        """Override of `website_sale`: a cart that recurs goes through the whole checkout."""
        values = super()._get_express_shop_payment_values(order, **kwargs)
        if order._is_subscription_signup():
            values |= {
                name: values[name].browse() for name in ("providers_sudo", "payment_methods_sudo") if name in values
            }
        return values
