from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_is_zero

from ..engine_context import get_shared

# Where a line stands; blank on a quotation.
TIMELINE_FIELDS = (
    "subscription_start",
    "subscription_anchor",
    "subscription_end",
    "subscription_paused_on",
    "subscription_phase",
    "subscription_next_start",
    "subscription_next_end",
    "subscription_next_bill_date",
)
# Fields that change what a line brings per month.
MRR_FIELDS = {"price_unit", "discount", "product_uom_qty", "product_uom_id", "tax_ids"}


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "subscription.guard.mixin"]

    _subscription_guarded = frozenset(
        {
            *TIMELINE_FIELDS,
            "subscription_mrr",
            "subscription_raised_line_id",
            "subscription_renews_line_id",
            "subscription_upsell_line_id",
        }
    )

    # === FIELDS ===#

    subscription_plan_id = fields.Many2one(
        comodel_name="subscription.plan",
        string="Plan",
        compute="_compute_subscription_plan_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The line recurs with this plan. Empty: it is sold once.",
    )
    subscription_default_plan_id = fields.Many2one(
        comodel_name="subscription.plan",
        compute="_compute_subscription_plan_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Technical: the plan given automatically; another one on the line was chosen by hand.",
    )
    subscription_rule_discount = fields.Float(
        compute="_compute_discount",
        store=True,
        precompute=True,
        copy=False,
        help="Technical: the discount given by the pricelist; another one was agreed by hand.",
    )
    subscription_tax_auto = fields.Boolean(
        copy=False,
        help="Technical: taxes were not set by hand, so billing takes those of the product on that day.",
    )
    subscription_mrr = fields.Float(
        string="MRR",
        digits=0,
        compute="_compute_subscription_mrr",
        store=True,
        help="Untaxed revenue of the line per month, after discount; unrounded. Months count 365.25/12 days.",
    )

    # Timeline
    subscription_start = fields.Date(
        string="Line Start", copy=False, readonly=True, help="First day that the line may be billed for."
    )
    subscription_anchor = fields.Date(
        copy=False, readonly=True, help="The date from which the line's periods are counted."
    )
    subscription_end = fields.Date(
        string="Line End", copy=False, readonly=True, help="First day on which the line does not run any more."
    )
    subscription_paused_on = fields.Date(
        string="Line Paused On", copy=False, readonly=True, help="First day of the pause that the line is in."
    )
    subscription_phase = fields.Selection(
        selection=[("waiting", "Not started"), ("running", "Running"), ("paused", "Paused"), ("ended", "Ended")],
        string="Line Status",
        copy=False,
        readonly=True,
        help="A running line counts in the recurring revenue.",
    )
    subscription_next_start = fields.Date(
        string="Next Period From", copy=False, readonly=True, help="The first day that the ledger does not cover."
    )
    subscription_next_end = fields.Date(
        string="Next Period Until", copy=False, readonly=True, help="First day after the next period."
    )
    subscription_next_bill_date = fields.Date(
        string="Next Bill Date",
        copy=False,
        readonly=True,
        help="First day of the next period (in advance), or the day after its last (in arrears).",
    )
    subscription_period_ids = fields.One2many(
        comodel_name="subscription.period", inverse_name="line_id", string="Periods"
    )

    # Set-up fee
    subscription_setup_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Set-up Fee Of",
        copy=False,
        ondelete="cascade",
        index="btree_not_null",
        help="The line whose set-up fee this is.",
    )
    subscription_setup_done = fields.Boolean(
        help="Technical: the set-up fee was added once; taken away by hand, it stays away."
    )

    _subscription_start_idx = models.Index("(subscription_start) WHERE subscription_phase = 'waiting'")
    _subscription_end_idx = models.Index("(subscription_end) WHERE subscription_phase IN ('running', 'paused')")

    # === COMPUTE METHODS ===#

    @api.depends("product_id", "order_id.subscription_plan_id")
    def _compute_subscription_plan_id(self):
        """Give subscription products the order's plan; a plan chosen by hand stays, and one that was confirmed."""
        for line in self:
            by_hand = line.subscription_plan_id != line.subscription_default_plan_id
            confirmed = line.state == "sale" and line._origin
            if confirmed or (by_hand and line.product_id == (line._origin or line).product_id):
                line.subscription_plan_id = line.subscription_plan_id
                line.subscription_default_plan_id = line.subscription_default_plan_id
                continue
            plan = line._get_default_subscription_plan()
            line.subscription_default_plan_id = plan
            line.subscription_plan_id = plan

    @api.onchange("product_id")
    def _onchange_product_subscription_plan(self):
        """Give another product its own plan, on a line that is not saved yet and whose plan was chosen, too."""
        if self.state != "sale" or not self._origin:
            plan = self._get_default_subscription_plan()
            self.subscription_default_plan_id = plan
            self.subscription_plan_id = plan

    def _get_default_subscription_plan(self):
        product = self.product_id.with_company(self.company_id or self.env.company)
        if self.display_type or not product.subscription_ok:
            return self.env["subscription.plan"]
        return product.subscription_plan_id or self.order_id.subscription_plan_id

    # === CONSTRAINTS ===#

    @api.constrains("subscription_setup_line_id", "order_id")
    def _check_subscription_setup_line(self):
        """A set-up fee goes with its line, so no line of another order may be tied to one."""
        for line in self:
            if line.subscription_setup_line_id and line.subscription_setup_line_id.order_id != line.order_id:
                raise ValidationError(self.env._("A set-up fee stands on the same order as what it sets up."))

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._subscription_add_setup_fees()
        lines._subscription_start_late()
        return lines

    def write(self, vals):
        self._check_subscription_write(vals)
        if "product_id" in vals:
            self.filtered(lambda line: line.product_id.id != vals["product_id"])._subscription_drop_setup_fees()
        result = super().write(vals)
        if {"product_id", "subscription_plan_id", "product_uom_qty"} & vals.keys():
            self._subscription_add_setup_fees()
            self._subscription_start_late()
        if "tax_ids" in vals:
            for line in self._filter_timeline():
                line.subscription_tax_auto = line._has_automatic_taxes()
        # A change that falls due records its movements itself: on its own day, and of all its lines together.
        if MRR_FIELDS & vals.keys() and get_shared(self.env, "subscription_change") is None:
            self._filter_running()._subscription_record_movements("change")
        return result

    def _check_subscription_write(self, vals):
        """Recurring or not is frozen once the order is confirmed, and a line with a history stays on its order."""
        if "order_id" in vals:
            self._check_subscription_order_write(vals["order_id"])
        if "subscription_plan_id" not in vals or get_shared(self.env, "subscription_change") is not None:
            return
        for line in self:
            if line.state == "sale" and line.subscription_plan_id.id != vals["subscription_plan_id"]:
                raise UserError(
                    self.env._(
                        '%(order)s is confirmed: the plan of "%(product)s" cannot change any more.',
                        order=line.order_id.name,
                        product=line.product_id.display_name,
                    )
                )

    def _get_protected_fields(self):
        """Override of `sale`: what was planned and falls due is done on locked orders, too."""
        return [] if get_shared(self.env, "subscription_change") is not None else super()._get_protected_fields()

    def _check_subscription_order_write(self, order_id):
        for line in self._filter_timeline():
            if line.order_id.id != order_id:
                raise UserError(
                    self.env._(
                        '%(order)s is running: "%(product)s" cannot move to another order.',
                        order=line.order_id.name,
                        product=line.product_id.display_name,
                    )
                )

    # === SET-UP FEES ===#

    def _subscription_add_setup_fees(self):
        """Add the set-up fee of each product that is newly subscribed to, on a quotation or a running order.

        On a quotation, fees of what is not subscribed to any more (without plan, or an option let go) leave.
        """
        stale = self.filtered(
            lambda line: line.subscription_setup_done and not (line.subscription_plan_id and line.product_uom_qty > 0)
        )
        if stale:
            stale._subscription_drop_setup_fees()
        # Dropped fees may be among these lines.
        lines = (self.exists() if stale else self).filtered(
            lambda line: (
                (line.state in ("draft", "sent") or (line.state == "sale" and not line.subscription_start))
                and line.subscription_plan_id
                and not line.subscription_setup_done
                and line.product_uom_qty > 0
                and line.product_id.subscription_setup_product_id
            )
        )
        if not lines:
            return
        lines.subscription_setup_done = True
        self.create([line._prepare_setup_fee() for line in lines])

    def _prepare_setup_fee(self):
        return {
            "order_id": self.order_id.id,
            "product_id": self.product_id.subscription_setup_product_id.id,
            "product_uom_qty": 1,
            "sequence": self.sequence,
            "subscription_setup_line_id": self.id,
        }

    def _subscription_copy_setup_links(self, duplicates):
        """Tie the set-up fees among ``duplicates`` to their lines, as they are among these lines."""
        if len(self) == len(duplicates):
            twins = dict(zip(self, duplicates, strict=True))
            for fee in self.filtered("subscription_setup_line_id"):
                twins[fee].subscription_setup_line_id = twins.get(fee.subscription_setup_line_id)

    def _subscription_drop_setup_fees(self):
        lines = self.filtered(lambda line: line.state in ("draft", "sent") and line.subscription_setup_done)
        self.search([("subscription_setup_line_id", "in", lines.ids)]).unlink()
        lines.subscription_setup_done = False

    # === WHICH LINES ===#

    def _filter_subscribed(self):
        """Return the lines that recur and are bought: optional products not chosen have no quantity."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return self.filtered(
            lambda line: (
                line.subscription_plan_id
                and not line.display_type
                and not float_is_zero(line.product_uom_qty, precision_digits=digits)
            )
        )

    def _get_recurrence_problem(self):
        """Return why this line cannot recur, or False."""
        self.ensure_one()
        product = self.product_id
        if product.invoice_policy == "delivery":
            return self.env._(
                '"%s" is invoiced on delivered quantities and cannot recur. Choose ordered quantities as its '
                "invoicing policy, or remove the plan from its line.",
                product.display_name,
            )
        if product.type == "combo" or self.combo_item_id:
            return self.env._('the combo "%s" cannot recur. Sell its products one by one.', product.display_name)
        return False

    def _filter_timeline(self):
        """Return the lines that have begun a timeline."""
        return self.filtered("subscription_start")

    def _filter_running(self):
        return self.filtered(lambda line: line.subscription_phase == "running")
