from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class SubscriptionKpi(models.AbstractModel):
    """Contracts that start and are lost, and those that run without bringing anything yet."""

    _inherit = "subscription.kpi"

    @api.model
    def _get_contract_figures(self, span, filters, groupby=None, only_flows=False):
        """Return started, lost and free contracts of both periods: (key, current, name, value).

        A renewal goes on with a contract: it starts none. Free ones run, and have brought nothing so far.

        :param bool only_flows: leave out those that are free
        """
        orders = self._get_orders(filters, ("progress", "paused", "closed", "renewed"), groupby)
        counts = [
            self._count_in_periods(span, SQL("renews_id IS NULL"), SQL("start")),
            self._count_in_periods(span, SQL("status = 'closed'"), SQL("closed_on")),
        ]
        if not only_flows:
            orders = self._with_first_event(orders)
            edges = self._get_edges(span)
            counts.append(self._count_at_edges(lambda edge: self._is_free_before(edges[edge])))
        rows = self._read_rows(SQL("SELECT key, %s FROM (%s) AS contract GROUP BY key", SQL(", ").join(counts), orders))
        flows = [(current, name) for name in ("contracts_new", "contracts_lost") for current in (0, 1)]
        for key, *values in rows:
            yield from ((key, *flow, value) for flow, value in zip(flows, values, strict=False))
            if not only_flows:
                yield from self._spread_edges(key, "contracts", values[len(flows) :])

    @api.model
    def _with_first_event(self, orders):
        """Return the SQL of a query over the same orders, with the date of their first movement.

        And with the first day without them: they were closed, pause, or go on as their renewal.
        """
        return SQL(
            """
            SELECT contract.*, first.date AS first_date,
                   COALESCE(contract.closed_on, contract.paused_on, heir.subscription_start) AS ended_on
              FROM (%s) AS contract
              LEFT JOIN sale_order AS heir
                ON contract.status = 'renewed'
               AND heir.subscription_renews_id = contract.id
               AND heir.subscription_status IN ('progress', 'paused', 'closed', 'renewed')
              LEFT JOIN (
                SELECT DISTINCT ON (order_id) order_id, date FROM subscription_event ORDER BY order_id, date
              ) AS first
                ON first.order_id = contract.id
            """,
            orders,
        )

    @api.model
    def _get_orders(self, filters, statuses, groupby):
        """Return the SQL of a query over the subscriptions whose movements the user may see, free ones among them."""
        Event = self.env["subscription.event"]
        Event.check_access("read")
        domain = self._get_filter_domain("sale.order", filters) & Domain("subscription_status", "in", statuses)
        # In sudo mode: the rules of movements decide, as for all the numbers. They speak of the company, which an order
        # has too, and of the order itself.
        seen = self.env["ir.rule"]._compute_domain(Event._name, "read")
        of_order = ("order_id", "any")
        seen = seen.map_conditions(lambda rule: rule.value if (rule.field_expr, rule.operator) == of_order else rule)
        columns = SQL(
            """
            sale_order.id, sale_order.subscription_start AS start, sale_order.subscription_closed_on AS closed_on,
            sale_order.subscription_status AS status, sale_order.subscription_renews_id AS renews_id,
            sale_order.subscription_paused_on AS paused_on, %s AS key
            """,
            self._get_key("sale_order", groupby),
        )
        return self.sudo()._get_rows("sale.order", domain & seen, columns)

    @api.model
    def _count_in_periods(self, span, condition, day):
        """Return the SQL of two counts: of what fulfils the condition, with its day in each of the periods."""
        return SQL(", ").join(
            SQL("COUNT(*) FILTER (WHERE %s AND %s BETWEEN %s AND %s)", condition, day, first, last)
            for first, last in ((span.before_from, span.before_to), (span.date_from, span.date_to))
        )

    @api.model
    def _is_free_before(self, day):
        """Return the SQL of whether a contract ran at the end of the day before, and had brought nothing by then."""
        return SQL(
            """
            start < %(day)s AND (ended_on IS NULL OR ended_on >= %(day)s)
            AND (first_date IS NULL OR first_date >= %(day)s)
            """,
            day=day,
        )

    @api.model
    def _get_reopened_figures(self, span, filters, groupby=None):
        """Return the contracts that were lost in a period and reopened since: (key, current, name, value).

        Their order has forgotten the day; the movements have not. Those without a reason did not close: a discount,
        say, left nothing of the price.
        """
        rows = self._read_rows(
            SQL(
                """
                WITH lost AS (
                    SELECT DISTINCT key, order_id, date
                      FROM (%(events)s) AS seen
                     WHERE type = 'churn' AND close_reason_id IS NOT NULL
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
