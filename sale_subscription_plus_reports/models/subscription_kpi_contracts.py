from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class SubscriptionKpi(models.AbstractModel):
    """Contracts that start and are lost, and those that run without bringing anything yet."""

    _inherit = "subscription.kpi"

    @api.model
    def _get_contract_figures(self, span, filters, groupby=None):
        """Return the contracts that started and were lost in both periods: (key, current, name, value).

        A renewal goes on with a contract: it starts none.
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT key, %(started)s, %(lost)s FROM (%(orders)s) AS contract GROUP BY key",
                orders=self._get_orders(filters, ("progress", "paused", "closed", "renewed"), groupby),
                started=self._count_in_periods(span, SQL("renews_id IS NULL"), SQL("start")),
                lost=self._count_in_periods(span, SQL("status = 'closed'"), SQL("closed_on")),
            )
        )
        for key, *values in rows:
            names = [(current, name) for name in ("contracts_new", "contracts_lost") for current in (0, 1)]
            yield from ((key, *name, value) for name, value in zip(names, values, strict=True))

    @api.model
    def _get_orders(self, filters, statuses, groupby):
        """Return the SQL of a query over the subscriptions that the user may see."""
        domain = self._get_filter_domain("sale.order", filters) & Domain("subscription_status", "in", statuses)
        columns = SQL(
            """
            sale_order.id, sale_order.subscription_start AS start, sale_order.subscription_closed_on AS closed_on,
            sale_order.subscription_status AS status, sale_order.subscription_renews_id AS renews_id, %s AS key
            """,
            self._get_key("sale_order", groupby),
        )
        return self._get_rows("sale.order", domain, columns)

    @api.model
    def _count_in_periods(self, span, condition, day):
        """Return the SQL of two counts: of what fulfils the condition, with its day in each of the periods."""
        return SQL(", ").join(
            SQL("COUNT(*) FILTER (WHERE %s AND %s BETWEEN %s AND %s)", condition, day, first, last)
            for first, last in ((span.before_from, span.before_to), (span.date_from, span.date_to))
        )

    @api.model
    def _get_free_figures(self, span, filters, groupby=None):
        """Return the contracts that ran at the edges of the periods and had brought nothing by then.

        :return: (key, current, name, value)
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT key, %(counts)s
                  FROM (%(orders)s) AS contract
                 CROSS JOIN LATERAL (
                    SELECT MIN(date) AS date FROM subscription_event WHERE order_id = contract.id
                 ) AS first
                 WHERE NOT EXISTS (
                    SELECT FROM subscription_event WHERE order_id = contract.id AND date <= contract.start
                 )
                 GROUP BY key
                """,
                orders=self._get_orders(filters, ("progress", "closed"), groupby),
                counts=self._count_at_edges(lambda edge: self._is_free_before(self._get_edges(span)[edge])),
            )
        )
        return [row for key, *values in rows for row in self._spread_edges(key, "contracts", values)]

    @api.model
    def _is_free_before(self, day):
        """Return the SQL of whether a contract ran at the end of the day before, and had brought nothing by then."""
        return SQL(
            """
            start < %(day)s AND (closed_on IS NULL OR closed_on >= %(day)s)
            AND (first.date IS NULL OR first.date >= %(day)s)
            """,
            day=day,
        )

    @api.model
    def _get_reopened_figures(self, span, filters, groupby=None):
        """Return the contracts that were lost in a period and reopened since: (key, current, name, value).

        Their order has forgotten the day; the movements have not.
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH lost AS (
                    SELECT DISTINCT key, order_id, date FROM (%(events)s) AS seen WHERE type = 'churn'
                )
                SELECT lost.key, (lost.date >= %(date_from)s)::integer, COUNT(*)
                  FROM lost
                  JOIN sale_order ON sale_order.id = lost.order_id
                 WHERE (sale_order.subscription_status <> 'closed' OR sale_order.subscription_closed_on <> lost.date)
                   AND EXISTS (
                       SELECT FROM subscription_event
                        WHERE order_id = lost.order_id AND date >= lost.date AND type = 'reactivation'
                   )
                 GROUP BY 1, 2
                """,
                events=self._get_events(filters, span.date_to, span.before_from, groupby),
                date_from=span.date_from,
            )
        )
        return [(key, current, "contracts_lost", count) for key, current, count in rows]
