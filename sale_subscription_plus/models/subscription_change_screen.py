from odoo import api, fields, models
from odoo.tools.misc import formatLang


class SubscriptionChange(models.Model):
    """What the screens show of a change beyond what the engine keeps."""

    _inherit = "subscription.change"

    money = fields.Monetary(
        string="Charged or Credited",
        compute="_compute_money",
        help="For days that were billed already; tax in or out as in the price. Below zero: credited.",
    )
    move_ids = fields.Many2many(
        comodel_name="account.move",
        string="Documents",
        compute="_compute_move_ids",
        compute_sudo=True,
        help="Invoices and credit notes of this change, as far as you may see them.",
    )

    @api.depends("amount", "currency_id")
    def _compute_money(self):
        for change in self:
            change.money = change.amount

    @api.depends("period_ids.invoice_line_id", "period_ids.state")
    @api.depends_context("uid")
    def _compute_move_ids(self):
        # Salespeople see the invoices of their own customers only.
        readable = self.period_ids.move_id.sudo(False)._filtered_access("read")
        for change in self:
            moves = change.period_ids.filtered(lambda row: row.state == "live").move_id
            change.move_ids = moves & readable

    def action_cancel(self):
        """Cancel planned changes.

        :raise UserError: when one was done already
        """
        self.order_id._subscription_check_right("sales_team.group_sale_salesman")
        self.check_access("read")
        self.order_id.check_access("write")
        # In sudo mode: changes are written by no user; the right was checked.
        self.sudo()._withdraw()
        return True

    def action_view_documents(self):
        """Open the invoices and credit notes of this change."""
        self.ensure_one()
        return self.order_id.action_view_invoice(invoices=self.move_ids.sudo(False))

    def _get_timeline_sentence(self):
        """Return what changes, with its money."""
        sentence = self._get_sentence()
        if self.currency_id.is_zero(self.amount):
            return sentence
        return f"{sentence} ({formatLang(self.env, self.amount, currency_obj=self.currency_id)})"
