from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .subscription_period import COVERING_KINDS

# Sums of many unrounded amounts: differences below this are float noise, far under any smallest coin.
TOLERANCE = 0.005
BATCH = 2000


class SubscriptionCheck(models.AbstractModel):
    """Proves the books: the invariants of the design, on any database. Reads only."""

    _name = "subscription.check"
    _description = "Subscription Check"

    @api.model
    def _run(self, ask_providers=False):
        """Check every invariant on the whole database.

        :param bool ask_providers: compare the books with what payment providers took as well, over the network
        :return: {offenders: number, checks: {name: number}, details: [{check, model, id, problem}]}
        """
        check = self.sudo()  # In sudo mode: what must hold, holds in all companies
        self.env.flush_all()
        details = []
        checks = {}
        methods = check._get_checks() | (check._get_provider_checks() if ask_providers else {})
        for name, method in methods.items():
            problems = [
                {"check": name, "model": model, "id": record_id, "problem": problem}
                for model, record_id, problem in method()
            ]
            checks[name] = len(problems)
            details += problems
        return {"offenders": len(details), "checks": checks, "details": details}

    @api.model
    def _get_checks(self):
        """Return {name: method}; a method yields (model, id, problem) of each offender."""
        return {
            "billed_once": self._check_billed_once,
            "periods_tile": self._check_periods_tile,
            "next_period": self._check_next_period,
            "next_invoice_date": self._check_next_invoice_date,
            "due_or_parked": self._check_due_or_parked,
            "periods_have_invoice": self._check_periods_have_invoice,
            "invoices_have_period": self._check_invoices_have_period,
            "mrr_events": self._check_mrr_events,
            "companies": self._check_companies,
            "line_phases": self._check_line_phases,
        }

    @api.model
    def _get_provider_checks(self):
        """Return the checks, like those above, that ask a payment provider what it took; add-ons bring them."""
        return {}

    def _select(self, model, query):
        """Yield (model, id, problem) from a query of (id, problem)."""
        for record_id, problem in self.env.execute_query(query):
            yield model, record_id, problem

    # I1 -------------------------------------------------------------------------------------------------------

    def _check_billed_once(self):
        """The database refuses a day of service twice: the constraint stands, and no row has slipped past it."""
        constraint = self.env.execute_query(
            SQL("SELECT 1 FROM pg_constraint WHERE conname = 'subscription_period_no_overlap' AND contype = 'x'")
        )
        if not constraint:
            yield "subscription.period", 0, "the exclusion constraint is missing from the database"
        yield from self._select(
            "subscription.period",
            SQL(
                """
                SELECT id, format('%%s to %%s was billed before', start, service_end)
                  FROM (SELECT id, start, service_end,
                               MAX(service_end) OVER (PARTITION BY line_id ORDER BY start, id
                                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                          FROM subscription_period
                         WHERE state = 'live' AND kind = ANY(%s) AND service_end > start) p
                 WHERE before > start
                """,
                list(COVERING_KINDS),
            ),
        )

    # I2 -------------------------------------------------------------------------------------------------------

    def _check_periods_tile(self):
        """The rows before a line's next period leave no day out."""
        yield from self._select(
            "sale.order.line",
            SQL(
                """
                SELECT line_id, format('no row covers %%s to %%s', before, start)
                  FROM (SELECT p.line_id, p.start, l.subscription_next_start AS next,
                               COALESCE(LAG(p.service_end) OVER (PARTITION BY p.line_id ORDER BY p.start),
                                        LEAST(l.subscription_start, p.start)) AS before
                          FROM subscription_period p
                          JOIN sale_order_line l ON l.id = p.line_id
                         WHERE p.state = 'live' AND p.kind = ANY(%s) AND p.service_end > p.start) t
                 WHERE before < start AND start <= next
                """,
                list(COVERING_KINDS),
            ),
        )

    def _check_next_period(self):
        """A line's next period begins with the first hole of the ledger, and lies on its grid."""
        Line = self.env["sale.order.line"]
        Period = self.env["subscription.period"]
        ids = Line.search([("subscription_start", "!=", False)], order="id").ids
        for number in range(0, len(ids), BATCH):
            lines = Line.browse(ids[number : number + BATCH])
            holes = Period._get_first_holes(lines)
            coverage = Period._get_coverage_after(lines)
            terms = lines._get_terms_after()
            for line in lines:
                expected = line._get_next_period_values(
                    holes.get(line.id, line.subscription_start), coverage.get(line.id, ()), terms.get(line.id, ())
                )
                wrong = {name: line[name] for name, value in expected.items() if line[name] != value}
                if wrong:
                    yield "sale.order.line", line.id, f"the ledger says {expected}, the line {wrong}"
            self.env.invalidate_all()

    def _check_next_invoice_date(self):
        """An order's next invoice is that of the line whose turn is first."""
        yield from self._select(
            "sale.order",
            SQL(
                """
                SELECT o.id, format('next invoice %%s, its lines say %%s', o.subscription_next_invoice_date, due.day)
                  FROM sale_order o
                  LEFT JOIN (SELECT order_id, MIN(subscription_next_bill_date) AS day
                               FROM sale_order_line GROUP BY order_id) due ON due.order_id = o.id
                 WHERE o.subscription_status IS NOT NULL
                   AND o.subscription_next_invoice_date IS DISTINCT FROM
                       CASE WHEN o.subscription_status IN ('scheduled', 'progress', 'paused', 'closed', 'renewed')
                            THEN LEAST(due.day, o.subscription_pending_on) END
                """
            ),
        )

    # I7 -------------------------------------------------------------------------------------------------------

    def _check_due_or_parked(self):
        """What was due yesterday is billed, parked with a reason, or told to follow."""
        for company in self.env["res.company"].search([]):
            yesterday = company._get_subscription_today() - timedelta(days=1)
            yield from self._select(
                "sale.order",
                SQL(
                    """
                    SELECT id, format('due since %%s, neither billed nor parked', subscription_next_invoice_date)
                      FROM sale_order
                     WHERE company_id = %s AND subscription_next_invoice_date <= %s
                       AND subscription_status IN ('scheduled', 'progress', 'paused', 'closed', 'renewed')
                       AND subscription_parked_reason IS NULL AND subscription_next_attempt IS NULL
                    """,
                    company.id,
                    yesterday,
                ),
            )

    # Ledger and books -----------------------------------------------------------------------------------------

    def _check_periods_have_invoice(self):
        """A billed row has its invoice line: of the right order line, for the same quantity, not cancelled."""
        yield from self._select(
            "subscription.period",
            SQL(
                """
                SELECT p.id, CASE WHEN aml.id IS NULL THEN 'its invoice line is gone'
                                  WHEN aml.parent_state = 'cancel' THEN 'its invoice is cancelled'
                                  WHEN rel.order_line_id IS NULL THEN 'its invoice line bills another order line'
                                  ELSE format('it says quantity %%s, the invoice %%s', p.quantity, aml.quantity) END
                  FROM subscription_period p
                  LEFT JOIN account_move_line aml ON aml.id = p.invoice_line_id
                  LEFT JOIN sale_order_line_invoice_rel rel
                         ON rel.invoice_line_id = aml.id AND rel.order_line_id = p.line_id
                 WHERE p.state = 'live' AND p.kind IN ('regular', 'stub')
                   AND (aml.id IS NULL OR aml.parent_state = 'cancel' OR rel.order_line_id IS NULL
                        OR (aml.parent_state = 'posted' AND ABS(p.quantity - aml.quantity) > 0.000001))
                """
            ),
        )

    def _check_invoices_have_period(self):
        """An invoice line that bills a period stands in the ledger, unless its invoice was reversed."""
        yield from self._select(
            "account.move.line",
            SQL(
                """
                SELECT aml.id, format('invoice %%s bills %%s, the ledger knows nothing of it',
                                      aml.move_name, aml.subscription_period_start)
                  FROM account_move_line aml
                  JOIN account_move m ON m.id = aml.move_id AND m.move_type = 'out_invoice' AND m.state != 'cancel'
                 WHERE aml.subscription_period_start IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM subscription_period p
                                    WHERE p.invoice_line_id = aml.id AND p.state = 'live')
                   AND m.amount_total - (SELECT COALESCE(SUM(refund.amount_total), 0) FROM account_move refund
                                          WHERE refund.reversed_entry_id = m.id AND refund.state = 'posted')
                       >= 0.005
                """
            ),
        )

    # I8 -------------------------------------------------------------------------------------------------------

    def _check_mrr_events(self):
        """The events of a line sum up to its MRR; once it has ended, to nothing in both currencies."""
        yield from self._select(
            "sale.order.line",
            SQL(
                """
                SELECT l.id, format('MRR %%s, its events sum up to %%s (%%s in company currency)',
                                    COALESCE(now.mrr, 0), COALESCE(e.amount, 0), COALESCE(e.company, 0))
                  FROM sale_order_line l
                  LEFT JOIN (SELECT line_id, SUM(amount) AS amount, SUM(amount_company) AS company
                               FROM subscription_event GROUP BY line_id) e ON e.line_id = l.id
                  LEFT JOIN LATERAL (SELECT l.subscription_mrr AS mrr
                                      WHERE l.subscription_phase = 'running') now ON TRUE
                 WHERE (l.subscription_phase IS NOT NULL OR e.line_id IS NOT NULL)
                   AND (ABS(COALESCE(now.mrr, 0) - COALESCE(e.amount, 0)) > %(tolerance)s
                        OR (COALESCE(now.mrr, 0) = 0 AND ABS(COALESCE(e.company, 0)) > %(tolerance)s))
                """,
                tolerance=TOLERANCE,
            ),
        )

    # I12 ------------------------------------------------------------------------------------------------------

    def _check_companies(self):
        """A period is billed in its order's company and currency."""
        yield from self._select(
            "subscription.period",
            SQL(
                """
                SELECT p.id, format('the order is of company %%s and currency %%s, the invoice of %%s and %%s',
                                    o.company_id, o.currency_id, m.company_id, m.currency_id)
                  FROM subscription_period p
                  JOIN sale_order_line l ON l.id = p.line_id
                  JOIN sale_order o ON o.id = l.order_id
                  JOIN account_move_line aml ON aml.id = p.invoice_line_id
                  JOIN account_move m ON m.id = aml.move_id
                 WHERE m.company_id != o.company_id OR m.currency_id != o.currency_id
                """
            ),
        )

    # Status ---------------------------------------------------------------------------------------------------

    def _check_line_phases(self):
        """Lines run when their order does: from their start to their end, with a day for the nightly run."""
        today = min(company._get_subscription_today() for company in self.env["res.company"].search([]))
        yesterday = today - timedelta(days=1)
        yield from self._select(
            "sale.order.line",
            SQL(
                """
                SELECT l.id, format('%%s from %%s to %%s, on an order that is %%s', l.subscription_phase,
                                    l.subscription_start, l.subscription_end, o.subscription_status)
                  FROM sale_order_line l
                  JOIN sale_order o ON o.id = l.order_id
                 WHERE (l.subscription_phase = 'waiting' AND l.subscription_start < %(yesterday)s
                        AND o.subscription_status IN ('scheduled', 'progress'))
                    OR (l.subscription_phase = 'running'
                        AND (l.subscription_end < %(yesterday)s OR o.subscription_status != 'progress'))
                """,
                yesterday=yesterday,
            ),
        )
