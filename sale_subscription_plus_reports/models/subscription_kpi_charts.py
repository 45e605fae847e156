from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.kpi import GAINS, LOSSES

MONTHS = 12


class SubscriptionKpi(models.AbstractModel):
    """What charts of the movements show, and what they can be filtered by."""

    _inherit = "subscription.kpi"

    # === MOVEMENTS MONTH BY MONTH ===#

    @api.model
    def get_movements(self, date_from, date_to, filters=None):
        """Return the movements of twelve months, the last of them that of ``date_to`` until that day.

        :param date_from: not used; there as in the other methods of the dashboard
        :param date_to: last day, inclusive (date or ISO string)
        :param dict filters: as in :meth:`get_kpis`
        :return: {months: first day of each, types: {customer's movement: amounts, losses negative; transfers too, so
            that they lead from one month to the next whatever the filter}, mrr: at the end of each month}; untaxed,
            in the currency of the current company
        :raise AccessError: for who may not read movements of revenue
        :raise UserError: for a day or filters that are none
        """
        last = self._get_day(date_to)
        first = last.replace(day=1) - relativedelta(months=MONTHS - 1)
        months = [first + relativedelta(months=number) for number in range(MONTHS)]
        opening, moved = self._get_monthly_movements(first, last, self._get_checked_filters(filters))
        types = {name: [moved.get((month, name), 0.0) for month in months] for name in (*GAINS, *LOSSES, "transfer")}
        mrr = []
        for month in months:
            opening += sum(amount for (when, _name), amount in moved.items() if when == month)
            mrr.append(opening)
        return {"months": [fields.Date.to_string(month) for month in months], "types": types, "mrr": mrr}

    @api.model
    def _get_monthly_movements(self, first, last, filters):
        """Return the MRR before ``first``, and {(month, customer's movement): amount} from then until ``last``."""
        rows = self._read_rows(
            SQL(
                """
                WITH seen AS MATERIALIZED (%(events)s)
                SELECT DATE_TRUNC('month', seen.date)::date, day.type, SUM(seen.amount)
                  FROM seen
                  JOIN (%(days)s) AS day
                    ON day.company_id = seen.company_id AND day.partner_id = seen.partner_id AND day.date = seen.date
                 GROUP BY 1, 2
                """,
                events=self._get_events(filters, last, first),
                days=self._get_days_of_seen(),
            )
        )
        before = self._get_events(filters, first - timedelta(days=1))
        [(opening,)] = self._read_rows(SQL("SELECT COALESCE(SUM(amount), 0) FROM (%s) AS seen", before))
        return float(opening), {(month, name): float(amount) for month, name, amount in rows}

    # === CHURN ===#

    @api.model
    def get_churn_reasons(self, date_from, date_to, filters=None):
        """Return why customers left in a period, the reason that cost most first.

        :param date_from: first day, inclusive (date or ISO string)
        :param date_to: last day, inclusive
        :param dict filters: as in :meth:`get_kpis`
        :return: [{id, name, customers, mrr}]; id False where no reason was given; MRR untaxed, lost is positive
        :raise AccessError: for who may not read movements of revenue
        :raise UserError: for days or filters that are none
        """
        span = self._get_span(date_from, date_to)
        rows = self._read_rows(
            SQL(
                """
                WITH seen AS MATERIALIZED (%(events)s),
                lost AS (
                    SELECT seen.company_id, seen.partner_id, seen.date,
                           day.close_reason_id AS reason_id, -SUM(seen.amount) AS amount
                      FROM seen
                      JOIN (%(days)s) AS day
                        ON day.company_id = seen.company_id
                       AND day.partner_id = seen.partner_id
                       AND day.date = seen.date
                     WHERE day.type = 'churn'
                     GROUP BY seen.company_id, seen.partner_id, seen.date, day.close_reason_id
                )
                SELECT reason_id, COUNT(*), SUM(amount) FROM lost GROUP BY reason_id ORDER BY 3 DESC, 2 DESC, 1
                """,
                events=self._get_events(self._get_checked_filters(filters), span.date_to, span.date_from),
                days=self._get_days_of_seen(),
            )
        )
        reasons = self.env["subscription.close.reason"].browse([row[0] for row in rows if row[0]])
        names = {reason.id: reason.display_name for reason in reasons}
        return [
            {
                "id": reason or False,
                "name": names.get(reason) or self.env._("No reason given"),
                "customers": customers,
                "mrr": float(amount),
            }
            for reason, customers, amount in rows
        ]

    # === FILTERS ===#

    @api.model
    def get_filters(self):
        """Return what the key figures can be filtered by: each with two or more choices among what the user sees.

        :return: [{key: as in :meth:`get_kpis`, name, options: [{id, name}]}]
        :raise AccessError: for who may not read movements of revenue
        """
        names = {
            "company_ids": self.env._("Company"),
            "team_ids": self.env._("Sales Team"),
            "user_ids": self.env._("Salesperson"),
            "plan_ids": self.env._("Plan"),
            "product_ids": self.env._("Product"),
            "country_ids": self.env._("Country"),
        }
        choices = self._get_choices()
        return [
            {"key": key, "name": name, "options": self._get_options(choices[key])}
            for key, name in names.items()
            if len(choices[key]) > 1
        ]

    @api.model
    def _get_options(self, records):
        return sorted(
            ({"id": record.id, "name": record.display_name} for record in records), key=lambda option: option["name"]
        )

    @api.model
    def _get_choices(self):
        """Return {key of a filter: the records that movements have}."""
        domain = self._get_filter_domain("subscription.event", {})
        columns = {"company_ids": "company_id", "team_ids": "team_id", "user_ids": "user_id"}
        columns.update(plan_ids="plan_id", product_ids="product_id")
        Event = self.env["subscription.event"]
        groups = Event._read_grouping_sets(domain, [[column] for column in columns.values()])
        choices = {
            key: Event[column].union(*(record for (record,) in rows))
            for (key, column), rows in zip(columns.items(), groups, strict=True)
        }
        choices["country_ids"] = self._get_countries(domain)
        return choices

    @api.model
    def _get_countries(self, domain):
        rows = self._read_rows(
            SQL(
                "SELECT DISTINCT country_id FROM res_partner WHERE country_id IS NOT NULL AND id IN (%s)",
                self._get_rows("subscription.event", Domain(domain), SQL("subscription_event.partner_id")),
            )
        )
        return self.env["res.country"].browse(country for (country,) in rows)
