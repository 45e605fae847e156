from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionResumeWizard(models.TransientModel):
    """A paused subscription runs again: today, or on a date."""

    _name = "subscription.resume.wizard"
    _inherit = ["subscription.preview.mixin"]
    _description = "Resume a Subscription"

    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, readonly=True, ondelete="cascade"
    )
    moment = fields.Selection(
        selection=[("now", "Today"), ("date", "On a date")], string="Runs Again", required=True, default="now"
    )
    date = fields.Date(string="First Day", help="First day after the pause.")
    note = fields.Text(help="Kept with the change.")

    @api.depends("order_id", "moment", "date")
    def _compute_preview(self):
        super()._compute_preview()

    def _get_previewed(self):
        return [(self.order_id, self._get_changes())]

    def _get_changes(self):
        """Return the values of the end of the pause.

        :raise UserError: where the day is missing
        """
        if not self.order_id:
            return []
        if self.moment == "date" and not self.date:
            raise UserError(self.env._("Choose the day from which the subscription runs again."))
        today = self.order_id.company_id._get_subscription_today()
        return [
            {
                "order_id": self.order_id.id,
                "kind": "resume",
                "effective_on": self.date if self.moment == "date" else today,
                "note": self.note,
            }
        ]

    def action_confirm(self):
        """Let the subscription run again, at once or on its day.

        :raise UserError: when it cannot (it names the reason)
        """
        self.ensure_one()
        self._schedule(self.order_id, self._get_changes())
        return {"type": "ir.actions.act_window_close"}
