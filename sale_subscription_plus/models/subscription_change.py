from odoo import api, fields, models
from odoo.tools import clean_context
from odoo.tools.misc import format_date, formatLang

# What a line costs; each of these is agreed line by line.
VALUE_KINDS = ("quantity", "price", "discount")
LINE_KINDS = (*VALUE_KINDS, "plan")


class SubscriptionChange(models.Model):
    """What changes on a subscription, from which day on: planned, then applied.

    How it is planned and previewed, what it costs, and how each kind is applied stand in files of their own.
    """

    _name = "subscription.change"
    _description = "Subscription Change"
    _order = "effective_on desc, id desc"
    _check_company_auto = True

    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, ondelete="cascade", index=True
    )
    line_id = fields.Many2one(
        comodel_name="sale.order.line",
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: the whole subscription.",
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    user_id = fields.Many2one(
        comodel_name="res.users", string="Planned By", default=lambda self: self.env.user, index="btree_not_null"
    )
    kind = fields.Selection(
        selection=[
            ("quantity", "Quantity"),
            ("price", "Price"),
            ("discount", "Discount"),
            ("plan", "Plan"),
            ("pause", "Pause"),
            ("resume", "Resume"),
            ("close", "Close"),
        ],
        required=True,
    )
    state = fields.Selection(
        selection=[("draft", "Draft"), ("planned", "Planned"), ("applied", "Applied"), ("cancelled", "Cancelled")],
        required=True,
        default="draft",
        index=True,
    )
    effective_on = fields.Date(string="From", required=True, help="First day with the change.")
    applied_on = fields.Date(readonly=True, copy=False, help="The company's date when it was really done.")

    # What is agreed from then on
    quantity = fields.Float(digits="Product Unit")
    price_unit = fields.Float(string="Unit Price", digits=0, min_display_digits="Product Price")
    discount = fields.Float(string="Discount (%)", digits="Discount")
    discount_periods = fields.Integer(
        string="Periods at This Discount", help="After as many periods the former discount counts again. 0: for good."
    )
    plan_id = fields.Many2one(comodel_name="subscription.plan", ondelete="restrict", check_company=True)
    reason_id = fields.Many2one(comodel_name="subscription.close.reason", ondelete="restrict")
    resume_on = fields.Date(
        help="First day after the pause, or on which what was closed runs again. Empty: until somebody resumes it."
    )
    compensation = fields.Selection(
        selection=[
            ("none", "Nothing is given back"),
            ("carry", "Carried over: the days count after the pause"),
            ("credit", "Credited"),
        ],
        string="Days Billed Already",
        default="none",
        required=True,
    )
    note = fields.Text()

    # What was agreed before
    old_quantity = fields.Float(digits="Product Unit")
    old_price_unit = fields.Float(digits=0)
    old_discount = fields.Float(digits="Discount")
    old_plan_id = fields.Many2one(comodel_name="subscription.plan", ondelete="restrict")
    old_anchor = fields.Date()

    parent_id = fields.Many2one(
        comodel_name="subscription.change",
        string="Follows",
        ondelete="cascade",
        index="btree_not_null",
        help="The change that this one ends: a discount for some periods, a pause until a day.",
    )
    child_ids = fields.One2many(comodel_name="subscription.change", inverse_name="parent_id")
    period_ids = fields.One2many(comodel_name="subscription.period", inverse_name="change_id", string="Ledger")
    amount = fields.Float(
        digits=0,
        compute="_compute_amount",
        help="What is charged (or credited, below zero) for the days billed already; tax in or out as in the price.",
    )

    _planned_idx = models.Index("(effective_on) WHERE state = 'planned'")
    _history_idx = models.Index("(line_id, effective_on) WHERE state = 'applied'")

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`: the defaults of the screen that a call came from are no part of a change."""
        return super(SubscriptionChange, self.with_context(clean_context(self.env.context))).create(vals_list)

    # === COMPUTE METHODS ===#

    @api.depends("kind", "line_id", "quantity", "price_unit", "discount", "plan_id", "resume_on", "reason_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for change in self:
            change.display_name = change._get_sentence()

    def _get_sentence(self):
        """Return what changes, in a few words."""
        self.ensure_one()
        describe = getattr(self, f"_describe_{self.kind}", None)
        return describe() if describe else ""

    def _describe_quantity(self):
        return self.env._(
            "Quantity of %(product)s: %(old)g → %(new)g",
            product=self._get_product_name(),
            old=self._get_old("quantity", "product_uom_qty"),
            new=self.quantity,
        )

    def _describe_price(self):
        return self.env._(
            "Price of %(product)s: %(old)s → %(new)s",
            product=self._get_product_name(),
            old=self._format_price(self._get_old("price_unit", "price_unit")),
            new=self._format_price(self.price_unit),
        )

    def _describe_discount(self):
        sentence = self.env._(
            "Discount on %(product)s: %(old)g %% → %(new)g %%",
            product=self._get_product_name(),
            old=self._get_old("discount", "discount"),
            new=self.discount,
        )
        if self.discount_periods:
            sentence = self.env._("%(change)s, for %(count)s periods", change=sentence, count=self.discount_periods)
        return sentence

    def _describe_plan(self):
        return self.env._(
            "Plan of %(product)s: %(old)s → %(new)s",
            product=self._get_product_name(),
            old=(self.old_plan_id if self.state == "applied" else self.line_id.subscription_plan_id).name,
            new=self.plan_id.name,
        )

    def _describe_pause(self):
        name = self._get_product_name()
        if self.resume_on:
            return self.env._("Pause of %(name)s until %(date)s", name=name, date=format_date(self.env, self.resume_on))
        return self.env._("Pause of %s", name)

    def _describe_resume(self):
        return self.env._("%s resumes", self._get_product_name())

    def _describe_close(self):
        reason = self.reason_id.name or ""
        return self.env._("%(name)s closes: %(reason)s", name=self._get_product_name(), reason=reason)

    def _get_product_name(self):
        return self.line_id.product_id.display_name or self.line_id.name or self.order_id.name

    def _get_old(self, name, line_name):
        return self[f"old_{name}"] if self.state == "applied" else self.line_id[line_name]

    def _format_price(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    @api.depends("state", "period_ids.value", "period_ids.state")
    def _compute_amount(self):
        for change in self:
            if change.state == "applied":
                rows = change.period_ids.filtered(
                    lambda row: row.state == "live" and row.kind in ("proration", "credit")
                )
                change.amount = sum(rows.mapped("value"))
            elif change.state in ("draft", "planned") and change.effective_on and change.order_id:
                change.amount = sum(adjustment.value for adjustment in change._get_adjustments())
            else:
                change.amount = 0.0
