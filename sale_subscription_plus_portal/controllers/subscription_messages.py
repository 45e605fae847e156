from odoo.fields import Domain
from odoo.http import request, route
from odoo.tools import plaintext2html

from .subscription import SubscriptionPage

SHOWN_MESSAGES = 20
LONGEST_MESSAGE = 10_000


class SubscriptionMessages(SubscriptionPage):
    """Messages to the salesperson.

    The customer has Odoo's own thread. Its key is that of the order, with which everything can be done; so colleagues,
    and people who were let in, read and write here.
    """

    def _prepare_subscription_page_values(self, order_sudo, access_token=None, **kwargs):
        """Extend: the thread of the page."""
        values = super()._prepare_subscription_page_values(order_sudo, access_token, **kwargs)
        own = self._is_contact(order_sudo) or self._is_own_link(order_sudo, access_token)
        has_thread = own or request.env.user._is_internal()
        return {
            **values,
            "object": order_sudo,
            "token": order_sudo._portal_ensure_token() if own else False,
            "pid": kwargs.get("pid"),
            "hash": kwargs.get("hash"),
            "has_thread": has_thread,
            "thread_messages": [] if has_thread else self._get_messages(order_sudo),
        }

    def _get_page_messages(self):
        """Extend: what was sent."""
        sent = ("success", request.env._("Your message is on its way. We answer by e-mail."))
        return {**super()._get_page_messages(), "sent": sent}

    def _get_messages(self, order_sudo):
        """Return the latest messages that customers see."""
        shared = Domain(request.env["mail.message"]._get_search_domain_share())
        own = Domain(order_sudo._fields["website_message_ids"].get_comodel_domain(order_sudo))
        own &= Domain("res_id", "=", order_sudo.id) & Domain("subtype_id", "=", request.env.ref("mail.mt_comment").id)
        own &= Domain("rating_ids", "=", False)  # How happy the customer is, they told us alone.
        # In sudo mode: the visitor has been let in to this subscription.
        return request.env["mail.message"].sudo().search(shared & own, limit=SHOWN_MESSAGES)

    @route(
        "/my/subscriptions/<int:order_id>/message",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_subscription_message(self, order_id, access_token=None, message="", **kwargs):
        """Send a message to the salesperson of a subscription.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        :param str message: plain text
        """
        order_sudo = self._get_subscription(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        values = self._get_subscription_values(order_sudo, access_token)
        text = _clean(message)
        if not text:
            return request.redirect(values["subscription_url"]())
        order_sudo.message_post(
            body=plaintext2html(text),
            author_id=values["visitor"].id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        return request.redirect(values["subscription_url"](message="sent"))


def _clean(message):
    """Return what a customer wrote; PostgreSQL holds no NUL."""
    return message.replace("\0", "").strip()[:LONGEST_MESSAGE] if isinstance(message, str) else ""
