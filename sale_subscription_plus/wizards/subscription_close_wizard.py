from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class SubscriptionCloseWizard(models.TransientModel):
    _name = "subscription.close.wizard"
    _description = "Close Subscriptions"

    order_ids = fields.Many2many(comodel_name="sale.order", string="Subscriptions", required=True)
    reason_id = fields.Many2one(comodel_name="subscription.close.reason", required=True)
    moment = fields.Selection(
        selection=[
            ("now", "Today"),
            ("period", "At the end of the period that was billed"),
            ("term", "At the end of the term"),
            ("date", "On a date"),
        ],
        string="When",
        required=True,
        default="now",
        help="What was billed is not credited. What is due until that day is still billed.",
    )
    date = fields.Date(string="First Day Without", help="First day without the subscription.")
    note = fields.Text(help="Kept in the history of the subscription.")
    summary = fields.Text(compute="_compute_summary")

    @api.depends("order_ids", "moment", "date")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = "\n".join(
                self.env._(
                    "%(order)s ends on %(date)s.",
                    order=order.name,
                    date=format_date(self.env, date),
                )
                for order in wizard.order_ids
                if (date := wizard._get_date(order))
            )

    def _get_date(self, order):
        """Return the first day without ``order``, or False where the wizard does not tell one."""
        if self.moment == "now":
            return order.company_id._get_subscription_today()
        if self.moment == "period":
            ends = [line.subscription_next_start for line in order.order_line if line.subscription_next_start]
            return max([*ends, order.company_id._get_subscription_today()])
        if self.moment == "term":
            return order.subscription_term_end and fields.Date.add(order.subscription_term_end, days=1)
        return self.date

    def action_close(self):
        """Close the subscriptions.

        :raise UserError: when one has no such day, or the day lies before its start
        """
        self.ensure_one()
        self.order_ids._subscription_check_right("sales_team.group_sale_salesman")
        self.order_ids.check_access("write")
        for order in self.order_ids:
            date = self._check_date(order)
            # In sudo mode: the right was checked; closing also writes ledger dates and events.
            order.sudo()._subscription_close(date, self.reason_id)
            if self.note:
                order.message_post(body=self.note)
        return {"type": "ir.actions.act_window_close"}

    def _check_date(self, order):
        date = self._get_date(order)
        if not date:
            raise UserError(self.env._("%s has no term that ends. Choose another moment.", order.name))
        if not order.subscription_start or date < order.subscription_start:
            raise UserError(self.env._("%s cannot end before it starts.", order.name))
        return date
