from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from odoo.addons.sale.controllers import portal as sale_portal
from odoo.addons.sale_management.controllers import portal as option_portal
from odoo.addons.sale_subscription_plus.controllers.signup import SignupPage, SignupPayment

from .subscription_access import SubscriptionAccess

# Where the sentence that answers a choice is kept until the page shows it.
ANSWER = "subscription_quotation_answer"


class QuotationPage(SubscriptionAccess, sale_portal.CustomerPortal):
    """The page of a quotation that recurs: the customer chooses the plan, and reads it in their language."""

    def _document_check_access(self, model_name, document_id, access_token=None):
        """Override of `portal`: what cannot be a token opens nothing, and breaks nothing."""
        if not (isinstance(access_token, str) and access_token.isascii()):
            access_token = None
        return super()._document_check_access(model_name, document_id, access_token=access_token)

    @route()
    def portal_order_page(self, order_id, access_token=None, **kwargs):
        """Override of `sale`: who has a link and no login reads the page in the customer's language."""
        if order_sudo := self._get_recurring_quotation(order_id, access_token):
            self._speak_to(order_sudo, order_sudo.partner_id)
        return super().portal_order_page(order_id, access_token=access_token, **kwargs)

    def _get_page_view_values(self, document, access_token, values, session_history, no_breadcrumbs, **kwargs):
        """Override of `portal` to show once what became of the customer's choice."""
        values = super()._get_page_view_values(
            document, access_token, values, session_history, no_breadcrumbs, **kwargs
        )
        if document._name == "sale.order" and request.session.get(ANSWER, {}).get("order_id") == document.id:
            values["subscription_answer"] = request.session.pop(ANSWER)
        return values

    @route("/my/orders/<int:order_id>/plan", type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def subscription_quotation_plan(self, order_id, plan_id=None, access_token=None, **kwargs):
        """Let the customer choose one of the plans that their quotation offers.

        :param int order_id: the quotation
        :param str plan_id: the plan, as the page names it
        :param str access_token: the quotation's, where the customer is not logged in as its own
        """
        order_sudo = self._get_recurring_quotation(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        self._speak_to(order_sudo, order_sudo.partner_id)
        order_sudo = order_sudo.with_context(lang=request.env.lang)
        plan = order_sudo._get_offered_plans().filtered(lambda plan: str(plan.id) == plan_id)
        author = order_sudo.partner_id if request.env.user._is_public() else request.env.user.partner_id
        answer = {"order_id": order_id, "color": "success"}
        try:
            order_sudo._subscription_choose_plan(plan, author)
            answer["sentence"] = request.env._(
                "You chose %s. Prices and terms below are those of this plan.", plan.name
            )
        except UserError as error:
            answer |= {"color": "warning", "sentence": str(error)}
        request.session[ANSWER] = answer
        return request.redirect(order_sudo.get_portal_url(anchor="subscription_plans"), code=303)

    def _get_recurring_quotation(self, order_id, access_token):
        """Return the quotation if the visitor has access to it and it recurs, else None."""
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token)
        except (AccessError, MissingError):
            return None
        return order_sudo if order_sudo.subscription_status in ("quotation", "upsell") else None


class QuotationOptions(option_portal.CustomerPortal):
    """Options of a quotation that recurs."""

    @route()
    def portal_quote_option_update(
        self, order_id, line_id=None, access_token=None, remove=False, input_quantity=False, **kwargs
    ):
        """Override of `sale_management`: what the browser sends is a quantity, and two clicks at once are two.

        :raise UserError: for any other than a whole number that somebody may want
        """
        try:
            order_sudo = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        line_id = self._cast_as_int(line_id)
        line_sudo = order_sudo.order_line.filtered(lambda line: line.id == line_id)
        if not (line_sudo and order_sudo.subscription_status in ("quotation", "upsell")):
            return super().portal_quote_option_update(
                order_id, line_id or 0, access_token, remove, input_quantity, **kwargs
            )
        order_sudo._subscription_lock()
        if input_quantity is False:
            input_quantity = max(line_sudo.product_uom_qty + (-1 if remove else 1), 0)
        quantity = order_sudo._parse_option_quantity(input_quantity)
        return super().portal_quote_option_update(order_id, line_id, access_token, False, quantity, **kwargs)


class QuotationConsent(SignupPage, SignupPayment):
    """What the customer agreed to is kept, whichever way they accept.

    The forms say what was shown: if that has changed since, in another tab or by staff, it must be read again.
    """

    def _get_payment_values(self, order_sudo, is_down_payment=False, payment_amount=None, **kwargs):
        """Extend: whoever pays, pays for what the page shows."""
        values = super()._get_payment_values(
            order_sudo, is_down_payment=is_down_payment, payment_amount=payment_amount, **kwargs
        )
        if order_sudo._is_subscription_signup():
            shown = f"agreed={order_sudo._get_agreement_digest()}"
            values["transaction_route"] += f"&{shown}"
            if "assign_token_route" in values:
                values["assign_token_route"] += f"?{shown}"
        return values

    @route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        """Override of `sale`: a signature agrees to the words above it."""
        access_token = access_token or request.httprequest.args.get("access_token")
        order_sudo = self._get_signup(order_id, access_token)
        if order_sudo and (problem := self._get_agreement_problem(order_sudo)):
            return {"error": problem}
        # Read before it is confirmed, when it says what is agreed.
        text = self._get_consent_text(order_sudo, "signature") if order_sudo else None
        name = name.replace("\0", "") if isinstance(name, str) else None
        if not (isinstance(signature, str) and signature.isascii()):
            signature = None
        answer = super().portal_quote_accept(order_id, access_token=access_token, name=name, signature=signature)
        if text and "error" not in answer:
            self._keep_consent(order_sudo, "signature", text, name=name)
        return answer

    @route()
    def portal_order_transaction(self, order_id, access_token=None, **kwargs):
        """Override of `sale`: whoever pays, or saves a method, agrees to the words above the form."""
        order_sudo = self._get_signup(order_id, access_token)
        if not order_sudo:
            return super().portal_order_transaction(order_id, access_token, **kwargs)
        if problem := self._get_agreement_problem(order_sudo):
            raise UserError(problem)
        kind = "method" if order_sudo._has_to_save_method() else "payment"
        amount = self._cast_as_float(kwargs.get("amount"))
        # What is no amount is refused below.
        amount = min(amount, order_sudo._get_signup_bounds()[1]) if amount and amount > 0 else 0.0
        text = self._get_consent_text(order_sudo, kind, amount)
        values = super().portal_order_transaction(order_id, access_token, **kwargs)
        # In sudo mode: visitors read no transaction; this is the one that was just created for them.
        tx_sudo = request.env["payment.transaction"].sudo().search([("reference", "=", values["reference"])])
        self._keep_consent(order_sudo, kind, text, transaction_id=tx_sudo.id)
        return values

    @route()
    def subscription_signup_method(self, order_id, token_id=None, access_token=None):
        """Extend: whoever lets a saved method pay, agrees to the words above it."""
        order_sudo = self._get_signup(order_id, access_token)
        if order_sudo and (problem := self._get_agreement_problem(order_sudo)):
            raise UserError(problem)
        text = self._get_consent_text(order_sudo, "method") if order_sudo else None
        result = super().subscription_signup_method(order_id, token_id, access_token=access_token)
        if text:
            self._keep_consent(order_sudo, "method", text)
        return result

    def _get_agreement_problem(self, order_sudo):
        """Return what to tell a customer whose page shows something else than the quotation is by now, or None."""
        # Two choices, or a choice and an acceptance, at once: the second one looks at what the first has done.
        order_sudo._subscription_lock()
        shown = request.httprequest.args.get("agreed")
        if shown and shown != order_sudo._get_agreement_digest():
            return request.env._(
                "This quotation has changed since you opened the page. Please reload it and try again."
            )
        return None

    def _get_consent_text(self, order_sudo, kind, amount=0.0):
        return order_sudo._get_consent_text(kind, self._get_page_lang(order_sudo), amount)

    def _keep_consent(self, order_sudo, kind, text, name=None, **values):
        user = request.env.user
        partner = order_sudo.partner_id if user._is_public() else user.partner_id
        order_sudo._subscription_keep_consent(
            kind,
            text,
            name=name or partner.display_name,
            partner_id=partner.id,
            ip_address=request.httprequest.remote_addr,
            lang=self._get_page_lang(order_sudo),
            **values,
        )

    def _get_page_lang(self, order_sudo):
        """Return the code of the language in which the visitor reads the page of the quotation."""
        customers = order_sudo.partner_id.lang if request.env.user._is_public() else request.env.user.lang
        Lang = request.env["res.lang"]
        codes = (request.httprequest.cookies.get("frontend_lang"), customers, request.env.lang, "en_US")
        return next(code for code in codes if code and Lang._get_data(code=code))
