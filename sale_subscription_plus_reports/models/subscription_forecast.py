from datetime import timedelta

from odoo import api, fields, models

# What happened in these days is taken to go on for a year.
WINDOW_DAYS = 30
WINDOWS_PER_YEAR = 12


class SubscriptionForecast(models.AbstractModel):
    """Where the numbers lead to: growth in a year at the pace of the last days, and what the contracts say."""

    _name = "subscription.forecast"
    _description = "Subscription Forecast"

    @api.model
    def get_forecast(self, date_to=None, filters=None):
        """Return what is to be expected of the subscriptions that the user may see, in the selected companies.

        :param date_to: last day of the window, inclusive (date or ISO string); today if empty or later
        :param dict filters: as in :meth:`~subscription.kpi.get_kpis`
        :return: dict of

            * ``currency_id``: of the current company; all amounts are in it, untaxed, a month
            * ``window``: {date_from, date_to, days}, both days inclusive: what the yearly figures rest on
            * ``yearly``: [{key, name, value, unit, formula, numbers: [{label, value, unit}]}] of MRR, contracts and
              customers: what they grow by in a year, by the definition "net new of the trailing 30 days × 12"
            * ``today``: {date, mrr}; ``months``: [{month, committed, renewing, total, starting, changing, ending}] of
              this month and the eleven that follow: the MRR at the end of each, from the contracts as they stand
              today. ``committed`` is inside a term, ``renewing`` is assumed to go on; the last three lead from
              the month before to this one: total = total before + starting + changing - ending
            * ``assumptions``: what this is true under, in sentences
        :raise AccessError: for who may not read movements of revenue
        """
        Kpi = self.env["subscription.kpi"]
        return self._get_forecast(Kpi._get_day(date_to) if date_to else None, Kpi._get_checked_filters(filters))

    @api.model
    def _get_forecast(self, date_to, filters, kpis=None):
        """Return the same.

        :param date date_to: or None
        :param dict kpis: what :meth:`~subscription.kpi.get_kpis` told with the same filters; nothing is counted twice
        """
        today = self.env.company._get_subscription_today()
        last = min(date_to or today, today)
        window = {
            "date_from": fields.Date.to_string(last - timedelta(days=WINDOW_DAYS - 1)),
            "date_to": fields.Date.to_string(last),
        }
        return {
            "currency_id": self.env.company.currency_id.id,
            "window": {**window, "days": WINDOW_DAYS},
            "yearly": self._get_yearly(window, filters, kpis or {}),
            **self._get_coming_months(today, filters),
            "assumptions": self._get_assumptions(),
        }

    # === A YEAR AT THIS PACE ===#

    @api.model
    def _get_yearly(self, window, filters, kpis):
        if window.items() <= kpis.items():
            figures = kpis["figures"]
        else:
            Kpi = self.env["subscription.kpi"]
            _before, figures = Kpi._get_flows(Kpi._get_span(**window), filters)
        return [
            self._prepare_mrr_growth(figures),
            self._prepare_contract_growth(figures),
            self._prepare_customer_growth(figures),
        ]

    @api.model
    def _prepare_mrr_growth(self, figures):
        return {
            "key": "mrr",
            "name": self.env._("MRR growth in a year"),
            "value": figures["net_new"] * WINDOWS_PER_YEAR,
            "unit": "money",
            "formula": self.env._("Net new MRR of the last %s days × 12", WINDOW_DAYS),
            "numbers": [self._prepare_number(self.env._("Net new MRR"), figures["net_new"], "money")],
        }

    @api.model
    def _prepare_contract_growth(self, figures):
        new, lost = figures["contracts_new"], figures["contracts_lost"]
        return {
            "key": "contracts",
            "name": self.env._("Subscription growth in a year"),
            "value": (new - lost) * WINDOWS_PER_YEAR,
            "unit": "count",
            "formula": self.env._("(New subscriptions − lost subscriptions) of the last %s days × 12", WINDOW_DAYS),
            "numbers": [
                self._prepare_number(self.env._("New subscriptions"), new, "count"),
                self._prepare_number(self.env._("Lost subscriptions"), lost, "count"),
            ],
        }

    @api.model
    def _prepare_customer_growth(self, figures):
        new = figures["customers_new"]
        return {
            "key": "customers",
            "name": self.env._("New customers in a year"),
            "value": new * WINDOWS_PER_YEAR,
            "unit": "count",
            "formula": self.env._("New customers of the last %s days × 12", WINDOW_DAYS),
            "numbers": [self._prepare_number(self.env._("New customers"), new, "count")],
        }

    @api.model
    def _prepare_number(self, label, value, unit):
        return {"label": label, "value": value, "unit": unit}

    # === IN WORDS ===#

    @api.model
    def _get_assumptions(self):
        """Return what the months ahead rest on, in sentences for people who have never seen MRR."""
        return [
            self.env._("Each month shows the MRR (monthly recurring revenue, without tax) on its last day."),
            self.env._("Bound by a term: the term that runs now still binds the customer on that day."),
            self.env._("Expected to go on: there is no term, or it is over by then, and nobody has cancelled."),
            self.env._(
                "What is known already counts from its day: subscriptions that start later, planned changes of price, "
                "quantity, discount or plan, the end of discounts, planned pauses, closings, and terms that are not "
                "renewed."
            ),
            self.env._(
                "A paused subscription counts again from the day it is planned to resume; without one, it is left out."
            ),
            self.env._(
                "What nobody knows yet is left out: quotations, new customers, cancellations to come, payments that "
                "will fail."
            ),
            self.env._(
                "Growth in a year is another look ahead: what happened in the last %s days, taken to go on like that.",
                WINDOW_DAYS,
            ),
            *self._get_currency_assumption(),
        ]

    @api.model
    def _get_currency_assumption(self):
        if len(self.env["res.currency"].search([], limit=2)) < 2:
            return []
        return [self.env._("Other currencies: what runs counts at the rate of its day, what is added at today's.")]
