from odoo import models


class SaleOrder(models.Model):
    """Whose the recurring revenue of an order is."""

    _inherit = "sale.order"

    def write(self, vals):
        """Extend: the revenue of what runs goes with it to another salesperson, team or customer."""
        result = super().write(vals)
        if not vals.keys().isdisjoint(("partner_id", "user_id", "team_id")):
            self._subscription_carry_revenue_over()
        return result

    def _subscription_carry_revenue_over(self):
        # In sudo mode: who gives a subscription away may see it no more.
        running = self.sudo().filtered(lambda order: order.subscription_status in ("progress", "paused"))
        running.order_line._subscription_carry_revenue_over()

    # === PAUSES ===#

    def _count_pausing(self):
        """Return 1 if this order pauses by its movements, else 0."""
        [(count,)] = self.env["subscription.event"]._read_group([("order_id", "in", self.ids)], [], ["pausing:sum"])
        return count or 0

    def _subscription_record_end_of_pause(self, movement, day):
        """Write a movement of nothing for orders that paused, and bring nothing now: their pause ends all the same.

        :param str movement: 'churn' or 'resume'
        :param date day: of effect
        """
        # In sudo mode: events are written by no user, only by what is done to the order.
        for order in self.sudo():
            if count := order._count_pausing():
                event = order.subscription_event_ids.filtered("pausing").sorted("id")[-1]
                values = event.line_id._prepare_event(movement, day, 0.0, 0.0)
                event.create({**values, "pausing": -count})
