from odoo import api, models
from odoo.fields import Command


class SaleOrder(models.Model):
    """Discounts in the cart: a line for each plan."""

    _inherit = "sale.order"

    @api.depends("order_line.subscription_plan_id")
    def _compute_website_order_line(self):
        """Extend: Odoo shows all that a discount takes off as one sum; of several periods, that would be none."""
        super()._compute_website_order_line()
        for order in self:
            if order.order_line._filter_subscribed():
                merged = order.website_order_line.filtered(lambda line: line.reward_id.reward_type == "discount")
                order.website_order_line = order.website_order_line - merged + order._get_shown_discounts()

    def _get_shown_discounts(self):
        """Return the discounts to show, each a line that is not written: one for each claim and plan."""
        lines = self.order_line.filtered(lambda line: line.coupon_id and line.reward_id.reward_type == "discount")
        claims = lines.grouped(
            lambda line: (line.reward_id, line.coupon_id, line.reward_identifier_code, line.subscription_plan_id)
        )
        return self.env["sale.order.line"].concat(*(self._get_shown_discount(claim) for claim in claims.values()))

    def _get_shown_discount(self, lines):
        """Return the line to show for ``lines``, which take off one claim on one plan, tax by tax."""
        line = lines[0]
        values = {name: sum(lines.mapped(name)) for name in ("price_unit", "price_subtotal", "price_total")}
        return self.env["sale.order.line"].new(
            {
                "order_id": self.id,
                "product_id": line.product_id.id,
                "product_uom_id": line.product_uom_id.id,
                "product_uom_qty": 1,
                "discount": 0.0,
                "tax_ids": [Command.clear()],
                "name": line._get_reward_label(),
                "name_short": line._get_reward_label(),
                "is_reward_line": True,
                "coupon_id": line.coupon_id.id,
                "reward_id": line.reward_id.id,
                "subscription_plan_id": line.subscription_plan_id.id,
                "subscription_default_plan_id": False,
                **values,
            }
        )
