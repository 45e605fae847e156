from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sale_subscription_plus.tools.mrr import EPSILON

from ..tools.kpi import GAINS, LOSSES, get_net_new
from ..tools.periods import DAY, get_months, get_period_before

# The fields by which movements can be filtered, and where each model of Odoo has them.
FILTERS = {
    "subscription.event": {
        "company_ids": "company_id",
        "team_ids": "team_id",
        "user_ids": "user_id",
        "plan_ids": "plan_id",
        "product_ids": "product_id",
        "country_ids": "partner_id.country_id",
    },
    "sale.order": {
        "company_ids": "company_id",
        "team_ids": "team_id",
        "user_ids": "user_id",
        "plan_ids": "order_line.subscription_plan_id",
        "product_ids": "order_line.product_id",
        "country_ids": "partner_id.commercial_partner_id.country_id",
    },
    "account.move": {
        "company_ids": "company_id",
        "team_ids": "team_id",
        "user_ids": "invoice_user_id",
        "country_ids": "commercial_partner_id.country_id",
    },
    "account.move.line": {
        "company_ids": "company_id",
        "team_ids": "move_id.team_id",
        "user_ids": "move_id.invoice_user_id",
        "plan_ids": "sale_line_ids.subscription_plan_id",
        "product_ids": "product_id",
        "country_ids": "move_id.commercial_partner_id.country_id",
    },
}

FIRST_YEAR, LAST_YEAR = 1900, 2999


class Span(NamedTuple):
    """A period and the one to compare it with, which ends on the day before; both days of each belong to it."""

    before_from: fields.Date
    date_from: fields.Date
    date_to: fields.Date

    @property
    def before_to(self):
        """Last day of the period to compare with."""
        return self.date_from - DAY


class SubscriptionKpi(models.AbstractModel):
    """The figures that key figures are made of, of a period and of the one before, with the user's own rights."""

    _inherit = "subscription.kpi"

    @api.model
    def _get_span(self, date_from, date_to):
        first, last = sorted((self._get_day(date_from), self._get_day(date_to)))
        return Span(get_period_before(first, last)[0], first, last)

    @api.model
    def _get_day(self, value):
        """Return the day that a client names.

        :raise UserError: when it is none, or too far away to count from
        """
        try:
            day = fields.Date.to_date(value)
        except (TypeError, ValueError):
            day = None
        if not day or not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise UserError(
                self.env._(
                    '"%(value)s" is no day to count from. Give the first and the last day, such as 2026-01-31, '
                    "between %(first)s and %(last)s.",
                    value=value or "",
                    first=FIRST_YEAR,
                    last=LAST_YEAR,
                )
            )
        return day

    @api.model
    def _get_checked_filters(self, filters):
        """Return the filters that a client sends: lists of ids, in which False stands for what has none.

        :raise UserError: when one is unknown, or no list of ids
        """
        checked = filters or {}
        is_dict = isinstance(checked, dict)
        for name in checked if is_dict else [checked]:
            if not is_dict or not self._is_filter(name, checked[name] or []):
                raise UserError(self.env._("%s is no filter of the key figures, or not a list of ids.", name))
        return dict(checked)

    @api.model
    def _is_filter(self, name, ids):
        known = name in FILTERS["subscription.event"] and isinstance(ids, (list, tuple))
        return known and all(type(value) is int or value is False for value in ids)

    @api.model
    def _get_figures(self, span, filters=None, groupby=None):
        """Return the figures of the period before and of the period itself.

        Amounts are untaxed, in the currency of the current company; losses are positive numbers.

        :param Span span: the periods
        :param dict filters: as in :meth:`get_kpis`
        :param str groupby: "company_id", "team_id" or "user_id": figures apart for each
        :return: (figures before, figures), with ``groupby`` {id or None: that}
        """
        filters = filters or {}
        return self._sum_up(
            span,
            groupby,
            self._get_movement_figures(span, filters, groupby),
            self._get_balance_figures(span, filters, groupby),
            self._get_paused_figures(span, filters, groupby),
            self._get_contract_figures(span, filters, groupby),
            self._get_reopened_figures(span, filters, groupby),
            self._get_revenue_figures(span, filters, groupby),
            self._get_non_recurring_figures(span, filters, groupby),
        )

    @api.model
    def _get_flows(self, span, filters=None):
        """Return the same two dicts with only what moved in the periods filled in; that is quickly told."""
        filters = filters or {}
        return self._sum_up(
            span,
            None,
            self._get_movement_figures(span, filters),
            self._get_contract_figures(span, filters, only_flows=True),
            self._get_reopened_figures(span, filters),
        )

    @api.model
    def _sum_up(self, span, groupby, *parts):
        groups = {} if groupby else {None: self._get_no_figures(span)}
        for part in parts:
            for key, current, name, value in part:
                groups.setdefault(key, self._get_no_figures(span))[current][name] += value
        for pair in groups.values():
            for figures in pair:
                figures["net_new"] = get_net_new(figures)
        return groups if groupby else groups[None]

    @api.model
    def _get_no_figures(self, span):
        names = (
            *("mrr_start", "mrr_end", *GAINS, *LOSSES, "transfer", "net_new"),
            *("net_revenue", "non_recurring_revenue"),
        )
        counts = [
            f"{what}_{when}" for what in ("customers", "contracts") for when in ("start", "end", "new", "lost")
        ] + ["customers_reactivated"]
        none = {**dict.fromkeys(names, 0.0), **dict.fromkeys(counts, 0)}
        return (
            {**none, "months": get_months(span.before_from, span.before_to)},
            {**none, "months": get_months(span.date_from, span.date_to)},
        )

    # === WHAT IS SEEN ===#

    @api.model
    def _read_rows(self, query):
        """Run a query and return its rows.

        PostgreSQL would compile it where it expects many rows, and it expects far too many: that takes longer than
        to run the query.
        """
        self.env.cr.execute("SET LOCAL jit = off")
        return self.env.execute_query(query)

    @api.model
    def _get_filter_domain(self, model, filters):
        """Return the domain of what ``filters`` leave of a model, in the selected companies."""
        paths = FILTERS[model]
        domains = [Domain("company_id", "in", self.env.companies.ids)]
        return Domain.AND(domains + [Domain(paths[name], "in", ids) for name, ids in filters.items() if ids])

    @api.model
    def _get_rows(self, model, domain, columns):
        """Return the SQL of a query over the records of ``model`` that the user may see.

        :param Domain domain: which
        :param SQL columns: of the table, under its own name; ``rate`` turns company currency into that of the
            current company
        """
        self.env.flush_all()  # the queries read columns, and tables, that the ORM does not know of
        query = self.env[model]._search(domain)
        table = SQL.identifier(self.env[model]._table)
        return SQL(
            """
            SELECT %(columns)s
              FROM %(source)s
              JOIN %(rates)s ON account_currency_table.company_id = %(table)s.company_id
             WHERE %(condition)s
            """,
            columns=columns,
            source=query.from_clause,
            rates=self.env["subscription.report.mixin"]._get_company_rates(),
            table=table,
            condition=query.where_clause or SQL("TRUE"),
        )

    @api.model
    def _get_events(self, filters, date_to, date_from=None, groupby=None, only_pauses=False):
        """Return the SQL of a query over the movements that the user may see, until a day and perhaps from one."""
        domain = self._get_filter_domain("subscription.event", filters) & Domain("date", "<=", date_to)
        if date_from:
            domain &= Domain("date", ">=", date_from)
        if only_pauses:
            domain &= Domain("pausing", "!=", 0)
        columns = SQL(
            """
            subscription_event.company_id, subscription_event.partner_id, subscription_event.order_id,
            subscription_event.date, subscription_event.type, subscription_event.close_reason_id,
            subscription_event.pausing,
            %s AS amount, %s AS key
            """,
            self._get_amount(SQL("subscription_event.amount_company")),
            self._get_key("subscription_event", groupby),
        )
        return self._get_rows("subscription.event", domain, columns)

    @api.model
    def _get_key(self, table, groupby):
        return SQL.identifier(table, groupby) if groupby else SQL("NULL::integer")

    @api.model
    def _get_amount(self, amount):
        """Return the SQL of an amount in the currency of the current company."""
        if self.env.companies.currency_id == self.env.company.currency_id:
            return amount  # millions of multiplications by one take their time
        return SQL("%s * account_currency_table.rate", amount)

    @api.model
    def _get_days_of_seen(self):
        """Return the SQL of the days of all customers of whom something is in ``seen``."""
        condition = SQL("(company_id, partner_id) IN (SELECT company_id, partner_id FROM seen)")
        return self.env["subscription.movement.sql"]._get_days(condition)

    # === MOVEMENTS ===#

    @api.model
    def _get_movement_figures(self, span, filters, groupby=None):
        """Return what moved in both periods, by what it meant for the customer: (key, current, name, value)."""
        rows = self._read_rows(
            SQL(
                """
                WITH seen AS MATERIALIZED (
                    SELECT key, company_id, partner_id, date, SUM(amount) AS amount
                      FROM (%(events)s) AS event
                     GROUP BY key, company_id, partner_id, date
                )
                SELECT seen.key, (seen.date >= %(date_from)s)::integer, day.type, SUM(seen.amount), COUNT(*)
                  FROM seen
                  JOIN (%(days)s) AS day
                    ON day.company_id = seen.company_id AND day.partner_id = seen.partner_id AND day.date = seen.date
                 GROUP BY 1, 2, 3
                """,
                events=self._get_events(filters, span.date_to, span.before_from, groupby),
                days=self._get_days_of_seen(),
                date_from=span.date_from,
            )
        )
        counted = {"new": "customers_new", "churn": "customers_lost", "reactivation": "customers_reactivated"}
        for key, current, movement, amount, customers in rows:
            yield key, current, movement, -float(amount) if movement in LOSSES else float(amount)
            if movement in counted:
                yield key, current, counted[movement], customers

    # === BALANCES ===#

    @api.model
    def _get_balance_figures(self, span, filters, groupby=None):
        """Return MRR, customers and contracts at the three edges of the periods: (key, current, name, value).

        All of them are counted at the last edge only. For the others it is enough to look again at those whose MRR
        has moved since the first one: that is little beside what there is.
        """
        columns = {"customers": SQL("company_id, partner_id"), "contracts": SQL("order_id")}
        edges = defaultdict(lambda: [0, 0, 0])
        for name, column in columns.items():
            for key, count, amount in self._get_last_balances(span, filters, groupby, column):
                self._add_to_edges(edges[key, name], [count] * 3)
                if name == "contracts":
                    self._add_to_edges(edges[key, "mrr"], [float(amount)] * 3)
            for key, *moved in self._get_moved_balances(span, filters, groupby, column):
                self._add_to_edges(edges[key, name], moved[:3])
                if name == "contracts":
                    self._add_to_edges(edges[key, "mrr"], map(float, moved[3:]))
        return [row for (key, name), values in edges.items() for row in self._spread_edges(key, name, values)]

    @api.model
    def _add_to_edges(self, values, others):
        values[:] = [value + other for value, other in zip(values, others, strict=True)]

    @api.model
    def _get_last_balances(self, span, filters, groupby, column):
        """Return how many bring something at the end, and how much: [(key, count, amount)]."""
        return self._read_rows(
            SQL(
                """
                SELECT key, COUNT(*) FILTER (WHERE amount > %(epsilon)s), SUM(amount)
                  FROM (
                    SELECT key, SUM(amount) AS amount FROM (%(events)s) AS seen GROUP BY key, %(column)s
                  ) AS balance
                 GROUP BY key
                """,
                epsilon=EPSILON,
                events=self._get_events(filters, span.date_to, groupby=groupby),
                column=column,
            )
        )

    @api.model
    def _get_moved_balances(self, span, filters, groupby, column):
        """Return by how much earlier edges differ from the last one: [(key, 3 counts, 3 amounts)]."""
        return self._read_rows(
            SQL(
                """
                SELECT key, %(counts)s, SUM(at_0 - at_2), SUM(at_1 - at_2), 0
                  FROM (
                    SELECT key, %(sums)s
                      FROM (%(events)s) AS seen
                     WHERE (%(column)s) IN (SELECT %(column)s FROM (%(recent)s) AS recent)
                     GROUP BY key, %(column)s
                  ) AS moved
                 GROUP BY key
                """,
                events=self._get_events(filters, span.date_to, groupby=groupby),
                sums=SQL(
                    """
                    COALESCE(SUM(amount) FILTER (WHERE date < %s), 0) AS at_0,
                    COALESCE(SUM(amount) FILTER (WHERE date < %s), 0) AS at_1,
                    SUM(amount) AS at_2
                    """,
                    span.before_from,
                    span.date_from,
                ),
                recent=self._get_events(filters, span.date_to, span.before_from),
                column=column,
                counts=SQL(", ").join(
                    SQL(
                        "SUM((%(edge)s > %(epsilon)s)::integer - (at_2 > %(epsilon)s)::integer)",
                        edge=SQL.identifier(f"at_{edge}"),
                        epsilon=EPSILON,
                    )
                    for edge in range(3)
                ),
            )
        )

    @api.model
    def _count_at_edges(self, get_condition):
        """Return the SQL of three counts: where the condition holds at each edge of the periods."""
        return SQL(", ").join(SQL("COUNT(*) FILTER (WHERE %s)", get_condition(edge)) for edge in range(3))

    @api.model
    def _spread_edges(self, key, name, values):
        """Return three values as those at the start and at the end of both periods: (key, current, name, value)."""
        first, middle, last = values
        return [
            (key, 0, f"{name}_start", first),
            (key, 0, f"{name}_end", middle),
            (key, 1, f"{name}_start", middle),
            (key, 1, f"{name}_end", last),
        ]

    @api.model
    def _get_paused_figures(self, span, filters, groupby=None):
        """Return the customers who pause at the edges of the periods; they are still customers.

        :return: (key, current, name, value)
        """
        edges = [SQL("FILTER (WHERE date < %s)", day) for day in self._get_edges(span)]
        rows = self._read_rows(
            SQL(
                """
                WITH seen AS (%(events)s)
                SELECT key, %(counts)s
                  FROM (
                    SELECT key, %(sums)s
                      FROM seen
                     WHERE (company_id, partner_id) IN (SELECT company_id, partner_id FROM (%(pauses)s) AS pause)
                     GROUP BY key, company_id, partner_id
                  ) AS customer
                 GROUP BY key
                """,
                events=self._get_events(filters, span.date_to, groupby=groupby),
                pauses=self._get_events(filters, span.date_to, only_pauses=True),
                sums=SQL(", ").join(
                    SQL(
                        "COALESCE(SUM(amount) %(when)s, 0) AS %(amount)s, SUM(pausing) %(when)s AS %(count)s",
                        when=when,
                        amount=SQL.identifier(f"amount_{edge}"),
                        count=SQL.identifier(f"pausing_{edge}"),
                    )
                    for edge, when in enumerate(edges)
                ),
                counts=self._count_at_edges(
                    lambda edge: SQL(
                        "%s <= %s AND %s > 0",
                        SQL.identifier(f"amount_{edge}"),
                        EPSILON,
                        SQL.identifier(f"pausing_{edge}"),
                    )
                ),
            )
        )
        return [row for key, *values in rows for row in self._spread_edges(key, "customers", values)]

    @api.model
    def _get_edges(self, span):
        """Return the first day of the period before, of the period, and of what comes after."""
        return span.before_from, span.date_from, span.date_to + DAY
