from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.http import request, route

from odoo.addons.sale.controllers import portal as sale_portal

from .saved_method import SavedMethodPortal


class SignupPage(sale_portal.CustomerPortal):
    """The page of a quotation that becomes a subscription."""

    def _get_payment_values(self, order_sudo, is_down_payment=False, payment_amount=None, **kwargs):
        """Override of `sale` to ask for the first invoice, by methods that can be saved where a plan asks for one."""
        if not order_sudo._is_subscription_signup():
            return super()._get_payment_values(
                order_sudo, is_down_payment=is_down_payment, payment_amount=payment_amount, **kwargs
            )
        saving = order_sudo._has_to_save_method()
        amount = order_sudo._get_signup_amount(is_down_payment, payment_amount)
        # An amount below the order's total goes through Sales as a down payment does.
        values = super()._get_payment_values(
            order_sudo,
            is_down_payment=True,
            payment_amount=amount,
            force_tokenization=saving or order_sudo._is_method_saved_by(request.env.user),
            is_validation=saving,
            **kwargs,
        )
        values |= {"amount": amount, "payment_amount": payment_amount}
        if saving:
            values |= {"mode": "validation", "assign_token_route": f"/my/orders/{order_sudo.id}/payment_method"}
        if request.env.user._is_public():
            values["tokens_sudo"] = values["tokens_sudo"].browse()
        return values


class SignupPayment(sale_portal.PaymentPortal, SavedMethodPortal):
    """The payment of a quotation that becomes a subscription."""

    @route()
    def portal_order_transaction(self, order_id, access_token, **kwargs):
        """Override of `sale`: what is to be paid is not left to the browser."""
        order_sudo = self._get_signup(order_id, access_token)
        if not order_sudo:
            return super().portal_order_transaction(order_id, access_token, **kwargs)
        if order_sudo._has_to_save_method():
            payer_sudo = order_sudo._get_signup_payer(request.env.user)
            return self._create_method_transaction(order_sudo, order_sudo, payer_sudo, kwargs)
        self._check_payment_form(kwargs)
        kwargs |= {
            "amount": self._cast_as_float(kwargs.get("amount")),
            "is_validation": False,
            "landing_route": order_sudo.get_portal_url(),
        }
        order_sudo._check_signup_payment(kwargs["amount"])
        return super().portal_order_transaction(order_id, access_token, **kwargs)

    @route("/my/orders/<int:order_id>/payment_method", type="jsonrpc", auth="public")
    def subscription_signup_method(self, order_id, token_id, access_token=None):
        """Confirm a quotation that is not to be paid today with a method that the customer has saved.

        :param int order_id: the quotation
        :param int token_id: one of the customer's own methods
        :param str access_token: the quotation's, where the customer is not logged in as its own
        """
        order_sudo = self._get_signup(order_id, access_token)
        if not (order_sudo and order_sudo._has_to_save_method()):
            raise ValidationError(request.env._("This quotation does not ask for a payment method."))
        payer_sudo = order_sudo._get_signup_payer(request.env.user)
        token_sudo = self._get_chosen_token(token_id, payer_sudo, order_sudo.company_id)
        order_sudo._subscription_enrol(token_sudo, payer_sudo)
        if not order_sudo._has_to_be_signed():
            order_sudo._validate_order()

    def _get_signup(self, order_id, access_token):
        """Return the quotation if the visitor has access to it and it recurs; else nothing, and Sales answers."""
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token)
        except (AccessError, MissingError):
            return None
        return order_sudo if order_sudo._is_subscription_signup() else None
