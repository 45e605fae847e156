from odoo import fields, models


class SubscriptionFollowUpWizard(models.TransientModel):
    _name = "subscription.follow.up.wizard"
    _description = "Assign the Follow-up of Collections"

    charge_ids = fields.Many2many(
        comodel_name="subscription.charge",
        string="Collections",
        required=True,
        default=lambda self: self._get_selected(),
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Follow-up",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Who sees to it that these invoices are paid.",
    )
    date_deadline = fields.Date(string="To-Do By", help="Gives them a to-do on each collection. Empty: none.")
    note = fields.Text(help="What is to be done; it stands in the to-do.")

    def _get_selected(self):
        """Return the collections that were selected on the list from which the wizard was opened."""
        if self.env.context.get("active_model") != "subscription.charge":
            return False
        return self.env.context.get("active_ids")

    def action_assign(self):
        """Let the user follow up the collections, with a to-do if a date is given."""
        self.ensure_one()
        self.charge_ids.user_id = self.user_id
        if self.date_deadline:
            for charge in self.charge_ids:
                charge.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=self.date_deadline,
                    summary=self.env._("Follow up the payment"),
                    note=self.note or "",
                    user_id=self.user_id.id,
                )
        return {"type": "ir.actions.act_window_close"}
