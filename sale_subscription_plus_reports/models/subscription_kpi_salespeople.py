from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.kpi import LOSSES, get_values

# Who can be put side by side, and what they are.
GROUPS = {"user_id": "res.users", "team_id": "crm.team"}
# The rows of the table: the way from the MRR at the start to that at the end, then what it means.
ROWS = {
    "movements": (
        "mrr_start",
        "new",
        "reactivation",
        "resume",
        "expansion",
        "contraction",
        "pause",
        "churn",
        "transfer",
        "mrr",
    ),
    "growth": ("net_new_mrr", "run_rate", "quick_ratio"),
    "loyalty": ("customers", "logo_churn", "gross_churn", "net_churn", "lifetime_value"),
    "contracts": (
        "contracts",
        "new_contracts",
        "lost_contracts",
        "revenue_per_contract",
        "net_revenue",
        "non_recurring_revenue",
    ),
}


class SubscriptionKpi(models.AbstractModel):
    """Salespeople, or sales teams, side by side: every movement and every key figure of each."""

    _inherit = "subscription.kpi"

    @api.model
    def get_salespeople(self, date_from=None, date_to=None, filters=None, period=None, groupby="user_id"):
        """Return the key figures of each salesperson (or sales team) and of all together.

        A movement counts for whom the subscription had on that day; what is handed over is carried over. So amounts
        add up to the whole. A customer of two salespeople counts for both of them, and once in the whole.
        Started and closed subscriptions count for who has them today, and revenue for who is on the invoice.

        :param date_from: first day, inclusive (date or ISO string); together with ``date_to``
        :param date_to: last day, inclusive
        :param dict filters: as in :meth:`get_kpis`
        :param str period: as in :meth:`get_dashboard`
        :param str groupby: "user_id" or "team_id"
        :return: {period, periods, date_from, date_to, before_from, before_to, currency_id, filters, groupby,
            sections: [{key, name, rows: [kpi of :meth:`get_kpis` of all together, and its ``sign`` in a sum]}],
            people: [{id: False for nobody, name, values: {key: value}}], the largest MRR first}; untaxed amounts
            in the currency of the current company
        :raise UserError: for another ``groupby``, and for days or filters that are none
        """
        if groupby not in GROUPS:
            raise UserError(self.env._("Salespeople and sales teams can be compared, nothing else."))
        today = self.env.company._get_subscription_today()
        period, first, last = self._get_dashboard_period(today, date_from, date_to, period)
        span, filters = self._get_span(first, last), self._get_checked_filters(filters)
        before, whole = self._get_figures(span, filters)
        return {
            "period": period,
            "periods": self._get_dashboard_periods(today),
            **{name: fields.Date.to_string(getattr(span, name)) for name in ("date_from", "date_to")},
            **{name: fields.Date.to_string(getattr(span, name)) for name in ("before_from", "before_to")},
            "currency_id": self.env.company.currency_id.id,
            "filters": self.get_filters(),
            "groupby": groupby,
            "sections": self._get_salespeople_sections(whole, before),
            "people": self._get_salespeople_columns(span, filters, groupby),
        }

    @api.model
    def _get_salespeople_columns(self, span, filters, groupby):
        # Columns tell nothing of the period before.
        groups = self._get_figures(span._replace(before_from=span.date_from), filters, groupby)
        # In sudo mode for the name alone: of whom a movement may be seen, the name may be seen.
        records = self.env[GROUPS[groupby]].sudo().browse([key for key in groups if key])
        names = {record.id: record.display_name for record in records}
        columns = [
            {
                "id": key or False,
                "name": names.get(key) or self.env._("Nobody"),
                "values": self._get_salespeople_values(figures),
            }
            for key, (_before, figures) in groups.items()
        ]
        return sorted(columns, key=lambda column: (-column["values"]["mrr"], column["name"]))

    @api.model
    def _get_salespeople_values(self, figures):
        return {**get_values(figures), **{name: figures[name] for name in ("mrr_start", "transfer")}}

    @api.model
    def _get_salespeople_sections(self, figures, before):
        """Return the rows of the table, with the values of all together."""
        kpis = {kpi["key"]: kpi for kpi in self._prepare_kpis(figures, before)}
        for name in ("mrr_start", "transfer"):
            kpis[name] = self._prepare_salespeople_row(name, figures)
        names = {
            "movements": self.env._("MRR, from start to end"),
            "growth": self.env._("Growth"),
            "loyalty": self.env._("Do customers stay?"),
            "contracts": self.env._("Subscriptions and invoices"),
        }
        return [
            {
                "key": section,
                "name": names[section],
                "rows": [{**kpis[key], "sign": -1 if key in LOSSES else 1} for key in keys],
            }
            for section, keys in ROWS.items()
        ]

    @api.model
    def _prepare_salespeople_row(self, name, figures):
        """Return the row of a figure that is no key figure."""
        labels = self._get_figure_labels()
        return {"key": name, "name": labels[name][0], "unit": "money", "value": figures[name], "formula": False}
