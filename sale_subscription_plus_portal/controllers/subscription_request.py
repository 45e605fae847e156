from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route

from odoo.addons.sale_subscription_plus.controllers.saved_method import SavedMethodPortal

from .subscription_access import SubscriptionAccess


class SubscriptionRequestPage(SubscriptionAccess, SavedMethodPortal):
    """Paying for what a customer asked for; it is done once the payment has come."""

    @route(
        "/my/subscriptions/<int:order_id>/requests/<int:request_id>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def portal_subscription_request(self, order_id, request_id, access_token=None, **kwargs):
        """Show what was asked for, what is to be paid for it, and what became of it.

        :param int order_id: the subscription
        :param int request_id: the request
        :param str access_token: that of the visitor's link
        """
        request_sudo = self._get_request(order_id, request_id, access_token)
        if not request_sudo:
            return request.redirect("/my")
        order_sudo = request_sudo.order_id
        values = self._get_subscription_values(order_sudo, access_token, subscription_request=request_sudo)
        if request_sudo._is_payable():
            values |= self._get_request_payment_values(request_sudo, access_token, values)
        return request.render("sale_subscription_plus_portal.portal_subscription_request", values)

    @route(
        "/my/subscriptions/<int:order_id>/requests/<int:request_id>/cancel",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_subscription_request_cancel(self, order_id, request_id, access_token=None, **kwargs):
        """Take back what was asked for and is not paid yet.

        :param int order_id: the subscription
        :param int request_id: the request
        :param str access_token: that of the visitor's link
        """
        request_sudo = self._get_request(order_id, request_id, access_token)
        if not request_sudo:
            return request.redirect("/my")
        subscription_url = self._get_subscription_values(request_sudo.order_id, access_token)["subscription_url"]
        try:
            request_sudo.order_id._subscription_lock()
            request_sudo._cancel()
        except UserError:
            # A payment is under way: the page says so.
            return request.redirect(subscription_url(f"/requests/{request_id}"), code=303)
        return request.redirect(subscription_url(), code=303)

    @route(
        "/my/subscriptions/<int:order_id>/requests/<int:request_id>/transaction",
        type="jsonrpc",
        auth="public",
    )
    def portal_subscription_request_transaction(self, order_id, request_id, access_token=None, **kwargs):
        """Create the transaction that pays for what was asked for: its amount is ours, whatever the browser says.

        :param int order_id: the subscription
        :param int request_id: the request
        :param str access_token: that of the visitor's link
        :param dict kwargs: what the payment form sent
        """
        request_sudo = self._get_request(order_id, request_id, access_token)
        if not request_sudo:
            raise ValidationError(request.env._("The link is not valid (any more). Please use that of your last mail."))
        # Two payments that begin at once: the second one looks at what the first has done.
        request_sudo.order_id._subscription_lock()
        request_sudo.invalidate_recordset()
        if not request_sudo._is_payable():
            raise UserError(request.env._("This cannot be paid (any more). Please reload the page."))
        self._validate_transaction_kwargs(kwargs)
        self._check_payment_form(kwargs)
        kwargs |= {
            "amount": request_sudo.amount,
            "currency_id": request_sudo.currency_id.id,
            "partner_id": request_sudo.order_id._get_signup_payer(request.env.user).id,
            "is_validation": False,
            "landing_route": self._get_landing_route(request_sudo, access_token),
        }
        kwargs.pop("custom_create_values", None)
        tx_sudo = self._create_transaction(custom_create_values={"subscription_request_id": request_sudo.id}, **kwargs)
        return tx_sudo._get_processing_values()

    # === CHECKS AND VALUES ===#

    def _get_request(self, order_id, request_id, access_token):
        """Return the request, if the visitor manages its subscription; else None."""
        order_sudo = self._get_subscription(order_id, access_token, level="manage")
        request_sudo = order_sudo and order_sudo.subscription_request_ids.filtered(lambda req: req.id == request_id)
        return request_sudo or None

    def _get_landing_route(self, request_sudo, access_token):
        values = self._get_subscription_values(request_sudo.order_id, access_token)
        return values["subscription_url"](f"/requests/{request_sudo.id}")

    def _get_request_payment_values(self, request_sudo, access_token, values):
        """Return what Odoo's payment form needs to ask for the amount of ``request_sudo``."""
        order_sudo = request_sudo.order_id
        payer_sudo = order_sudo._get_signup_payer(request.env.user).sudo()  # In sudo mode, as the order
        report = {}
        compatible = (order_sudo.company_id.id, payer_sudo.id, request_sudo.amount)
        Provider = request.env["payment.provider"].sudo()  # In sudo mode: visitors read no provider, as in Odoo
        providers_sudo = Provider._get_compatible_providers(
            *compatible, currency_id=order_sudo.currency_id.id, report=report
        )
        Method = request.env["payment.method"].sudo()  # as above
        methods_sudo = Method._get_compatible_payment_methods(
            providers_sudo.ids, payer_sudo.id, currency_id=order_sudo.currency_id.id, report=report
        )
        route_path = f"/my/subscriptions/{order_sudo.id}/requests/{request_sudo.id}/transaction"
        return {
            "mode": "payment",
            "providers_sudo": providers_sudo,
            "payment_methods_sudo": methods_sudo,
            "tokens_sudo": self._get_own_tokens(providers_sudo, payer_sudo),
            "availability_report": report,
            "partner_id": payer_sudo.id,
            "amount": request_sudo.amount,
            "currency": order_sudo.currency_id,
            "transaction_route": route_path,
            "landing_route": values["subscription_url"](f"/requests/{request_sudo.id}"),
            "access_token": access_token or "",
            "show_tokenize_input_mapping": self._compute_show_tokenize_input_mapping(providers_sudo),
            "company_mismatch": not self._can_partner_pay_in_company(payer_sudo, order_sudo.company_id),
            "expected_company": order_sudo.company_id,
        }
