from odoo import models
from odoo.tools import format_date


class SaleOrder(models.Model):
    """What the shop says of a cart's money: what is due today, and what comes each period."""

    _inherit = "sale.order"

    def _is_shop_subscription(self):
        """Return whether something in this cart recurs."""
        return bool(self.order_line._filter_subscribed())

    def _get_shop_totals(self):
        """Return {"untaxed", "tax", "total"} of what is due today: of a cart that recurs, its first invoice."""
        if self._is_shop_subscription():
            return self._get_base_line_totals(self._get_first_base_lines())
        return {"untaxed": self.amount_untaxed, "tax": self.amount_tax, "total": self.amount_total}

    def _get_shop_total_label(self):
        """Return what stands before the total."""
        if not self._is_shop_subscription():
            return self.env._("Total")
        return self.env._("Due today") if self.state in ("draft", "sent") else self.env._("First invoice")

    def _get_shop_terms(self):
        """Return the sentences that say what comes after today, plan by plan."""
        sentences = []
        for plan, lines in self._get_lines_by_plan().items():
            sentences += self._get_plan_sentences(plan, lines)
        return sentences

    def _get_recurring_sentence(self, plan, lines, period, day):
        """Override of the portal: who pays in the shop, accepts today."""
        if not self.website_id or self.state != "draft" or period.is_stub:
            return super()._get_recurring_sentence(plan, lines, period, day)
        return self.env._(
            "Then %(amount)s %(period)s, taxes included, from %(date)s on.",
            amount=self._format_agreed(self._get_period_total(lines, period)),
            period=plan._get_frequency_label(),
            date=format_date(self.env, day),
        )
