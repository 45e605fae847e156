from odoo import api, models

from ..tools import mrr as mrr_tools


class SaleOrderLine(models.Model):
    """The recurring revenue of a line, and the events that explain it."""

    _inherit = "sale.order.line"

    @api.depends("price_subtotal", "subscription_plan_id")
    def _compute_subscription_mrr(self):
        for line in self:
            plan = line.subscription_plan_id
            line.subscription_mrr = line.price_subtotal / plan._get_months() if plan else 0.0

    def _get_running_mrr(self):
        return self.subscription_mrr if self.subscription_phase == "running" else 0.0

    def _subscription_record_movements(self, cause, date=None):
        """Write the events that lead from what was recorded to what the lines bring now.

        :param str cause: 'start', 'change', 'close', 'pause' or 'resume'
        :param date date: day of effect (default: each company's today)
        """
        self._subscription_carry_revenue_over(date)
        # In sudo mode: events are written by no user, only by what is done to the order.
        lines = self.sudo()
        Event = lines.env["subscription.event"]
        carried = Event._get_carried(lines.order_id.order_line)
        values = []
        for order, order_lines in lines.grouped("order_id").items():
            day = date or order.company_id._get_subscription_today()
            values += order_lines._prepare_movements(order, cause, day, carried)
        Event.create(values)

    def _prepare_movements(self, order, cause, day, carried):
        none = (0.0, 0.0, 0)
        deltas = {line: line._get_running_mrr() - carried.get(line, none)[0] for line in self}
        deltas = {line: delta for line, delta in deltas.items() if abs(delta) > mrr_tools.EPSILON}
        if not deltas:
            return []
        before = sum(carried.get(line, none)[0] for line in order.order_line)
        seen = any(carried.get(line, none)[2] for line in order.order_line)
        movement = mrr_tools.classify(before, before + sum(deltas.values()), cause, seen)
        rate = order.currency_id._convert(1.0, order.company_id.currency_id, order.company_id, day, round=False)
        values = [
            line._prepare_event(
                movement, day, delta, mrr_tools.company_amount(delta, *carried.get(line, none)[:2], rate)
            )
            for line, delta in deltas.items()
        ]
        if movement == "pause" or (seen and abs(before) < mrr_tools.EPSILON):
            values[0]["pausing"] = int(movement == "pause") - order._count_pausing()
        return values

    def _prepare_event(self, movement, day, delta, delta_company):
        order = self.order_id
        return {
            "date": day,
            "type": movement,
            "order_id": order.id,
            "line_id": self.id,
            "company_id": order.company_id.id,
            "partner_id": order.partner_id.commercial_partner_id.id,
            "product_id": self.product_id.id,
            "plan_id": self.subscription_plan_id.id,
            "user_id": order.user_id.id,
            "team_id": order.team_id.id,
            "close_reason_id": order.subscription_close_reason_id.id if movement == "churn" else False,
            "currency_id": order.currency_id.id,
            "amount": delta,
            "amount_company": delta_company,
        }

    # === CARRIED OVER ===#

    def _subscription_carry_revenue_over(self, date=None):
        """Write the events that carry revenue over to the plan, salesperson … that the lines have now.

        Together they are zero: what each of them brings stays right, and nothing grew or shrank.

        :param date date: day of effect (default: each company's today)
        """
        # In sudo mode: events are written by no user, only by what is done to the order.
        Event = self.env["subscription.event"].sudo()
        values = []
        for line, marks, sums in Event._get_carried_by_marks(self):
            if max(map(abs, sums.values())) > mrr_tools.EPSILON:
                values += line._prepare_carrying_over(date, marks, sums)
        Event.create(values)

    def _prepare_carrying_over(self, date, marks, sums):
        day = date or self.company_id._get_subscription_today()
        event = self._prepare_event("transfer", day, 0.0, 0.0)
        if marks.items() <= event.items():
            return []
        return [{**event, **marks, **{name: -value for name, value in sums.items()}}, {**event, **sums}]
