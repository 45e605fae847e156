from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_is_zero

from ..tools import mrr as mrr_tools
from .sale_order import RUNNING_STATUSES

# Where a line stands; blank on a quotation.
TIMELINE_FIELDS = (
    "subscription_start",
    "subscription_anchor",
    "subscription_end",
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

    _subscription_guarded = frozenset({*TIMELINE_FIELDS, "subscription_mrr"})

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
    _subscription_end_idx = models.Index("(subscription_end) WHERE subscription_phase = 'running'")

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

    @api.depends("price_subtotal", "subscription_plan_id")
    def _compute_subscription_mrr(self):
        for line in self:
            plan = line.subscription_plan_id
            line.subscription_mrr = line.price_subtotal / plan._get_months() if plan else 0.0

    # Prices

    def _has_agreed_price(self):
        """Whether the line's price was agreed: lists and quantities do not move it any more.

        A line that is being added to a confirmed order has none yet.
        """
        return bool(self.subscription_plan_id and self.state == "sale" and self._origin)

    def _get_pricelist_kwargs(self):
        """Override of `sale`: prices of a recurring line are those of its plan."""
        kwargs = super()._get_pricelist_kwargs()
        if self.subscription_plan_id:
            kwargs["subscription_plan"] = self.subscription_plan_id
        return kwargs

    @api.depends("subscription_plan_id")
    def _compute_pricelist_item_id(self):
        return super()._compute_pricelist_item_id()

    def _add_precomputed_values(self, vals_list):
        """Override of `sale`: a price that comes with a new recurring line was agreed by hand, and stays."""
        priced = [vals for vals in vals_list if "price_unit" in vals and "technical_price_unit" not in vals]
        super()._add_precomputed_values(vals_list)
        for vals in priced:
            product = self.env["product.product"].browse(vals.get("product_id"))
            if vals.get("subscription_plan_id") or product.subscription_ok:
                # Any other amount than the price itself says that it is not the automatic one.
                vals["technical_price_unit"] = 0.0 if vals["price_unit"] else -1.0

    def _is_one_off_under_any_plan(self):
        """Whether the line stays one that is sold once whatever plan its order gets."""
        return not self.subscription_plan_id and bool(
            not self.product_id.subscription_ok or self.subscription_default_plan_id
        )

    def _is_only_replanned(self):
        """Whether a line sold once, on a form that is not saved yet, waits for a price though nothing changed."""
        origin = self._origin
        return (
            origin
            and origin != self
            and self._is_one_off_under_any_plan()
            and all(
                self[name] == origin[name]
                for name in ("product_id", "product_uom_id", "product_uom_qty", "subscription_plan_id")
            )
        )

    @api.depends("subscription_plan_id")
    def _compute_price_unit(self):
        """Override of `sale`: a change of plan re-prices what has an automatic price, agreed prices stay."""
        agreed = self.filtered(lambda line: line._has_agreed_price() or line._is_only_replanned())
        for line in agreed:
            line.price_unit = line.price_unit
        return super(SaleOrderLine, self - agreed)._compute_price_unit()

    @api.depends("subscription_plan_id")
    def _compute_discount(self):
        """Override of `sale`: a discount agreed by hand on a recurring line survives quantity and plan."""
        by_hand = {
            line: line.discount
            for line in self
            if line._is_only_replanned()
            or (
                line.subscription_plan_id
                and (line._has_agreed_price() or line.discount != line.subscription_rule_discount)
            )
        }
        result = super()._compute_discount()
        for line in self:
            if line in by_hand:
                line.discount = by_hand[line]
                line.subscription_rule_discount = line.subscription_rule_discount
            else:
                line.subscription_rule_discount = line.discount
        return result

    # Invoicing: our engine bills recurring lines, Sales' own fields say so

    @api.depends("subscription_plan_id", "subscription_period_ids.state")
    def _compute_qty_invoiced(self):
        return super()._compute_qty_invoiced()

    def _prepare_qty_invoiced(self):
        """Override of `sale`: what a recurring line invoiced is the quantity of its latest period."""
        recurring = self.filtered(lambda line: line.subscription_plan_id and line.state == "sale")
        quantities = super(SaleOrderLine, self - recurring)._prepare_qty_invoiced()
        latest = recurring._get_latest_periods()
        for line in recurring:
            quantities[line] = latest[line].quantity if line in latest else 0.0
        return quantities

    def _get_latest_periods(self):
        """Return the latest live billed row of each line, at a cost that does not grow with history.

        :return: {line: subscription.period}
        """
        Period = self.env["subscription.period"].sudo()  # In sudo mode: amounts do not depend on who looks
        Period.flush_model(["line_id", "start", "state", "kind"])
        if not self.ids:
            return {}
        self.env.cr.execute(
            """
            SELECT latest.id FROM unnest(%s) AS line(id)
             CROSS JOIN LATERAL (
                   SELECT p.id FROM subscription_period p
                    WHERE p.line_id = line.id AND p.state = 'live' AND p.kind IN ('regular', 'stub')
                    ORDER BY p.start DESC LIMIT 1) latest
            """,
            [list(self.ids)],
        )
        rows = Period.browse([row_id for (row_id,) in self.env.cr.fetchall()])
        return {row.line_id.with_env(self.env): row for row in rows}

    @api.depends("subscription_plan_id")
    def _compute_qty_to_invoice(self):
        recurring = self.filtered("subscription_plan_id")
        recurring.qty_to_invoice = 0.0
        return super(SaleOrderLine, self - recurring)._compute_qty_to_invoice()

    @api.depends("subscription_plan_id")
    def _compute_invoice_status(self):
        recurring = self.filtered("subscription_plan_id")
        recurring.invoice_status = "no"
        return super(SaleOrderLine, self - recurring)._compute_invoice_status()

    @api.depends("subscription_plan_id")
    def _compute_amount_to_invoice(self):
        recurring = self.filtered("subscription_plan_id")
        recurring.amount_to_invoice = 0.0
        return super(SaleOrderLine, self - recurring)._compute_amount_to_invoice()

    @api.depends("subscription_plan_id")
    def _compute_untaxed_amount_to_invoice(self):
        recurring = self.filtered("subscription_plan_id")
        recurring.untaxed_amount_to_invoice = 0.0
        return super(SaleOrderLine, self - recurring)._compute_untaxed_amount_to_invoice()

    @api.depends("subscription_plan_id")
    def _compute_qty_invoiced_posted(self):
        recurring = self.filtered("subscription_plan_id")
        latest = recurring._get_latest_periods()
        for line in recurring:
            row = latest.get(line)
            line.qty_invoiced_posted = row.quantity if row and row.invoice_line_id.parent_state == "posted" else 0.0
        return super(SaleOrderLine, self - recurring)._compute_qty_invoiced_posted()

    @api.depends("subscription_plan_id")
    def _compute_untaxed_amount_invoiced(self):
        recurring = self.filtered("subscription_plan_id")
        recurring._compute_latest_amount("untaxed_amount_invoiced", "price_subtotal")
        return super(SaleOrderLine, self - recurring)._compute_untaxed_amount_invoiced()

    @api.depends("subscription_plan_id")
    def _compute_amount_invoiced(self):
        recurring = self.filtered("subscription_plan_id")
        recurring._compute_latest_amount("amount_invoiced", "price_total")
        return super(SaleOrderLine, self - recurring)._compute_amount_invoiced()

    def _compute_latest_amount(self, field, source):
        """Set ``field`` to the amount of the latest period, like the invoiced quantity."""
        latest = self._get_latest_periods()
        for line in self:
            item = latest[line].invoice_line_id if line in latest else None
            line[field] = item[source] if item and item.parent_state == "posted" else 0.0

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
        if MRR_FIELDS & vals.keys():
            self._filter_running()._subscription_record_movements("change")
        return result

    def _check_subscription_write(self, vals):
        """Recurring or not is frozen once the order is confirmed, and a line with a history stays on its order."""
        if "order_id" in vals:
            self._check_subscription_order_write(vals["order_id"])
        if "subscription_plan_id" not in vals:
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
        """Add the set-up fee of each product that is newly subscribed to, on a quotation or a running order."""
        lines = self.filtered(
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

    # === TIMELINE ===#

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

    @api.model
    def _get_blank_timeline(self):
        return dict.fromkeys(TIMELINE_FIELDS, False)

    def _subscription_start_late(self):
        """Start lines that were added to, or given a quantity on, an order that runs already."""
        late = self.filtered(lambda line: line.state == "sale" and not line.subscription_start)._filter_subscribed()
        # In sudo mode: the timeline and the events are written by no user, only by what is done to the order.
        for order, lines in late.sudo().grouped("order_id").items():
            if not order.subscription_status:
                order.subscription_status = "quotation"
                order._subscription_start()
                continue
            if order.subscription_status not in RUNNING_STATUSES:
                raise UserError(self.env._("%s does not run any more: reopen it before you add to it.", order.name))
            today = order.company_id._get_subscription_today()
            lines._subscription_anchor(max(today, order.subscription_start))
            lines._subscription_begin(today)

    def _subscription_anchor(self, start):
        """Begin the timeline of lines that start on ``start``."""
        for line in self:
            line.write(
                {
                    "subscription_start": start,
                    "subscription_anchor": line.subscription_plan_id._get_anchor(start),
                    "subscription_end": line._get_settled_end(),
                    "subscription_phase": "waiting",
                    "subscription_tax_auto": line._has_automatic_taxes(),
                }
            )
        self._subscription_update_next()

    def _has_automatic_taxes(self):
        """Return whether the line has the taxes that its product asks for: then billing takes those of the day."""
        self.ensure_one()
        return self.tax_ids == self._get_product_taxes(self.order_id.fiscal_position_id)

    def _get_product_taxes(self, fiscal_position):
        """Return the taxes that the product asks for under ``fiscal_position``."""
        self.ensure_one()
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        return fiscal_position.map_tax(taxes)

    def _subscription_update_next(self):
        """Store the next period of each line: the first days that the ledger does not cover."""
        lines = self._filter_timeline()
        # In sudo mode: the ledger tells the same whoever asks.
        Period = self.env["subscription.period"].sudo()
        holes = Period._get_first_holes(lines)
        for line in lines:
            line.subscription_next_start = holes.get(line.id, line.subscription_start)
        coverage = Period._get_coverage_after(lines)
        for line in lines:
            line.write(line._get_next_period_values(line.subscription_next_start, coverage.get(line.id, ())))

    def _get_next_period_values(self, hole, coverage=()):
        """Return the values of a line whose first uncovered day is ``hole``.

        :param coverage: first days of the ledger rows beyond the hole
        """
        period = self._get_period_from(hole, coverage)
        arrears = self.subscription_plan_id.billing_timing == "arrears"
        return {
            "subscription_next_start": hole,
            "subscription_next_end": period.end if period else False,
            "subscription_next_bill_date": (period.end if arrears else period.start) if period else False,
        }

    def _get_period_from(self, start, coverage=()):
        """Return the :class:`Period` that begins on ``start``, or None once the line has ended.

        It ends with the grid, with the line, or where a ledger row in ``coverage`` (first days) begins.
        """
        ends = [day for day in (self.subscription_end, *coverage) if day and day > start]
        if self.subscription_end and start >= self.subscription_end:
            return None
        grid = self.subscription_plan_id._get_grid(self.subscription_anchor)
        return grid.period(start, min(ends, default=None))

    # === RECURRING REVENUE ===#

    def _subscription_begin(self, today):
        """Count waiting lines in the recurring revenue from the day they start."""
        starting = self.filtered(lambda line: line.subscription_phase == "waiting" and line.subscription_start <= today)
        starting.subscription_phase = "running"
        for start, lines in starting.grouped("subscription_start").items():
            lines._subscription_record_movements("start", start)

    def _subscription_stop(self, date):
        """Take lines out of the recurring revenue on ``date``: they have ended."""
        lines = self.filtered(lambda line: line.subscription_phase in ("waiting", "running", "paused"))
        lines.subscription_phase = "ended"
        lines._subscription_record_movements("close", date)

    def _subscription_finish(self, day):
        """Let lines end on ``day``; an order closes with its last line."""
        self._subscription_stop(day)
        for order in self.order_id:
            if not order.order_line.filtered(lambda line: line.subscription_phase in ("waiting", "running", "paused")):
                reason = order.subscription_close_reason_id or self.env.ref(
                    "sale_subscription_plus.close_reason_term_ended"
                )
                order.write({"subscription_close_reason_id": reason.id, "subscription_closed_on": day})
                order._subscription_set_status("closed")

    def _subscription_resume(self, today):
        """Let ended lines run again from ``today``: the days between are skipped, periods count from today."""
        rows = []
        for line in self:
            # Days before the end that are not billed yet are still owed.
            idle_from = max(line.subscription_next_start, line.subscription_end)
            line.subscription_end = False
            if idle_from < today:
                rows.append(line._prepare_closed_skip(idle_from, today))
                line.subscription_anchor = line.subscription_plan_id._get_anchor(today)
        self.env["subscription.period"].create(rows)
        self._subscription_update_next()
        self.subscription_phase = "waiting"
        starting = self.filtered(lambda line: line.subscription_start <= today)
        starting.subscription_phase = "running"
        starting._subscription_record_movements("change", today)

    def _subscription_withdraw_end(self):
        """Take back an end that lies ahead: lines end with their term again, or not at all."""
        for line in self:
            line.subscription_end = line._get_settled_end()
        self._subscription_update_next()

    def _get_settled_end(self):
        """Return the first day after a term that is not renewed, or after a close that lies ahead; else False."""
        order = self.order_id
        ends = [order.subscription_closed_on]
        if order.subscription_term_end and not order.subscription_auto_renew:
            ends.append(fields.Date.add(order.subscription_term_end, days=1))
        return min(filter(None, ends), default=False)

    def _prepare_closed_skip(self, start, end):
        return {
            "line_id": self.id,
            "kind": "skip",
            "start": start,
            "end": end,
            "service_end": end,
            "quantity": self.product_uom_qty,
            "reason": self.env._("Closed in these days"),
        }

    def _get_running_mrr(self):
        return self.subscription_mrr if self.subscription_phase == "running" else 0.0

    def _subscription_record_movements(self, cause, date=None):
        """Write the events that lead from what was recorded to what the lines bring now.

        :param str cause: 'start', 'change', 'close' or 'pause'
        :param date date: day of effect (default: each company's today)
        """
        # In sudo mode: events are written by no user, only by what is done to the order.
        lines = self.sudo()
        Event = lines.env["subscription.event"]
        carried = Event._get_carried(lines.order_id.order_line)
        values = []
        for order, order_lines in lines.grouped("order_id").items():
            day = date or order.company_id._get_subscription_today()
            values += order_lines._prepare_movements(order, cause, day, carried)
        Event.create(values)

    def _prepare_movements(self, order, cause, day, carried):
        none = (0.0, 0.0, 0)
        deltas = {line: line._get_running_mrr() - carried.get(line, none)[0] for line in self}
        deltas = {line: delta for line, delta in deltas.items() if abs(delta) > mrr_tools.EPSILON}
        if not deltas:
            return []
        before = sum(carried.get(line, none)[0] for line in order.order_line)
        seen = any(carried.get(line, none)[2] for line in order.order_line)
        movement = mrr_tools.classify(before, before + sum(deltas.values()), cause, seen)
        rate = order.currency_id._convert(1.0, order.company_id.currency_id, order.company_id, day, round=False)
        return [
            line._prepare_event(
                movement, day, delta, mrr_tools.company_amount(delta, *carried.get(line, none)[:2], rate)
            )
            for line, delta in deltas.items()
        ]

    def _prepare_event(self, movement, day, delta, delta_company):
        order = self.order_id
        return {
            "date": day,
            "type": movement,
            "order_id": order.id,
            "line_id": self.id,
            "company_id": order.company_id.id,
            "partner_id": order.partner_id.commercial_partner_id.id,
            "product_id": self.product_id.id,
            "plan_id": self.subscription_plan_id.id,
            "user_id": order.user_id.id,
            "team_id": order.team_id.id,
            "close_reason_id": order.subscription_close_reason_id.id if movement == "churn" else False,
            "currency_id": order.currency_id.id,
            "amount": delta,
            "amount_company": delta_company,
        }
