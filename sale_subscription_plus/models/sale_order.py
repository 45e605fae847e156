from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..tools.recurrence import LONGEST_TERM

SUBSCRIPTION_STATUS = [
    ("quotation", "Quotation"),
    ("scheduled", "Scheduled"),
    ("progress", "In Progress"),
    ("paused", "Paused"),
    ("closed", "Closed"),
    ("renewed", "Renewed"),
    ("upsell", "Upsell"),
    ("merged", "Merged"),
    ("cancelled", "Cancelled"),
]
# Which statuses each status may be reached from.
STATUS_SOURCES = {
    "scheduled": {"quotation"},
    "progress": {"quotation", "scheduled", "paused", "closed"},
    "paused": {"progress"},
    "closed": {"scheduled", "progress", "paused"},
    "renewed": {"progress", "paused"},
    "merged": {"upsell"},
    "cancelled": {"quotation", "upsell", "scheduled", "progress", "paused"},
}
RUNNING_STATUSES = ("scheduled", "progress", "paused")
# What the ledger, the events and the agreed prices of a running subscription rest on.
FROZEN_FIELDS = {"subscription_start", "subscription_plan_id", "company_id", "currency_id"}


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "subscription.guard.mixin"]

    _subscription_guarded = frozenset(
        {
            "subscription_status",
            "subscription_term_end",
            "subscription_next_invoice_date",
            "subscription_recurring_amount",
            "subscription_mrr",
            "subscription_parked_reason",
            "subscription_parked_on",
            "subscription_next_attempt",
            "subscription_closed_on",
            "subscription_payment_status",
            "subscription_paused_on",
            "subscription_pending_on",
            "subscription_origin_id",
            "subscription_renews_id",
            "subscription_term_told",
            "subscription_handed_over_on",
            "subscription_close_reason_id",
            "subscription_import_ref",
            "subscription_health",
            "subscription_health_rule_id",
            "subscription_health_reason",
            "subscription_health_on",
            "subscription_last_payment_on",
            "subscription_last_failure_on",
            "subscription_last_rating",
            "subscription_rating_asked_on",
            "subscription_next_rating_on",
        }
    )

    # === FIELDS ===#

    subscription_status = fields.Selection(
        selection=SUBSCRIPTION_STATUS,
        compute="_compute_subscription_status",
        store=True,
        precompute=True,
        copy=False,
        tracking=True,
        index="btree_not_null",
        help="Empty on orders that recur in nothing.",
    )
    subscription_stage_id = fields.Many2one(
        comodel_name="subscription.stage",
        string="Stage",
        compute="_compute_subscription_stage_id",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
        group_expand="_group_expand_subscription_stage_id",
        domain="[('status', '=', subscription_status)]",
    )

    # What was agreed
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
        help="Plan of the order's subscription products; a line may have another plan of its own.",
    )
    subscription_start = fields.Date(
        string="Start",
        copy=False,
        tracking=True,
        help="First day of the subscription. Empty: the day on which the quotation is confirmed.",
    )
    subscription_commitment_months = fields.Integer(
        string="Commitment",
        compute="_compute_subscription_terms",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="How many months the customer is bound, whatever the billing period. 0: not bound.",
    )
    subscription_auto_renew = fields.Boolean(
        string="Renew the Term",
        compute="_compute_subscription_terms",
        store=True,
        readonly=False,
        precompute=True,
        help="At the end of its term the subscription starts another of the same length. Unticked, it ends.",
    )
    subscription_notice_days = fields.Integer(
        string="Notice (Days)",
        compute="_compute_subscription_terms",
        store=True,
        readonly=False,
        precompute=True,
        help="How many days before the end of the term the customer must say that they leave.",
    )
    subscription_invoicing_mode = fields.Selection(
        selection=lambda self: self.env["subscription.plan"]._selection_invoicing_mode(),
        string="Invoices Are",
        compute="_compute_subscription_terms",
        store=True,
        readonly=False,
        precompute=True,
        help="What the nightly billing does with the invoices of this subscription.",
    )
    subscription_consolidate = fields.Boolean(
        string="One Invoice per Customer",
        compute="_compute_subscription_terms",
        store=True,
        readonly=False,
        precompute=True,
        help="Bill together with the customer's other subscriptions that are due on the same day.",
    )
    subscription_term_end = fields.Date(
        string="Term End",
        compute="_compute_subscription_term_end",
        store=True,
        copy=False,
        help="Last day of the term the customer is bound to.",
    )
    subscription_fiscal_auto = fields.Boolean(
        copy=False,
        help="Technical: not set by hand, so billing determines the fiscal position from the address of the day.",
    )

    # Where billing stands
    subscription_next_invoice_date = fields.Date(
        string="Next Invoice",
        compute="_compute_subscription_next_invoice_date",
        store=True,
        copy=False,
        help="The day on which the first period that is not billed yet becomes due.",
    )
    subscription_next_invoice_amount = fields.Monetary(
        string="Next Invoice Amount",
        compute="_compute_subscription_next_invoice_amount",
        help="Total of the next invoice, taxes included, as of today's taxes.",
    )
    subscription_recurring_amount = fields.Monetary(
        string="Recurring Amount",
        compute="_compute_subscription_amounts",
        store=True,
        help="Untaxed sum of the recurring lines, each for its own period.",
    )
    subscription_mrr = fields.Float(
        string="MRR",
        digits=0,
        compute="_compute_subscription_amounts",
        store=True,
        help="Untaxed recurring revenue per month, after discounts; unrounded.",
    )
    subscription_price_label = fields.Char(
        string="Amount",
        compute="_compute_subscription_price_label",
        help="What the customer pays, untaxed, plan by plan.",
    )
    subscription_parked_reason = fields.Text(
        string="Parked Because",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Why the last billing of this subscription failed. It is tried again every day, or at once with "
        "the button.",
    )
    subscription_parked_on = fields.Date(
        string="Parked On", copy=False, readonly=True, help="Day of the first failure."
    )
    subscription_next_attempt = fields.Date(
        string="Next Attempt", copy=False, readonly=True, help="Billing leaves this subscription alone before that day."
    )

    subscription_pending_on = fields.Date(
        copy=False, help="Since when money of a change waits to be billed or credited: the next document takes it."
    )

    # How it ended
    subscription_closed_on = fields.Date(
        string="Closed On", copy=False, readonly=True, tracking=True, help="First day without the subscription."
    )
    subscription_close_reason_id = fields.Many2one(
        comodel_name="subscription.close.reason",
        string="Close Reason",
        copy=False,
        readonly=True,
        tracking=True,
        ondelete="restrict",
    )

    # History
    subscription_period_ids = fields.One2many(
        comodel_name="subscription.period", inverse_name="order_id", string="Periods"
    )
    subscription_period_count = fields.Integer(compute="_compute_subscription_counts")
    subscription_change_ids = fields.One2many(
        comodel_name="subscription.change", inverse_name="order_id", string="Changes"
    )
    subscription_event_ids = fields.One2many(
        comodel_name="subscription.event", inverse_name="order_id", string="MRR Movements"
    )
    subscription_event_count = fields.Integer(compute="_compute_subscription_counts")

    _subscription_due_idx = models.Index(
        "(company_id, subscription_next_invoice_date) WHERE subscription_next_invoice_date IS NOT NULL"
    )
    _subscription_term_idx = models.Index(
        "(company_id, subscription_term_end) WHERE subscription_status = 'progress' AND subscription_auto_renew"
    )
    _subscription_parked_idx = models.Index(
        "(company_id, subscription_next_attempt) WHERE subscription_parked_reason IS NOT NULL"
    )

    # === COMPUTE METHODS ===#

    @api.depends("state", "order_line.subscription_plan_id")
    def _compute_subscription_status(self):
        """Quotations follow their lines; confirmed orders move by :meth:`_subscription_set_status` only."""
        for order in self:
            recurring = bool(order.order_line.subscription_plan_id)
            if order.state in ("draft", "sent") and order.subscription_status != "upsell":
                order.subscription_status = "quotation" if recurring else False
            elif order.state == "cancel" and (recurring or order.subscription_status):
                order.subscription_status = "cancelled"
            else:
                order.subscription_status = order.subscription_status

    @api.depends("subscription_status")
    def _compute_subscription_stage_id(self):
        stages = {status: self.env["subscription.stage"]._get_first(status) for status, _label in SUBSCRIPTION_STATUS}
        for order in self:
            if order.subscription_stage_id.status != order.subscription_status:
                order.subscription_stage_id = stages.get(order.subscription_status)

    @api.depends("sale_order_template_id")
    def _compute_subscription_plan_id(self):
        for order in self:
            if order.state in ("draft", "sent") and order.sale_order_template_id.subscription_plan_id:
                order.subscription_plan_id = order.sale_order_template_id.subscription_plan_id
            else:
                order.subscription_plan_id = order.subscription_plan_id

    @api.depends("sale_order_template_id", "subscription_plan_id")
    def _compute_subscription_terms(self):
        for order in self:
            order.update(order._get_subscription_terms() if order.state in ("draft", "sent") else {})

    def _get_subscription_terms(self):
        """Return commitment, notice and invoicing mode: from the template, else from the plan."""
        plan, template = self.subscription_plan_id, self.sale_order_template_id
        terms = {
            "subscription_commitment_months": plan.commitment_months,
            "subscription_auto_renew": plan.auto_renew if plan else True,
            "subscription_notice_days": plan.notice_days,
            "subscription_invoicing_mode": plan.invoicing_mode or "send",
            "subscription_consolidate": plan.consolidate,
        }
        if template.subscription_own_terms:
            terms |= {name: template[name] for name in terms if name in template._fields}
        return terms

    @api.depends("subscription_start", "subscription_commitment_months")
    def _compute_subscription_term_end(self):
        for order in self:
            # What is longer is refused, with words, after this.
            months = min(order.subscription_commitment_months, LONGEST_TERM)
            start = order.subscription_start
            order.subscription_term_end = (
                start + relativedelta(months=months, days=-1) if start and months > 0 else False
            )

    @api.depends("subscription_status", "subscription_pending_on", "order_line.subscription_next_bill_date")
    def _compute_subscription_next_invoice_date(self):
        billable = ("scheduled", "progress", "paused", "closed", "renewed")
        for order in self:
            dates = [day for day in order.order_line.mapped("subscription_next_bill_date") if day]
            dates += [order.subscription_pending_on] if order.subscription_pending_on else []
            order.subscription_next_invoice_date = (
                min(dates) if dates and order.subscription_status in billable else False
            )

    @api.depends(
        "order_line.subscription_mrr",
        "order_line.subscription_plan_id",
        "order_line.price_subtotal",
        "order_line.subscription_phase",
    )
    def _compute_subscription_amounts(self):
        for order in self:
            lines = order._get_recurring_lines()
            order.subscription_recurring_amount = sum(lines.mapped("price_subtotal"))
            counted = lines.filtered(lambda line: line.subscription_phase not in ("paused", "ended"))
            order.subscription_mrr = sum(counted.mapped("subscription_mrr"))

    def _get_recurring_lines(self):
        """Return the recurring lines of this order; of one that runs, those that did not end."""
        lines = self.order_line.filtered("subscription_plan_id")
        return lines.filtered(lambda line: line.subscription_phase != "ended") or lines

    @api.depends("order_line.price_subtotal", "order_line.subscription_plan_id", "order_line.subscription_phase")
    @api.depends_context("lang")
    def _compute_subscription_price_label(self):
        for order in self:
            by_plan = order._get_recurring_lines()._filter_subscribed().grouped("subscription_plan_id")
            order.subscription_price_label = " + ".join(
                f"{formatLang(self.env, sum(lines.mapped('price_subtotal')), currency_obj=order.currency_id)}"
                f" / {plan._get_period_label()}"
                for plan, lines in by_plan.items()
            )

    def _compute_subscription_next_invoice_amount(self):
        schedules = self._get_subscription_schedules(1)
        for order in self:
            order.subscription_next_invoice_amount = schedules[order][0]["total"] if schedules[order] else 0.0

    def _compute_subscription_counts(self):
        for field, model in (
            ("subscription_period_count", "subscription.period"),
            ("subscription_event_count", "subscription.event"),
        ):
            groups = self.env[model]._read_group([("order_id", "in", self.ids)], ["order_id"], ["__count"])
            counts = dict(groups)
            for order in self:
                order[field] = counts.get(order, 0)

    @api.model
    def _group_expand_subscription_stage_id(self, stages, domain):
        return stages.search([("status", "in", ("scheduled", "progress", "paused", "closed"))])

    # === CONSTRAINTS AND ONCHANGE ===#

    @api.constrains("subscription_stage_id")
    def _check_subscription_stage(self):
        for order in self:
            stage = order.subscription_stage_id
            if stage and stage.status != order.subscription_status:
                raise ValidationError(
                    self.env._(
                        '%(order)s cannot go to stage "%(stage)s": that stage belongs to another status. '
                        "Use the buttons of the subscription to change its status.",
                        order=order.name,
                        stage=stage.name,
                    )
                )

    @api.constrains("subscription_commitment_months", "subscription_notice_days")
    def _check_subscription_terms(self):
        for order in self:
            if order.subscription_commitment_months < 0 or order.subscription_notice_days < 0:
                raise ValidationError(self.env._("%s: commitment and notice cannot be negative.", order.display_name))
            if order.subscription_commitment_months > LONGEST_TERM:
                raise ValidationError(self.env._("%s: nobody is bound for more than 100 years.", order.display_name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_subscription_history(self):
        # In sudo mode: history counts whoever may read it.
        if self.env["subscription.event"].sudo().search_count([("order_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("A subscription that has run cannot be deleted: its history explains your numbers.")
            )

    # === CRUD METHODS ===#

    def copy(self, default=None):
        """Override of `sale`: on a duplicate, set-up fees belong to the duplicated lines."""
        copies = super().copy(default)
        for order, duplicate in zip(self, copies, strict=True):
            order.order_line.filtered(lambda line: not line.is_downpayment)._subscription_copy_setup_links(
                duplicate.order_line
            )
        return copies

    # === ACTION METHODS ===#

    def action_subscription_close(self):
        """Open the wizard that closes these subscriptions."""
        self._subscription_check_right("sales_team.group_sale_salesman")
        return {
            "name": self.env._("Close Subscription"),
            "type": "ir.actions.act_window",
            "res_model": "subscription.close.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_ids": self.ids},
        }

    def action_subscription_reopen(self):
        """Let closed subscriptions run again from today, at the prices on their lines.

        :raise UserError: when one is not closed
        """
        self._subscription_check_right("sales_team.group_sale_salesman")
        self.check_access("write")
        # In sudo mode: the ledger is written by no user, only by what is done to its order.
        self.sudo()._subscription_reopen()
        return True

    def action_subscription_bill(self):
        """Bill what is due today on these subscriptions; many are left to the scheduled action.

        :raise UserError: when nothing is due, or one cannot be billed (it names the reason)
        """
        self._subscription_check_right("account.group_account_invoice")
        self.check_access("read")
        return self._with_plain_context()._subscription_bill_from_button()

    def action_view_subscription_periods(self):
        """Open the ledger of this subscription."""
        self.ensure_one()
        return self._get_subscription_history_action("sale_subscription_plus.subscription_period_action")

    def action_view_subscription_events(self):
        """Open the MRR movements of this subscription."""
        self.ensure_one()
        return self._get_subscription_history_action("sale_subscription_plus.subscription_event_action")

    def _get_subscription_history_action(self, xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {}
        return action

    # === STATUS ===#

    def _subscription_set_status(self, status):
        """Move subscriptions to ``status``: the one door.

        :return: the orders that really moved; those that are there already are left alone
        :raise UserError: when an order may not go there from where it is
        """
        moved = self.filtered(lambda order: order.subscription_status != status)
        for order in moved:
            if order.subscription_status not in STATUS_SOURCES.get(status, ()):
                labels = dict(self._fields["subscription_status"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        '%(order)s is "%(current)s" and cannot become "%(wanted)s".',
                        order=order.name,
                        current=labels.get(order.subscription_status, self.env._("no subscription")),
                        wanted=labels[status],
                    )
                )
        moved.write({"subscription_status": status})
        return moved

    @api.model
    def _subscription_check_right(self, group):
        """Raise unless the user belongs to ``group``: buttons are hidden, calls over the network are not."""
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    'You need the right "%s" for this. Ask your administrator.',
                    self.env.ref(group).sudo().full_name,  # In sudo mode to name the group
                )
            )

    def _with_plain_context(self):
        """Return these records without what the caller's screen put into the context: all bill alike."""
        kept = ("lang", "tz", "uid", "allowed_company_ids")
        context = {key: self.env.context[key] for key in kept if key in self.env.context}
        return self.with_env(self.env(context=context))

    def _subscription_lock(self):
        """Lock these orders and touch their rows: whatever moves a timeline does so first.

        The touch waits for a billing run that has them in hand. It makes whoever read them before, and comes
        second, start anew with a fresh look at them.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE sale_order SET write_date = (NOW() AT TIME ZONE 'UTC') WHERE id = ANY(%s)", list(self.ids))
        )
        self.invalidate_recordset(["write_date"])

    # === PRICES ===#

    def _recompute_prices(self):
        """Override of `sale`: prices computed anew bring their discounts, and none counts as agreed by hand."""
        # Sales blanks the discounts first: blank they are the automatic ones only where those are blank, too.
        self._get_update_prices_lines().subscription_rule_discount = 0.0
        return super()._recompute_prices()

    def _get_update_prices_lines(self):
        """Override of `sale`: agreed prices of running lines are never computed anew."""
        return super()._get_update_prices_lines().filtered(lambda line: not line._has_agreed_price())
