from collections import Counter

from odoo import api, models

REPLAN_BATCH = 1000


class SubscriptionCareRun(models.AbstractModel):
    """Rating requests: when they are due, and asking."""

    _inherit = "subscription.care.run"

    @api.model
    def _get_steps(self):
        """Extend: customers are asked after what was told and done about their subscriptions so far."""
        return [*super()._get_steps(), self._plan_ratings, self._request_ratings]

    # === CHANGED SCHEDULES ===#

    @api.model
    def _plan_ratings(self):
        """Work out anew when customers are asked, where a schedule changed."""
        for model in ("res.company", "sale.order.template"):
            schedules = self.env[model].with_context(active_test=False)
            for schedule in schedules.search([("subscription_rating_replan", "!=", False)], order="id"):
                self._replan_ratings(schedule)
        return Counter()

    @api.model
    def _replan_ratings(self, schedule):
        changed_at, last_id = schedule.subscription_rating_replan, 0
        while last_id is not None:
            last_id = self._in_transaction(self._replan_rating_batch, schedule, last_id)
        self._in_transaction(self._settle_schedule, schedule, changed_at)

    @api.model
    def _replan_rating_batch(self, schedule, last_id):
        """Plan the orders that follow ``last_id``; return the last of them, or none when there are no more."""
        domain = [*schedule._get_rated_orders_domain(), ("subscription_status", "=", "progress")]
        orders = self.env["sale.order"].search([*domain, ("id", ">", last_id)], order="id", limit=REPLAN_BATCH)
        self.env.add_to_compute(orders._fields["subscription_next_rating_on"], orders)
        return orders.ids[-1] if orders else None

    @api.model
    def _settle_schedule(self, schedule, changed_at):
        # Changed again meanwhile, it is gone through again.
        if schedule.subscription_rating_replan == changed_at:
            schedule.subscription_rating_replan = False

    # === ASKING ===#

    @api.model
    def _request_ratings(self):
        """Ask the customers whose day has come."""
        asked = 0
        for company in self.env["res.company"].search([], order="id"):
            while (found := self._in_transaction(self._request_rating_batch, company))[0]:
                asked += found[1]
        return Counter(ratings_requested=asked) if asked else Counter()

    @api.model
    def _request_rating_batch(self, company):
        """Ask some; return how many were due, and how many were asked."""
        today = company._get_subscription_today()
        orders = self.env["sale.order"]._lock_rating_due(company, today)
        return len(orders), orders._subscription_ask_due(today)
