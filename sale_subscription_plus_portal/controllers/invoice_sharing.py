from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError
from odoo.http import request

from odoo.addons.account.controllers import portal as account_portal

from ..models.subscription_access import _is_same


class SharedInvoices(account_portal.PortalAccount):
    """Invoices of a subscription for people who were let in to it.

    They come by their own link or login, which can be taken back; that of the invoice is the customer's.
    """

    def _document_check_access(self, model_name, document_id, access_token=None):
        """Override of `portal`: who was let in to a subscription sees the invoices that bill it alone."""
        if access_token and not (isinstance(access_token, str) and access_token.isascii()):
            access_token = None  # No link of ours: what a visitor sends may be anything.
        try:
            return super()._document_check_access(model_name, document_id, access_token=access_token)
        except AccessError:
            if model_name != "account.move":
                raise
            # As the superuser, as the portal hands documents out.
            move = request.env[model_name].with_user(SUPERUSER_ID).browse(document_id)
            if not move._get_shared_access(request.env.user, access_token):
                raise
            return move

    def _get_invoice_access(self, move_sudo, access_token):
        """Return the ``subscription.access`` by which the visitor sees an invoice; blank for the customer."""
        user = request.env.user
        if _is_same(move_sudo.access_token, access_token) or move_sudo.with_user(user).has_access("read"):
            return request.env["subscription.access"]
        return move_sudo._get_shared_access(user, access_token)

    def _invoice_get_page_view_values(self, invoice, access_token, **kwargs):
        """Override of `account`: the page for who was let in holds their own link, and no more than they may."""
        access_sudo = self._get_invoice_access(invoice, access_token)
        if access_sudo:
            invoice = invoice.with_context(
                subscription_shared_link=access_token or "",
                subscription_shared_see_only=access_sudo.level == "see",
            )
        values = super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
        return values | {"invoice": invoice, "subscription_shared": access_sudo}
