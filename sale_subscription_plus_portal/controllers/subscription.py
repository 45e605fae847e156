from odoo.http import request, route
from odoo.tools import consteq

from .subscription_access import SubscriptionAccess

REPORT_TYPES = ("html", "pdf", "text")
# What is shown at first; one link away are all of them.
SHOWN_INVOICES = 12
SHOWN_DUES = 3


class SubscriptionPage(SubscriptionAccess):
    """The page of a subscription: what was agreed, what it costs and when, what was billed, and what comes."""

    @route("/my/subscriptions/<int:order_id>", type="http", auth="public", website=True, sitemap=False)
    def portal_subscription(self, order_id, access_token=None, report_type=None, download=False, **kwargs):
        """Show a subscription to its customer, or its order as a document.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        :param str report_type: ``pdf``, ``html`` or ``text``: the order as a document
        """
        order_sudo = self._get_subscription(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        if report_type in REPORT_TYPES:
            return self._show_report(
                model=order_sudo, report_type=report_type, report_ref="sale.action_report_saleorder", download=download
            )
        values = self._prepare_subscription_page_values(order_sudo, access_token, **kwargs)
        return request.render("sale_subscription_plus_portal.portal_subscription", values)

    @route(
        "/my/subscriptions/<int:order_id>/invoices/<int:invoice_id>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def portal_subscription_invoice(self, order_id, invoice_id, access_token=None, **kwargs):
        """Download an invoice or credit note of a subscription as a PDF.

        :param int order_id: the subscription
        :param int invoice_id: one of its documents
        :param str access_token: that of the visitor's link
        """
        order_sudo = self._get_subscription(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        values = self._get_subscription_values(order_sudo, access_token)
        move_sudo = order_sudo._get_page_invoices().filtered(lambda move: move.id == invoice_id)
        if not move_sudo or not self._may_read_invoice(move_sudo, values):
            return request.redirect(values["subscription_url"]())
        document = move_sudo._get_invoice_legal_documents("pdf", allow_fallback=True)
        headers = self._get_http_headers(move_sudo, "pdf", document["content"], download=True)
        return request.make_response(document["content"], list(headers.items()))

    # === VALUES ===#

    def _prepare_subscription_page_values(self, order_sudo, access_token=None, **kwargs):
        """Return what the page shows. Other parts of the page extend it by what theirs need.

        :param order_sudo: what ``_get_subscription`` returned
        :param str access_token: that of the visitor's link
        :param kwargs: what else stood in the URL
        """
        values = self._get_subscription_values(order_sudo, access_token)
        named, unpaid = self._is_named(order_sudo), order_sudo._get_unpaid_charges()
        moves_sudo = order_sudo._get_page_invoices()
        # As the visitor, in the companies that are theirs; then in sudo mode again, as the others.
        moves = request.env["account.move"].browse((moves_sudo | unpaid.move_id).ids)
        values["readable_invoices"] = moves._filtered_access("read").sudo()
        return {
            **values,
            "message": self._get_page_messages().get(kwargs.get("message")),
            "status": order_sudo._get_page_status(),
            "payment": order_sudo._get_page_payments(unpaid)[order_sudo],
            "next_invoice": order_sudo._get_page_next_invoices().get(order_sudo),
            "method": order_sudo._get_page_method(named),
            "dues": self._get_dues(unpaid, values, named),
            "lines": order_sudo._get_page_lines(),
            "one_off_lines": order_sudo.order_line._filter_sold_once(),
            "coming": order_sudo._get_page_coming(),
            "history": order_sudo._get_page_history(),
            "invoice_count": len(moves_sudo),
            "invoices": self._get_invoices(moves_sudo, values, kwargs.get("invoices") == "all"),
            "chain": self._get_chain(order_sudo, values),
        }

    def _get_page_messages(self):
        """Return what the page says after something was done, as {code in its URL: (Bootstrap's colour, sentence)}."""
        return {}

    def _is_named(self, order_sudo):
        """Return whether the visitor is logged in as the customer: others are told the kind of a method at most."""
        user = request.env.user
        customer = order_sudo.partner_id.commercial_partner_id
        return not user._is_public() and user.partner_id.commercial_partner_id == customer

    def _is_contact(self, order_sudo):
        """Return whether the visitor is logged in as whom the subscription is with: them the keys are sent to."""
        user = request.env.user
        partners = user.partner_id | user.partner_id.commercial_partner_id
        return not user._is_public() and order_sudo.partner_id in partners

    def _is_customer(self, order_sudo, access_token):
        """Return whether the customer is here, by a login or by the link of the subscription; not whom they let in."""
        internal = request.env.user._is_internal()
        return internal or self._is_named(order_sudo) or self._is_own_link(order_sudo, access_token)

    def _is_own_link(self, order_sudo, access_token):
        token = order_sudo.access_token
        return bool(token and access_token) and access_token.isascii() and consteq(token, access_token)

    # === DOCUMENTS ===#

    def _get_dues(self, unpaid, values, named):
        """Return what waits for the customer, for whoever may pay it: [{invoice, amount, currency, notice, url}]."""
        if values["subscription_level"] == "see":
            return []
        dues = [
            {
                "invoice": charge.move_id,
                "amount": charge.amount_due,
                "currency": charge.currency_id,
                "notice": charge.move_id._get_portal_notice(named),
                "url": self._get_invoice_url(charge.move_id, values),
            }
            for charge in unpaid[:SHOWN_DUES]
        ]
        return [due for due in dues if due["url"]]

    def _get_invoices(self, moves_sudo, values, everything):
        """Return the invoices and credit notes of the page: [{move, state, url, readable}]."""
        shown = moves_sudo if everything else moves_sudo[:SHOWN_INVOICES]
        states = shown._get_page_states()
        return [
            {
                "move": move,
                "state": states[move],
                "url": self._get_invoice_url(move, values),
                "readable": self._may_read_invoice(move, values),
            }
            for move in shown
        ]

    def _may_read_invoice(self, move_sudo, values):
        """Return whether the visitor may read an invoice: one with other subscriptions on it shows those, too."""
        order_sudo = values["subscription"]
        others = move_sudo._get_subscriptions() - order_sudo
        return not others or self._is_customer(order_sudo, values["access_token"])

    def _get_invoice_url(self, move_sudo, values):
        """Return the URL of an invoice's page for this visitor; False where they may not go there.

        The link of an invoice lets whoever has it pay, and save a method: it is for the customer alone.
        """
        order_sudo, token = values["subscription"], values["access_token"]
        if move_sudo in values["readable_invoices"]:
            return move_sudo.access_url
        # By their login, too: that does not reach the invoices of another company of ours.
        if self._is_contact(order_sudo) or self._is_own_link(order_sudo, token):
            return move_sudo.get_portal_url()
        if move_sudo._get_shared_access(request.env.user, token):
            return move_sudo.with_context(subscription_shared_link=token or "").get_portal_url()
        return False

    def _get_chain(self, order_sudo, values):
        """Return the orders that belong to this one: [(order, what it is to this one, URL or False)]."""
        chain = order_sudo._get_page_chain()
        return [(order, word, self._get_order_url(order, order_sudo, values)) for order, word in chain]

    def _get_order_url(self, order, order_sudo, values):
        """Return the URL of another order, as far as the visitor may go there."""
        if self._is_named(order_sudo):
            return order.access_url
        if self._is_customer(order_sudo, values["access_token"]):
            return order.get_portal_url()
        return False
