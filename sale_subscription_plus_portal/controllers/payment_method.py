from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import request, route

from odoo.addons.sale_subscription_plus.controllers.saved_method import SavedMethodPortal

from .subscription import SubscriptionPage

PATH = "/my/subscriptions/<int:order_id>/payment_method"


class SubscriptionPaymentMethod(SubscriptionPage, SavedMethodPortal):
    """The method that pays a subscription: it is saved, changed and removed here, without paying."""

    def _prepare_subscription_page_values(self, order_sudo, access_token=None, **kwargs):
        """Extend by the method's block."""
        values = super()._prepare_subscription_page_values(order_sudo, access_token, **kwargs)
        return values | self._get_method_values(order_sudo, values)

    def _get_page_messages(self):
        """Extend by what is said after the method was removed."""
        return super()._get_page_messages() | {
            "method_removed": (
                "success",
                request.env._("Automatic payment is off. The next invoices come by e-mail, and you pay them yourself."),
            )
        }

    def _get_method_values(self, order_sudo, values):
        named = self._is_named(order_sudo)
        own = order_sudo._is_paid_by(values["visitor"])
        may = values["subscription_level"] in ("pay", "manage")
        ended = order_sudo.subscription_status in ("closed", "renewed") and not order_sudo._get_unpaid_charges()
        by_link = request.env.user._is_public()
        return {
            "payer": order_sudo._get_payer_of(values["visitor"]) if by_link else values["visitor"],
            "method_label": order_sudo._get_page_method(named),
            "method_alert": order_sudo._get_method_alert(named) if own else None,
            "method_own": own,
            "method_changes": own and may and not ended,
        }

    # === THE PAGE ===#

    @route(PATH, type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def subscription_method(self, order_id, access_token=None, **kwargs):
        """Show the form that saves a method for a subscription.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        """
        order_sudo = self._get_subscription(order_id, access_token, "pay")
        if not order_sudo:
            return request.redirect("/my")
        values = self._get_subscription_values(order_sudo, access_token)
        values |= self._get_method_values(order_sudo, values)
        if not values["method_changes"]:
            return request.redirect(values["subscription_url"]())
        values |= self._get_method_form_values(
            order_sudo,
            values["payer"],
            f"/my/subscriptions/{order_sudo.id}/payment_method",
            landing_route=values["subscription_url"](),
            access_token=access_token or "",
        )
        values |= {
            "subscription_others": len(self._get_paid_orders(order_sudo, access_token, True) - order_sudo),
            "unpaid_note": order_sudo._get_unpaid_note(),
        }
        return request.render("sale_subscription_plus_portal.portal_subscription_method_page", values)

    @route(f"{PATH}/transaction", type="jsonrpc", auth="public")
    def subscription_method_transaction(self, order_id, access_token=None, **kwargs):
        """Create the transaction that saves a method for a subscription.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        :param bool subscription_enrol_all: for the customer's other subscriptions, too
        """
        enrol_all = kwargs.pop("subscription_enrol_all", False)
        order_sudo, values = self._get_paid_subscription(order_id, access_token)
        self._check_savable(kwargs)
        return self._create_method_transaction(
            order_sudo,
            self._get_paid_orders(order_sudo, access_token, enrol_all),
            values["payer"],
            kwargs,
            landing_route=values["subscription_url"](),
        )

    @route(f"{PATH}/assign", type="jsonrpc", auth="public")
    def subscription_method_assign(self, order_id, token_id=None, access_token=None):
        """Let a method that the logged-in customer has saved pay a subscription.

        :param int order_id: the subscription
        :param int token_id: one of the customer's own methods
        :param str access_token: that of the visitor's link
        """
        self._let_method_pay(order_id, token_id, access_token)

    @route(f"{PATH}/assign_all", type="jsonrpc", auth="public")
    def subscription_method_assign_all(self, order_id, token_id=None, access_token=None):
        """Let a method that the logged-in customer has saved pay their other subscriptions, too.

        :param int order_id: the subscription
        :param int token_id: one of the customer's own methods
        :param str access_token: that of the visitor's link
        """
        self._let_method_pay(order_id, token_id, access_token, enrol_all=True)

    @route(f"{PATH}/remove", type="http", auth="public", methods=["POST"], website=True)
    def subscription_method_remove(self, order_id, access_token=None, **kwargs):
        """Turn automatic payment of a subscription off.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        """
        try:
            order_sudo, values = self._get_paid_subscription(order_id, access_token)
        except (AccessError, UserError):
            return request.redirect("/my")
        order_sudo._subscription_unenrol(values["visitor"])
        return request.redirect(values["subscription_url"](message="method_removed"))

    # === CHECKS ===#

    def _let_method_pay(self, order_id, token_id, access_token, enrol_all=False):
        order_sudo, values = self._get_paid_subscription(order_id, access_token)
        token_sudo = self._get_chosen_token(token_id, values["visitor"], order_sudo.company_id)
        orders_sudo = self._get_paid_orders(order_sudo, access_token, enrol_all)
        orders_sudo._subscription_enrol(token_sudo, values["visitor"])

    def _get_paid_subscription(self, order_id, access_token):
        """Return the subscription whose method the visitor may change, and what its pages need.

        :raise ValidationError: for who has no way in, or not far enough
        :raise AccessError: for another customer
        """
        order_sudo = self._get_subscription(order_id, access_token, "pay")
        if not order_sudo:
            raise ValidationError(request.env._("The link is not valid (any more). Please use that of your last mail."))
        values = self._get_subscription_values(order_sudo, access_token)
        order_sudo._check_subscription_owner(values["visitor"])
        values |= self._get_method_values(order_sudo, values)
        if not values["method_changes"]:
            raise ValidationError(request.env._("This subscription has ended: no payment method is needed any more."))
        return order_sudo, values

    def _get_paid_orders(self, order_sudo, access_token, enrol_all):
        """Return the subscriptions that a method is to pay; who was let in to one of them reaches no other one."""
        if enrol_all and self._is_customer(order_sudo, access_token):
            return order_sudo | order_sudo._get_others_paid_alike()
        return order_sudo
