from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.forecast import Change, Line, Months, Plan, Span, Terms, get_spans

MONTHS_AHEAD = 12
# Where a filter of the numbers stands on an order line.
FILTERED_FIELDS = {
    "company_ids": "company_id",
    "team_ids": "order_id.team_id",
    "user_ids": "order_id.user_id",
    "plan_ids": "subscription_plan_id",
    "product_ids": "product_id",
    "country_ids": "order_id.partner_id.commercial_partner_id.country_id",
}
# What is read of the lines.
COLUMNS = (
    "id",
    "order_id",
    "subscription_phase",
    "subscription_start",
    "subscription_end",
    "subscription_mrr",
    "subscription_plan_id",
    "subscription_anchor",
    "product_uom_qty",
    "price_unit",
    "discount",
)
# Which part of the terms each kind of change is about.
CHANGED_TERMS = {"quantity": ("quantity",), "price": ("price_unit",), "discount": ("discount",)}
# So large that rounding does not show in the share of a price that is no tax.
LARGE_PRICE = 1e9


class SubscriptionForecast(models.AbstractModel):
    """The months ahead, from the contracts as they stand.

    Most lines go on as they are: only their sum is read. Of those that start, end or are bound by a term, the database
    adds up who does so in the same months. Those for which something is planned are played one by one.
    """

    _inherit = "subscription.forecast"

    @api.model
    def _get_coming_months(self, today, filters):
        self.env.flush_all()
        months, lines = Months(today, MONTHS_AHEAD), self._get_forecast_lines(filters)
        spans = [*self._iter_known_spans(lines, today), *self._iter_changing_spans(lines, today)]
        rest = self._get_revenue_of_today(filters) - sum(span.amount for span in spans if not span.start)
        for span in [Span(None, None, None, rest), *spans]:
            months.add(span)
        return {
            "today": {"date": fields.Date.to_string(today), "mrr": self.env.company.currency_id.round(months.now)},
            "months": self._get_month_rows(months),
        }

    @api.model
    def _get_revenue_of_today(self, filters):
        """Return the MRR that the user may see, in the currency of the current company."""
        Kpi = self.env["subscription.kpi"]
        domain = Kpi._get_filter_domain("subscription.event", filters)
        movements = Kpi._get_rows(
            "subscription.event", domain, SQL("subscription_event.amount_company * rate AS amount")
        )
        return self.env.execute_query(SQL("SELECT COALESCE(SUM(amount), 0) FROM (%s) AS movements", movements))[0][0]

    @api.model
    def _get_month_rows(self, months):
        currency, rows = self.env.company.currency_id, []
        before = currency.round(months.now)
        for month, *amounts in months.rows():
            total, committed, starting, ending = (currency.round(amount) for amount in amounts)
            rows.append(
                {
                    "month": fields.Date.to_string(month),
                    "committed": committed,
                    "renewing": currency.round(total - committed),
                    "total": total,
                    "starting": starting,
                    "changing": currency.round(total - before - starting + ending),
                    "ending": ending,
                }
            )
            before = total
        return rows

    # === WHICH LINES ===#

    @api.model
    def _get_forecast_lines(self, filters):
        """Return the query of the lines to count: those whose movements the user may see."""
        Event = self.env["subscription.event"]
        Event.check_access("read")
        domain = Domain("subscription_phase", "in", ("waiting", "running", "paused"))
        domain &= Domain("company_id", "in", self.env.companies.ids)
        domain &= self._get_filter_domain(filters)
        # In sudo mode: the rules of movements decide, as for all the numbers. They speak of the order and the company,
        # which a line has too; and lines that start later have no movement yet.
        seen = self.env["ir.rule"]._compute_domain(Event._name, "read")
        query = self.env["sale.order.line"].sudo()._search(domain & seen)
        return query.subselect(*(f"sale_order_line.{name}" for name in COLUMNS))

    @api.model
    def _get_filter_domain(self, filters):
        """Return the domain of the order lines that ``filters`` ask for."""
        wanted = ((field, filters.get(name)) for name, field in FILTERED_FIELDS.items())
        return Domain.AND(Domain(field, "in", ids) for field, ids in wanted if ids)

    @api.model
    def _get_tables(self, lines):
        """Return the tables of ``lines``, their orders, the orders that will renew these, and their rates.

        ``account_currency_table`` holds the rate from the company's currency to that of the current company, ``today``
        the one from the order's currency to the company's.
        """
        Report = self.env["subscription.report.mixin"]
        return SQL(
            """
            %(lines)s l
            JOIN sale_order o ON o.id = l.order_id
            JOIN %(company_rates)s ON account_currency_table.company_id = o.company_id
            JOIN (%(today_rates)s) today ON today.company_id = o.company_id AND today.currency_id = o.currency_id
            -- One at the most: an index refuses others.
            LEFT JOIN sale_order heir ON heir.subscription_renews_id = o.id AND heir.subscription_status = 'scheduled'
            """,
            lines=lines,
            company_rates=Report._get_company_rates(),
            today_rates=Report._get_today_rates(),
        )

    @api.model
    def _get_planned(self):
        """Return the condition of the planned changes ``c`` of line ``l``; a planned end stands on the line itself."""
        return SQL(
            "c.order_id = l.order_id AND (c.line_id IS NULL OR c.line_id = l.id) "
            "AND c.state = 'planned' AND c.kind != 'close'"
        )

    @api.model
    def _get_start(self):
        return SQL("CASE WHEN l.subscription_phase = 'waiting' THEN l.subscription_start END")

    @api.model
    def _get_bound_until(self):
        """Return the first day on which the customer is not bound any more."""
        return SQL("o.subscription_term_end + 1")

    @api.model
    def _get_begins(self):
        """Return whether a line that waits is something new, and does not go on from another order."""
        return SQL("(l.subscription_phase = 'waiting' AND o.subscription_renews_id IS NULL)")

    @api.model
    def _get_ends(self):
        """Return whether no other order goes on from where a line ends."""
        return SQL("(heir.id IS NULL OR heir.subscription_start != l.subscription_end)")

    @api.model
    def _get_rate(self):
        """Return what one unit of the order's currency is worth today, in the current company's."""
        return SQL("today.rate * account_currency_table.rate")

    # === LINES THAT START, END, OR ARE BOUND ===#

    @api.model
    def _iter_known_spans(self, lines, today):
        for row in self.env.execute_query(self._get_known_query(lines, today)):
            yield Span(*row)

    @api.model
    def _get_known_query(self, lines, today):
        """Return the SQL of one span for all lines whose dates lie in the same months."""
        return SQL(
            """
            SELECT %(start)s, %(end)s, %(bound_until)s,
                   SUM(CASE l.subscription_phase
                       WHEN 'running' THEN COALESCE(e.amount_company, 0) * account_currency_table.rate
                       ELSE l.subscription_mrr * %(rate)s END),
                   %(begins)s, %(ends)s
              FROM %(tables)s
              LEFT JOIN subscription_event e ON e.line_id = l.id AND l.subscription_phase = 'running'
             WHERE (l.subscription_phase = 'waiting'
                    OR l.subscription_phase = 'running'
                   AND (l.subscription_end IS NOT NULL OR o.subscription_term_end >= %(today)s))
               AND NOT EXISTS (SELECT FROM subscription_change c WHERE %(planned)s)
             GROUP BY 1, 2, 3, 5, 6
            """,
            start=self._get_month(self._get_start()),
            end=self._get_month(SQL("l.subscription_end")),
            bound_until=self._get_month(self._get_bound_until()),
            rate=self._get_rate(),
            begins=self._get_begins(),
            ends=self._get_ends(),
            tables=self._get_tables(lines),
            today=today,
            planned=self._get_planned(),
        )

    @api.model
    def _get_month(self, day):
        """Return the first day of the month of ``day`` (SQL): at the end of months, no other day matters."""
        return SQL("date_trunc('month', %s)::date", day)

    # === LINES FOR WHICH SOMETHING IS PLANNED ===#

    @api.model
    def _iter_changing_spans(self, lines, today):
        plans, nets = {}, {}
        changes = self._get_changes(lines, today + relativedelta(months=MONTHS_AHEAD), plans)
        for row in self.env.execute_query_dict(self._get_changing_query(lines)):
            line = Line(
                self._get_terms(row, plans, nets),
                row["start"],
                row["end"],
                row["is_paused"],
                row["amount"],
                row["amount_here"],
                row["rate"],
            )
            steps = line.play(changes.get(row["id"], ()))
            yield from get_spans(steps, row["end"], row["bound_until"], row["begins"], row["ends"])

    @api.model
    def _get_changing_query(self, lines):
        return SQL(
            """
            SELECT l.id, %(start)s AS start, l.subscription_end AS end, %(bound_until)s AS bound_until,
                   l.subscription_phase = 'paused' AS is_paused, %(begins)s AS begins, %(ends)s AS ends,
                   l.product_uom_qty AS quantity, l.price_unit, COALESCE(l.discount, 0) AS discount,
                   l.subscription_plan_id AS plan_id, l.subscription_anchor AS anchor, o.currency_id,
                   ARRAY(SELECT account_tax_id FROM account_tax_sale_order_line_rel
                          WHERE sale_order_line_id = l.id ORDER BY 1) AS tax_ids,
                   COALESCE(carried.amount, 0) AS amount,
                   COALESCE(carried.amount_company, 0) * account_currency_table.rate AS amount_here,
                   %(rate)s AS rate
              FROM %(tables)s
              LEFT JOIN LATERAL (
                  SELECT SUM(amount) AS amount, SUM(amount_company) AS amount_company
                    FROM subscription_event WHERE line_id = l.id) carried ON TRUE
             WHERE EXISTS (SELECT FROM subscription_change c WHERE %(planned)s)
            """,
            start=self._get_start(),
            bound_until=self._get_bound_until(),
            begins=self._get_begins(),
            ends=self._get_ends(),
            rate=self._get_rate(),
            tables=self._get_tables(lines),
            planned=self._get_planned(),
        )

    @api.model
    def _get_terms(self, row, plans, nets):
        taxes, currency = tuple(row["tax_ids"]), self.env["res.currency"].browse(row["currency_id"])
        if taxes not in nets:
            nets[taxes] = self._get_net(taxes)
        return Terms(
            row["quantity"],
            row["price_unit"],
            row["discount"],
            self._get_plan(row["plan_id"], plans),
            row["anchor"],
            nets[taxes],
            currency.decimal_places,
        )

    @api.model
    def _get_net(self, tax_ids):
        """Return which share of a price is left without the taxes that it includes."""
        # In sudo mode: taxes are read by accountants only, and what is sold has a price without them for everybody.
        taxes = self.env["account.tax"].sudo().browse(tax_ids)
        if not any(taxes.mapped("price_include")):
            return 1.0
        return taxes.compute_all(LARGE_PRICE)["total_excluded"] / LARGE_PRICE

    @api.model
    def _get_plan(self, plan_id, plans):
        """Return the :class:`Plan` of a plan, from ``plans`` where it is known already."""
        if plan_id not in plans:
            plan = self.env["subscription.plan"].browse(plan_id)
            plans[plan_id] = Plan(plan.interval_count, plan.interval_unit, plan._get_months())
        return plans[plan_id]

    @api.model
    def _get_changes(self, lines, until, plans):
        """Return {line id: [:class:`Change`]} of what is planned before ``until``."""
        changes = {}
        for row in self.env.execute_query_dict(self._get_changes_query(lines, until)):
            terms = {name: row[name] for name in CHANGED_TERMS.get(row["kind"], ())}
            if row["kind"] == "plan":
                plan = self.env["subscription.plan"].browse(row["plan_id"])
                terms = {
                    "plan": self._get_plan(plan.id, plans),
                    "price_unit": row["price_unit"],
                    "anchor": plan._get_anchor(row["day"]),
                }
            changes.setdefault(row["id"], []).append(
                Change(row["day"], row["kind"], terms, row["discount_periods"], row["resume_on"])
            )
        return changes

    @api.model
    def _get_changes_query(self, lines, until):
        return SQL(
            """
            SELECT l.id, c.effective_on AS day, c.kind, COALESCE(c.quantity, 0) AS quantity,
                   COALESCE(c.price_unit, 0) AS price_unit, COALESCE(c.discount, 0) AS discount,
                   COALESCE(c.discount_periods, 0) AS discount_periods, c.plan_id, c.resume_on
              FROM subscription_change c
              JOIN %(lines)s l ON %(planned)s
             WHERE c.effective_on < %(until)s
             ORDER BY c.id
            """,
            planned=self._get_planned(),
            until=until,
            lines=lines,
        )
