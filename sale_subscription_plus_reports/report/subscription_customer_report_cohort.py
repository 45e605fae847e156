from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, get_lang

from ..models.base_cohort import MAX_COLUMNS
from ..tools import cohort


class SubscriptionCustomerReport(models.Model):
    """Cohorts of subscribers, told by their movements: who comes back is there again, who grows brings more."""

    _inherit = "subscription.customer.report"

    there_after = fields.Char(
        store=False,
        search="_search_there_after",
        exportable=False,
        help="Customers who were there at the end of an interval, counted from that of their start: "
        '"month:3:2026-01-31" is the third month after, as seen on that day.',
    )

    @api.model
    def get_cohort_data(
        self,
        domain=None,
        date_start="date_start",
        date_stop="date_stop",
        interval="month",
        measure="__count",
        mode="retention",
        date_from=None,
        date_to=None,
        groupby=None,
        limit=None,
    ):
        """Override: customers may come back, and their MRR moves, so the numbers come from the movements.

        Measure 'count' (or '__count') counts the customers who are there, paused ones too, as a share of all
        that started. Measure 'mrr' is the cohort's MRR, untaxed, in the currency of the current company at one rate
        (today's), as a share of what it was at the end of the interval of the start; it may pass 100 %.
        """
        if date_from:
            self = self.with_context(subscription_customers_since=self._get_cohort_day(date_from))
        return super().get_cohort_data(
            domain,
            date_start,
            date_stop,
            interval,
            "__count" if measure == "count" else measure,
            mode,
            date_from,
            date_to,
            groupby,
            limit,
        ) | {"measure": measure}

    @api.model
    def _get_cohort_today(self):
        return self.env.company._get_subscription_today()

    # === DATA ===#

    @api.model
    def _get_cohort_changes(self, domain, groupby, terms):
        """Override to read the movements instead of the last known stop."""
        if terms.measure not in ("__count", "mrr"):
            return super()._get_cohort_changes(domain, groupby, terms)
        self.browse().check_access("read")
        query = self._search(domain)
        if query.is_empty():
            return {}
        keys = [self._read_group_groupby(self._table, spec, query) for spec in groupby]
        rows = self.env.execute_query(self._select_changes(query, keys, terms))
        columns = list(zip(*rows, strict=True))
        values = [
            list(self._read_group_postprocess_groupby(spec, column))
            for spec, column in zip(groupby, columns, strict=False)
        ]
        changes = defaultdict(list)
        for key, row in zip(zip(*values, strict=True) if groupby else [()] * len(rows), rows, strict=True):
            changes[key].append(self._get_cohort_change(terms, *row[len(groupby) :]))
        return changes

    @api.model
    def _get_cohort_change(self, terms, start, at, customers, step, net):
        if terms.measure == "__count":
            return cohort.Change(start, at, customers, customers, int(step))
        return cohort.Change(start, at, customers, net if at <= start else 0.0, net)

    @api.model
    def _select_changes(self, query, keys, terms):
        """Return the query of one row a group, cohort and interval: how many started, and what changed."""
        customer = SQL.identifier(self._table)
        self._join_steps(query, terms.seen_on)
        start = self._get_interval_start(SQL("%s.date_start", customer), terms.interval)
        at = self._get_interval_start(SQL("step.date"), terms.interval)
        query.groupby = SQL(", ").join([*keys, start, at])
        return query.select(
            *keys,
            start,
            at,
            SQL("COUNT(*) FILTER (WHERE step.date = %s.date_start)", customer),
            SQL("SUM(step.step)"),
            SQL("SUM(step.amount * %s.step_rate)", customer),
        )

    @api.model
    def _join_steps(self, query, seen_on):
        """Join what the customers of ``query`` did until ``seen_on`` under the name ``step``."""
        customer = SQL.identifier(self._table)
        steps = SQL(
            """LATERAL (
                SELECT * FROM UNNEST(%(customer)s.step_dates, %(customer)s.steps, %(customer)s.step_amounts)
                    AS step (date, step, amount)
            )""",
            customer=customer,
        )
        query.add_join("JOIN", "step", steps, SQL("step.date <= %s", seen_on))

    @api.model
    def _get_interval_start(self, day, interval):
        """Return the SQL of the first day of the interval of ``day``, the same as ``_read_group`` finds."""
        if interval != "week":
            return SQL("date_trunc(%s, %s::timestamp)::date", interval, day)
        offset = (1 - int(get_lang(self.env).week_start)) % 7
        return SQL("date_trunc('week', (%(day)s + %(offset)s)::timestamp)::date - %(offset)s", day=day, offset=offset)

    # === RECORDS BEHIND A NUMBER ===#

    @api.model
    def _get_cohort_there(self, terms, starts, column, date_from):
        """Override: who left may have come back."""
        return Domain("there_after", "=", f"{terms.interval}:{column}:{fields.Date.to_string(terms.seen_on)}")

    @api.model
    def _search_there_after(self, operator, value):
        if operator != "in":
            return NotImplemented
        moments = [self._parse_moment(moment) for moment in value]
        return Domain.OR(
            Domain.custom(to_sql=lambda model, alias, query, moment=moment: model._get_there_after(alias, *moment))
            for moment in moments
        )

    @api.model
    def _parse_moment(self, moment):
        try:
            interval, column, seen_on = str(moment).split(":")
            column = int(column)
        except ValueError:
            interval = None
        if interval not in cohort.INTERVALS or not 0 <= column < MAX_COLUMNS:
            raise UserError(self.env._('Write a moment as "month:3:2026-01-31": interval, how many, as seen on.'))
        return interval, column, self.env["subscription.kpi"]._get_day(seen_on)

    @api.model
    def _get_there_after(self, alias, interval, column, seen_on):
        """Return the condition that a customer was there ``column`` intervals after that of their start."""
        customer = SQL.identifier(alias)
        start = self._get_interval_start(SQL("%s.date_start", customer), interval)
        return SQL(
            """(%(first)s <= %(seen_on)s AND 0 < (
                SELECT SUM(step)
                  FROM UNNEST(%(customer)s.step_dates, %(customer)s.steps) step(date, step)
                 WHERE date <= LEAST(%(seen_on)s, %(next)s - 1)
            ))""",
            customer=customer,
            seen_on=seen_on,
            first=self._shift(start, interval, column),
            next=self._shift(start, interval, column + 1),
        )

    @api.model
    def _shift(self, day, interval, count):
        """Return the SQL of the day that is ``count`` intervals after ``day``."""
        if interval in cohort.DAYS:
            return SQL("(%s + %s)", day, cohort.DAYS[interval] * count)
        return SQL("(%s + make_interval(months => %s))::date", day, cohort.MONTHS[interval] * count)
