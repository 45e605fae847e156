from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date, formatLang


class SubscriptionPreviewMixin(models.AbstractModel):
    """What is about to happen to subscriptions, in figures and sentences, before anybody confirms it.

    A wizard inherits it, returns the values of the changes to come, and shows ``preview`` or ``problem``.
    """

    _name = "subscription.preview.mixin"
    _description = "Preview of Subscription Changes"

    preview = fields.Html(compute="_compute_preview", help="What is charged or credited, and what counts from then on.")
    problem = fields.Text(compute="_compute_preview", help="Why it cannot be done like this.")

    def _compute_preview(self):
        for wizard in self:
            try:
                # Values that a screen is still being filled with write nothing.
                wizard.preview = wizard._render_previews()
                wizard.problem = False
            except UserError as error:
                wizard.preview = False
                wizard.problem = str(error)

    def _render_previews(self):
        return Markup().join(self._render_preview(order, figures) for order, figures in self._get_figures()) or False

    def _get_previewed(self):
        """Return [(order, values of its changes)] to show."""
        raise NotImplementedError

    def _get_figures(self):
        """Return [(order, what the engine says of its changes)]."""
        previewed = [(order, values) for order, values in self._get_previewed() if values]
        for order, _values in previewed:
            self._check_orders(order)
        # In sudo mode: the right was checked; a preview reads the ledger.
        Change = self.env["subscription.change"].sudo()
        return [(order, Change._preview(values)) for order, values in previewed]

    def _render_preview(self, order, figures):
        return self.env["ir.qweb"]._render(
            "sale_subscription_plus.subscription_preview", self._prepare_preview(order, figures)
        )

    def _prepare_preview(self, order, figures):
        def money(amount):
            return formatLang(self.env, amount, currency_obj=order.currency_id)

        adjustment, day = figures["adjustment"], figures["effective_on"]
        is_today = day == order.company_id._get_subscription_today()
        return {
            "title": self._get_preview_title(order),
            "day": "" if is_today else format_date(self.env, day),
            "credited": adjustment["total"] < 0,
            "total": "" if order.currency_id.is_zero(adjustment["total"]) else money(abs(adjustment["total"])),
            "tax": money(abs(adjustment["tax"])) if adjustment["tax"] else "",
            "recurring": (money(figures["recurring_before"]), money(figures["recurring_after"])),
            "mrr": (money(figures["mrr_before"]), money(figures["mrr_after"])),
            "next_invoice_date": format_date(self.env, figures["next_invoice_date_after"] or False),
            "paused": False,
            # What changes, and its money; the rest is in the figures.
            "sentences": figures["sentences"][: figures["count"] + 1],
        }

    def _get_preview_title(self, order):
        """Return what stands above the figures of ``order``: nothing, where there is but one."""
        return ""

    # === CONFIRM ===#

    def _check_orders(self, orders):
        """Raise unless the user may change the life of ``orders``: buttons are hidden, calls are not."""
        orders._subscription_check_right("sales_team.group_sale_salesman")
        orders.check_access("write")

    def _schedule(self, orders, vals_list):
        """Plan the changes, and do those at once that are due."""
        self._check_orders(orders)
        # In sudo mode: the right was checked; a change also writes ledger, dates and events.
        return self.env["subscription.change"].sudo()._schedule(vals_list)
