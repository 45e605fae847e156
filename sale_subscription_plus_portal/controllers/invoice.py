import json

from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.fields import Command
from odoo.http import request, route

from odoo.addons.account_payment.controllers import payment as account_payment
from odoo.addons.account_payment.controllers import portal as account_portal
from odoo.addons.sale_subscription_plus.controllers.saved_method import SavedMethodPortal

from .invoice_sharing import SharedInvoices

# Where the amounts of payment links that the visitor came with are kept: Odoo has checked their signature.
AGREED_AMOUNTS = "subscription_agreed_amounts"


class InvoicePage(SharedInvoices, account_portal.PortalAccount):
    """The page of an invoice, as the link in its mail opens it."""

    def _invoice_get_page_view_values(self, invoice, access_token, payment=False, amount=None, **kwargs):
        """Override of `account_payment` to tell who pays a subscription's invoice, and let the customer enrol."""
        values = super()._invoice_get_page_view_values(invoice, access_token, payment=payment, amount=amount, **kwargs)
        subscriptions = invoice._get_portal_subscriptions()
        if not subscriptions:
            return values
        if values.get("subscription_shared") and "show_tokenize_input_mapping" in values:
            values["show_tokenize_input_mapping"] = dict.fromkeys(values["show_tokenize_input_mapping"], False)
        if amount:
            agreed = request.session.get(AGREED_AMOUNTS, {})
            request.session[AGREED_AMOUNTS] = {**agreed, str(invoice.id): float(amount)}
        return values | self._get_enrolment_values(invoice, values)

    def _get_enrolment_values(self, invoice, values):
        payer = _get_payer(invoice)
        own = payer.commercial_partner_id == invoice._get_portal_subscriptions().partner_id.commercial_partner_id
        # Who was let in gives a method on the page of the subscription, if they may.
        own = own and not values.get("subscription_shared")
        named = own and not request.env.user._is_public()
        return {
            "subscription_notice": invoice._get_portal_notice(named),
            "subscription_method": invoice._get_portal_method(named),
            "subscription_automatic": invoice._is_paid_automatically(),
            "subscription_own": own,
            "subscription_payer": payer,
            "subscription_others": len(invoice._get_portal_other_subscriptions()) if own else 0,
            "subscription_savable_methods": json.dumps(_get_savable_methods(values)),
        }

    def _get_common_page_view_values(self, invoices_data, access_token=None, **kwargs):
        """Override of `account_payment`: who has a link and no login is shown none of the customer's methods."""
        values = super()._get_common_page_view_values(invoices_data, access_token=access_token, **kwargs)
        if request.env.user._is_public():
            values["tokens_sudo"] = values["tokens_sudo"].browse()
        return values


class InvoicePayment(SharedInvoices, account_payment.PaymentPortal, SavedMethodPortal):
    """Paying an invoice, and letting the method pay the next ones."""

    @route()
    def invoice_transaction(self, invoice_id, access_token=None, **kwargs):
        """Override of `account_payment`: the amount is not left to the browser, and the customer may enrol.

        :param bool subscription_enrol: the method pays this subscription from now on
        :param bool subscription_enrol_all: and the customer's other ones
        """
        enrol, enrol_all = kwargs.pop("subscription_enrol", False), kwargs.pop("subscription_enrol_all", False)
        self._check_no_saved_method(kwargs)
        invoice_sudo = self._get_billing_invoice(invoice_id, access_token)
        if not invoice_sudo:
            return super().invoice_transaction(invoice_id, access_token, **kwargs)
        self._check_payment_form(kwargs)
        agreed = request.session.get(AGREED_AMOUNTS, {}).get(str(invoice_id))
        invoice_sudo._check_portal_payment(self._cast_as_float(kwargs.get("amount")), agreed)
        kwargs |= {"landing_route": invoice_sudo.get_portal_url(), "is_validation": False}
        if access_sudo := self._get_invoice_access(invoice_sudo, access_token):
            self._check_shared_payment(access_sudo, enrol)
            kwargs |= {
                "landing_route": invoice_sudo.with_context(
                    subscription_shared_link=access_token or ""
                ).get_portal_url(),
                # What they save would be kept as a method of the customer, who got the invoice.
                "tokenization_requested": False,
            }
        if not enrol:
            return super().invoice_transaction(invoice_id, access_token, **kwargs)
        orders_sudo = self._get_enrolled(invoice_sudo, enrol_all)
        self._check_savable(kwargs)
        kwargs["tokenization_requested"] = True
        values = super().invoice_transaction(invoice_id, access_token, **kwargs)
        # In sudo mode: visitors read no transaction; this is the one that was just created for them.
        tx_sudo = request.env["payment.transaction"].sudo().search([("reference", "=", values["reference"])])
        tx_sudo.subscription_enrol_order_ids = [Command.set(orders_sudo.ids)]
        return values

    def _get_extra_payment_form_values(self, invoice_id=None, access_token=None, **kwargs):
        """Override of `account_payment`: no other page holds the link of an invoice for who was let in to it."""
        if self._is_shared_invoice(invoice_id, access_token):
            invoice_id = None
        return super()._get_extra_payment_form_values(invoice_id=invoice_id, access_token=access_token, **kwargs)

    def _is_shared_invoice(self, invoice_id, access_token):
        number = self._cast_as_int(invoice_id) or 0
        if not 0 < number < 2**31:
            return False
        # In sudo mode: visitors read no invoice; who comes how is asked next.
        invoice_sudo = request.env["account.move"].sudo().browse(number).exists()
        return bool(invoice_sudo and self._get_invoice_access(invoice_sudo, access_token))

    # === A METHOD WITHOUT PAYING ===#

    @route("/my/invoices/<int:invoice_id>/payment_method", type="http", auth="public", website=True, sitemap=False)
    def subscription_payment_method(self, invoice_id, access_token=None, **kwargs):
        """Show the form that saves a method for the subscriptions of an invoice.

        :param int invoice_id: the invoice
        :param str access_token: the invoice's, where the customer is not logged in as its own
        """
        invoice_sudo = self._get_subscription_invoice(invoice_id, access_token)
        if not invoice_sudo:
            return request.redirect("/my")
        payer_sudo = _get_payer(invoice_sudo)
        invoice_sudo._get_portal_subscriptions()._check_subscription_owner(payer_sudo)
        values = self._get_method_form_values(
            invoice_sudo, payer_sudo, f"/my/invoices/{invoice_sudo.id}/payment_method"
        )
        values |= {
            "page_name": "invoice",
            "invoice": invoice_sudo,
            "res_company": invoice_sudo.company_id,
            "subscription_others": len(invoice_sudo._get_portal_other_subscriptions()),
        }
        return request.render("sale_subscription_plus_portal.portal_payment_method", values)

    @route("/my/invoices/<int:invoice_id>/payment_method/transaction", type="jsonrpc", auth="public")
    def subscription_payment_method_transaction(self, invoice_id, access_token=None, **kwargs):
        """Create the transaction that saves a method for the subscriptions of an invoice.

        :param int invoice_id: the invoice
        :param str access_token: the invoice's, where the customer is not logged in as its own
        :param bool subscription_enrol_all: for the customer's other subscriptions, too
        """
        enrol_all = kwargs.pop("subscription_enrol_all", False)
        invoice_sudo = self._get_subscription_invoice_or_fail(invoice_id, access_token)
        self._check_savable(kwargs)
        orders_sudo = self._get_enrolled(invoice_sudo, enrol_all)
        return self._create_method_transaction(invoice_sudo, orders_sudo, _get_payer(invoice_sudo), kwargs)

    @route("/my/invoices/<int:invoice_id>/payment_method/assign", type="jsonrpc", auth="public")
    def subscription_payment_method_assign(self, invoice_id, token_id=None, access_token=None):
        """Let a method that the logged-in customer has saved pay the subscriptions of an invoice.

        :param int invoice_id: the invoice
        :param int token_id: one of the customer's own methods
        :param str access_token: the invoice's, where the customer is not logged in as its own
        """
        self._assign_method(invoice_id, token_id, access_token)

    @route("/my/invoices/<int:invoice_id>/payment_method/assign_all", type="jsonrpc", auth="public")
    def subscription_payment_method_assign_all(self, invoice_id, token_id=None, access_token=None):
        """Let a method that the logged-in customer has saved pay the customer's other subscriptions, too.

        :param int invoice_id: the invoice
        :param int token_id: one of the customer's own methods
        :param str access_token: the invoice's, where the customer is not logged in as its own
        """
        self._assign_method(invoice_id, token_id, access_token, enrol_all=True)

    def _assign_method(self, invoice_id, token_id, access_token, enrol_all=False):
        invoice_sudo = self._get_subscription_invoice_or_fail(invoice_id, access_token)
        payer_sudo = _get_payer(invoice_sudo)
        token_sudo = self._get_chosen_token(token_id, payer_sudo, invoice_sudo.company_id)
        self._get_enrolled(invoice_sudo, enrol_all)._subscription_enrol(token_sudo, payer_sudo)

    @route(
        "/my/invoices/<int:invoice_id>/payment_method/remove",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def subscription_payment_method_remove(self, invoice_id, access_token=None, **kwargs):
        """Turn automatic payment of the subscriptions of an invoice off.

        :param int invoice_id: the invoice
        :param str access_token: the invoice's, where the customer is not logged in as its own
        """
        invoice_sudo = self._get_subscription_invoice(invoice_id, access_token)
        if not invoice_sudo:
            return request.redirect("/my")
        self._get_enrolled(invoice_sudo)._subscription_unenrol(_get_payer(invoice_sudo))
        return request.redirect(invoice_sudo.get_portal_url())

    # === CHECKS ===#

    def _get_billing_invoice(self, invoice_id, access_token):
        """Return the invoice if the visitor has access to it and it bills subscriptions, else None."""
        try:
            invoice_sudo = self._document_check_access("account.move", invoice_id, access_token)
        except (AccessError, MissingError):
            return None
        return invoice_sudo if invoice_sudo._get_portal_subscriptions() else None

    def _get_subscription_invoice(self, invoice_id, access_token):
        """Return the invoice if the customer is here and it bills subscriptions, else None."""
        invoice_sudo = self._get_billing_invoice(invoice_id, access_token)
        return None if invoice_sudo and self._get_invoice_access(invoice_sudo, access_token) else invoice_sudo

    def _check_shared_payment(self, access_sudo, enrol):
        """Raise unless who was let in to a subscription may pay its invoice as they are about to."""
        if access_sudo.level == "see":
            raise AccessError(request.env._("You may see this invoice, and not pay it. Ask who let you in."))
        if enrol:
            raise AccessError(
                request.env._("You may pay this invoice. A method for the next ones is given by the customer.")
            )

    def _get_subscription_invoice_or_fail(self, invoice_id, access_token):
        invoice_sudo = self._get_subscription_invoice(invoice_id, access_token)
        if not invoice_sudo:
            raise ValidationError(request.env._("The link is not valid (any more). Please use that of your last mail."))
        return invoice_sudo

    def _get_enrolled(self, invoice_sudo, enrol_all=False):
        """Return the subscriptions that the visitor may let a method pay.

        :raise AccessError: when the visitor is logged in as another customer
        """
        orders_sudo = invoice_sudo._get_portal_subscriptions()
        if enrol_all:
            orders_sudo |= invoice_sudo._get_portal_other_subscriptions()
        orders_sudo._check_subscription_owner(_get_payer(invoice_sudo))
        return orders_sudo


def _get_payer(invoice_sudo):
    """Return whose method is used: the customer's who is logged in, else the one's who got the invoice."""
    user = request.env.user
    return invoice_sudo.partner_id if user._is_public() else user.partner_id.sudo()  # In sudo mode, as the invoice


def _get_savable_methods(values):
    """Return the ids of the methods on the page that can be saved."""
    providers_sudo = values.get("providers_sudo")
    if not providers_sudo:
        return []
    savers_sudo = providers_sudo.filtered("allow_tokenization")
    return [
        method_sudo.id
        for method_sudo in values["payment_methods_sudo"]
        if method_sudo.support_tokenization and (method_sudo.provider_ids & providers_sudo)[:1] in savers_sudo
    ]
