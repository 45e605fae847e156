from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.subscription_request_quote import QuoteChanged
from .subscription import SubscriptionPage

FORM = "/my/subscriptions/<int:order_id>/<any(change, pause, close):form>"
# What comes with a form and is no entry of it.
NO_ENTRIES = ("csrf_token", "digest")


class SelfServicePages(SubscriptionPage):
    """Customers change, pause, resume and close: a form, a review that tells what it means, and a confirmation.

    What each form shows and asks for, the order knows: see ``_prepare_<form>_form`` and ``_enter_<form>``.
    """

    @route(FORM, type="http", auth="public", methods=["GET", "POST"], website=True, sitemap=False)
    def portal_subscription_form(self, order_id, form, access_token=None, **entered):
        """Show a form; by POST with what was entered before.

        :param int order_id: the subscription
        :param str form: change, pause or close
        :param str access_token: that of the visitor's link
        """
        return self._with_subscription(self._show_form, order_id, access_token, form, entered)

    @route(f"{FORM}/review", type="http", auth="public", methods=["POST"], website=True)
    def portal_subscription_review(self, order_id, form, access_token=None, **entered):
        """Show what was entered would do and cost, and do nothing.

        :param int order_id: the subscription
        :param str form: change, pause or close
        :param str access_token: that of the visitor's link
        """
        return self._with_subscription(self._show_review, order_id, access_token, form, entered)

    @route(f"{FORM}/confirm", type="http", auth="public", methods=["POST"], website=True)
    def portal_subscription_confirm(self, order_id, form, access_token=None, **entered):
        """Do what was entered, if it still does and costs what was shown.

        :param int order_id: the subscription
        :param str form: change, pause or close
        :param str access_token: that of the visitor's link
        """
        return self._with_subscription(self._confirm, order_id, access_token, form, entered)

    @route(
        "/my/subscriptions/<int:order_id>/resume",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def portal_subscription_resume(self, order_id, access_token=None, **kwargs):
        """Show what it means that the subscription runs again; there is nothing to enter.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        """
        return self._with_subscription(self._show_review, order_id, access_token, "resume", {})

    @route(
        "/my/subscriptions/<int:order_id>/resume/confirm", type="http", auth="public", methods=["POST"], website=True
    )
    def portal_subscription_resume_confirm(self, order_id, access_token=None, **entered):
        """Let the subscription run again, if that still costs what was shown.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        """
        return self._with_subscription(self._confirm, order_id, access_token, "resume", entered)

    @route("/my/subscriptions/<int:order_id>/close/stay", type="http", auth="public", methods=["POST"], website=True)
    def portal_subscription_stay(self, order_id, access_token=None, **entered):
        """Take what is offered to who is about to close, if it still costs what was shown.

        :param int order_id: the subscription
        :param str access_token: that of the visitor's link
        """
        return self._with_subscription(self._confirm, order_id, access_token, "stay", entered)

    @route(
        "/my/subscriptions/<int:order_id>/changes/<int:change_id>/withdraw",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_subscription_withdraw(self, order_id, change_id, access_token=None, **kwargs):
        """Take back what the customer has planned: a change, a pause, or the end.

        :param int order_id: the subscription
        :param int change_id: a change that is planned
        :param str access_token: that of the visitor's link
        """
        order_sudo = self._get_subscription(order_id, access_token, level="manage")
        if not order_sudo:
            return request.redirect("/my")
        visitor = order_sudo._get_visitor(request.env.user, access_token)
        try:
            with request.env.cr.savepoint():
                order_sudo._withdraw_request(change_id, visitor)
            code = "withdrawn"
        except UserError:
            code = "not_withdrawn"
        subscription_url = self._get_subscription_values(order_sudo, access_token)["subscription_url"]
        return request.redirect(subscription_url(message=code))

    # === STEPS ===#

    def _with_subscription(self, step, order_id, access_token, form, entered):
        """Take a ``step`` of a form, if the visitor may manage the subscription."""
        order_sudo = self._get_subscription(order_id, access_token, level="manage")
        if not order_sudo:
            return request.redirect("/my")
        # Fields are texts, which the database can hold: whoever sends something else has entered nothing.
        entered = {name: value.replace("\0", "").strip() for name, value in entered.items() if isinstance(value, str)}
        return step(order_sudo, access_token, form, entered)

    def _show_form(self, order_sudo, access_token, form, entered, error=None):
        problem = order_sudo._get_form_problem(form)
        values = {
            "form": form,
            "entered": {name: value for name, value in entered.items() if name not in NO_ENTRIES},
            "error": error if error != problem else None,
            "problem": problem,
        }
        if not problem:
            values |= order_sudo._prepare_form(form)
        values = self._get_subscription_values(order_sudo, access_token, **values)
        return request.render(f"sale_subscription_plus_portal.portal_form_{form}", values)

    def _show_review(self, order_sudo, access_token, form, entered, warning=None):
        try:
            items = order_sudo._enter_form(form, entered)
            quote = order_sudo._quote_request(items)
        except UserError as error:
            return self._show_form(order_sudo, access_token, form, entered, str(error))
        values = self._get_subscription_values(
            order_sudo,
            access_token,
            form=form,
            entered={name: value for name, value in entered.items() if name not in NO_ENTRIES},
            quote=quote,
            warning=warning,
            **order_sudo._prepare_review(form, entered, items),
        )
        return request.render("sale_subscription_plus_portal.portal_review", values)

    def _confirm(self, order_sudo, access_token, form, entered):
        visitor = order_sudo._get_visitor(request.env.user, access_token)
        back = "close" if form == "stay" else form
        try:
            # What is refused half way leaves nothing behind.
            with request.env.cr.savepoint():
                made = order_sudo._submit_form(form, entered, visitor)
        except QuoteChanged as change:
            return self._show_review(order_sudo, access_token, back, entered, str(change))
        except UserError as error:
            return self._show_form(order_sudo, access_token, back, entered, str(error))
        return request.redirect(self._get_next_url(order_sudo, access_token, form, made))

    def _get_next_url(self, order_sudo, access_token, form, made):
        """Return where to go once a form is confirmed: to the payment, or back to the subscription."""
        subscription_url = self._get_subscription_values(order_sudo, access_token)["subscription_url"]
        if made.state != "done":
            return subscription_url(f"/requests/{made.id}")
        planned = made.change_ids.filtered(lambda change: change.state == "planned" and not change.parent_id)
        return subscription_url(message=f"{form}_planned" if planned else f"{form}_done")

    # === ON THE SUBSCRIPTION'S PAGE ===#

    def _prepare_subscription_page_values(self, order_sudo, access_token=None, **kwargs):
        """Override to tell what the visitor can do."""
        values = super()._prepare_subscription_page_values(order_sudo, access_token, **kwargs)
        manages = values["subscription_level"] == "manage"
        withdrawable = (order_sudo if manages else order_sudo.browse())._get_withdrawable_changes()
        closing = withdrawable.filtered(lambda change: change.kind == "close" and not change.line_id)
        return {
            **values,
            "actions": order_sudo._get_open_forms() if manages else [],
            "closing": closing,
            "withdrawable": withdrawable - closing,
        }

    def _get_page_messages(self):
        """Override to tell what a form has done."""
        return {
            **super()._get_page_messages(),
            "change_done": ("success", request.env._("Your change is made.")),
            "change_planned": (
                "success",
                request.env._("Your change is planned. You find it under “What comes next”."),
            ),
            "pause_done": ("success", request.env._("Your subscription is paused.")),
            "pause_planned": ("success", request.env._("Your pause is planned. You find it under “What comes next”.")),
            "resume_done": ("success", request.env._("Your subscription runs again.")),
            "close_done": ("success", request.env._("Your subscription is closed.")),
            "close_planned": (
                "success",
                request.env._("Your subscription ends as you wish. Until its last day you can decide to keep it."),
            ),
            "stay_done": ("success", request.env._("Thank you for staying with us.")),
            "stay_planned": (
                "success",
                request.env._("Thank you for staying with us. Our offer counts from the next period on."),
            ),
            "withdrawn": ("success", request.env._("You have taken it back: your subscription goes on as before.")),
            "not_withdrawn": ("warning", request.env._("This cannot be taken back any more.")),
        }
