from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SubscriptionForecast(models.AbstractModel):
    """What is behind the months ahead: the subscriptions that start or end, and the changes that are planned."""

    _inherit = "subscription.forecast"

    @api.model
    def get_records(self, key, month, filters=None):
        """Return the action that opens what moves the MRR of a month ahead.

        :param str key: "starting", "changing" or "ending", as in the rows of :meth:`get_forecast`
        :param month: any day of the month (date or ISO string)
        :param dict filters: as in :meth:`~subscription.kpi.get_kpis`
        :raise UserError: for another key, and for a month or filters that are none
        """
        Kpi = self.env["subscription.kpi"]
        first = Kpi._get_day(month).replace(day=1)
        days = (first, first + relativedelta(months=1) - timedelta(days=1))
        lines = self._get_filter_domain(Kpi._get_checked_filters(filters))
        if key == "changing":
            return self._get_changes_action(days, lines)
        domains = {"starting": self._get_starting_domain, "ending": self._get_ending_domain}
        if key not in domains:
            raise UserError(self.env._("Nothing of a month is called %s.", key))
        name = self.env._("Starting") if key == "starting" else self.env._("Ending")
        return self._open("sale_subscription_plus.subscription_action", name, domains[key](days, lines))

    @api.model
    def _get_starting_domain(self, days, lines):
        first, last = days
        waiting = Domain("subscription_phase", "=", "waiting") & Domain("subscription_start", "<=", last)
        if first > self.env.company._get_subscription_today():
            waiting &= Domain("subscription_start", ">=", first)
        return Domain("subscription_renews_id", "=", False) & Domain("order_line", "any", waiting & lines)

    @api.model
    def _get_ending_domain(self, days, lines):
        first, last = days
        ending = Domain("subscription_phase", "in", ("waiting", "running", "paused"))
        ending &= Domain("subscription_end", ">=", first) & Domain("subscription_end", "<=", last)
        # What goes on in a renewal does not end.
        renewed = Domain("subscription_renewal_ids", "any", [("subscription_status", "=", "scheduled")])
        return ~renewed & Domain("order_line", "any", ending & lines)

    @api.model
    def _get_changes_action(self, days, lines):
        first, last = days
        planned = Domain("state", "=", "planned") & Domain("kind", "!=", "close")
        planned &= Domain("effective_on", ">=", first) & Domain("effective_on", "<=", last)
        concerned = Domain("line_id", "any", lines) | (
            Domain("line_id", "=", False) & Domain("order_id.order_line", "any", lines)
        )
        domain = planned if lines.is_true() else planned & concerned
        return self._open("sale_subscription_plus.subscription_change_action", self.env._("Changing"), domain)

    @api.model
    def _open(self, xmlid, name, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        domain &= Domain("company_id", "in", self.env.companies.ids)
        return {**action, "name": name, "domain": list(domain), "context": {}}
