from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.query import Query


class SubscriptionReportMixin(models.AbstractModel):
    """Amounts of several companies and currencies in one currency: that of the current company.

    A query of this kind joins :meth:`_get_company_rates` and :meth:`_get_today_rates`.
    """

    _name = "subscription.report.mixin"
    _description = "Subscription Report in One Currency"

    company_currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)

    @api.model
    def _get_company_rates(self):
        """Return the table ``account_currency_table``: (company_id, rate), what each selected company's currency is
        worth in that of the current company today; one rate for all days, so that no rate move is a movement.

        Odoo's own table of that name knows no rates that companies share.
        """
        target = self.env.company
        today = target._get_subscription_today()
        # In sudo mode: rates are no secret, and those of companies that the user left out of sight count as well.
        rows = [
            (
                company.id,
                company.currency_id._get_conversion_rate(company.currency_id, target.currency_id, target, today),
            )
            for company in self.sudo().env.companies
        ]
        return SQL(
            "(VALUES %s) AS account_currency_table (company_id, rate)", SQL(", ").join(SQL("%s", row) for row in rows)
        )

    @api.model
    def _get_today_rates(self):
        """Return a query of one row per (company_id, currency_id): its worth in the company's currency today.

        Grouped by these two, which are unique anyway, so that the database leaves it out where nobody asks for it.
        """
        # In sudo mode: as above.
        rows = [row for company in self.sudo().env.companies for row in self._get_rates_of(company)]
        return SQL(
            "SELECT company_id, currency_id, MIN(rate) AS rate"
            " FROM (VALUES %s) AS rates (company_id, currency_id, rate) GROUP BY company_id, currency_id",
            SQL(", ").join(SQL("%s", row) for row in rows),
        )

    @api.model
    def _get_rates_of(self, company):
        # Archived ones too, if they have a rate: old subscriptions go on in them.
        currencies = company.env["res.currency"].with_context(active_test=False)
        currencies = currencies.search(["|", ("active", "=", True), ("rate_ids", "!=", False)]) | company.currency_id
        rates = currencies._get_rates(company, company._get_subscription_today())
        target = rates[company.currency_id.id]
        return [(company.id, currency_id, target / rate) for currency_id, rate in rates.items()]

    @api.model
    def _get_whole_months(self, first, last):
        """Return the whole months from one day to another (all SQL): none from January 31 to February 28."""
        return SQL(
            "(DATE_PART('year', %(age)s) * 12 + DATE_PART('month', %(age)s))::integer",
            age=SQL("AGE(%s, %s)", last, first),
        )

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        """Extend: amounts in company currency are in one currency already, so nothing is left to convert."""
        if aggregate_spec == "company_currency_id:array_agg_distinct":
            return SQL("ARRAY[%s]", self.env.company.currency_id.id)
        name, _colon, function = aggregate_spec.partition(":")
        if function == "sum_currency" and self._fields[name].get_currency_field(self) == "company_currency_id":
            return super()._read_group_select(f"{name}:sum", query)
        return super()._read_group_select(aggregate_spec, query)
