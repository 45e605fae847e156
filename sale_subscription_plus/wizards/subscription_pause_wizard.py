from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class SubscriptionPauseWizard(models.TransientModel):
    """A pause of a running subscription: from when, until when, and what becomes of days that are paid."""

    _name = "subscription.pause.wizard"
    _inherit = ["subscription.preview.mixin"]
    _description = "Pause a Subscription"

    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, readonly=True, ondelete="cascade"
    )
    moment = fields.Selection(
        selection=[
            ("now", "Today"),
            ("period", "At the end of the period that was billed"),
            ("date", "On a date"),
        ],
        string="Pause From",
        required=True,
        default="now",
    )
    date = fields.Date(string="First Day", help="First day of the pause.")
    duration = fields.Selection(
        selection=[("open", "Somebody resumes it"), ("date", "A date")],
        string="Until",
        required=True,
        default="open",
    )
    resume_on = fields.Date(string="Runs Again From", help="First day after the pause.")
    compensation = fields.Selection(
        selection=[("carry", "Carry them over"), ("credit", "Credit them"), ("none", "Keep them")],
        string="Days Billed Already",
        required=True,
        default="carry",
        help="Carried over: as many days are served after the pause, without a new invoice.\n"
        "Credited: they are given back at once, by a credit note.\n"
        "Kept: they are lost to the customer.",
    )
    note = fields.Text(help="Kept with the pause.")

    @api.depends("order_id", "moment", "date", "duration", "resume_on", "compensation")
    def _compute_preview(self):
        super()._compute_preview()

    def _get_previewed(self):
        return [(self.order_id, self._get_changes())]

    def _get_changes(self):
        """Return the values of the pause.

        :raise UserError: where a day is missing
        """
        if not self.order_id:
            return []
        if self.moment == "date" and not self.date:
            raise UserError(self.env._("Choose the first day of the pause."))
        if self.duration == "date" and not self.resume_on:
            raise UserError(self.env._("Choose the day from which the subscription runs again."))
        return [
            {
                "order_id": self.order_id.id,
                "kind": "pause",
                "effective_on": self._get_day(),
                "resume_on": self.resume_on if self.duration == "date" else False,
                "compensation": self.compensation,
                "note": self.note,
            }
        ]

    def _prepare_preview(self, order, figures):
        values = super()._prepare_preview(order, figures)
        if self.duration == "date" and self.resume_on:
            until = self.env._("Nothing is billed before it runs again on %s.", format_date(self.env, self.resume_on))
        else:
            until = self.env._("Nothing is billed before somebody resumes it.")
        # No next invoice and nothing that recurs: that is so for the time of the pause only.
        return {**values, "paused": True, "sentences": [*values["sentences"], *self._describe_carried_days(), until]}

    def _describe_carried_days(self):
        """Return a sentence for each line whose days are served after the pause."""
        pause = self.env["subscription.change"].sudo().new(self._get_changes()[0])  # In sudo mode: it is only asked
        sentences = []
        for line in pause._get_lines().filtered(pause._is_line_carried):
            spans = line._get_billed_spans(pause.effective_on)
            days = sum((span.service_end - max(span.start, pause.effective_on)).days for span in spans)
            if days > 0:
                name = line.product_id.display_name
                sentences.append(
                    self.env._("%(product)s: %(days)s paid days are served after the pause.", product=name, days=days)
                )
        return sentences

    def _get_day(self):
        if self.moment == "date":
            return self.date
        if self.moment == "period":
            return self.order_id._get_period_end_date()
        return self.order_id.company_id._get_subscription_today()

    def action_confirm(self):
        """Pause the subscription, at once or on its day.

        :raise UserError: when it cannot be paused like this (it names the reason)
        """
        self.ensure_one()
        self._schedule(self.order_id, self._get_changes())
        return {"type": "ir.actions.act_window_close"}
