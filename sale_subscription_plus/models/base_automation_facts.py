from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .sale_order import RUNNING_STATUSES
from .subscription_charge import FINISHED

# Facts that hold for a while, and may come about anew after they did not.
LEVEL_TRIGGERS = ("on_subscription_status", "on_subscription_mrr_change")
# So far back a look goes at least, however often one was missed: days of 'after', and answers.
LOOK_BACK, ANSWERS_LOOK_BACK = 7, 30
# Of which subscriptions a date counts, where these are not those that run.
STATUSES_BY_DATE = {"subscription_paused_on": ("paused",)}
# After these, a subscription may be over.
STATUSES_AFTER = {
    "subscription_closed_on": ("closed",),
    "subscription_term_end": (*RUNNING_STATUSES, "closed", "renewed"),
}


class BaseAutomation(models.Model):
    """What the triggers of subscriptions look for: one query a rule, for all subscriptions of all companies.

    Each ``_get_facts_<trigger>`` returns SQL of rows (order_id, fact); as long as a fact has the same name it is the
    same one.
    """

    _inherit = "base.automation"

    def _get_facts(self, days_ago=0):
        """Return the facts that hold now, whatever the rule's filter says.

        :param int days_ago: what held so many days ago, where that can be told: not of levels
        """
        self.ensure_one()
        return getattr(self, f"_get_facts_{self.trigger}")(days_ago)

    def _get_facts_on_subscription_health(self, days_ago):
        return SQL(
            """
            SELECT sale_order.id AS order_id, 'health:' || change.id AS fact
              FROM sale_order JOIN subscription_health_change change ON change.order_id = sale_order.id
             WHERE sale_order.subscription_health = %s AND change.date <= %s
               AND change.id = (SELECT MAX(id) FROM subscription_health_change WHERE order_id = sale_order.id)
               -- What was so at the first look at a subscription, did not become so.
               AND change.health_before IS NOT NULL
            """,
            self.subscription_health,
            self._get_today_sql(SQL("sale_order.company_id"), days_ago),
        )

    def _get_facts_on_subscription_status(self, days_ago):
        return SQL(
            "SELECT id AS order_id, %s AS fact FROM sale_order WHERE subscription_status = %s",
            f"status:{self.subscription_status}",
            self.subscription_status,
        )

    def _get_facts_on_subscription_payment_failed(self, days_ago):
        """Attempts count over all the methods of a customer, and those without a payment as well."""
        return SQL(
            """
            SELECT link.sale_order_id AS order_id, 'charge:' || charge.id AS fact
              FROM subscription_charge charge
              JOIN subscription_charge_order_rel link ON link.subscription_charge_id = charge.id
             WHERE charge.state != ALL(%(finished)s) AND charge.first_failure_on IS NOT NULL
               AND GREATEST(charge.failure_count,
                            (SELECT COUNT(*) FROM payment_transaction
                              WHERE subscription_charge_id = charge.id
                                AND subscription_failure_kind IN ('soft', 'hard', 'action'))) >= %(failures)s
               AND COALESCE((SELECT last_state_change::date FROM payment_transaction
                              WHERE id = charge.last_transaction_id), charge.first_failure_on) <= %(today)s
            """,
            today=self._get_today_sql(SQL("charge.company_id"), days_ago - 1),  # Times are kept in UTC.
            finished=list(FINISHED),
            failures=self.subscription_failures,
        )

    def _get_facts_on_subscription_mrr_change(self, days_ago):
        since = SQL("%s - %s", self._get_today_sql(SQL("subscription_event.company_id")), self.subscription_mrr_days)
        change = SQL("-change") if self.subscription_mrr_direction == "down" else SQL("change")
        threshold = SQL("%s", self.subscription_mrr_change)
        if self.subscription_mrr_unit == "percent":
            threshold = SQL("before * %s / 100", threshold)
        return SQL(
            """
            SELECT order_id, %(fact)s AS fact FROM (%(movements)s) movement
              JOIN sale_order ON sale_order.id = movement.order_id
             WHERE sale_order.subscription_status = 'progress' AND before > 0
               -- Sums of amounts that are no whole cents: what is as much to the cent, is as much.
               AND %(change)s >= %(threshold)s - 0.005
            """,
            fact=f"mrr:{self.subscription_mrr_direction}",
            movements=self.env["subscription.event"]._get_mrr_change_query(since),
            change=change,
            threshold=threshold,
        )

    def _get_facts_on_subscription_date(self, days_ago):
        name, days = self.subscription_date_field, self.subscription_date_days
        day, returns = SQL.identifier("sale_order", name), SQL()
        today = self._get_today_sql(SQL("sale_order.company_id"), days_ago)
        if self.subscription_date_mode == "before":
            # Terms may be shorter than these days: as long as the day lies ahead, it is not too late.
            statuses = STATUSES_BY_DATE.get(name, RUNNING_STATUSES)
            due = SQL("%(day)s BETWEEN %(today)s AND %(today)s + %(days)s", day=day, today=today, days=days)
        else:
            statuses = (STATUSES_AFTER | STATUSES_BY_DATE).get(name, RUNNING_STATUSES)
            if self.subscription_date_repeat:
                returns = self._get_returns(day, SQL("(%s - %s)", today, days))
                day = SQL("returned.day")
            due = SQL(
                "%(day)s BETWEEN %(today)s - %(earliest)s AND %(today)s - %(days)s",
                day=day,
                today=today,
                earliest=days + self._get_look_back(),
                days=days,
            )
        return SQL(
            """
            SELECT id AS order_id, %s || ':' || %s AS fact FROM sale_order %s
             WHERE subscription_status = ANY(%s) AND %s
            """,
            name,
            day,
            returns,
            list(statuses),
            due,
        )

    def _get_returns(self, date, until):
        """Return SQL that joins the last two days on which ``date`` came back, itself included.

        Every so many months, each counted from the date itself: 31 January comes back on 28 February and 31 March.

        :param SQL date: when it was first
        :param SQL until: the last day that counts
        """
        return SQL(
            """
            CROSS JOIN LATERAL (
                SELECT ((EXTRACT(YEAR FROM %(until)s) - EXTRACT(YEAR FROM %(date)s)) * 12
                        + EXTRACT(MONTH FROM %(until)s) - EXTRACT(MONTH FROM %(date)s))::int
                       / %(every)s * %(every)s AS months) passed
            CROSS JOIN LATERAL (
                SELECT (%(date)s + make_interval(months => months))::date AS day
                  FROM generate_series(passed.months - %(every)s, passed.months, %(every)s) months
                 WHERE months >= 0) returned
            """,
            date=date,
            until=until,
            every=self.subscription_date_repeat,
        )

    def _get_facts_on_subscription_rating(self, days_ago):
        since = fields.Datetime.now() - timedelta(days=ANSWERS_LOOK_BACK)
        compared = SQL("<=") if self.subscription_rating_mode == "at_most" else SQL(">=")
        return SQL(
            """
            SELECT sale_order.id AS order_id, 'rating:' || rating_rating.id AS fact
              FROM rating_rating JOIN sale_order ON sale_order.id = rating_rating.res_id
             WHERE rating_rating.res_model = 'sale.order' AND rating_rating.consumed
               -- An answer; what somebody posts without being asked is none.
               AND rating_rating.subscription_asked_on IS NOT NULL
               AND COALESCE(rating_rating.rated_on, rating_rating.write_date) BETWEEN %s AND %s
               AND rating_rating.rating >= 1 AND rating_rating.rating %s %s AND subscription_status IS NOT NULL
            """,
            since,
            fields.Datetime.now() + timedelta(days=1 - days_ago),
            compared,
            self.subscription_rating,
        )

    # === PARTS ===#

    def _get_today_sql(self, company, days_ago=0):
        """Return SQL of each company's date, so many days ago.

        :param SQL company: where the company's id stands
        """
        return SQL("(%s - %s)", self.env["res.company"]._get_subscription_today_sql(company), days_ago)

    def _get_look_back(self):
        """Return how many days a day may lie behind that no run has looked at."""
        missed = (fields.Datetime.now() - self.last_run).days + 1 if self.last_run else 0
        return max(LOOK_BACK, missed)

    def _get_filtered_orders(self):
        """Return SQL of the ids of the orders that fit the rule's filter, or None for all of them.

        :raise Exception: where the filter cannot be read, or names a field that is no more
        """
        if not self.filter_domain:
            return None
        domain = Domain(safe_eval(self.filter_domain, self._get_eval_context()))
        # In sudo mode: a rule goes for all subscriptions, whoever switches it on.
        return None if domain.is_true() else self.env["sale.order"].sudo()._search(domain).subselect()
