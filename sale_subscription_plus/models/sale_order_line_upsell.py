from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.proration import unit_price
from .sale_order_line_money import Span

# What a line that raises another has in common with it.
RAISED_FIELDS = ("product_id", "product_uom_id", "subscription_plan_id", "price_unit", "discount", "tax_ids")


class SaleOrderLine(models.Model):
    """Lines of an upsell: more of what runs already, or something new."""

    _inherit = "sale.order.line"

    subscription_raised_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Raises",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The running line that gets the quantity of this one on top, at the price agreed there.",
    )
    subscription_raised_quantity = fields.Float(
        related="subscription_raised_line_id.product_uom_qty",
        string="Has Now",
        help="What the customer has of it; the quantity of this line comes on top.",
    )
    subscription_upsell_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Sold By",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The line of the upsell by which this one came to the subscription.",
    )

    # === COMPUTE METHODS ===#

    @api.depends("subscription_raised_line_id")
    def _compute_price_unit(self):
        """Extend: more of what runs costs what was agreed for it."""
        return super(SaleOrderLine, self._take_agreed("price_unit"))._compute_price_unit()

    @api.depends("subscription_raised_line_id")
    def _compute_discount(self):
        return super(SaleOrderLine, self._take_agreed("discount"))._compute_discount()

    @api.depends("subscription_raised_line_id")
    def _compute_tax_ids(self):
        return super(SaleOrderLine, self._take_agreed("tax_ids"))._compute_tax_ids()

    def _take_agreed(self, name):
        """Set field ``name`` of lines that raise others to what was agreed on these; return the other lines."""
        raises = self.filtered("subscription_raised_line_id")
        for line in raises:
            # In sudo mode: who quotes need not be able to read the subscription any more.
            agreed = line if line.state == "sale" else line.sudo().subscription_raised_line_id
            line[name] = agreed[name]
        return self - raises

    @api.constrains("subscription_raised_line_id", "order_id")
    def _check_subscription_raised_line(self):
        for line in self.sudo():  # In sudo mode: who quotes need not be able to read the subscription any more
            raised = line.subscription_raised_line_id
            if raised and raised.order_id != line.order_id.subscription_origin_id:
                raise ValidationError(self.env._("Only lines of the subscription that an upsell is for are raised."))

    # === THE QUOTATION ===#

    def _filter_raisable(self):
        """Return the running lines that more can be sold of."""
        return self.filtered(lambda line: line._is_alive())

    def _prepare_raise(self):
        """Return the values of the quotation line that offers more of this running line."""
        self.ensure_one()
        values = {
            "product_uom_qty": 0.0,
            "subscription_raised_line_id": self.id,
            # Whatever its fee was, it was paid.
            "subscription_setup_done": True,
        }
        return self.copy_data(values)[0]

    def _subscription_add_setup_fees(self):
        """Extend: more of what runs is not set up again."""
        return super(
            SaleOrderLine, self.filtered(lambda line: not line.subscription_raised_line_id)
        )._subscription_add_setup_fees()

    def _filter_raises(self):
        """Return the lines that raise the quantity of running ones."""
        return self._filter_subscribed().filtered("subscription_raised_line_id")

    def _filter_added(self):
        """Return the recurring lines that are new to the subscription."""
        return self._filter_subscribed().filtered(lambda line: not line.subscription_raised_line_id)

    # === WHAT IS DUE ===#

    def _get_first_period(self, start):
        """Extend: what is added to a subscription is billed on the days of what runs there on the same plan."""
        if self.order_id.subscription_status != "upsell":
            return super()._get_first_period(start)
        # In sudo mode: amounts do not depend on who looks.
        running = self.order_id.sudo().subscription_origin_id.order_line.filtered(lambda line: line._is_alive())
        plan = self.subscription_plan_id
        siblings = running.filtered(lambda line: line.subscription_plan_id == plan)
        anchor = siblings[0].subscription_anchor if siblings else plan._get_anchor(start)
        end = running[:1]._get_settled_end()
        return plan._get_grid(anchor).period(start, end if end and end > start else None)

    def _get_billing_taxes(self, fiscal_position):
        """Extend: what is added is taxed as it will be once it runs, by the fiscal position of the day."""
        if self.order_id.subscription_status == "upsell" and self._has_automatic_taxes():
            return self._get_product_taxes(fiscal_position)
        return super()._get_billing_taxes(fiscal_position)

    def _prepare_raise_base_line(self, today, fiscal_position):
        """Return what Odoo's tax engine needs to know of what this raise costs today."""
        self.ensure_one()
        running = self.sudo().subscription_raised_line_id  # as above
        rounding = self.order_id.currency_id.rounding
        quantity = self.product_uom_qty
        price = unit_price(self._get_raise_value(running, today), quantity, 0.0, rounding)
        taxes = running._get_billing_taxes(fiscal_position)
        return self._prepare_base_line_for_taxes_computation(
            tax_ids=taxes,
            price_unit=running._convert_agreed_price(price, taxes),
            quantity=quantity,
            discount=0.0,
        )

    def _get_raise_value(self, running, today):
        """Return what the rest of the period that ``running`` is in costs more with the quantity of this line."""
        if not running.subscription_plan_id.prorate_changes:
            return 0.0
        before = running._get_agreed()
        after = before._replace(quantity=before.quantity + self.product_uom_qty)
        rounding = self.order_id.currency_id.rounding
        spans = running._get_due_spans(today) or running._get_billed_spans(today)
        values = [
            span.get_rest(today, running._get_whole(terms), rounding) * sign
            for span in spans
            for terms, sign in ((after, 1), (before, -1))
        ]
        return self.order_id.currency_id.round(sum(values))

    def _get_due_spans(self, today):
        """Return the :class:`Span` of each period that is due and not billed yet: that happens before any raise."""
        coverage = self.env["subscription.period"]._get_coverage_after(self)
        terms = self._get_terms_after()
        due = self._get_due_periods(today, coverage.get(self.id, {}), terms.get(self.id, ()))
        return [
            Span(
                self.env["subscription.period"],
                period.start,
                period.end,
                period.end,
                period.full_days,
                self._get_period_value(period),
            )
            for _day, period in due
            if period.end > today
        ]

    # === MERGE ===#

    def _subscription_raise(self, today):
        """Raise the running lines by the quantities of these.

        :return: the ``subscription.change`` of each, done
        """
        changes = self.env["subscription.change"]
        for line in self:
            change = changes.create(line._prepare_raising_change(today))
            change._check_plannable()
            change.state = "planned"
            change._apply(today)
            changes |= change
        return changes

    def _prepare_raising_change(self, today):
        running = self.subscription_raised_line_id
        return {
            "order_id": running.order_id.id,
            "line_id": running.id,
            "kind": "quantity",
            "effective_on": today,
            "quantity": running.product_uom_qty + self.product_uom_qty,
            "upsell_line_id": self.id,
        }

    def _subscription_add_to_origin(self):
        """Let what recurs on these lines of an upsell run on its subscription.

        :return: the lines there
        """
        # The history tells it in one message.
        lines = self.with_context(sale_no_log_for_new_lines=True)
        last = max(self.order_id.subscription_origin_id.order_line.mapped("sequence"), default=0)
        return lines.create([line._prepare_added_line(last + number) for number, line in enumerate(self, 1)])

    def _prepare_added_line(self, sequence):
        values = {
            "order_id": self.order_id.subscription_origin_id.id,
            "sequence": sequence,
            "subscription_upsell_line_id": self.id,
            # Its fee is on the upsell.
            "subscription_setup_done": True,
        }
        return self.copy_data(values)[0]

    def _describe_added(self):
        return self.env._(
            "%(quantity)g × %(product)s (%(plan)s)",
            quantity=self.product_uom_qty,
            product=self.product_id.display_name,
            plan=self.subscription_plan_id.name,
        )

    # === FULFILMENT ===#

    def _get_quantity_fulfilled_elsewhere(self):
        """Return how much of the quantity of this line another order delivers, or does the work for.

        What an upsell sold is fulfilled there, and what a renewal goes on with was fulfilled before.
        """
        self.ensure_one()
        if not self.subscription_plan_id:
            return 0.0
        line = self.sudo()  # In sudo mode: goods move alike whoever moves them
        raises = (
            self.env["subscription.change"].sudo().search([("line_id", "=", self.id), ("upsell_line_id", "!=", False)])
        )
        others = line.subscription_upsell_line_id | raises.upsell_line_id | line._get_renewed_line()
        return sum(others.mapped("product_uom_qty"))

    # === WHAT SPEAKS AGAINST IT ===#

    def _get_upsell_line_problem(self):
        """Return why these lines of an upsell cannot be merged, in a sentence; or False."""
        sold = self._filter_subscribed() | self._filter_sold_once()
        if not sold:
            return self.env._("Nothing is added yet: add a product, or a quantity to what runs already.")
        return next(filter(None, (line._get_own_upsell_problem() for line in sold)), False)

    def _get_own_upsell_problem(self):
        name = self.product_id.display_name or self.name
        if self.product_uom_qty < 0:
            return self.env._('The quantity of "%s" is negative: an upsell only adds.', name)
        if not (self.product_id.active and (self.subscription_plan_id.active or not self.subscription_plan_id)):
            return self.env._('"%s" or its plan is archived: take its line off the quotation.', name)
        # In sudo mode: how it runs, whoever asks
        return self.sudo()._get_raise_problem() if self.subscription_raised_line_id else False

    def _get_raise_problem(self):
        running = self.subscription_raised_line_id
        values = {"product": running.product_id.display_name or running.name, "order": running.order_id.name}
        if not running._is_alive():
            return self.env._('"%(product)s" has ended on %(order)s: take its line off the quotation.', **values)
        planned = running.order_id.subscription_change_ids.filtered(
            lambda change: change.state == "planned" and change.line_id == running and change.kind == "quantity"
        )
        if planned:
            return self.env._(
                '"%(change)s" is planned on %(order)s, and would undo this raise: cancel that first.',
                change=planned[0]._get_sentence(),
                **values,
            )
        if any(self[name] != running[name] for name in RAISED_FIELDS):
            return self.env._(
                'More of "%(product)s" costs what is agreed for it on %(order)s, and that is not what this quotation '
                "says. Take its line off and add the product anew, or make a new upsell.",
                **values,
            )
        return False

    def _subscription_start_late(self):
        """Extend: what recurs is added to the subscription, not to an upsell that was merged into it."""
        for order in self.filtered("subscription_plan_id").order_id:
            if order.subscription_status == "merged":
                raise UserError(
                    self.env._(
                        "%(upsell)s was merged into %(order)s: what recurs is changed there.",
                        upsell=order.name,
                        order=order.sudo().subscription_origin_id.name,  # In sudo mode to name it
                    )
                )
        return super()._subscription_start_late()
