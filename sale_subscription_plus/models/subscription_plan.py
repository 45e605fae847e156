from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.mrr import months_in_period
from ..tools.recurrence import LONGEST_TERM, Grid, align_to_month_day, align_to_weekday, align_to_year_day

# What a running line reads of its plan day by day: changing it would move periods that were agreed.
TIMELINE_FIELDS = (
    "interval_count",
    "interval_unit",
    "billing_timing",
    "alignment",
    "alignment_weekday",
    "alignment_day",
    "alignment_month",
    "prorate_stub",
    "prorate_changes",
    "company_id",
)
MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]
WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class SubscriptionPlan(models.Model):
    _name = "subscription.plan"
    _description = "Subscription Plan"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Archived plans are not offered any more; what runs on them goes on.")
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Leave empty to offer the plan in all companies.",
    )

    # Recurrence
    interval_count = fields.Integer(
        string="Every",
        required=True,
        default=1,
        tracking=True,
        help="Length of a period, in the unit beside it.",
    )
    interval_unit = fields.Selection(
        selection=[("day", "Days"), ("week", "Weeks"), ("month", "Months"), ("year", "Years")],
        string="Unit",
        required=True,
        default="month",
        tracking=True,
    )
    billing_timing = fields.Selection(
        selection=[("advance", "In advance"), ("arrears", "In arrears")],
        string="Billing",
        required=True,
        default="advance",
        tracking=True,
        help="In advance: a period is invoiced on its first day. In arrears: on the day after its last.",
    )
    alignment = fields.Selection(
        selection=[
            ("start", "Start of the subscription"),
            ("weekday", "Day of the week"),
            ("month_day", "Day of the month"),
            ("year_day", "Day of the year"),
        ],
        string="Periods Count From",
        required=True,
        default="start",
        tracking=True,
        help="Anything but the start makes a first, shorter period up to the chosen day.\n"
        "Day of the year also gives calendar quarters: choose 1 January and a period of 3 months.",
    )
    alignment_weekday = fields.Selection(selection=WEEKDAYS, string="Weekday", default="0")
    alignment_day = fields.Integer(
        string="Day of Month",
        default=1,
        help="1 to 31; months that are shorter are billed on their last day.",
    )
    alignment_month = fields.Selection(selection=MONTHS, string="Month", default="1")
    prorate_stub = fields.Boolean(
        string="Charge Short Periods by the Day",
        default=True,
        tracking=True,
        help="A period shorter than the others (before the first aligned day, or cut by the end of the "
        "subscription) costs its share of the days. Unticked, it costs as much as a whole period.",
    )

    prorate_changes = fields.Boolean(
        string="Prorate Changes by the Day",
        default=True,
        tracking=True,
        help="A change inside a period that was billed already is charged, or credited, for the rest of its days. "
        "Unticked, changes count from the next period on, and nothing is credited.",
    )

    # What a new order takes from its plan
    commitment_months = fields.Integer(
        string="Commitment",
        help="How many months the customer is bound, whatever the billing period. 0: not bound.",
    )
    auto_renew = fields.Boolean(
        string="Renew the Term",
        default=True,
        help="At the end of its term the subscription starts another of the same length. Unticked, it ends.",
    )
    notice_days = fields.Integer(
        string="Notice (Days)",
        help="How many days before the end of the term the customer must say that they leave.",
    )
    invoicing_mode = fields.Selection(
        selection="_selection_invoicing_mode",
        string="Invoices Are",
        required=True,
        default="send",
        help="What the nightly billing does with the invoices that it makes.",
    )
    method_required = fields.Boolean(
        string="Save a Payment Method",
        default=True,
        help="Who signs up online saves the method that pays the next invoices by itself. Unticked, they pay each "
        "invoice by hand, with any payment method.",
    )
    dunning_policy_id = fields.Many2one(
        comodel_name="subscription.dunning.policy",
        check_company=True,
        ondelete="restrict",
        help="What happens when an invoice is not paid. Empty: the policy of the company.",
    )
    consolidate = fields.Boolean(
        string="One Invoice per Customer",
        help="Subscriptions of one invoice address that are due on the same day go on one invoice, where "
        "company, currency, journal and payment terms are the same.",
    )

    price_ids = fields.One2many(
        comodel_name="product.pricelist.item",
        inverse_name="subscription_plan_id",
        string="Recurring Prices",
    )
    order_count = fields.Integer(string="Subscriptions", compute="_compute_order_count")
    is_used = fields.Boolean(compute="_compute_is_used")
    billing_period_label = fields.Char(compute="_compute_billing_period_label")

    _interval_positive = models.Constraint("CHECK(interval_count > 0)", "A plan's period must last at least one unit.")
    _terms_positive = models.Constraint(
        "CHECK(commitment_months >= 0 AND notice_days >= 0)", "Commitment and notice cannot be negative."
    )
    _terms_finite = models.Constraint("CHECK(commitment_months <= 1200)", "Nobody is bound for more than 100 years.")

    # === COMPUTE METHODS ===#

    @api.model
    def _selection_invoicing_mode(self):
        return [
            ("draft", "Left in draft"),
            ("post", "Posted"),
            ("send", "Posted and sent to the customer"),
            ("charge", "Charged first, then posted and sent"),
        ]

    def _compute_order_count(self):
        counts = dict(
            self.env["sale.order.line"]._read_group(
                [("subscription_plan_id", "in", self.ids), ("state", "=", "sale")],
                ["subscription_plan_id"],
                ["order_id:count_distinct"],
            )
        )
        for plan in self:
            plan.order_count = counts.get(plan, 0)

    def _compute_is_used(self):
        used = self._filter_used()
        for plan in self:
            plan.is_used = plan in used

    @api.depends("interval_count", "interval_unit")
    @api.depends_context("lang")
    def _compute_billing_period_label(self):
        for plan in self:
            plan.billing_period_label = plan._get_period_label()

    # === CONSTRAINTS ===#

    @api.constrains("alignment", "interval_unit", "alignment_day", "alignment_month")
    def _check_alignment(self):
        for plan in self:
            problem = plan._get_alignment_problem()
            if problem:
                raise ValidationError(problem)

    def _get_alignment_problem(self):
        by_month = self.interval_unit in ("month", "year")
        if self.alignment == "weekday" and self.interval_unit != "week":
            return self.env._('Plan "%s": only periods of weeks can count from a day of the week.', self.name)
        if self.alignment in ("month_day", "year_day") and not by_month:
            return self.env._(
                'Plan "%s": only periods of months or years can count from a day of the month.', self.name
            )
        last = {"2": 29, "4": 30, "6": 30, "9": 30, "11": 30}.get(self.alignment_month, 31)
        last = last if self.alignment == "year_day" else 31
        if self.alignment in ("month_day", "year_day") and not 1 <= self.alignment_day <= last:
            return self.env._('Plan "%(plan)s": the day must lie between 1 and %(last)s.', plan=self.name, last=last)
        return False

    @api.constrains("interval_count", "interval_unit")
    def _check_interval(self):
        """Periods that leave the calendar could not be reckoned with."""
        for plan in self:
            if plan._get_months() > LONGEST_TERM:
                raise ValidationError(self.env._('Plan "%s": a period cannot last more than 100 years.', plan.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for plan in self.with_context(active_test=False)._filter_used():
            raise UserError(
                self.env._(
                    'Plan "%s" is used by subscriptions, quotations, templates or prices. Archive it instead.',
                    plan.name,
                )
            )

    # === CRUD METHODS ===#

    def write(self, vals):
        changed = [name for name in TIMELINE_FIELDS if name in vals]
        for plan in self._filter_running() if changed else ():
            if any(plan._fields[name].convert_to_write(plan[name], plan) != vals[name] for name in changed):
                raise UserError(
                    self.env._(
                        'Subscriptions run on plan "%s": its periods cannot change under them. '
                        "Archive the plan and make a new one.",
                        plan.name,
                    )
                )
        return super().write(vals)

    # === ACTION METHODS ===#

    def action_view_orders(self):
        """Open the confirmed orders that have a line on this plan."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_action")
        action["domain"] = [("order_line.subscription_plan_id", "=", self.id), ("state", "=", "sale")]
        action["context"] = {}
        return action

    # === BUSINESS METHODS ===#

    def _filter_used(self):
        users = ("sale.order.line", "product.pricelist.item", "sale.order.template", "sale.order.template.line")
        return self.browse().union(*(self._filter_in(model) for model in users))

    def _filter_running(self):
        return self._filter_in("sale.order.line", ("state", "=", "sale"))

    def _filter_in(self, model, *leaves):
        """Return the plans that records of ``model`` use."""
        # In sudo mode: a plan is in use whoever may see by what.
        groups = (
            self.env[model]
            .sudo()
            ._read_group([("subscription_plan_id", "in", self.ids), *leaves], ["subscription_plan_id"])
        )
        return self.browse([plan.id for (plan,) in groups])

    def _get_anchor(self, start):
        """Return the date from which periods of a line that starts on ``start`` are counted."""
        self.ensure_one()
        if self.alignment == "weekday":
            return align_to_weekday(start, int(self.alignment_weekday))
        if self.alignment == "month_day":
            return align_to_month_day(start, self.alignment_day, self._get_months())
        if self.alignment == "year_day":
            return align_to_year_day(start, int(self.alignment_month), self.alignment_day, self._get_months())
        return start

    def _get_grid(self, anchor):
        """Return the :class:`Grid` of a line anchored on ``anchor``."""
        return Grid(anchor, self.interval_count, self.interval_unit)

    def _get_months(self):
        """Return the months of a period, as a float for days and weeks (365.25/12 days a month)."""
        return months_in_period(self.interval_count, self.interval_unit)

    def _get_period_label(self):
        """Return the period as people say it: "month", "3 months"."""
        self.ensure_one()
        if self.interval_count == 1:
            return {
                "day": self.env._("day"),
                "week": self.env._("week"),
                "month": self.env._("month"),
                "year": self.env._("year"),
            }.get(self.interval_unit)
        labels = {
            "day": self.env._("%s days", self.interval_count),
            "week": self.env._("%s weeks", self.interval_count),
            "month": self.env._("%s months", self.interval_count),
            "year": self.env._("%s years", self.interval_count),
        }
        return labels.get(self.interval_unit)
