from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sale_subscription_plus.tools.mrr import EPSILON

from ..tools.kpi import GAINS, LOSSES
from ..tools.periods import DAY

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
# What groups the movements that explain a figure at the end of the period; customers and subscriptions are opened
# themselves where they can be named.
BALANCES = {
    "mrr": "plan_id",
    "run_rate": "plan_id",
    "customers": "partner_id",
    "contracts": "order_id",
    "revenue_per_contract": "order_id",
}
# More customers or subscriptions than these are not named one by one: a browser could not bear it.
MOST_NAMED = 10_000


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
        names = {**self._get_names(), "transfer": self.env._("Carried over")}
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
            "context": {"group_by": [group]},
        }

    @api.model
    def _prepare_balance_action(self, key, span, filters):
        """Return what a figure at the end of the period is made of: who is there, or all that happened until then."""
        domain = None
        if key == "customers":
            domain = self._get_customers_domain(span, filters)
        elif key == "contracts":
            domain = self._get_running_domain(span, filters)
        if domain is None:
            until = fields.Date.to_string(span.date_to)
            return self._prepare_report_action(self._get_report_domain(filters, ("date", "<=", until)), BALANCES[key])
        if key == "contracts":
            return self._prepare_order_action(domain)
        return {
            "res_model": "subscription.customer.report",
            "views": [[False, "list"], [False, "pivot"], [False, "graph"]],
            "domain": list(domain),
        }

    # === WHO IS THERE ===#

    @api.model
    def _get_customers_domain(self, span, filters):
        """Return the domain of the customers at the end of the period; None when that is too much to tell."""
        rows = self._read_few(self._get_customers_query(span, filters))
        if rows is None:
            there = Domain("date_stop", "=", False)
            return self._get_companies_domain() & there if self._is_all_of_today(span, filters) else None
        partners = {}
        for company, partner in rows:
            partners.setdefault(company, []).append(partner)
        return Domain.OR(
            Domain("company_id", "=", company) & Domain("partner_id", "in", ids) for company, ids in partners.items()
        )

    @api.model
    def _get_customers_query(self, span, filters):
        """Return the SQL of (company_id, partner_id) of who brings something after the period, or pauses then."""
        return SQL(
            """
            SELECT company_id, partner_id FROM (%(events)s) AS event
             GROUP BY company_id, partner_id HAVING SUM(amount) > %(epsilon)s OR SUM(pausing) > 0
            """,
            events=self._get_events(filters, span.date_to),
            epsilon=EPSILON,
        )

    @api.model
    def _get_running_domain(self, span, filters):
        """Return the domain of the subscriptions that run after the period; None when that is too much to tell."""
        rows = self._read_few(self._get_running_query(span, filters))
        if rows is None:
            running = Domain("subscription_status", "=", "progress")
            return self._get_companies_domain() & running if self._is_all_of_today(span, filters) else None
        return Domain("id", "in", [order for (order,) in rows])

    @api.model
    def _get_running_query(self, span, filters):
        """Return the SQL of the orders that bring something after the period, or are free so far."""
        orders = self._get_orders(filters, ("progress", "paused", "closed", "renewed"), None)
        return SQL(
            """
            SELECT order_id FROM (%(events)s) AS event GROUP BY order_id HAVING SUM(amount) > %(epsilon)s
             UNION
            SELECT id FROM (%(orders)s) AS contract WHERE %(is_free)s
            """,
            events=self._get_events(filters, span.date_to),
            epsilon=EPSILON,
            orders=self._with_first_event(orders),
            is_free=self._is_free_before(span.date_to + DAY),
        )

    @api.model
    def _read_few(self, query):
        """Return the rows of a query, None when they are too many to name in the domain of a list."""
        rows = self._read_rows(SQL("%s LIMIT %s", query, MOST_NAMED + 1))
        return rows if len(rows) <= MOST_NAMED else None

    @api.model
    def _is_all_of_today(self, span, filters):
        """Return whether the end of the period is now, and nothing is left out."""
        return span.date_to >= self.env.company._get_subscription_today() and not any(filters.values())

    @api.model
    def _get_companies_domain(self):
        return Domain("company_id", "in", self.env.companies.ids)

    # === WHAT HAPPENED ===#

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
        return self._prepare_order_action(domain)

    @api.model
    def _prepare_order_action(self, domain):
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
