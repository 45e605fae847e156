from werkzeug.urls import url_encode

from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.subscription_access import LEVELS, PAGE_STATUSES


class SubscriptionAccess(CustomerPortal):
    """The way to a subscription, for each page and each button: who comes, by a login or a link, and what they may."""

    def _get_subscription(self, order_id, access_token=None, level="see"):
        """Return the subscription, in sudo mode, if the visitor may do with it what ``level`` says; else None.

        :param int order_id: the subscription
        :param str access_token: its own, or that of somebody who was let in
        :param str level: one of LEVELS
        """
        # In sudo mode: visitors read no orders; what they may is asked next.
        order_sudo = request.env["sale.order"].sudo().browse(order_id).exists()
        if order_sudo.subscription_status not in PAGE_STATUSES:
            return None
        granted = order_sudo._get_portal_level(request.env.user, access_token)
        if not granted or LEVELS.index(granted) < LEVELS.index(level):
            return None
        order_sudo = order_sudo.with_company(order_sudo.company_id)
        return self._speak_to(order_sudo, order_sudo._get_visitor(request.env.user, access_token))

    def _speak_to(self, order_sudo, visitor):
        """Return ``order_sudo`` in the language of a visitor without a login, who has not chosen another one."""
        lang = request.env["res.lang"]._get_data(code=visitor.lang)
        if not lang or not request.env.user._is_public() or request.httprequest.cookies.get("frontend_lang"):
            return order_sudo
        request.lang = lang
        request.update_context(lang=lang.code)
        request.future_response.set_cookie("frontend_lang", lang.code, max_age=365 * 24 * 3600)
        return order_sudo.with_context(lang=lang.code)

    def _get_subscription_values(self, order_sudo, access_token=None, **values):
        """Return what each page of a subscription needs.

        :param order_sudo: what :meth:`_get_subscription` returned
        :param str access_token: that of the visitor's link
        """
        user = request.env.user

        def subscription_url(suffix="", **params):
            """Return the URL of another page of this subscription, for the same visitor."""
            params |= {"access_token": access_token} if access_token else {}
            query = f"?{url_encode(params)}" if params else ""
            return f"/my/subscriptions/{order_sudo.id}{suffix}{query}"

        return {
            "subscription": order_sudo,
            "access_token": access_token,
            "subscription_level": order_sudo._get_portal_level(user, access_token),
            "visitor": order_sudo._get_visitor(user, access_token),
            "subscription_url": subscription_url,
            "page_name": "subscription",
            "res_company": order_sudo.company_id,
            **values,
        }
