from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, clean_context
from odoo.tools.misc import format_date

# Rows that cover days of service; proration and credit rows only move money inside covered days.
COVERING_KINDS = ("regular", "stub", "imported", "carried", "skip")


class SubscriptionPeriod(models.Model):
    """The ledger: what was billed, skipped or credited. The only truth about it."""

    _name = "subscription.period"
    _description = "Subscription Period"
    _order = "start desc, id desc"
    _rec_name = "line_id"
    _check_company_auto = True

    line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Subscription Line",
        required=True,
        ondelete="restrict",
        index=True,
    )
    order_id = fields.Many2one(related="line_id.order_id", store=True, index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    kind = fields.Selection(
        selection=[
            ("regular", "Regular"),
            ("stub", "Short period"),
            ("imported", "Imported"),
            ("carried", "Carried over"),
            ("skip", "Skipped"),
            ("proration", "Proration"),
            ("credit", "Credit"),
        ],
        required=True,
        help="Skipped: days that are not billed, for the reason beside them. "
        "Imported: days that were billed before the subscription came to Odoo.",
    )
    start = fields.Date(string="From", required=True, help="First day of the period.")
    end = fields.Date(string="Until", required=True, help="First day after the period (not part of it).")
    service_end = fields.Date(
        string="Served Until",
        required=True,
        help="First day that is not covered any more: earlier than the end of the period once the rest of it "
        "was credited, paused or closed.",
    )
    # Not summed in groups, nor is the amount: that would read the invoice lines of years.
    quantity = fields.Float(digits="Product Unit", aggregator=None)
    state = fields.Selection(
        selection=[("live", "Live"), ("void", "Void")],
        required=True,
        default="live",
        help="Void rows stay as history: their invoice was undone.",
    )
    reason = fields.Char()
    invoice_line_id = fields.Many2one(comodel_name="account.move.line", ondelete="set null", index="btree_not_null")
    move_id = fields.Many2one(related="invoice_line_id.move_id", string="Invoice")
    amount = fields.Monetary(related="invoice_line_id.price_subtotal", string="Untaxed Amount", aggregator=None)
    source_id = fields.Many2one(
        comodel_name="subscription.period",
        string="In Place Of",
        ondelete="set null",
        index="btree_not_null",
        help="The void row whose days this row covers.",
    )
    value = fields.Float(
        digits=0,
        readonly=True,
        aggregator=None,
        help="What the days cost in the order's currency; tax in or out as in the price. Below zero: given back.",
    )
    full_days = fields.Integer(
        aggregator=None, help="Days of the whole period of which these are a part: what a day costs, goes by them."
    )
    change_id = fields.Many2one(
        comodel_name="subscription.change",
        ondelete="restrict",
        index="btree_not_null",
        help="The change that made this row.",
    )
    basis_id = fields.Many2one(
        comodel_name="subscription.period",
        string="Days Of",
        ondelete="restrict",
        index="btree_not_null",
        help="The row whose days are charged more or less, credited or carried over by this one.",
    )
    ended_by_id = fields.Many2one(
        comodel_name="subscription.change",
        ondelete="restrict",
        index="btree_not_null",
        help="The change for which these days were served no longer than until then.",
    )
    anchor_before = fields.Date(help="Technical: from when periods counted before these days.")

    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (line_id WITH =, daterange(start, service_end) WITH &&) "
        "WHERE (state = 'live' AND kind NOT IN ('proration', 'credit'))",
        "These days were billed already: a day of service is billed once.",
    )
    _dates_in_order = models.Constraint(
        'CHECK(start <= service_end AND service_end <= "end" AND start < "end")',
        "A period must end after it starts.",
    )
    _once_a_change = models.UniqueIndex(
        "(change_id, line_id, kind) WHERE state = 'live' AND kind IN ('proration', 'credit')",
        "This change was charged or credited already.",
    )
    _pending_idx = models.Index(
        "(order_id) WHERE state = 'live' AND kind IN ('proration', 'credit') AND invoice_line_id IS NULL"
    )
    _company_start_idx = models.Index("(company_id, start)")
    _line_start_idx = models.Index("(line_id, start) WHERE state = 'live'")

    @api.depends("line_id", "start", "end")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.line_id.product_id.display_name} {row._format_span()}"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`: the defaults of the screen that a call came from never reach the ledger."""
        return super(SubscriptionPeriod, self.with_context(clean_context(self.env.context))).create(vals_list)

    def _format_span(self, lang_env=None):
        """Return "first day – last day" in the language of ``lang_env``."""
        return self.env["subscription.period"]._format_days(self.start, self.end, lang_env or self.env)

    @api.model
    def _format_days(self, start, end, lang_env):
        """Return "first day – last day", in the language of ``lang_env``; ``end`` is not part of the span."""
        last = fields.Date.subtract(end, days=1)
        return f"{format_date(lang_env, start)} – {format_date(lang_env, last)}"

    def action_view_invoice(self):
        """Open the invoice of this period."""
        self.ensure_one()
        return self.move_id.get_formview_action() if self.move_id else None

    def action_bill_again(self):
        """Void skips that stand in place of an undone invoice, so that the next billing takes their days.

        :raise UserError: when a row is no live skip
        """
        # Checks the group: the ledger itself may be written by no user.
        self.env["sale.order"]._subscription_check_right("account.group_account_invoice")
        self.check_access("read")
        for row in self:
            if row.kind != "skip" or row.state != "live":
                raise UserError(
                    self.env._("%s is no skipped period: there is nothing to bill again.", row.display_name)
                )
        rows_sudo = self.sudo()  # In sudo mode: users cannot write the ledger
        rows_sudo.order_id._subscription_lock()
        rows_sudo.state = "void"
        rows_sudo.line_id._subscription_update_next()
        for order in rows_sudo.order_id:
            spans = ", ".join(row._format_span() for row in rows_sudo if row.order_id == order)
            order.message_post(body=self.env._("To be billed again: %s", spans))

    # === COVERAGE ===#

    @api.model
    def _get_first_holes(self, lines):
        """Return the first day that no live row covers, for each of ``lines`` that has rows.

        :return: {line id: date}
        """
        if not lines.ids:
            return {}
        self.flush_model(["line_id", "start", "service_end", "state", "kind"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.line_id, MIN(p.start), MIN(p.service_end) FILTER (WHERE NOT EXISTS (
                           SELECT 1 FROM subscription_period q
                            WHERE q.line_id = p.line_id AND q.state = 'live'
                              AND q.kind = ANY(%(kinds)s)
                              AND q.start = p.service_end AND q.service_end > q.start))
                  FROM subscription_period p
                 WHERE p.line_id = ANY(%(lines)s) AND p.state = 'live' AND p.kind = ANY(%(kinds)s)
                   AND p.service_end > p.start
                 GROUP BY p.line_id
                """,
                kinds=list(COVERING_KINDS),
                lines=list(lines.ids),
            )
        )
        starts = {line.id: line.subscription_start for line in lines}
        return {line_id: hole if first <= starts[line_id] else starts[line_id] for line_id, first, hole in rows}

    @api.model
    def _get_coverage_after(self, lines):
        """Return the live rows of ``lines`` that start at or after their next hole.

        There are none but after *Bill again*, so billing reads this at constant cost.

        :return: {line id: {start: service_end}}
        """
        if not lines.ids:
            return {}
        self.flush_model(["line_id", "start", "service_end", "state", "kind"])
        lines.flush_recordset(["subscription_next_start"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.id, p.start, p.service_end
                  FROM sale_order_line l
                 CROSS JOIN LATERAL (
                       -- OFFSET 0 keeps this a look-up by line and start: joined, all rows of the lines are read.
                       SELECT start, service_end FROM subscription_period
                        WHERE line_id = l.id AND start >= l.subscription_next_start AND state = 'live'
                          AND kind = ANY(%(kinds)s) AND service_end > start OFFSET 0) p
                 WHERE l.id = ANY(%(lines)s)
                """,
                kinds=list(COVERING_KINDS),
                lines=list(lines.ids),
            )
        )
        coverage = {}
        for line_id, start, service_end in rows:
            coverage.setdefault(line_id, {})[start] = service_end
        return coverage

    # === UNDONE INVOICES ===#

    def _undo(self, reason):
        """Void rows whose invoice was undone and put skips in their place, so that no hole opens.

        :param str reason: shown on the skips, in business words
        """
        rows = self.filtered(lambda row: row.state == "live" and row.kind not in ("skip", "imported"))
        rows._drop_pending_money()
        rows.state = "void"
        rows.flush_recordset(["state"])
        covering = rows.filtered(lambda row: row.kind in COVERING_KINDS and row.service_end > row.start)
        self.create([row._prepare_skip(reason) for row in covering])
        for order in rows.order_id:
            order.message_post(body=self.env._("Not billed any more: %s", reason))

    def _drop_pending_money(self):
        """Void what was still to be charged or credited for the days of these rows.

        :raise UserError: when another document charged or credited something for them already
        """
        dependents = self.search([("basis_id", "in", self.ids), ("state", "=", "live"), ("id", "not in", self.ids)])
        for row in dependents.invoice_line_id.subscription_period_ids & dependents:
            if row.move_id not in self.move_id and row.kind != "carried":
                raise UserError(
                    self.env._(
                        "%(document)s charges or credits days of %(period)s: cancel that document first.",
                        document=row.move_id._get_subscription_name(),
                        period=row.basis_id.display_name,
                    )
                )
        dependents.state = "void"
        for order in dependents.order_id:
            order._subscription_update_pending()

    def _prepare_skip(self, reason):
        return {
            "line_id": self.line_id.id,
            "kind": "skip",
            "start": self.start,
            "end": self.end,
            "service_end": self.service_end,
            "quantity": self.quantity,
            "reason": reason,
            "source_id": self.id,
        }

    def _redo(self, document):
        """Bring back void rows whose invoice stands again; their skips give way.

        :param str document: name of the document, for the message
        :raise UserError: when the days were billed again meanwhile
        """
        rows = self.filtered(lambda row: row.state == "void")
        rows._get_stand_ins().state = "void"
        self.flush_model(["state"])
        for row in rows.filtered(lambda row: row.kind in COVERING_KINDS):
            if row._is_covered():
                raise UserError(
                    self.env._(
                        "%(document)s cannot come back: %(period)s was billed again meanwhile. "
                        "Undo that invoice first.",
                        document=document,
                        period=row.display_name,
                    )
                )
        rows.state = "live"
        rows.line_id._subscription_update_next()

    def _get_stand_ins(self):
        """Return the live skips in place of these void rows, or of rows that took them over and were undone."""
        stand_ins, sources = self.browse(), self
        while sources:
            sources = self.search([("source_id", "in", sources.ids)])
            stand_ins |= sources.filtered(lambda row: row.kind == "skip" and row.state == "live")
        return stand_ins

    def _hand_over(self, heirs):
        """Replace rows by new ones for the invoice that was made in place of theirs.

        The old rows stay with their invoice, void: if that one comes back, its days count as billed again.

        :param dict heirs: {row: invoice line}
        """
        rows = self.browse([row.id for row in heirs])
        rows._get_stand_ins().state = "void"
        rows.state = "void"
        self.flush_model(["state"])
        self.create([row._prepare_successor(heirs[row]) for row in rows])
        rows.line_id._subscription_update_next()

    def _prepare_successor(self, invoice_line):
        names = ("kind", "start", "end", "service_end", "quantity", "value", "full_days")
        values = {name: self[name] for name in names}
        values |= {name: self[name].id for name in ("change_id", "basis_id", "ended_by_id")}
        return {**values, "line_id": self.line_id.id, "invoice_line_id": invoice_line.id, "source_id": self.id}

    def _sync_with_invoice(self):
        """Take over quantity and amount of the invoice line, which somebody may have edited."""
        item = self.invoice_line_id
        sign = -1 if self.move_id.move_type == "out_refund" else 1
        # Where other taxes count than were agreed, a price in the invoice is not the one that was quoted.
        if item.tax_ids == self.line_id.tax_ids:
            self.value = self.currency_id.round(sign * item.price_unit * item.quantity * (1 - item.discount / 100))
        if self.kind in COVERING_KINDS and self.quantity != item.quantity:
            self.quantity = item.quantity

    def _is_covered(self):
        self.ensure_one()
        return bool(
            self.search_count(
                [
                    ("line_id", "=", self.line_id.id),
                    ("state", "=", "live"),
                    ("kind", "in", COVERING_KINDS),
                    ("start", "<", self.service_end),
                    ("service_end", ">", self.start),
                ],
                limit=1,
            )
        )
