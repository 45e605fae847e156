from odoo import api, fields, models

from ..tools.kpi import get_values

# How each key figure reads: its unit, and whether more of it is good.
KEY_FIGURES = {
    "mrr": ("money", "up"),
    "net_new_mrr": ("money", "up"),
    "new": ("money", "up"),
    "expansion": ("money", "up"),
    "reactivation": ("money", "up"),
    "resume": ("money", "up"),
    "contraction": ("money", "down"),
    "pause": ("money", "down"),
    "churn": ("money", "down"),
    "run_rate": ("money", "up"),
    "contracts": ("count", "up"),
    "new_contracts": ("count", "up"),
    "lost_contracts": ("count", "down"),
    "customers": ("count", "up"),
    "logo_churn": ("percent", "down"),
    "gross_churn": ("percent", "down"),
    "net_churn": ("percent", "down"),
    "revenue_per_contract": ("money", "up"),
    "lifetime_value": ("money", "up"),
    "quick_ratio": ("ratio", "up"),
    "net_revenue": ("money", "up"),
    "non_recurring_revenue": ("money", "none"),
}


class SubscriptionKpi(models.AbstractModel):
    """Key figures of subscriptions in a period, with their formulas and the numbers that went in.

    They are worked out from MRR movements, orders and invoices when somebody asks, with the rights of who asks.
    """

    _name = "subscription.kpi"
    _description = "Subscription Key Figures"

    @api.model
    def get_kpis(self, date_from, date_to, filters=None):
        """Return the key figures of a period and of the one before, of the selected companies.

        Amounts are untaxed, in the currency of the current company: those of other companies at one rate, today's,
        so that no rate move looks like a movement. The formulas are those of features.md, "Definitions of the
        numbers".

        :param date_from: first day, inclusive (date or ISO string)
        :param date_to: last day, inclusive
        :param dict filters: lists of ids, all optional: company_ids, team_ids, user_ids, plan_ids, product_ids,
            country_ids (of the customer)
        :return: dict of ``date_from``, ``date_to``, ``before_from``, ``before_to`` (ISO strings; whole months are
            compared with whole months, else as many days), ``currency_id``, ``figures`` and ``figures_before``
            ({name: number}; losses are positive) and ``kpis``: a list of {key, name, unit: 'money', 'percent' (a
            share of 1), 'count' or 'ratio', value (None where it cannot be told), before, change (relative), good:
            'up', 'down' or 'none', formula, numbers: [{label, value, unit}]}
        :raise AccessError: for who may not read movements of revenue
        :raise UserError: for days or filters that are none
        """
        span = self._get_span(date_from, date_to)
        before, figures = self._get_figures(span, self._get_checked_filters(filters))
        return {
            "date_from": fields.Date.to_string(span.date_from),
            "date_to": fields.Date.to_string(span.date_to),
            "before_from": fields.Date.to_string(span.before_from),
            "before_to": fields.Date.to_string(span.before_to),
            "currency_id": self.env.company.currency_id.id,
            "figures": figures,
            "figures_before": before,
            "kpis": self._prepare_kpis(figures, before),
        }

    @api.model
    def _prepare_kpis(self, figures, before):
        """Return the key figures made of the figures of a period and of the one before."""
        values, values_before = get_values(figures), get_values(before)
        names, formulas, labels = self._get_names(), self._get_formulas(), self._get_figure_labels()
        return [
            {
                "key": key,
                "name": names[key],
                "unit": unit,
                "value": values[key],
                "before": values_before[key],
                "change": self._get_change(values[key], values_before[key]),
                "good": good,
                "formula": formulas[key][0],
                "numbers": [
                    {"label": labels[name][0], "value": figures[name], "unit": labels[name][1]}
                    for name in formulas[key][1]
                ],
            }
            for key, (unit, good) in KEY_FIGURES.items()
        ]

    @api.model
    def _get_change(self, value, before):
        """Return the change relative to before; None where there is nothing to compare with."""
        return (value - before) / abs(before) if before and value is not None else None
