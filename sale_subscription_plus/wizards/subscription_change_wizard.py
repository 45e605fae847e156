from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_compare

# What the user enters on a line.
ENTERED = ("quantity", "price_unit", "discount", "discount_periods", "plan_id")


class SubscriptionChangeWizard(models.TransientModel):
    """The lines of a running subscription as they shall be: what differs becomes a change."""

    _name = "subscription.change.wizard"
    _inherit = ["subscription.preview.mixin"]
    _description = "Change a Subscription"

    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, readonly=True, ondelete="cascade"
    )
    line_ids = fields.One2many(comodel_name="subscription.change.wizard.line", inverse_name="wizard_id")
    moment = fields.Selection(
        selection=[
            ("auto", "More from today, less from the end of the period that was billed"),
            ("now", "Today"),
            ("period", "At the end of the period that was billed"),
            ("date", "On a date"),
        ],
        string="When",
        required=True,
        default="auto",
        help="What changes inside a period that was billed already is charged or credited by the day.",
    )
    date = fields.Date(string="From", help="First day with the change.")
    note = fields.Text(help="Kept with the change.")

    is_discounted = fields.Boolean(compute="_compute_is_discounted")

    @api.depends("moment", "date", *(f"line_ids.{name}" for name in ENTERED))
    def _compute_preview(self):
        super()._compute_preview()

    @api.depends("line_ids.is_discounted")
    def _compute_is_discounted(self):
        for wizard in self:
            wizard.is_discounted = any(wizard.line_ids.mapped("is_discounted"))

    @api.model
    def _prepare_lines(self, lines):
        """Return the commands that show ``lines`` as they are."""
        return [Command.create(line._prepare_change_wizard_line()) for line in lines]

    def _get_previewed(self):
        """Override: changes of one day at a time, the first day first."""
        by_day = {}
        for vals in self._get_changes():
            by_day.setdefault(vals["effective_on"], []).append(vals)
        return [(self.order_id, by_day[day]) for day in sorted(by_day)]

    def _get_figures(self):
        """Override: what comes on a later day adds to what came before. A line changes on one day only."""
        shown = super()._get_figures()
        for (_order, former), (_order, figures) in pairwise(shown):
            for name in ("recurring", "mrr"):
                difference = figures[f"{name}_after"] - figures[f"{name}_before"]
                figures[f"{name}_before"] = former[f"{name}_after"]
                figures[f"{name}_after"] = former[f"{name}_after"] + difference
        return shown

    def _get_changes(self):
        """Return the values of all changes that were entered.

        :raise UserError: where the day is missing
        """
        changes = [vals for line in self.line_ids for vals in line._get_changes()]
        if changes and self.moment == "date" and not self.date:
            raise UserError(self.env._("Choose the first day on which the change counts."))
        return changes

    def action_confirm(self):
        """Plan the changes; those from today on are done, charged and credited at once.

        :raise UserError: when nothing was changed, or a change cannot be made (it names the reason)
        """
        self.ensure_one()
        self._check_orders(self.order_id)
        changes = self._get_changes()
        if not changes:
            raise UserError(self.env._("Nothing differs from what is agreed: enter what shall be new."))
        self._schedule(self.order_id, changes)
        return {"type": "ir.actions.act_window_close"}


class SubscriptionChangeWizardLine(models.TransientModel):
    """A line as it shall be."""

    _name = "subscription.change.wizard.line"
    _description = "Change of a Subscription Line"
    _order = "id"

    wizard_id = fields.Many2one(comodel_name="subscription.change.wizard", required=True, ondelete="cascade")
    line_id = fields.Many2one(comodel_name="sale.order.line", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="line_id.company_id")
    currency_id = fields.Many2one(related="line_id.currency_id")
    name = fields.Char(string="Product", compute="_compute_name")
    quantity = fields.Float(digits="Product Unit", required=True)
    price_unit = fields.Float(string="Unit Price", digits=0, min_display_digits="Product Price", required=True)
    discount = fields.Float(string="Disc. %", digits="Discount")
    discount_periods = fields.Integer(
        string="For N Periods", help="After as many periods the former discount counts again. 0: for good."
    )
    plan_id = fields.Many2one(comodel_name="subscription.plan", required=True, ondelete="cascade", check_company=True)
    is_discounted = fields.Boolean(compute="_compute_is_discounted")

    @api.depends("line_id")
    def _compute_name(self):
        for line in self:
            line.name = line.line_id.product_id.display_name or line.line_id.name

    @api.depends("discount")
    def _compute_is_discounted(self):
        for line in self:
            line.is_discounted = line._differs("discount", "discount")

    @api.onchange("plan_id")
    def _onchange_plan_id(self):
        """Offer the price that the pricelist has for the plan; back on its own plan, the agreed one."""
        if self.plan_id == self.line_id.subscription_plan_id:
            self.price_unit = self.line_id.price_unit
        elif self.plan_id:
            self.price_unit = self.line_id._get_price_under(self.plan_id)

    def _differs(self, name, line_name):
        precision = 2 if name == "discount" else 6
        return bool(float_compare(self[name], self.line_id[line_name], precision_digits=precision))

    def _get_changes(self):
        """Return the values of the changes that lead from the line to what was entered."""
        values = []
        if self._differs("quantity", "product_uom_qty"):
            values.append({"kind": "quantity", "quantity": self.quantity})
        if self.plan_id != self.line_id.subscription_plan_id:
            values.append({"kind": "plan", "plan_id": self.plan_id.id, "price_unit": self.price_unit})
        elif self._differs("price_unit", "price_unit"):
            values.append({"kind": "price", "price_unit": self.price_unit})
        if self._differs("discount", "discount"):
            values.append(
                {"kind": "discount", "discount": self.discount, "discount_periods": max(self.discount_periods, 0)}
            )
        line, wizard = self.line_id, self.wizard_id
        shared = {"order_id": wizard.order_id.id, "line_id": line.id, "note": wizard.note}
        return [{**shared, **vals, "effective_on": self._get_day()} for vals in values]

    def _get_day(self):
        """Return the first day with what was entered; where it is not told, it goes by what the line brings."""
        moment = self.wizard_id.moment
        if moment == "auto":
            moment = "now" if self._get_monthly() >= self.line_id._get_monthly_price() else "period"
        if moment == "period":
            return self.line_id._get_period_end()
        if moment == "date":
            return self.wizard_id.date
        return self.line_id.company_id._get_subscription_today()

    def _get_monthly(self):
        price = self.price_unit * self.quantity * (1 - self.discount / 100)
        return price / self.plan_id._get_months() if self.plan_id else 0.0


class SaleOrderLine(models.Model):
    """What the wizard asks of a line."""

    _inherit = "sale.order.line"

    def _prepare_change_wizard_line(self):
        return {
            "line_id": self.id,
            "quantity": self.product_uom_qty,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "plan_id": self.subscription_plan_id.id,
        }

    def _get_monthly_price(self):
        return (
            self.price_unit * self.product_uom_qty * (1 - self.discount / 100) / self.subscription_plan_id._get_months()
        )
