from collections import Counter

from odoo import api, models
from odoo.fields import Domain


class SubscriptionCareRun(models.AbstractModel):
    """Discounts on the first invoice of quotations that are still open: what is left of a period shrinks day by day."""

    _inherit = "subscription.care.run"

    @api.model
    def _get_steps(self):
        return [*super()._get_steps(), self._refresh_first_invoice_discounts]

    @api.model
    def _refresh_first_invoice_discounts(self):
        """Work out anew what is taken off first invoices that cost less today than yesterday."""
        refreshed = 0
        for order in self.env["sale.order"].search(self._get_open_discounts_domain()):
            refreshed += self._in_transaction(order._subscription_refresh_first_invoice)
        return Counter(discounts=refreshed) if refreshed else Counter()

    @api.model
    def _get_open_discounts_domain(self):
        """Return the domain of quotations with a card on them and a first period that may be a short one."""
        aligned = Domain("subscription_plan_id.alignment", "!=", "start") & Domain("product_uom_qty", "!=", 0)
        return (
            Domain("state", "in", ("draft", "sent"))
            & Domain("subscription_status", "in", ("quotation", "upsell"))
            & Domain("order_line.coupon_id", "!=", False)
            & (Domain("order_line", "any", aligned) | Domain("subscription_status", "=", "upsell"))
        )
