from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# What belongs to a product, and so to a plan, is told by the lines of invoices only.
BY_LINE = ("plan_ids", "product_ids")
# How a line of an invoice is called by what groups the movements.
OF_INVOICES = {"company_id": "company_id", "team_id": "team_id", "user_id": "invoice_user_id"}


class SubscriptionKpi(models.AbstractModel):
    """What was invoiced: posted customer invoices less credit notes, untaxed, by invoice date."""

    _inherit = "subscription.kpi"

    @api.model
    def _get_revenue_figures(self, span, filters, groupby=None):
        """Return the net revenue of both periods: (key, current, name, value)."""
        if any(filters.get(name) for name in BY_LINE):
            return self._get_line_figures(span, filters, groupby, Domain.TRUE, "net_revenue")
        rows = self._get_rows(
            "account.move",
            self._get_invoice_domain("account.move", span, filters),
            SQL(
                "%s AS amount, account_move.invoice_date AS date, %s AS key",
                self._get_amount(SQL("account_move.amount_untaxed_signed")),
                self._get_key("account_move", OF_INVOICES.get(groupby)),
            ),
        )
        return self._sum_invoices(span, rows, "net_revenue")

    @api.model
    def _get_non_recurring_figures(self, span, filters, groupby=None):
        """Return the part of it that is on no line of a subscription period: (key, current, name, value)."""
        one_off = Domain("subscription_period_start", "=", False)
        return self._get_line_figures(span, filters, groupby, one_off, "non_recurring_revenue")

    @api.model
    def _get_line_figures(self, span, filters, groupby, condition, name):
        domain = self._get_dated_domain("account.move.line", span, filters) & condition
        domain &= Domain([("parent_state", "=", "posted"), ("display_type", "=", "product")])
        columns = SQL(
            "%s AS amount, account_move_line.invoice_date AS date, account_move_line.move_id, %s AS key",
            self._get_amount(SQL("-account_move_line.balance")),
            self._get_line_key(groupby),
        )
        # The invoices of few lines are looked up one by one; joined, all of them would be read.
        rows = SQL(
            """
            WITH line AS MATERIALIZED (%s)
            SELECT * FROM line
             WHERE (SELECT move_type FROM account_move WHERE id = line.move_id) IN ('out_invoice', 'out_refund')
            """,
            self._get_rows("account.move.line", domain, columns),
        )
        return self._sum_invoices(span, rows, name)

    @api.model
    def _get_line_key(self, groupby):
        if groupby in (None, "company_id"):
            return self._get_key("account_move_line", groupby)
        return SQL(
            "(SELECT %s FROM account_move AS invoice WHERE invoice.id = account_move_line.move_id)",
            SQL.identifier("invoice", OF_INVOICES[groupby]),
        )

    @api.model
    def _get_invoice_domain(self, model, span, filters):
        """Return the domain of posted customer invoices and credit notes, or of their lines."""
        return self._get_dated_domain(model, span, filters) & Domain(
            [
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state" if model == "account.move" else "parent_state", "=", "posted"),
            ]
        )

    @api.model
    def _get_dated_domain(self, model, span, filters):
        known = {name: ids for name, ids in filters.items() if model == "account.move.line" or name not in BY_LINE}
        return self._get_filter_domain(model, known) & Domain(
            [("invoice_date", ">=", span.before_from), ("invoice_date", "<=", span.date_to)]
        )

    @api.model
    def _sum_invoices(self, span, rows, name):
        sums = self._read_rows(
            SQL(
                "SELECT key, (date >= %s)::integer, SUM(amount) FROM (%s) AS invoiced GROUP BY 1, 2",
                span.date_from,
                rows,
            )
        )
        return [(key, current, name, float(amount)) for key, current, amount in sums]
