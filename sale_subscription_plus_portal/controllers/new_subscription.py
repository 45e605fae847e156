from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal


class NewSubscription(CustomerPortal):
    """Customers take a subscription by themselves, from the templates that are open to them."""

    @route("/my/subscriptions/new", type="http", auth="user", website=True, sitemap=False)
    def portal_new_subscription(self, **kwargs):
        """Show what the customer may take, and from what price on."""
        return self._render_new_subscription()

    @route("/my/subscriptions/new/quotation", type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def portal_new_subscription_quotation(self, template_id=None, **kwargs):
        """Make the customer a quotation of a template, and lead to it.

        :param str template_id: one of those on the page
        """
        templates = self._get_open_templates()
        template = templates.filtered(lambda template: str(template.id) == template_id)
        if not template:
            return self._render_new_subscription(
                request.env._("This is not offered any more. Please choose one of the subscriptions below.")
            )
        try:
            order_sudo = template._subscription_take(request.env.user)
        except UserError as error:
            return self._render_new_subscription(str(error))
        return request.redirect(order_sudo.get_portal_url(), code=303)

    def _get_open_templates(self):
        return request.env["sale.order.template"]._get_open_to_self_service(request.env.user)

    def _render_new_subscription(self, problem=None):
        """Render the page.

        :param str problem: why nothing came of the last choice
        """
        values = self._prepare_portal_layout_values()
        values |= {
            "page_name": "subscription_new",
            "offers": self._get_open_templates()._get_prices_from(request.env.user),
            "problem": problem,
        }
        return request.render("sale_subscription_plus_portal.portal_new_subscription", values)
