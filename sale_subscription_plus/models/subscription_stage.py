from odoo import api, fields, models

from .sale_order import SUBSCRIPTION_STATUS


class SubscriptionStage(models.Model):
    _name = "subscription.stage"
    _description = "Subscription Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    status = fields.Selection(
        selection=SUBSCRIPTION_STATUS,
        required=True,
        default="progress",
        help="Stages are columns inside one status: a subscription moves freely between stages of its status, "
        "and to another status only by its buttons.",
    )
    fold = fields.Boolean(string="Folded in Kanban", help="Show the column folded when it is empty.")
    description = fields.Text(translate=True, help="What being in this stage means to your team.")
    active = fields.Boolean(default=True)

    @api.model
    def _get_first(self, status):
        """Return the first stage of ``status``, or none."""
        return self.search([("status", "=", status)], limit=1)
