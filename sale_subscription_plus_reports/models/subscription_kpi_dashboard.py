from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.sale_subscription_plus.models.sale_order import RUNNING_STATUSES

from ..tools.kpi import GAINS, LOSSES
from ..tools.periods import get_periods

# What the page shows first: never empty at the start of a month, and always compared with as many days.
DEFAULT_PERIOD = "last_30_days"
COHORTS = 12
# The filters in the report of customers: what they started with.
COHORT_FIELDS = {
    "company_ids": "company_id",
    "team_ids": "team_id",
    "user_ids": "user_id",
    "plan_ids": "plan_id",
    "product_ids": "product_id",
    "country_ids": "country_id",
}


class SubscriptionKpi(models.AbstractModel):
    """The dashboard page: all that it shows, in one call."""

    _inherit = "subscription.kpi"

    @api.model
    def get_dashboard(self, date_from=None, date_to=None, filters=None, period=None):
        """Return what the dashboard shows to the user, of the selected companies.

        :param date_from: first day, inclusive (date or ISO string); together with ``date_to``
        :param date_to: last day, inclusive
        :param dict filters: as in :meth:`get_kpis`
        :param str period: key of one of ``periods`` below, counts where no dates are given
            (default: the last 30 days)
        :return: {period, periods: [{key, name, date_from, date_to}], today, date_from, date_to, before_from,
            before_to, company, currency_id, has_data, filters: as :meth:`get_filters`, figures, figures_before,
            sections: [{key, name, hint, kpis}], bridge, movements, cohorts, reasons, forecast}; amounts are in the
            currency of the current company, without tax; without any subscription only the first of these,
            and whether the user may sell: can_sell
        :raise UserError: for days or filters that are none
        """
        today = self.env.company._get_subscription_today()
        period, first, last = self._get_dashboard_period(today, date_from, date_to, period)
        return {
            "period": period,
            "periods": self._get_dashboard_periods(today),
            "today": fields.Date.to_string(today),
            "date_from": fields.Date.to_string(first),
            "date_to": fields.Date.to_string(last),
            "company": ", ".join(self.env.companies.mapped("name")),
            **self._get_dashboard_data(first, last, self._get_checked_filters(filters)),
        }

    @api.model
    def _get_dashboard_data(self, date_from, date_to, filters):
        if not self._has_subscriptions():
            return {"has_data": False, "can_sell": self.env["sale.order"].has_access("create")}
        kpis = self.get_kpis(date_from, date_to, filters)
        by_key = {kpi["key"]: kpi for kpi in kpis.pop("kpis")}
        return {
            **kpis,
            "has_data": True,
            "filters": self.get_filters(),
            "sections": self._get_dashboard_sections(by_key),
            "bridge": self._get_dashboard_bridge(by_key, kpis["figures"]),
            "movements": self.get_movements(date_from, date_to, filters),
            "cohorts": self._get_dashboard_cohorts(date_to, filters),
            "reasons": self.get_churn_reasons(date_from, date_to, filters),
            "forecast": self.env["subscription.forecast"]._get_forecast(date_to, filters, kpis),
        }

    @api.model
    def _has_subscriptions(self):
        """Return whether there ever was a subscription that brought something, or there is a free one."""
        domain = Domain("company_id", "in", self.env.companies.ids)
        free = domain & Domain("subscription_status", "in", RUNNING_STATUSES)
        return bool(
            self.env["subscription.event"].search_count(domain, limit=1)
            or self.env["sale.order"].search_count(free, limit=1)
        )

    @api.model
    def _get_dashboard_cohorts(self, date_to, filters):
        """Return the customers of the last twelve months by their start, and how many of them are still there."""
        seen_on = min(date_to, self.env.company._get_subscription_today())
        return self.env["subscription.customer.report"].get_cohort_data(
            domain=self._get_newcomer_domain(filters),
            date_from=seen_on.replace(day=1) - relativedelta(months=COHORTS - 1),
            date_to=seen_on,
        )

    @api.model
    def _get_newcomer_domain(self, filters):
        domain = Domain("company_id", "in", self.env.companies.ids)
        return list(domain & Domain.AND(Domain(COHORT_FIELDS[name], "in", ids) for name, ids in filters.items() if ids))

    # === RECORDS ===#

    @api.model
    def get_churn_reason_records(self, reason_id, date_from, date_to, filters=None):
        """Return the action that opens the movements of customers who left for a reason.

        :param int reason_id: close reason; False for the customers who gave none
        :param date_from: first day, inclusive (date or ISO string)
        :param date_to: last day, inclusive
        :param dict filters: as in :meth:`get_kpis`
        """
        action = self.get_records("churn", date_from, date_to, filters)
        action["domain"] = [*action["domain"], ("customer_reason_id", "=", reason_id)]
        return action

    @api.model
    def get_cohort_records(self, month, filters=None):
        """Return the action that opens the customers who started in a month.

        :param month: its first day (date or ISO string)
        :param dict filters: as in :meth:`get_kpis`; they count what the customers started with
        :raise UserError: for a day or filters that are none
        """
        first = self._get_day(month)
        last = first + relativedelta(months=1, days=-1)
        days = [("date_start", ">=", fields.Date.to_string(first)), ("date_start", "<=", fields.Date.to_string(last))]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers who started"),
            "res_model": "subscription.customer.report",
            "views": [[False, "list"], [False, "pivot"], [False, "graph"]],
            "domain": [*self._get_newcomer_domain(self._get_checked_filters(filters)), *days],
        }

    # === PERIOD ===#

    @api.model
    def _get_dashboard_period(self, today, date_from, date_to, period):
        """Return (key, first day, last day) of the period to show."""
        if date_from and date_to:
            first, last = sorted((self._get_day(date_from), self._get_day(date_to)))
            return "custom", first, last
        periods = get_periods(today)
        period = period if period in periods else DEFAULT_PERIOD
        return period, *periods[period]

    @api.model
    def _get_dashboard_periods(self, today):
        names = {
            "last_30_days": self.env._("Last 30 Days"),
            "this_month": self.env._("This Month"),
            "last_month": self.env._("Last Month"),
            "this_quarter": self.env._("This Quarter"),
            "last_quarter": self.env._("Last Quarter"),
            "this_year": self.env._("This Year"),
            "last_year": self.env._("Last Year"),
            "last_12_months": self.env._("Last 12 Months"),
        }
        return [
            {
                "key": key,
                "name": names[key],
                "date_from": fields.Date.to_string(first),
                "date_to": fields.Date.to_string(last),
            }
            for key, (first, last) in get_periods(today).items()
        ]

    # === TILES ===#

    @api.model
    def _get_dashboard_sections(self, kpis):
        """Return the tiles in groups, each with a sentence for those who do not know the word."""
        sections = [
            ("size", self.env._("Where you stand"), self._get_size_hints()),
            ("loyalty", self.env._("Do customers stay?"), self._get_loyalty_hints()),
            ("contracts", self.env._("Started, closed, invoiced"), self._get_contract_hints()),
        ]
        return [
            {"key": key, "name": name, "kpis": [{**kpis[kpi], "hint": hint} for kpi, hint in hints.items()]}
            for key, name, hints in sections
        ]

    @api.model
    def _get_size_hints(self):
        return {
            "mrr": self.env._("Monthly recurring revenue: what your running subscriptions bring in a month."),
            "net_new_mrr": self.env._("By how much it grew or fell in this period."),
            "run_rate": self.env._("What a year would bring if nothing changed."),
            "customers": self.env._("Who pays you a subscription, paused ones too."),
            "contracts": self.env._("Subscriptions that run. A customer may have several."),
            "revenue_per_contract": self.env._("What a subscription brings in a month, on average."),
        }

    @api.model
    def _get_loyalty_hints(self):
        return {
            "logo_churn": self.env._("Customers who left, compared with those you had at the start."),
            "gross_churn": self.env._("MRR that you lost, compared with what you had at the start."),
            "net_churn": self.env._("The same, less what other customers added. Below zero you grow without new ones."),
            "lifetime_value": self.env._("What a customer is likely to bring before leaving."),
            "quick_ratio": self.env._("How much MRR you gain for each 1 you lose. Below 1 you shrink."),
        }

    @api.model
    def _get_contract_hints(self):
        return {
            "new_contracts": self.env._("Subscriptions that started. A renewal is not a start."),
            "lost_contracts": self.env._("Subscriptions that were closed."),
            "net_revenue": self.env._("All you invoiced without tax, less credit notes."),
            "non_recurring_revenue": self.env._("The part of it that is not repeated: set-up, one-off products."),
        }

    # === BRIDGE ===#

    @api.model
    def _get_dashboard_bridge(self, kpis, figures):
        """Return the steps that lead from the MRR at the start to the MRR at the end, in words of everyday."""
        hints = self._get_movement_hints()
        steps = [
            {**kpis[key], "sign": sign, "hint": hints[key]} for sign, keys in ((1, GAINS), (-1, LOSSES)) for key in keys
        ]
        return {
            "start": figures["mrr_start"],
            "end": figures["mrr_end"],
            "transfer": figures["transfer"],
            "steps": steps,
        }

    @api.model
    def _get_movement_hints(self):
        return {
            "new": self.env._("Customers who subscribed for the first time"),
            "reactivation": self.env._("Customers who had left and came back"),
            "resume": self.env._("Customers whose pause is over"),
            "expansion": self.env._("Customers who pay more than before"),
            "contraction": self.env._("Customers who stay and pay less"),
            "pause": self.env._("Customers who pause; they have not left"),
            "churn": self.env._("Customers who left"),
        }
