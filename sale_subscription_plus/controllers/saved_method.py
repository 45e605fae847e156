from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.http import request

from odoo.addons.payment.controllers.portal import PaymentPortal


class SavedMethodPortal(PaymentPortal):
    """Saving a payment method without paying, on the page of a document, with or without a login."""

    def _get_method_form_values(self, document_sudo, payer_sudo, route, landing_route=None, access_token=None):
        """Return what Odoo's payment form needs to save a method on the page of ``document_sudo``.

        :param document_sudo: order or invoice that the visitor has access to
        :param payer_sudo: ``res.partner`` whose method is saved
        :param str route: path below the document's own, where the form sends what the customer chose
        :param str landing_route: where the customer comes afterwards; the document's page if not told otherwise
        :param str access_token: the visitor's, where it is not the document's own
        """
        Provider = request.env["payment.provider"].sudo()  # In sudo mode: visitors read no provider, as in Odoo
        providers_sudo = Provider._get_compatible_providers(
            document_sudo.company_id.id,
            payer_sudo.id,
            0.0,
            currency_id=document_sudo.currency_id.id,
            force_tokenization=True,
            is_validation=True,
        )
        Method = request.env["payment.method"].sudo()  # as above
        methods_sudo = Method._get_compatible_payment_methods(
            providers_sudo.ids, payer_sudo.id, currency_id=document_sudo.currency_id.id, force_tokenization=True
        )
        return {
            "mode": "validation",
            "allow_token_selection": True,
            "providers_sudo": providers_sudo,
            "payment_methods_sudo": methods_sudo,
            "tokens_sudo": self._get_own_tokens(providers_sudo, payer_sudo),
            "partner_id": payer_sudo.id,
            "amount": 0.0,
            "currency": document_sudo.currency_id,
            "transaction_route": f"{route}/transaction",
            "assign_token_route": f"{route}/assign",
            "landing_route": landing_route or document_sudo.get_portal_url(),
            "access_token": document_sudo._portal_ensure_token() if access_token is None else access_token,
            "company_mismatch": not self._can_partner_pay_in_company(payer_sudo, document_sudo.company_id),
            "expected_company": document_sudo.company_id,
        }

    def _get_own_tokens(self, providers_sudo, payer_sudo):
        """Return the methods that the visitor has saved; who has a link and no login is shown none."""
        Token = request.env["payment.token"].sudo()  # In sudo mode: customers read no provider
        if request.env.user._is_public():
            return Token
        return Token._get_available_tokens(providers_sudo.ids, payer_sudo.id)

    def _check_no_saved_method(self, kwargs):
        """Raise when who has a link and no login chooses a method that the customer has saved."""
        if request.env.user._is_public() and (kwargs.get("flow") == "token" or kwargs.get("token_id")):
            raise AccessError(request.env._("Please log in to use a payment method that you have saved."))

    def _check_payment_form(self, kwargs):
        """Raise unless ``kwargs`` are what a payment form sends: Odoo takes that for granted, and anybody may call.

        :param dict kwargs: changed in place: ids become numbers
        """
        by_token = kwargs.get("flow") == "token"
        # In sudo mode: visitors read none of these, as in Odoo.
        env = request.env(su=True)
        provider_sudo = self._find_chosen(env["payment.provider"], kwargs.get("provider_id"))
        chosen_sudo = self._find_chosen(env["payment.method"], kwargs.get("payment_method_id"))
        token_sudo = self._find_chosen(env["payment.token"], kwargs.get("token_id"))
        known = provider_sudo.is_published or request.env.user._is_internal()
        if (
            kwargs.get("flow") not in ("redirect", "direct", "token")
            or not (token_sudo if by_token else provider_sudo and chosen_sudo and known)
            or provider_sudo.state == "disabled"
        ):
            raise ValidationError(request.env._("Please choose a payment method."))
        kwargs |= {
            "provider_id": provider_sudo.id,
            "payment_method_id": chosen_sudo.id or None,
            "token_id": token_sudo.id or None,
            "tokenization_requested": bool(kwargs.get("tokenization_requested")),
        }
        self._check_no_saved_method(kwargs)

    def _find_chosen(self, model, record_id):
        """Return the record of ``model`` with an id that came from anywhere, if there is one."""
        is_id = isinstance(record_id, int | str) and not isinstance(record_id, bool)
        return model.browse(self._cast_as_int(record_id) if is_id else None).exists()

    def _get_chosen_token(self, token_id, payer_sudo, company):
        """Return the method ``token_id`` that the logged-in customer chose among their own.

        :raise AccessError: for any other
        """
        self._check_no_saved_method({"token_id": token_id})
        # In sudo mode: customers read no methods of others, and are told the same of theirs and of none.
        token_sudo = self._find_chosen(request.env["payment.token"].sudo(), token_id)
        own = token_sudo.partner_id.commercial_partner_id == payer_sudo.commercial_partner_id
        if not (token_sudo.active and own and token_sudo.company_id == company):
            raise AccessError(request.env._("You do not have access to this payment method."))
        return token_sudo

    def _check_savable(self, kwargs):
        """Raise when the chosen method cannot be saved: the page does not offer it."""
        if kwargs.get("flow") == "token":
            return
        # In sudo mode: visitors read no provider, as in Odoo.
        provider_sudo = self._find_chosen(request.env["payment.provider"].sudo(), kwargs.get("provider_id"))
        method_sudo = self._find_chosen(request.env["payment.method"].sudo(), kwargs.get("payment_method_id"))
        if not (provider_sudo.allow_tokenization and method_sudo.support_tokenization):
            raise ValidationError(request.env._("This payment method cannot be saved. Please choose another one."))

    def _create_method_transaction(self, document_sudo, orders_sudo, payer_sudo, kwargs, landing_route=None):
        """Create the transaction that saves a method for ``orders_sudo``; return its processing values.

        :param document_sudo: the document on whose page that happens
        :param dict kwargs: what the form sent
        :param str landing_route: see :meth:`_get_method_form_values`
        """
        self._validate_transaction_kwargs(kwargs)
        self._check_payment_form(kwargs)
        orders_sudo._check_subscription_owner(payer_sudo)
        # Two forms at once: each gets a reference of its own.
        orders_sudo._subscription_lock()
        kwargs |= {
            "amount": None,
            "currency_id": None,
            "partner_id": payer_sudo.id,
            "is_validation": True,
            "tokenization_requested": True,
            "landing_route": landing_route or document_sudo.get_portal_url(),
        }
        tx_sudo = self._create_transaction(
            custom_create_values={"subscription_enrol_order_ids": [Command.set(orders_sudo.ids)]}, **kwargs
        )
        return tx_sudo._get_processing_values()
