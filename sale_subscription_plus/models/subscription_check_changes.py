from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from .sale_order_line_money import MONEY_KINDS
from .subscription_check import TOLERANCE

# What a document says of these rows is what the ledger says.
VALUED_KINDS = ("regular", "stub", *MONEY_KINDS)


class SubscriptionCheck(models.AbstractModel):
    """Proves the changes: none is forgotten, their money is billed once, and no more is given back than was paid."""

    _inherit = "subscription.check"

    def _get_checks(self):
        return super()._get_checks() | {
            "changes_done": self._check_changes_done,
            "changes_hold": self._check_changes_hold,
            "money_waits": self._check_money_waits,
            "money_on_documents": self._check_money_on_documents,
            "money_given_back": self._check_money_given_back,
            "days_cut": self._check_days_cut,
            "pauses": self._check_pauses,
        }

    # Changes --------------------------------------------------------------------------------------------------

    def _check_changes_done(self):
        """What was planned for yesterday is done or cancelled, unless its subscription is parked."""
        for company in self.env["res.company"].search([]):
            yesterday = company._get_subscription_today() - timedelta(days=1)
            yield from self._select(
                "subscription.change",
                SQL(
                    """
                    SELECT c.id, format('%%s, planned for %%s, was not done on %%s, which is %%s', c.kind,
                                        c.effective_on, o.name, o.subscription_status)
                      FROM subscription_change c
                      JOIN sale_order o ON o.id = c.order_id
                     WHERE c.state = 'planned' AND c.effective_on <= %s AND o.company_id = %s
                       AND o.subscription_parked_reason IS NULL AND o.subscription_next_attempt IS NULL
                    """,
                    yesterday,
                    company.id,
                ),
            )

    def _check_changes_hold(self):
        """A change that was done says when; the plan of a line is that of its last change of plan."""
        yield from self._select(
            "subscription.change",
            SQL(
                """
                SELECT c.id, CASE WHEN c.applied_on IS NULL THEN 'it was done, and does not say when'
                                  WHEN c.applied_on < c.effective_on THEN 'it was done before its day'
                                  ELSE format('it gave plan %%s, the line has %%s', c.plan_id,
                                              l.subscription_plan_id) END
                  FROM subscription_change c
                  LEFT JOIN sale_order_line l ON l.id = c.line_id
                 WHERE c.state = 'applied'
                   AND (c.applied_on IS NULL OR c.applied_on < c.effective_on
                        OR (c.kind = 'plan' AND c.plan_id IS DISTINCT FROM l.subscription_plan_id
                            AND NOT EXISTS (SELECT 1 FROM subscription_change later
                                             WHERE later.line_id = c.line_id AND later.kind = 'plan'
                                               AND later.state = 'applied'
                                               AND (later.effective_on, later.id) > (c.effective_on, c.id))))
                """
            ),
        )

    # Money ----------------------------------------------------------------------------------------------------

    def _check_money_waits(self):
        """An order knows since when money of its changes waits; that makes it due."""
        yield from self._select(
            "sale.order",
            SQL(
                """
                SELECT o.id, format('money waits since %%s, the order says %%s', waiting.since,
                                    o.subscription_pending_on)
                  FROM sale_order o
                  LEFT JOIN (SELECT order_id, MIN(start) AS since FROM subscription_period
                              WHERE state = 'live' AND kind = ANY(%s) AND invoice_line_id IS NULL
                              GROUP BY order_id) waiting ON waiting.order_id = o.id
                 WHERE (waiting.since IS NOT NULL OR o.subscription_pending_on IS NOT NULL)
                   AND waiting.since IS DISTINCT FROM o.subscription_pending_on
                """,
                list(MONEY_KINDS),
            ),
        )

    def _check_money_on_documents(self):
        """A posted document charges or credits what the ledger says, tax in or out as the price was agreed."""
        yield from self._select(
            "subscription.period",
            SQL(
                """
                SELECT p.id, CASE WHEN aml.parent_state = 'cancel' THEN 'its document is cancelled'
                                  ELSE format('it says %%s, %%s says %%s', p.value, m.name,
                                              sign.is * aml.price_subtotal) END
                  FROM subscription_period p
                  JOIN account_move_line aml ON aml.id = p.invoice_line_id
                  JOIN account_move m ON m.id = aml.move_id
                  JOIN res_currency cur ON cur.id = m.currency_id
                 CROSS JOIN LATERAL (SELECT CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END AS is) sign
                 WHERE p.state = 'live' AND p.kind = ANY(%(kinds)s) AND p.value IS NOT NULL
                   AND ((aml.parent_state = 'cancel' AND p.kind = ANY(%(money)s))
                        OR (aml.parent_state = 'posted'
                            AND LEAST(ABS(p.value - sign.is * aml.price_subtotal),
                                      ABS(p.value - sign.is * aml.price_total)) > cur.rounding * 0.51))
                """,
                kinds=list(VALUED_KINDS),
                money=list(MONEY_KINDS),
            ),
        )

    def _check_money_given_back(self):
        """No more is given back of a line's days than was charged for them (I9)."""
        yield from self._select(
            "subscription.period",
            SQL(
                """
                SELECT c.id, format('%%s is given back of days that cost %%s', -c.value, COALESCE(cost.value, 0))
                  FROM subscription_period c
                 CROSS JOIN LATERAL (
                       SELECT MIN(b.start) AS first, MAX(b."end") AS last, SUM(b.value) AS value,
                              BOOL_OR(b.kind = 'imported') AS is_imported
                         FROM subscription_period b
                        WHERE b.line_id = c.line_id AND b.state = 'live'
                          -- A period without a quantity was skipped, and costs something once the quantity rises.
                          AND (b.kind IN ('regular', 'stub', 'carried', 'imported')
                               OR (b.kind = 'skip' AND b.full_days > 0))
                          AND b.start < c."end" AND b."end" > c.start) billed
                 CROSS JOIN LATERAL (
                       SELECT billed.value + COALESCE(SUM(m.value), 0) AS value
                         FROM subscription_period m
                        WHERE m.line_id = c.line_id AND m.state = 'live' AND m.kind = ANY(%(money)s) AND m.id != c.id
                          AND m.start >= billed.first AND m.start < billed.last) cost
                 WHERE c.state = 'live' AND c.kind = 'credit' AND billed.is_imported IS NOT TRUE
                   AND -c.value > COALESCE(cost.value, 0) + %(tolerance)s
                """,
                money=list(MONEY_KINDS),
                tolerance=TOLERANCE,
            ),
        )

    # Days -----------------------------------------------------------------------------------------------------

    def _check_days_cut(self):
        """Days that were billed and not served, were cut by a change."""
        yield from self._select(
            "subscription.period",
            SQL(
                """
                SELECT p.id, format('it is served until %%s instead of %%s, and no change says why', service_end, "end")
                  FROM subscription_period p
                 WHERE p.state = 'live' AND p.kind IN ('regular', 'stub', 'carried')
                   AND p.service_end < p."end" AND p.ended_by_id IS NULL
                """
            ),
        )

    def _check_pauses(self):
        """Paused lines know since when; an order is paused when, and only when, no line of it runs."""
        yield from self._select(
            "sale.order",
            SQL(
                """
                SELECT o.id, format('it is %%s (paused on %%s), its lines: %%s', o.subscription_status,
                                    o.subscription_paused_on, lines.phases)
                  FROM sale_order o
                 CROSS JOIN LATERAL (
                       SELECT STRING_AGG(DISTINCT l.subscription_phase, ', ') AS phases,
                              BOOL_OR(l.subscription_phase = 'running') AS runs,
                              BOOL_OR(l.subscription_phase = 'paused') AS pauses,
                              BOOL_OR(l.subscription_phase = 'paused' AND l.subscription_paused_on IS NULL) AS undated
                         FROM sale_order_line l WHERE l.order_id = o.id) lines
                 WHERE (o.subscription_status = 'paused'
                        AND (o.subscription_paused_on IS NULL OR lines.runs OR lines.pauses IS NOT TRUE))
                    OR (o.subscription_status = 'progress'
                        AND (o.subscription_paused_on IS NOT NULL OR (lines.pauses AND lines.runs IS NOT TRUE)))
                    OR lines.undated
                """
            ),
        )
