from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero
from odoo.tools.misc import formatLang

from ..tools.price_revision import PRICE_DIGITS

PROGRESS = {"planned": "planned", "applied": "applied", "cancelled": "undone"}


class SubscriptionPriceRevisionLine(models.Model):
    """The price of one subscription line before and after a revision."""

    _name = "subscription.price.revision.line"
    _description = "Revised Price"
    _inherit = ["subscription.guard.mixin"]
    _order = "order_id desc, id"
    _rec_name = "line_id"

    _subscription_guarded = frozenset(
        {
            "revision_id",
            "line_id",
            "order_id",
            "partner_id",
            "product_id",
            "plan_id",
            "currency_id",
            "effective_on",
            "old_price",
            "new_price",
            "mrr_before",
            "mrr_after",
            "problem",
            "change_id",
            "undo_problem",
        }
    )

    revision_id = fields.Many2one(
        comodel_name="subscription.price.revision", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="revision_id.company_id")
    company_currency_id = fields.Many2one(related="revision_id.company_currency_id")
    line_id = fields.Many2one(
        comodel_name="sale.order.line", string="Subscription Line", required=True, ondelete="cascade", index=True
    )
    order_id = fields.Many2one(comodel_name="sale.order", string="Subscription", required=True, ondelete="cascade")
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", required=True, ondelete="cascade")
    product_id = fields.Many2one(comodel_name="product.product")
    plan_id = fields.Many2one(comodel_name="subscription.plan")
    currency_id = fields.Many2one(comodel_name="res.currency")
    effective_on = fields.Date(string="From", help="First day of the first period at the new price.")
    old_price = fields.Float(digits="Product Price", help="Of one unit and period, taxes included or not as agreed.")
    new_price = fields.Float(digits="Product Price", help="Of one unit and period, taxes included or not as agreed.")
    mrr_before = fields.Float(string="MRR Before", digits=0, help="In company currency, at the rate of the preview.")
    mrr_after = fields.Float(string="MRR After", digits=0, help="In company currency, at the rate of the preview.")
    included = fields.Boolean(default=True, help="Untick to leave this price as it is.")
    problem = fields.Char(string="Not Revised Because")
    change_id = fields.Many2one(comodel_name="subscription.change", ondelete="set null", index="btree_not_null")
    undo_problem = fields.Char(string="Not Undone Because")
    progress = fields.Selection(
        selection=[
            ("left_out", "Left Out"),
            ("preview", "Preview"),
            ("planned", "Planned"),
            ("applied", "Applied"),
            ("billed", "Billed"),
            ("undone", "Undone"),
        ],
        compute="_compute_progress",
        help="Applied: the price is on the subscription. Billed: an invoice asked for it.",
    )

    _once = models.Constraint("UNIQUE(revision_id, line_id)", "A price is revised once by a revision.")

    @api.depends("included", "problem", "change_id.state", "change_id.is_billed")
    def _compute_progress(self):
        for row in self:
            if not row.included or (row.problem and not row.change_id):
                row.progress = "left_out"
            elif row.change_id.is_billed:
                row.progress = "billed"
            else:
                row.progress = PROGRESS.get(row.change_id.state, "preview")

    def write(self, vals):
        """Override of `base`: what is planned is left out of nothing any more."""
        if not self.env.su and "included" in vals:
            for revision in self.revision_id:
                revision._check_draft()
        return super().write(vals)

    # === ACTION METHODS ===#

    def action_leave_out(self):
        """Leave these prices as they are."""
        self.included = False

    def action_take_in(self):
        """Revise these prices after all."""
        self.included = True

    def action_view_order(self):
        """Open the subscription."""
        self.ensure_one()
        return self.order_id.get_formview_action()

    # === PLAN ===#

    def _plan_anew(self, date, planned):
        """See to a line that may have changed since the preview: its day moves on, or it is not revised.

        :param date date: first day of its first period that is not billed yet, False where it ends before
        :param date planned: day of another planned change of its price, if any
        """
        line = self.line_id
        problem = self.revision_id._get_line_problem(line, self.new_price, date, planned)
        if line.subscription_phase != "running":
            problem = self.env._("Does not run any more")
        problem = problem or self._get_overtaken_problem()
        if problem or date != self.effective_on:
            self.write({"problem": problem, "effective_on": date})

    def _schedule(self):
        """Plan the changes of these lines; one that cannot be planned is told, and stops no other."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                changes = self.env["subscription.change"]._schedule([row._prepare_change() for row in self])
        except UserError as error:
            if len(self) == 1:
                self.problem = str(error)
                return
            half = len(self) // 2
            self[:half]._schedule()
            self[half:]._schedule()
            return
        for row, change in zip(self, changes, strict=True):
            row.change_id = change

    def _prepare_change(self):
        return {
            "order_id": self.order_id.id,
            "line_id": self.line_id.id,
            "kind": "price",
            "effective_on": self.effective_on,
            "price_unit": self.new_price,
            "revision_id": self.revision_id.id,
        }

    # === IN WORDS ===#

    def _format_price(self, price):
        return f"{formatLang(self.env, price, currency_obj=self.currency_id)} / {self.plan_id._get_period_label()}"

    def _get_overtaken_problem(self):
        """Return why the price that was worked out does not count any more, or False."""
        line = self.line_id
        if line.subscription_plan_id != self.plan_id:
            return self.env._("The plan changed since the preview")
        if not float_is_zero(line.price_unit - self.old_price, precision_digits=PRICE_DIGITS):
            return self.env._("Another price was agreed since the preview")
        return False
