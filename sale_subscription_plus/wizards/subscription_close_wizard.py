from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class SubscriptionCloseWizard(models.TransientModel):
    """The end of one or several subscriptions: why, when, and what becomes of days that are paid."""

    _name = "subscription.close.wizard"
    _inherit = ["subscription.preview.mixin"]
    _description = "Close Subscriptions"

    order_ids = fields.Many2many(comodel_name="sale.order", string="Subscriptions", required=True)
    reason_id = fields.Many2one(comodel_name="subscription.close.reason", required=True)
    moment = fields.Selection(
        selection=[
            ("now", "Today"),
            ("period", "At the end of the period that was billed"),
            ("term", "At the end of the term, its notice kept"),
            ("date", "On a date"),
        ],
        string="When",
        required=True,
        default="now",
        help="What is due until that day is still billed.",
    )
    date = fields.Date(string="First Day Without", help="First day without the subscription.")
    credit = fields.Boolean(
        string="Credit Unused Days",
        help="What was billed for days after the close is given back, by a credit note. Unticked, it stays as it is.",
    )
    note = fields.Text(help="Kept in the history of the subscription.")

    summary = fields.Text(compute="_compute_summary")

    @api.depends("order_ids", "moment", "date")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = "\n".join(
                wizard._get_end_sentence(order, date)
                for order in wizard.order_ids._origin
                if (date := wizard._get_date(order))
            )

    def _get_end_sentence(self, order, date):
        sentence = self.env._("%(order)s ends on %(date)s.", order=order.name, date=format_date(self.env, date))
        if self.moment != "term":
            return sentence
        # Notice that comes too late is told.
        return f"{sentence} {order._get_term_close_sentence(order.company_id._get_subscription_today())}"

    @api.depends("order_ids", "reason_id", "moment", "date", "credit")
    def _compute_preview(self):
        super()._compute_preview()

    def _get_previewed(self):
        if not self.reason_id:
            return []
        return [(order, [self._prepare_close(order)]) for order in self.order_ids._origin]

    def _get_preview_title(self, order):
        return f"{order.name}, {order.partner_id.display_name}" if len(self.order_ids) > 1 else ""

    def _prepare_close(self, order):
        return {
            "order_id": order.id,
            "kind": "close",
            "effective_on": self._get_checked_date(order),
            "reason_id": self.reason_id.id,
            "compensation": "credit" if self._is_credited() else "none",
            "note": self.note,
        }

    def _is_credited(self):
        # Where the close waits for the end of what was billed, there is nothing to give back.
        return self.credit and self.moment != "period"

    def _get_date(self, order):
        """Return the first day without ``order``, or False where the wizard does not tell one."""
        if self.moment == "date":
            return self.date
        today = order.company_id._get_subscription_today()
        if self.moment == "period":
            return order._get_period_end_date()
        if self.moment == "term":
            return order._get_term_close_date(today)
        return today

    def _get_checked_date(self, order):
        date = self._get_date(order)
        if not date and self.moment == "date":
            raise UserError(self.env._("Choose the first day without the subscription."))
        if not date:
            raise UserError(self.env._("%s has no term that ends. Choose another moment.", order.name))
        if not order.subscription_start or date < order.subscription_start:
            raise UserError(self.env._("%s cannot end before it starts.", order.name))
        return date

    def action_close(self):
        """Close the subscriptions, at once or on their day.

        :raise UserError: when one has no such day, or the day lies before its start
        """
        self.ensure_one()
        self._check_orders(self.order_ids)
        for order in self.order_ids:
            date = self._get_checked_date(order)
            # In sudo mode: the right was checked; closing also writes ledger dates and events.
            order.sudo()._subscription_close(date, self.reason_id, credit=self._is_credited())
            if self.note:
                order.message_post(body=self.note)
        # In sudo mode: as above. A credit is given at once, as the preview says.
        self.order_ids.sudo().filtered("subscription_pending_on")._subscription_bill_due()
        return {"type": "ir.actions.act_window_close"}
