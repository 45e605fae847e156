from odoo import fields, models


class SubscriptionPriceNotice(models.Model):
    """A customer was told of a price revision, once."""

    _name = "subscription.price.notice"
    _description = "Price Notice"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_name = "partner_id"

    revision_id = fields.Many2one(
        comodel_name="subscription.price.revision", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="revision_id.company_id", store=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", required=True, ondelete="cascade", index=True
    )
    email = fields.Char(string="Told At", help="Empty: the customer has no e-mail address, and was not told.")
    told_on = fields.Date(help="The day on which the mail was put into Odoo's queue.")

    _once = models.Constraint("UNIQUE(revision_id, partner_id)", "A customer is told once of a revision.")

    # === WHAT THE MAIL SAYS ===#

    def _get_prices(self):
        """Return the customer's prices that change, the first one first."""
        self.ensure_one()
        # In sudo mode: the mail tells its customer, whoever sends it.
        rows = self.env["subscription.price.revision.line"].sudo()
        return rows.search(
            [
                ("revision_id", "=", self.revision_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("change_id.state", "in", ("planned", "applied")),
            ],
            order="effective_on, id",
        )
