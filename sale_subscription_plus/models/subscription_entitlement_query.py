from odoo import models
from odoo.tools import SQL

from ..engine_context import get_shared
from .subscription_entitlement import DAYS_AFTER_END, USABLE_STATES

# What was confirmed and stands for itself: no quotation, no upsell that became part of another subscription.
STATUSES = ("scheduled", "progress", "paused", "closed", "renewed")


class SubscriptionEntitlement(models.Model):
    """What customers may use, in SQL: as the timelines say it for one day in each company."""

    _inherit = "subscription.entitlement"

    _depends = {
        "res.partner": ["commercial_partner_id"],
        "sale.order": [
            "company_id",
            "name",
            "partner_id",
            "subscription_handed_over_on",
            "subscription_payment_status",
            "subscription_renews_id",
            "subscription_status",
            "user_id",
        ],
        "sale.order.line": [
            "order_id",
            "price_unit",
            "product_id",
            "product_uom_id",
            "product_uom_qty",
            "subscription_end",
            "subscription_paused_on",
            "subscription_phase",
            "subscription_plan_id",
            "subscription_renews_line_id",
            "subscription_start",
        ],
        "subscription.change": [
            "effective_on",
            "kind",
            "line_id",
            "old_plan_id",
            "old_quantity",
            "order_id",
            "plan_id",
            "quantity",
            "resume_on",
            "state",
        ],
        "subscription.event": ["date", "order_id", "partner_id"],
        "subscription.period": [
            "anchor_before",
            "change_id",
            "end",
            "kind",
            "line_id",
            "quantity",
            "source_id",
            "start",
            "state",
        ],
    }

    @property
    def _table_query(self) -> SQL:
        # What is usable is told in one place only.
        return SQL(
            "SELECT told.*, told.state IN %s AS is_usable FROM (%s) told", USABLE_STATES, self._get_states_query()
        )

    def _is_past(self):
        """Return whether a day that is over is asked about: then the books tell, not what stands on the lines."""
        return any(day < today for _company_id, day, today in self._get_days())

    # === THE STATE ===#

    def _get_states_query(self):
        """Return one row a line that gives something, with its state."""
        return SQL(
            """
            SELECT span.id, span.order_id, span.order_name, span.partner_id, span.contact_id, span.company_id,
                   span.user_id, span.product_id, span.quantity, span.product_uom_id, span.plan_id, span.date_from,
                   span.ending - 1 AS date_to, span.payment_status, span.resume_on,
                   CASE WHEN span.is_paused THEN span.paused_on END AS paused_on,
                   CASE WHEN span.start > span.day THEN 'upcoming'
                        WHEN span.ending <= span.day THEN 'ended'
                        WHEN span.is_paused OR span.payment_status = 'suspended' THEN 'suspended'
                        WHEN span.payment_status != 'ok' THEN 'in_grace'
                        WHEN span.ending IS NOT NULL THEN 'paid_until'
                        ELSE 'active' END AS state
              FROM (%(spans)s) span
              LEFT JOIN (%(heirs)s) heir ON heir.line_id = span.id AND heir.product_id = span.product_id
             WHERE span.quantity > 0 AND (span.ending IS NULL OR span.ending > span.start)
               AND (span.ending IS NULL OR span.ending > span.day
                    OR (span.ending > span.day - %(days)s AND (heir.start IS NULL OR heir.start > span.day)))
            """,
            spans=self._get_spans_query(),
            days=DAYS_AFTER_END,
            heirs=self._get_heirs_query(),
        )

    def _get_heirs_query(self):
        """Return what goes on in a renewal, where it is told; and since when."""
        return SQL(
            """
            SELECT line.subscription_renews_line_id AS line_id, line.product_id, MIN(line.subscription_start) AS start
              FROM sale_order_line line JOIN sale_order renewal ON renewal.id = line.order_id
             WHERE line.subscription_renews_line_id IS NOT NULL AND renewal.subscription_status IN %s AND %s
             GROUP BY line.subscription_renews_line_id, line.product_id
            """,
            STATUSES,
            self._get_orders_condition(SQL("renewal.subscription_renews_id")),
        )

    # === FROM WHEN, UNTIL WHEN, WHAT ===#

    def _get_spans_query(self):
        """Return one row a line that has a timeline: what it gives on the day that is asked about.

        A line with a negative price is a discount, and gives nothing.
        """
        return SQL(
            """
            SELECT line.id, line.order_id, line.product_id, line.product_uom_id, line.subscription_start AS start,
                   contract.name AS order_name, contract.partner_id AS contact_id, contract.company_id,
                   contract.user_id, day.day, %(partner)s AS partner_id, %(quantity)s AS quantity, %(plan)s AS plan_id,
                   %(date_from)s AS date_from, %(ending)s AS ending,
                   CASE WHEN day.day >= day.today
                        THEN COALESCE(contract.subscription_payment_status, 'ok') ELSE 'ok' END AS payment_status,
                   %(pause)s
              FROM %(days)s
              JOIN sale_order contract ON contract.company_id = day.company_id
              JOIN sale_order_line line ON line.order_id = contract.id
              LEFT JOIN res_partner contact ON contact.id = contract.partner_id
              %(joins)s
             WHERE contract.subscription_status IN %(statuses)s AND line.subscription_start IS NOT NULL
               AND line.price_unit >= 0 AND %(orders)s
            """,
            days=self._get_days_table(),
            partner=self._get_partner_column(),
            quantity=SQL("COALESCE(%s)", SQL(", ").join(self._get_quantity_columns())),
            plan=SQL("COALESCE(%s)", SQL(", ").join(self._get_plan_columns())),
            date_from=self._get_start_column(),
            ending=self._get_ending_column(),
            pause=self._get_pause_columns(),
            joins=SQL(" ").join(self._get_joins()),
            statuses=STATUSES,
            orders=self._get_orders_condition(SQL("contract.id")),
        )

    def _get_days_table(self):
        """Return the table that tells of each company the day that is asked about, and today."""
        days = SQL(", ").join(SQL("(%s, %s, %s)", *each) for each in self._get_days())
        return SQL("(VALUES %s) day (company_id, day, today)", days)

    def _get_orders_condition(self, column):
        """Return the condition that limits the query to the orders of some customers, known before."""
        shared = get_shared(self.env, "subscription_entitlement")
        return SQL("TRUE") if shared is None else SQL("%s = ANY(%s)", column, list(shared["order_ids"]))

    def _get_joins(self):
        joins = [
            SQL("LEFT JOIN (%s) move ON move.line_id = line.id", self._get_moves_query()),
            SQL("LEFT JOIN (%s) planned_quantity ON planned_quantity.line_id = line.id", self._get_planned("quantity")),
            SQL("LEFT JOIN (%s) planned_plan ON planned_plan.line_id = line.id", self._get_planned("plan")),
        ]
        if self._is_past():
            joins += [
                SQL("LEFT JOIN LATERAL (%s) former_quantity ON TRUE", self._get_former("quantity", "old_quantity")),
                SQL("LEFT JOIN LATERAL (%s) former_plan ON TRUE", self._get_former("plan", "old_plan_id")),
                SQL("LEFT JOIN LATERAL (%s) known_quantity ON TRUE", self._get_known_query()),
            ]
        return joins

    def _get_quantity_columns(self):
        former = [SQL("known_quantity.quantity"), SQL("former_quantity.value")] if self._is_past() else []
        return [SQL("planned_quantity.quantity"), *former, SQL("line.product_uom_qty")]

    def _get_plan_columns(self):
        former = [SQL("former_plan.value")] if self._is_past() else []
        return [SQL("planned_plan.plan_id"), *former, SQL("line.subscription_plan_id")]

    # === WHO ===#

    def _get_partner_column(self):
        """Return whose it is on that day: a subscription may be handed over from one customer to another."""
        if not self._is_past():
            return SQL("contact.commercial_partner_id")
        return SQL(
            """
            CASE WHEN contract.subscription_handed_over_on > day.day
                 THEN (SELECT event.partner_id FROM subscription_event event
                        WHERE event.order_id = contract.id AND event.date <= day.day
                        ORDER BY event.date DESC, event.id DESC LIMIT 1)
                 ELSE contact.commercial_partner_id END
            """
        )

    def _get_order_ids(self, customers):
        """Return the ids of the orders that are, or were, of these commercial partners."""
        self.env["sale.order"].flush_model(["partner_id", "subscription_status"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.env["subscription.event"].flush_model(["order_id", "partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contract.id FROM sale_order contract JOIN res_partner contact ON contact.id = contract.partner_id
                 WHERE contact.commercial_partner_id = ANY(%(ids)s) AND contract.subscription_status IN %(statuses)s
                UNION SELECT order_id FROM subscription_event WHERE partner_id = ANY(%(ids)s)
                """,
                ids=list(customers.ids),
                statuses=STATUSES,
            )
        )
        return [order_id for (order_id,) in rows]

    # === FROM AND UNTIL ===#

    def _get_gap(self, aggregate, condition):
        """Return ``aggregate`` of the spans in which the line was closed, until somebody reopened it."""
        return SQL(
            """
            (SELECT %s
               FROM (SELECT start, "end" FROM subscription_period
                      WHERE line_id = line.id AND kind = 'skip' AND state = 'live' AND source_id IS NULL
                        AND change_id IS NULL AND anchor_before IS NOT NULL
                     UNION ALL
                     SELECT effective_on, resume_on FROM subscription_change
                      WHERE order_id = line.order_id AND COALESCE(line_id, line.id) = line.id AND kind = 'close'
                        AND state = 'applied' AND resume_on > effective_on) gap
              WHERE %s)
            """,
            aggregate,
            condition,
        )

    def _get_start_column(self):
        """Return since when: the start of the line, the day it was reopened, or handed over to its customer."""
        return SQL(
            """
            GREATEST(line.subscription_start, %s,
                     CASE WHEN contract.subscription_handed_over_on <= day.day
                          THEN contract.subscription_handed_over_on END)
            """,
            self._get_gap(SQL('MAX(gap."end")'), SQL('gap."end" <= day.day')),
        )

    def _get_ending_column(self):
        """Return the first day without it, where that is known."""
        if not self._is_past():
            return SQL("line.subscription_end")
        return SQL(
            """
            LEAST(line.subscription_end, %s,
                  CASE WHEN contract.subscription_handed_over_on > day.day
                       THEN contract.subscription_handed_over_on END)
            """,
            self._get_gap(SQL("MIN(gap.start)"), SQL('gap."end" > day.day')),
        )

    # === PAUSES ===#

    def _get_moves_query(self):
        """Return the last change by which each line pauses, runs again or closes until the day.

        Where nothing is planned the line itself tells, so for the present and the future only what is planned counts.
        """
        states = ("planned", "applied") if self._is_past() else ("planned",)
        return SQL(
            """
            SELECT DISTINCT ON (line.id) line.id AS line_id, change.kind, change.effective_on,
                   CASE WHEN change.state = 'planned' THEN change.resume_on END AS resume_on
              FROM subscription_change change
              JOIN sale_order_line line ON line.order_id = change.order_id
                   AND (change.line_id IS NULL OR change.line_id = line.id)
              JOIN %(days)s ON day.company_id = change.company_id
             WHERE change.state IN %(states)s AND change.kind IN ('pause', 'resume', 'close')
               AND change.effective_on <= day.day AND change.effective_on >= line.subscription_start AND %(orders)s
             ORDER BY line.id, change.effective_on DESC, (change.kind = 'pause') DESC, change.id DESC
            """,
            days=self._get_days_table(),
            states=states,
            orders=self._get_orders_condition(SQL("change.order_id")),
        )

    def _get_pause_columns(self):
        """Return whether the line pauses, since when, and until when as far as that is planned with the pause."""
        reopened = SQL("FALSE")
        if self._is_past():
            # Closed while it paused, then reopened: it runs.
            later = SQL('gap."end" > move.effective_on AND gap."end" <= day.day')
            reopened = self._get_gap(SQL("COUNT(*) > 0"), later)
        return SQL(
            """
            CASE WHEN move.line_id IS NULL
                 THEN line.subscription_phase = 'paused' AND COALESCE(line.subscription_paused_on <= day.day, TRUE)
                 ELSE move.kind = 'pause' AND COALESCE(move.resume_on > day.day, TRUE) AND NOT %(reopened)s
                 END AS is_paused,
            COALESCE(move.effective_on, line.subscription_paused_on) AS paused_on,
            move.resume_on AS resume_on
            """,
            reopened=reopened,
        )

    # === QUANTITY AND PLAN ===#

    def _get_planned(self, kind):
        """Return what is planned until the day for ``quantity`` or ``plan`` of each line, and not done yet."""
        return SQL(
            """
            SELECT DISTINCT ON (change.line_id) change.line_id, change.quantity, change.plan_id
              FROM subscription_change change
              JOIN %(days)s ON day.company_id = change.company_id
             WHERE change.state = 'planned' AND change.kind = %(kind)s AND change.effective_on <= day.day
               AND %(orders)s
             ORDER BY change.line_id, change.effective_on DESC, change.id DESC
            """,
            days=self._get_days_table(),
            kind=kind,
            orders=self._get_orders_condition(SQL("change.order_id")),
        )

    def _get_former(self, kind, column):
        """Return what counted before the first change after the day."""
        return SQL(
            """
            SELECT change.%s AS value FROM subscription_change change
             WHERE change.line_id = line.id AND change.state = 'applied' AND change.kind = %s
               AND change.effective_on > day.day
             ORDER BY change.effective_on, change.id LIMIT 1
            """,
            SQL.identifier(column),
            kind,
        )

    def _get_known_query(self):
        """Return the quantity that was billed or changed last until the day, whichever came later.

        Days that were not served say nothing: their rows were written afterwards.
        """
        return SQL(
            """
            SELECT known.quantity
              FROM ((SELECT start AS since, FALSE AS is_change, quantity FROM subscription_period
                      WHERE line_id = line.id AND state = 'live' AND start <= day.day
                        AND (kind IN ('regular', 'stub', 'imported') OR (kind = 'skip' AND source_id IS NOT NULL))
                      ORDER BY start DESC LIMIT 1)
                    UNION ALL
                    (SELECT effective_on, TRUE, quantity FROM subscription_change
                      WHERE line_id = line.id AND state = 'applied' AND kind = 'quantity' AND effective_on <= day.day
                      ORDER BY effective_on DESC, id DESC LIMIT 1)) known
             ORDER BY known.since DESC, known.is_change DESC LIMIT 1
            """
        )


class SubscriptionPeriod(models.Model):
    """When a line was closed for a while is found without reading its whole ledger."""

    _inherit = "subscription.period"

    _gap_idx = models.Index(
        "(line_id, \"end\") WHERE kind = 'skip' AND state = 'live' AND source_id IS NULL AND change_id IS NULL "
        "AND anchor_before IS NOT NULL"
    )
