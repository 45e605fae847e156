from odoo import api, fields, models
from odoo.tools.misc import format_date


class SubscriptionReopenWizard(models.TransientModel):
    """What it means to let closed subscriptions run again, before it is done."""

    _name = "subscription.reopen.wizard"
    _description = "Reopen Subscriptions"

    order_ids = fields.Many2many(comodel_name="sale.order", string="Subscriptions", required=True)
    summary = fields.Text(compute="_compute_summary")

    @api.depends("order_ids")
    def _compute_summary(self):
        for wizard in self:
            sentences = [sentence for order in wizard.order_ids._origin for sentence in wizard._describe(order)]
            wizard.summary = "\n".join(sentences)

    def _describe(self, order):
        """Return what becomes of the gap, of the periods and of what was credited, in sentences."""
        if order.subscription_status != "closed":
            return [self.env._("%s does not close: it runs on as before.", order.name)]
        today = order.company_id._get_subscription_today()
        if order.subscription_closed_on < today:
            gap = self.env["subscription.period"]._format_days(order.subscription_closed_on, today, self.env)
            sentences = [self.env._("%(order)s: the days %(days)s are not billed.", order=order.name, days=gap)]
        else:
            sentences = [self.env._("%s was closed today: no day is left out.", order.name)]
        sentences.append(
            self.env._(
                "It runs again from %(date)s, at the prices on its lines: %(price)s.",
                date=format_date(self.env, today),
                price=order.subscription_price_label,
            )
        )
        return [*sentences, *self._describe_ledger(order)]

    def _describe_ledger(self, order):
        # In sudo mode: what was credited counts whoever may read the ledger.
        credited = order.sudo().subscription_period_ids.filtered(
            lambda row: row.kind == "credit" and row.state == "live" and row.change_id.kind == "close"
        )
        if credited:
            return [self.env._("Days that were credited at the close stay credited: they are billed anew.")]
        return [
            self.env._("Days after today that are billed already are not billed again; periods count on from them.")
        ]

    def action_reopen(self):
        """Let the subscriptions run again from today.

        :raise UserError: when one is not closed
        """
        self.ensure_one()
        self.order_ids.action_subscription_reopen()
        return {"type": "ir.actions.act_window_close"}
