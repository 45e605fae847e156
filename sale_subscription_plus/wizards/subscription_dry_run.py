from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools.misc import format_date


class SubscriptionDryRun(models.TransientModel):
    """What the billing would do as of a day. Nothing is written but the rows that show it."""

    _name = "subscription.dry.run"
    _description = "Billing Dry Run"

    date = fields.Date(
        string="As Of",
        required=True,
        default=lambda self: self._get_tonight(),
        help="What is due until this day is shown. Tonight's billing takes what is due tomorrow.",
    )
    line_ids = fields.One2many(comodel_name="subscription.dry.run.line", inverse_name="run_id")

    @api.model
    def _get_tonight(self):
        """Return the day that begins with the next midnight of the company."""
        return fields.Date.add(self.env.company._get_subscription_today(), days=1)

    @api.model
    def action_tonight(self):
        """Show what tonight's billing will do."""
        self._check_right()
        return self.create({}).action_preview()

    def action_preview(self):
        """Work out what would be billed until the date, and show it."""
        self.ensure_one()
        self._check_right()
        # One preview a user: what is shown is always the last.
        self.search([("create_uid", "=", self.env.uid), ("id", "!=", self.id)]).unlink()
        # In sudo mode: a row copies from its order, so users make none, for orders that they may not see.
        self.sudo().line_ids = [Command.clear()] + [Command.create(vals) for vals in self._prepare_lines()]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sale_subscription_plus.subscription_dry_run_line_action"
        )
        action["display_name"] = self.env._("Billing as of %s", format_date(self.env, self.date))
        action["domain"] = [("run_id", "=", self.id)]
        return action

    @api.model
    def _check_right(self):
        self.env["sale.order"]._subscription_check_right("account.group_account_invoice")

    def _prepare_lines(self):
        """Return the values of the rows, of the orders that the user may see in the active companies."""
        details = self.env["subscription.billing.run"]._run(date=self.date, dry_run=True)["details"]
        orders = self.env["sale.order"].browse({detail["order_id"] for detail in details})
        seen = set(orders._filtered_access("read").ids)
        return [self._prepare_line(detail) for detail in details if detail["order_id"] in seen]

    @api.model
    def _prepare_line(self, detail):
        return {
            "order_id": detail["order_id"],
            "date": detail["date"],
            "untaxed": detail["untaxed"],
            "total": detail["total"],
            "reason": detail["blocker"],
            "outcome": "park" if detail["blocker"] else "bill",
        }


class SubscriptionDryRunLine(models.TransientModel):
    _name = "subscription.dry.run.line"
    _description = "Billing Dry Run Line"
    _order = "outcome desc, date, id"

    run_id = fields.Many2one(comodel_name="subscription.dry.run", required=True, ondelete="cascade", index=True)
    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(related="order_id.partner_id", store=True)
    user_id = fields.Many2one(related="order_id.user_id", store=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    currency_id = fields.Many2one(related="order_id.currency_id", store=True)
    date = fields.Date(string="Bill Date", required=True)
    outcome = fields.Selection(selection=[("bill", "To be invoiced"), ("park", "Would be parked")], required=True)
    reason = fields.Text(string="Why It Cannot Be Billed")
    untaxed = fields.Monetary()
    total = fields.Monetary()

    def action_view_order(self):
        """Open the subscription."""
        self.ensure_one()
        return self.order_id.get_formview_action()
