from odoo import api, fields, models


class SaleOrderLine(models.Model):
    """A line of a renewal: what it keeps of the line that it goes on from."""

    _inherit = "sale.order.line"

    subscription_renews_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Goes On From",
        copy=False,
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The line of the renewed subscription.",
    )

    def _get_renewed_line(self):
        """Return the line that this one goes on from, which is on the order that its own order renews."""
        return self.subscription_renews_line_id.filtered(
            lambda line: line.order_id == self.order_id.subscription_renews_id._origin
        )

    def _prepare_renewal_line(self):
        """Return the values of this line on a renewal quotation."""
        if not self.subscription_plan_id:
            return self.copy_data()[0]
        values = {
            "subscription_renews_line_id": self.id,
            "subscription_setup_done": True,
            # However it came about, it is not a price that was set by hand for whatever plan is chosen now.
            "technical_price_unit": self.price_unit,
        }
        return self.copy_data(values)[0]

    def _ends_by_itself_before(self, day):
        """Return whether this line ends before ``day``, and before its order does."""
        end, settled = self.subscription_end, self._get_settled_end()
        return bool(end and end < day and (not settled or end < settled))

    # === PRICES ===#

    def _keeps_agreed_price(self):
        """Return whether this line of a renewal quotation costs what was agreed before."""
        order, former = self.order_id, self.subscription_renews_line_id
        if not (former and order.subscription_keep_prices and order.state in ("draft", "sent")):
            return False
        same = all(
            (self[name]._origin or self[name]) == former[name]
            for name in ("product_id", "product_uom_id", "subscription_plan_id")
        )
        return same and self._get_renewed_line() == former

    @api.depends("subscription_plan_id")
    def _compute_price_unit(self):
        """Extend: the agreed price of a renewal stays, and comes back with its plan."""
        kept = self.filtered(lambda line: line._keeps_agreed_price())
        for line in kept:
            if line.currency_id.compare_amounts(line.technical_price_unit, line.price_unit):
                line.price_unit = line.price_unit  # set by hand
            else:
                price = line.subscription_renews_line_id.price_unit
                line = line.with_context(sale_write_from_compute=True)
                line.update({"price_unit": price, "technical_price_unit": price})
        return super(SaleOrderLine, self - kept)._compute_price_unit()

    @api.depends("subscription_plan_id")
    def _compute_discount(self):
        """Extend: the agreed discount of a renewal stays."""
        kept = self.filtered(lambda line: line._keeps_agreed_price())
        for line in kept:
            line.discount = line.discount
            line.subscription_rule_discount = line.subscription_renews_line_id.subscription_rule_discount
        return super(SaleOrderLine, self - kept)._compute_discount()

    # === TIMELINE ===#

    def _get_settled_end(self):
        """Extend: a line ends when the renewal of its order begins."""
        end = super()._get_settled_end()
        # In sudo mode: the renewal counts whoever may see it.
        start = self.order_id.sudo()._get_coming_renewals().subscription_start
        return min(filter(None, (end, start)), default=False)

    def _subscription_anchor(self, start):
        """Extend: periods go on counting as before, so that the 31st stays the 31st."""
        super()._subscription_anchor(start)
        moved = self.browse()
        for line in self:
            former = line._get_renewed_line()
            if former._has_boundary(start, line.subscription_plan_id):
                line.subscription_anchor = former.subscription_anchor
                moved |= line
        moved._subscription_update_next()

    def _has_boundary(self, day, plan):
        """Return whether this line, if there is one, has the given plan and a period of it begins on ``day``."""
        anchor = self.subscription_anchor
        return bool(anchor and self.subscription_plan_id == plan and plan._get_grid(anchor).has(day))

    def _subscription_begin(self, today):
        """Extend: a renewal that begins takes over from what it renews."""
        starting = self.filtered(lambda line: line.subscription_phase == "waiting" and line.subscription_start <= today)
        starting.order_id.filtered("subscription_renews_id")._subscription_take_over()
        return super()._subscription_begin(today)

    def _subscription_finish(self, day):
        """Extend: lines that end because their order is renewed, hand over to the renewal."""
        renewals = self.order_id._get_coming_renewals().filtered(lambda order: order.subscription_start <= day)
        if renewals:
            self.env["subscription.billing.run"]._turn(renewals, day)
        return super(SaleOrderLine, self.filtered(lambda line: line._is_alive()))._subscription_finish(day)

    def _get_heirs(self, lines):
        """Return {line of ``lines``: the one of these recurring lines that goes on from it}.

        What does not go on is handed to the first one, where it shows as contraction, or less expansion.
        """
        recurring = self._filter_subscribed()
        heirs = {heir._get_renewed_line(): heir for heir in reversed(recurring)}
        return {line: heirs.get(line, recurring[0]) for line in lines}

    def _subscription_give_back_rest(self, day, renewal):
        """Credit what was billed for days from ``day`` on, which ``renewal`` bills again."""
        if not any(line._get_billed_spans(day) for line in self):
            return
        order = self.order_id
        change = self.env["subscription.change"].create(
            {
                "order_id": order.id,
                "kind": "close",
                "state": "applied",
                "effective_on": day,
                "applied_on": order.company_id._get_subscription_today(),
                "reason_id": self.env.ref("sale_subscription_plus.close_reason_renewed").id,
                "compensation": "credit",
                "note": self.env._("Renewed by %s.", renewal.name),
            }
        )
        change._create_money(change._prepare_money_rows())
        self._subscription_cut(day, change)

    # === REVENUE ===#

    def _prepare_movements(self, order, cause, day, carried):
        """Extend: what comes back in a renewal was there before, if only on the order that it renews."""
        values = super()._prepare_movements(order, cause, day, carried)
        if order.subscription_renews_id:
            for vals in values:
                vals["type"] = "reactivation" if vals["type"] == "new" else vals["type"]
        return values
