from odoo.exceptions import AccessError, UserError
from odoo.http import request, route

from .subscription import SubscriptionPage

PATH = "/my/subscriptions/<int:order_id>/people"


class SubscriptionPeople(SubscriptionPage):
    """People who see, pay or manage one subscription: they are let in here, and access is taken back."""

    def _prepare_subscription_page_values(self, order_sudo, access_token=None, **kwargs):
        """Extend by the block of people."""
        values = super()._prepare_subscription_page_values(order_sudo, access_token, **kwargs)
        access_sudo = order_sudo._get_access_by_link(access_token)
        return values | {
            "people_count": len(order_sudo.subscription_access_ids),
            "people_keepable": order_sudo._is_keepable(access_sudo, request.env.user),
        }

    def _get_page_messages(self):
        """Extend by what is said after access was given, changed or taken back."""
        return super()._get_page_messages() | {
            "let_in": ("success", request.env._("Access is given, and the link is on its way by e-mail.")),
            "level_set": ("success", request.env._("Access is changed.")),
            "link_sent": ("success", request.env._("The link is on its way by e-mail.")),
            "taken_back": ("success", request.env._("Access is taken back. The link does not work any more.")),
            "kept": ("success", request.env._("You find this subscription in your account from now on.")),
        }

    # === THE PAGE ===#

    @route(PATH, type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def subscription_people(self, order_id, access_token=None, message=None, **kwargs):
        """Show who has access to a subscription.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        :param str message: code of what was done
        """
        order_sudo = self._get_subscription(order_id, access_token, "manage")
        if not order_sudo:
            return request.redirect("/my")
        return self._show_people(order_sudo, access_token, message=self._get_page_messages().get(message))

    def _show_people(self, order_sudo, access_token, message=None, error=None, entered=None):
        values = self._get_subscription_values(order_sudo, access_token)
        named = self._is_named(order_sudo)
        values |= {
            "message": message,
            "error": error,
            "entered": entered or {},
            "people": order_sudo.subscription_access_ids,
            "level_labels": request.env["subscription.access"]._fields["level"]._description_selection(request.env),
            # Whoever has a link only, is not told who else works there.
            "colleagues": order_sudo._get_login_colleagues() if named else (),
        }
        return request.render("sale_subscription_plus_portal.portal_subscription_people", values)

    # === WHAT IS DONE THERE ===#

    @route(f"{PATH}/invite", type="http", auth="public", methods=["POST"], website=True)
    def subscription_people_invite(self, order_id, access_token=None, **entered):
        """Let somebody in, and mail them their link.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        :param entered: ``email``, ``name`` and ``level`` of the form
        """
        order_sudo = self._get_subscription(order_id, access_token, "manage")
        if not order_sudo:
            return request.redirect("/my")
        values = self._get_subscription_values(order_sudo, access_token)
        entered = {name: entered.get(name) or "" for name in ("email", "name", "level")}
        try:
            with request.env.cr.savepoint():
                order_sudo._let_in(**entered, author=values["visitor"])
        except UserError as error:
            return self._show_people(order_sudo, access_token, error=error.args[0], entered=entered)
        return request.redirect(values["subscription_url"]("/people", message="let_in"))

    @route(f"{PATH}/<int:access_id>/level", type="http", auth="public", methods=["POST"], website=True)
    def subscription_people_level(self, order_id, access_id, access_token=None, level="", **kwargs):
        """Let somebody do more, or less.

        :param int order_id: the subscription
        :param int access_id: one of its people
        :param str access_token: that of the visitor's link
        :param str level: what they may do from now on
        """
        return self._do_with_person(order_id, access_id, access_token, "_set_level", "level_set", level)

    @route(f"{PATH}/<int:access_id>/revoke", type="http", auth="public", methods=["POST"], website=True)
    def subscription_people_revoke(self, order_id, access_id, access_token=None, **kwargs):
        """Take the access back; the link is dead at once.

        :param int order_id: the subscription
        :param int access_id: one of its people
        :param str access_token: that of the visitor's link
        """
        return self._do_with_person(order_id, access_id, access_token, "_revoke", "taken_back")

    @route(f"{PATH}/<int:access_id>/send", type="http", auth="public", methods=["POST"], website=True)
    def subscription_people_send(self, order_id, access_id, access_token=None, **kwargs):
        """Mail somebody their link again.

        :param int order_id: the subscription
        :param int access_id: one of its people
        :param str access_token: that of the visitor's link
        """
        return self._do_with_person(order_id, access_id, access_token, "_send_link_again", "link_sent")

    def _do_with_person(self, order_id, access_id, access_token, method, message, *args):
        """Do ``method`` with one of the people of a subscription, in the visitor's name."""
        order_sudo = self._get_subscription(order_id, access_token, "manage")
        if not order_sudo:
            return request.redirect("/my")
        values = self._get_subscription_values(order_sudo, access_token)
        access_sudo = order_sudo.subscription_access_ids.filtered(lambda access: access.id == access_id)
        if not access_sudo:
            return request.redirect(values["subscription_url"]("/people"))
        try:
            with request.env.cr.savepoint():
                getattr(access_sudo, method)(*args, values["visitor"])
        except (AccessError, UserError) as error:
            return self._show_people(order_sudo, access_token, error=error.args[0])
        return request.redirect(values["subscription_url"]("/people", message=message))

    @route(f"{PATH}/keep", type="http", auth="public", methods=["POST"], website=True)
    def subscription_people_keep(self, order_id, access_token=None, **kwargs):
        """Take a subscription, to which a link leads, into the account that the visitor is logged in to.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        """
        order_sudo = self._get_subscription(order_id, access_token)
        if not order_sudo:
            return request.redirect("/my")
        access_sudo = order_sudo._get_access_by_link(access_token)
        kept = order_sudo._keep_access(access_sudo, request.env.user)
        values = self._get_subscription_values(order_sudo, access_token)
        return request.redirect(values["subscription_url"](**({"message": "kept"} if kept else {})))
