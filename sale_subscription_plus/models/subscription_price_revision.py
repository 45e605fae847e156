from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_is_zero
from odoo.tools.misc import format_date

from ..tools.price_revision import PRICE_DIGITS, price_step, revised_price

STATES = [("draft", "Draft"), ("planned", "Planned"), ("done", "Done"), ("undone", "Undone")]
# What the preview follows from: it counts no more once one of these has changed, and is fixed once planned.
SETTINGS = frozenset(
    {
        "company_id",
        "effective_on",
        "method",
        "percentage",
        "amount",
        "currency_id",
        "rounding",
        "ending",
        "plan_ids",
        "product_ids",
        "template_ids",
        "tag_ids",
        "pricelist_ids",
        "unchanged_since",
    }
)
NOTICE_SETTINGS = frozenset({"notice_days", "notice_template_id"})


class SubscriptionPriceRevision(models.Model):
    """New prices for many running lines, each from the start of a period that is not billed yet."""

    _name = "subscription.price.revision"
    _description = "Price Revision"
    _inherit = ["mail.thread", "subscription.guard.mixin"]
    _order = "effective_on desc, id desc"
    _check_company_auto = True

    _subscription_guarded = frozenset({"state", "previewed_on"})

    name = fields.Char(required=True, tracking=True, help="Customers do not see it.")
    state = fields.Selection(selection=STATES, required=True, default="draft", readonly=True, tracking=True, copy=False)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, index=True, default=lambda self: self.env.company
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    effective_on = fields.Date(
        string="From",
        required=True,
        copy=False,
        tracking=True,
        help="Each price changes at the start of its first period on or after this day that is not billed yet.",
    )

    # The new price
    method = fields.Selection(
        selection=[("percentage", "Percentage"), ("amount", "Amount")],
        string="Change By",
        required=True,
        default="percentage",
    )
    percentage = fields.Float(digits="Discount", tracking=True, help="Negative to lower prices.")
    amount = fields.Float(
        digits="Product Price",
        tracking=True,
        help="Added to the price of one unit and period. Negative to lower prices.",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", help="Only subscriptions in this currency. Empty: in all of them."
    )
    rounding = fields.Float(
        string="Round To", digits="Product Price", help="New prices are multiples of it, e.g. 0.05. 0: not rounded."
    )
    ending = fields.Float(
        string="Then Add",
        digits="Product Price",
        help="Added after rounding: -0.01 with a rounding to 1.00 makes prices that end with .99.",
    )

    # Whose price
    plan_ids = fields.Many2many(comodel_name="subscription.plan", string="Plans", check_company=True)
    product_ids = fields.Many2many(
        comodel_name="product.template",
        string="Products",
        check_company=True,
        domain="[('subscription_ok', '=', True)]",
    )
    template_ids = fields.Many2many(
        comodel_name="sale.order.template", string="Quotation Templates", check_company=True
    )
    tag_ids = fields.Many2many(
        comodel_name="res.partner.category", string="Customer Tags", help="Tags of the customer or of its company."
    )
    pricelist_ids = fields.Many2many(comodel_name="product.pricelist", string="Pricelists", check_company=True)
    unchanged_since = fields.Date(
        help="Leave out who started on that day or later, and whose price was revised since.",
    )

    # Telling customers
    notice_days = fields.Integer(
        string="Tell Customers",
        default=30,
        help="How many days before their first new price customers are told by mail.",
    )
    notice_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Notice",
        domain="[('model', '=', 'subscription.price.notice')]",
        default=lambda self: self.env.ref(
            "sale_subscription_plus.mail_template_price_notice", raise_if_not_found=False
        ),
        help="Listing each price before and after, and from when. Empty: customers are not told by mail.",
    )
    notice_ids = fields.One2many(
        comodel_name="subscription.price.notice", inverse_name="revision_id", string="Notices", copy=False
    )

    # What comes of it
    previewed_on = fields.Datetime(readonly=True, copy=False)
    line_ids = fields.One2many(
        comodel_name="subscription.price.revision.line",
        inverse_name="revision_id",
        string="Revised Prices",
        domain=[("problem", "=", False)],
    )
    skipped_ids = fields.One2many(
        comodel_name="subscription.price.revision.line",
        inverse_name="revision_id",
        string="Prices Not Revised",
        domain=[("problem", "!=", False)],
    )
    change_ids = fields.One2many(comodel_name="subscription.change", inverse_name="revision_id", string="Changes")

    _notice_positive = models.Constraint("CHECK(notice_days >= 0)", "Days of notice cannot be negative.")

    # === CONSTRAINTS AND CRUD ===#

    @api.constrains("rounding")
    def _check_rounding(self):
        for revision in self:
            if revision.rounding < 0:
                raise ValidationError(self.env._("%s: prices cannot be rounded to a negative number.", revision.name))

    @api.constrains("method", "currency_id")
    def _check_currency(self):
        for revision in self:
            if revision.method == "amount" and not revision.currency_id:
                raise ValidationError(self.env._("%s: say in which currency the amount is.", revision.name))

    def write(self, vals):
        """Override of `base`: what was planned stands, and a preview counts until its settings change."""
        if (SETTINGS | NOTICE_SETTINGS) & vals.keys():
            for revision in self.filtered(lambda revision: revision.state != "draft"):
                raise UserError(
                    self.env._(
                        "%s is planned: its settings cannot change any more. Undo it and duplicate it.", revision.name
                    )
                )
        result = super().write(vals)
        if SETTINGS & vals.keys():
            # In sudo mode: it is written by no user, only by what is done to the revision.
            self.sudo().previewed_on = False
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_planned(self):
        for revision in self:
            if revision.state != "draft":
                raise UserError(self.env._("%s was planned: it stays as history.", revision.name))

    def copy_data(self, default=None):
        """Override of `base`: a duplicate is another revision, of another day."""
        values = super().copy_data(default)
        for revision, vals in zip(self, values, strict=True):
            vals.setdefault("effective_on", revision.effective_on)
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", revision.name)
        return values

    @api.onchange("method")
    def _onchange_method(self):
        """An amount is one of a currency."""
        if self.method == "amount" and not self.currency_id:
            self.currency_id = self.company_id.currency_id

    # === PREVIEW ===#

    def action_preview(self):
        """Work out all new prices; what was left out by hand stays out.

        :raise UserError: when the settings make no sense, or nothing is found
        """
        self._check_manager()
        for revision in self:
            revision._check_draft()
            revision._check_settings()
            revision._with_clean_context()._preview()
        return True

    def _check_manager(self):
        self.env["sale.order"]._subscription_check_right("sales_team.group_sale_manager")
        self.check_access("write")

    def _check_draft(self):
        if self.state != "draft":
            raise UserError(self.env._("%s is not a draft any more.", self.name))

    def _check_settings(self):
        """Refuse what would change nothing, or take customers by surprise."""
        if not (self.percentage if self.method == "percentage" else self.amount) and not self.rounding:
            raise UserError(self.env._("%s: say by how much prices change.", self.name))
        today = self.company_id._get_subscription_today()
        earliest = fields.Date.add(today, days=1)
        if self.notice_template_id:
            earliest = max(earliest, fields.Date.add(today, days=self.notice_days))
        if self.effective_on < earliest:
            raise UserError(
                self.env._(
                    "%(revision)s: prices can change from %(date)s at the earliest, for customers are told "
                    "%(days)s days ahead.",
                    revision=self.name,
                    date=format_date(self.env, earliest),
                    days=self.notice_days,
                )
                if self.notice_template_id
                else self.env._(
                    "%(revision)s: prices can change from %(date)s at the earliest.",
                    revision=self.name,
                    date=format_date(self.env, earliest),
                )
            )

    def _preview(self):
        lines = self.env["sale.order.line"].search(self._get_line_domain(), order="order_id, sequence, id")
        if not lines:
            raise UserError(self.env._("%s: no running subscription fits. Choose less narrowly.", self.name))
        # In sudo mode: prices are worked out, and written by no user.
        Line = self.env["subscription.price.revision.line"].sudo()
        old = Line.search([("revision_id", "=", self.id)])
        left_out = set(old.filtered(lambda row: not row.included).line_id.ids)
        old.unlink()
        Line.create(self._prepare_lines(lines, left_out))
        self.sudo().previewed_on = fields.Datetime.now()  # as above

    def _get_line_domain(self):
        """Return the domain of the running lines that this revision is for."""
        domain = [("company_id", "=", self.company_id.id), ("subscription_phase", "=", "running")]
        for path, records in (
            ("subscription_plan_id", self.plan_ids),
            ("product_id.product_tmpl_id", self.product_ids),
            ("order_id.sale_order_template_id", self.template_ids),
            ("order_id.pricelist_id", self.pricelist_ids),
        ):
            if records:
                domain.append((path, "in", records.ids))
        if self.currency_id:
            domain.append(("order_id.currency_id", "=", self.currency_id.id))
        if self.tag_ids:
            tagged = [("category_id", "in", self.tag_ids.ids)]
            domain.append(("order_id.partner_id", "any", ["|", *tagged, ("commercial_partner_id", "any", tagged)]))
        if self.unchanged_since:
            domain += [
                ("subscription_start", "<", self.unchanged_since),
                (
                    "subscription_change_ids",
                    "not any",
                    [
                        ("revision_id", "!=", False),
                        ("state", "in", ("planned", "applied")),
                        ("effective_on", ">=", self.unchanged_since),
                    ],
                ),
            ]
        return domain

    def _prepare_lines(self, lines, left_out):
        """Return the values of the preview.

        :param lines: order lines
        :param set left_out: ids of those that were left out by hand
        """
        dates = lines._get_revision_dates(self.effective_on)
        prices = {line: self._get_new_price(line) for line in lines}
        amounts = lines._get_revision_mrr(prices)
        planned = lines._get_planned_price_changes()
        return [
            {
                "revision_id": self.id,
                "line_id": line.id,
                "order_id": line.order_id.id,
                "partner_id": line.order_id.partner_id.id,
                "product_id": line.product_id.id,
                "plan_id": line.subscription_plan_id.id,
                "currency_id": line.currency_id.id,
                "effective_on": dates[line],
                "old_price": line.price_unit,
                "new_price": prices[line],
                "mrr_before": amounts[line][0],
                "mrr_after": amounts[line][1],
                "included": line.id not in left_out,
                "problem": self._get_line_problem(line, prices[line], dates[line], planned.get(line)),
            }
            for line in lines
        ]

    def _get_new_price(self, line):
        step = price_step(
            line.price_unit, line.currency_id.rounding, self.env["decimal.precision"].precision_get("Product Price")
        )
        by_percentage = self.method == "percentage"
        return revised_price(
            line.price_unit,
            percentage=self.percentage if by_percentage else 0.0,
            amount=0.0 if by_percentage else self.amount,
            multiple=self.rounding,
            ending=self.ending,
            coin=step,
        )

    def _get_line_problem(self, line, price, date, planned):
        """Return why the price of ``line`` is not revised, or False."""
        if line.price_unit < 0:
            return self.env._("A discount, kept as agreed")
        if planned:
            return self.env._("Another change is planned for %s", format_date(self.env, planned))
        if not date:
            return self.env._("Ends on %s, before the new price", format_date(self.env, line.subscription_end))
        if float_is_zero(line.price_unit - price, precision_digits=PRICE_DIGITS):
            return self.env._("The price stays as it is")
        return False
