from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.kpi import GAINS, LOSSES

# Which movements of customers explain a key figure; the others are explained by all that happened until the end.
MOVEMENTS = {
    **{name: (name,) for name in (*GAINS, *LOSSES, "transfer")},
    "net_new_mrr": (*GAINS, *LOSSES),
    "logo_churn": ("churn",),
    "lifetime_value": ("churn",),
    "gross_churn": ("churn", "contraction"),
    "net_churn": ("churn", "contraction", "expansion", "reactivation"),
    "quick_ratio": ("new", "reactivation", "expansion", "contraction", "churn"),
}
# What groups the movements that explain a figure at the end of the period.
BALANCES = {
    "mrr": "plan_id",
    "run_rate": "plan_id",
    "customers": "partner_id",
    "contracts": "order_id",
    "revenue_per_contract": "order_id",
}


class SubscriptionKpi(models.AbstractModel):
    """The records behind a key figure."""

    _inherit = "subscription.kpi"

    @api.model
    def get_records(self, key, date_from, date_to, filters=None):
        """Return the action that opens what a key figure is made of.

        :param str key: of the key figure, see :meth:`get_kpis`; or 'transfer'
        :param date_from: first day, inclusive (date or ISO string)
        :param date_to: last day, inclusive
        :param dict filters: as in :meth:`get_kpis`
        :return: act_window
        :raise UserError: for a key figure that does not exist, and for days or filters that are none
        """
        names = {**self._get_names(), "transfer": self.env._("Carried Over")}
        if key not in names:
            raise UserError(self.env._("There is no key figure named %s.", key))
        span, filters = self._get_span(date_from, date_to), self._get_checked_filters(filters)
        if key in BALANCES:
            action = self._prepare_balance_action(key, span, filters)
        elif key in MOVEMENTS:
            action = self._prepare_movement_action(key, span, filters)
        elif key in ("new_contracts", "lost_contracts"):
            action = self._prepare_contract_action(key, span, filters)
        else:
            action = self._prepare_invoice_action(key, span, filters)
        return {"type": "ir.actions.act_window", "name": names[key], "target": "current", **action}

    @api.model
    def _get_report_domain(self, filters, *conditions):
        """Return the domain of movements in their report, whose customers have their country."""
        domain = self._get_filter_domain("subscription.event", {**filters, "country_ids": None})
        if countries := filters.get("country_ids"):
            domain &= Domain("country_id", "in", countries)
        return list(domain & Domain(list(conditions)))

    @api.model
    def _prepare_report_action(self, domain, group):
        return {
            "res_model": "subscription.movement.report",
            "views": [[False, "list"], [False, "pivot"], [False, "graph"]],
            "domain": domain,
            "context": {"group_by": [group], "search_default_last_12_months": 0},
        }

    @api.model
    def _prepare_balance_action(self, key, span, filters):
        until = fields.Date.to_string(span.date_to)
        return self._prepare_report_action(self._get_report_domain(filters, ("date", "<=", until)), BALANCES[key])

    @api.model
    def _prepare_movement_action(self, key, span, filters):
        domain = self._get_report_domain(
            filters,
            ("date", ">=", fields.Date.to_string(span.date_from)),
            ("date", "<=", fields.Date.to_string(span.date_to)),
            ("customer_type", "in", list(MOVEMENTS[key])),
        )
        return self._prepare_report_action(domain, "customer_type" if len(MOVEMENTS[key]) > 1 else "partner_id")

    @api.model
    def _prepare_contract_action(self, key, span, filters):
        if key == "new_contracts":
            day, condition = "subscription_start", Domain("subscription_renews_id", "=", False)
            condition &= Domain("subscription_status", "in", ("progress", "paused", "closed", "renewed"))
        else:
            day, condition = "subscription_closed_on", Domain("subscription_status", "=", "closed")
        domain = self._get_filter_domain("sale.order", filters) & condition
        domain &= Domain(day, ">=", fields.Date.to_string(span.date_from))
        domain &= Domain(day, "<=", fields.Date.to_string(span.date_to))
        views = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_action")["views"]
        return {"res_model": "sale.order", "views": views, "domain": list(domain)}

    @api.model
    def _prepare_invoice_action(self, key, span, filters):
        one_off = key == "non_recurring_revenue"
        domain = self._get_invoice_domain("account.move.line", span._replace(before_from=span.date_from), filters)
        domain &= Domain("display_type", "=", "product")
        if one_off:
            domain &= Domain("subscription_period_start", "=", False)
        return {
            "res_model": "account.move.line",
            "views": [[self.env.ref("account.view_move_line_tree").id, "list"], [False, "pivot"], [False, "graph"]],
            "domain": self._with_texts(domain),
            "context": {"group_by": ["product_id"]},
        }

    @api.model
    def _with_texts(self, domain):
        """Return the domain as a list that can be sent to a browser."""
        return [
            (leaf[0], leaf[1], fields.Date.to_string(leaf[2])) if leaf[0] == "invoice_date" else leaf for leaf in domain
        ]
