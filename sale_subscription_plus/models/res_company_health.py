from odoo import api, fields, models
from odoo.tools import SQL


class ResCompany(models.Model):
    """The day of each company, for queries over all of them."""

    _inherit = "res.company"

    subscription_health_on = fields.Date(
        string="Health Looked At On",
        copy=False,
        readonly=True,
        help="Day on which the health of all running subscriptions was looked at last.",
    )

    @api.model
    def _get_by_subscription_today(self):
        """Return {today: companies}: at any time there are two or three, however many time zones."""
        # In sudo mode: whichever company the records belong to that are asked for
        companies = self.sudo().with_context(active_test=False).search([])
        return companies.grouped(lambda company: company._get_subscription_today())

    @api.model
    def _get_subscription_today_sql(self, company_id):
        """Return SQL of today's date of a company.

        :param SQL company_id: the column that holds the company
        """
        by_today = self._get_by_subscription_today()
        if len(by_today) == 1:
            return SQL("%s::date", *by_today)
        cases = [
            SQL("WHEN %s = ANY(%s) THEN %s::date", company_id, companies.ids, today)
            for today, companies in by_today.items()
        ]
        return SQL("CASE %s END", SQL(" ").join(cases))
