import math
import operator as operators
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine_context import get_shared
from .subscription_charge_dunning import DUNNED

COMPARISONS = {"<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge}
# The further in the past a day lies, the more days have passed since.
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
# Whole days on the right side of each comparison that mean the same.
ROUND = {"<": math.ceil, "<=": math.floor, ">": math.floor, ">=": math.ceil}
# No calendar goes further.
FOREVER = 500_000


class SaleOrder(models.Model):
    """What health rules and automated actions ask of a subscription.

    Dates are kept; the days since and until them, and all that is counted over the last days, are not, for they would
    age. Each can be searched, as one condition over all subscriptions.
    """

    _inherit = "sale.order"

    subscription_last_payment_on = fields.Date(
        string="Last Payment On",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Day on which money was last received for an invoice of this subscription.",
    )
    subscription_last_failure_on = fields.Date(
        string="Last Payment Failure On",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Day on which the customer's payment method last failed.",
    )

    # Days. Where there is no date to count from, no comparison holds.
    subscription_days_since_payment = fields.Integer(
        string="Days Since Last Payment",
        compute="_compute_subscription_days_since_payment",
        search=lambda self, *condition: self._search_days(
            "subscription_days_since_payment", "subscription_last_payment_on", *condition, past=True
        ),
        groups="base.group_user",
    )
    subscription_days_since_failure = fields.Integer(
        string="Days Since Last Payment Failure",
        compute="_compute_subscription_days_since_failure",
        search=lambda self, *condition: self._search_days(
            "subscription_days_since_failure", "subscription_last_failure_on", *condition, past=True
        ),
        groups="base.group_user",
    )
    subscription_days_to_term_end = fields.Integer(
        string="Days to Term End",
        compute="_compute_subscription_days_to_term_end",
        search=lambda self, *condition: self._search_days(
            "subscription_days_to_term_end", "subscription_term_end", *condition, past=False
        ),
        groups="base.group_user",
        help="Negative once the term is over.",
    )
    subscription_age_days = fields.Integer(
        string="Age (Days)",
        compute="_compute_subscription_age_days",
        search=lambda self, *condition: self._search_days(
            "subscription_age_days", "subscription_start", *condition, past=True
        ),
        groups="base.group_user",
        help="Days since the start of this order; negative before it. A renewal counts anew.",
    )

    # Satisfaction
    subscription_last_rating = fields.Float(
        compute="_compute_subscription_last_rating",
        compute_sudo=True,
        store=True,
        recursive=True,
        groups="base.group_user",
        aggregator="avg",
        help="What the customer answered last, from 1 to 5; as long as this order has no answer, on what it renews.",
    )

    # Payments
    subscription_days_overdue = fields.Integer(
        string="Days Overdue",
        compute="_compute_subscription_payment_facts",
        search=lambda self, *condition: self._search_fact("subscription_days_overdue", *condition),
        groups="base.group_user",
        help="Days since the oldest unpaid invoice was due; a payment that is under way is waited for.",
    )
    subscription_failures_30 = fields.Integer(
        string="Failed Payments in 30 Days",
        compute="_compute_subscription_payment_facts",
        search=lambda self, *condition: self._search_fact("subscription_failures_30", *condition),
        groups="base.group_user",
        help="Attempts with the saved method that the provider declined; faults of ours do not count. A renewal counts "
        "those for its own invoices, and for what was not paid yet when it took over.",
    )
    subscription_failures_90 = fields.Integer(
        string="Failed Payments in 90 Days",
        compute="_compute_subscription_payment_facts",
        search=lambda self, *condition: self._search_fact("subscription_failures_90", *condition),
        groups="base.group_user",
        help="Attempts with the saved method that the provider declined; faults of ours do not count. A renewal counts "
        "those for its own invoices, and for what was not paid yet when it took over.",
    )

    # Revenue
    subscription_mrr_change_30 = fields.Float(
        string="MRR Change in 30 Days",
        compute="_compute_subscription_mrr_changes",
        search=lambda self, *condition: self._search_fact("subscription_mrr_change_30", *condition),
        groups="base.group_user",
        help="In the currency of the subscription. Starting, being renewed and pausing are no change.",
    )
    subscription_mrr_change_90 = fields.Float(
        string="MRR Change in 90 Days",
        compute="_compute_subscription_mrr_changes",
        search=lambda self, *condition: self._search_fact("subscription_mrr_change_90", *condition),
        groups="base.group_user",
        help="In the currency of the subscription. Starting, being renewed and pausing are no change.",
    )
    subscription_mrr_change_30_percent = fields.Float(
        string="MRR Change in 30 Days (%)",
        compute="_compute_subscription_mrr_changes",
        search=lambda self, *condition: self._search_fact("subscription_mrr_change_30_percent", *condition),
        groups="base.group_user",
        help="-20 where a fifth of the monthly recurring revenue was lost.",
    )
    subscription_mrr_change_90_percent = fields.Float(
        string="MRR Change in 90 Days (%)",
        compute="_compute_subscription_mrr_changes",
        search=lambda self, *condition: self._search_fact("subscription_mrr_change_90_percent", *condition),
        groups="base.group_user",
        help="-20 where a fifth of the monthly recurring revenue was lost.",
    )

    # === DAYS ===#

    # Each on its own, so that of dates only those are watched that a rule goes by.

    @api.depends("subscription_last_payment_on")
    def _compute_subscription_days_since_payment(self):
        for order in self:
            order.subscription_days_since_payment = order._count_days(
                order.subscription_last_payment_on, order._get_day()
            )

    @api.depends("subscription_last_failure_on")
    def _compute_subscription_days_since_failure(self):
        for order in self:
            order.subscription_days_since_failure = order._count_days(
                order.subscription_last_failure_on, order._get_day()
            )

    @api.depends("subscription_term_end")
    def _compute_subscription_days_to_term_end(self):
        for order in self:
            order.subscription_days_to_term_end = order._count_days(order._get_day(), order.subscription_term_end)

    @api.depends("subscription_start")
    def _compute_subscription_age_days(self):
        for order in self:
            order.subscription_age_days = order._count_days(order.subscription_start, order._get_day())

    def _get_day(self):
        return self.company_id._get_subscription_today() if self.company_id else None

    @api.model
    def _count_days(self, start, end):
        return (end - start).days if start and end else 0

    @api.model
    def _search_days(self, fact, name, operator, value, past):
        """Return the domain of orders whose number of days compares to ``value``.

        :param str fact: the field that is searched
        :param str name: the date that is counted from
        :param bool past: whether days are counted since that date; else until it
        """
        self._check_field_access(self._fields[fact], "read")
        if operator == "in":
            values = [number for number in value if number is not False and number == int(number)]
            unset = Domain(name, "=", False) if any(number is False for number in value) else Domain.FALSE
        elif operator in COMPARISONS:
            values, unset = [ROUND[operator](value)], Domain.FALSE
            operator = MIRRORED[operator] if past else operator
        else:
            return NotImplemented
        domains = [unset]
        for today, companies in self.env["res.company"]._get_by_subscription_today().items():
            dates = self._get_dates(today, values, past)
            domain = Domain(name, operator, dates if operator == "in" else dates[0])
            domains.append(Domain("company_id", "in", companies.ids) & domain)
        return Domain.OR(domains)

    @api.model
    def _get_dates(self, today, numbers, past):
        days = [max(-FOREVER, min(int(number), FOREVER)) for number in numbers]
        return [today - timedelta(days=day) if past else today + timedelta(days=day) for day in days]

    # === RENEWALS ===#

    @api.depends("rating_last_value", "partner_id", "subscription_renews_id.subscription_last_rating")
    def _compute_subscription_last_rating(self):
        for order in self:
            renewed = order.subscription_renews_id
            own = order.partner_id.commercial_partner_id == renewed.partner_id.commercial_partner_id
            order.subscription_last_rating = order.rating_last_value or (own and renewed.subscription_last_rating)

    def _subscription_take_over_dates(self, parent):
        """Let payments and failures of what this order renews count for it, which is the same subscription."""
        for name in ("subscription_last_payment_on", "subscription_last_failure_on"):
            dates = [order[name] for order in self | parent if order[name]]
            self[name] = max(dates, default=False)

    # === WHAT IS COUNTED ===#

    @api.depends("subscription_payment_status", "subscription_last_failure_on")
    def _compute_subscription_payment_facts(self):
        for name in ("subscription_days_overdue", "subscription_failures_30", "subscription_failures_90"):
            self._compute_fact(name)

    @api.depends("subscription_mrr")
    def _compute_subscription_mrr_changes(self):
        for days in (30, 90):
            self._compute_fact(f"subscription_mrr_change_{days}")
            self._compute_fact(f"subscription_mrr_change_{days}_percent")

    def _compute_fact(self, name):
        values = dict(self.env.execute_query(self._get_fact_query(name, self._origin.ids)))
        for order in self:
            order[name] = values.get(order._origin.id, 0)

    @api.model
    def _search_fact(self, name, operator, value):
        """Return the domain of orders for which what is counted as ``name`` compares to ``value``."""
        self._check_field_access(self._fields[name], "read")
        if operator == "in":
            numbers = [float(number) for number in value]
            holds_for_none = 0.0 in numbers
            condition = SQL("COALESCE(fact.value, 0) = ANY(%s::numeric[])", numbers)
        elif operator in COMPARISONS:
            number = float(value)
            holds_for_none = COMPARISONS[operator](0.0, number)
            condition = SQL("COALESCE(fact.value, 0) %s %s::numeric", SQL(operator), number)
        else:
            return NotImplemented
        query = self._get_fact_query(name, get_shared(self.env, "subscription_facts_of"))
        if holds_for_none:
            # Joined: "not among very many" would compare each with each.
            return Domain(
                "id",
                "in",
                SQL(
                    "(SELECT o.id FROM sale_order o LEFT JOIN (%s) fact ON fact.order_id = o.id WHERE %s)",
                    query,
                    condition,
                ),
            )
        return Domain("id", "in", SQL("(SELECT fact.order_id FROM (%s) fact WHERE %s)", query, condition))

    @api.model
    def _get_fact_query(self, name, order_ids=None):
        """Return the query of what is counted for orders.

        :param str name: the field
        :param order_ids: the orders in question; all if None
        :return: SQL of rows (order_id, value), of those orders for which it is not nothing
        """
        if name == "subscription_days_overdue":
            return self._get_overdue_query(order_ids)
        if name.startswith("subscription_failures_"):
            return self._get_failure_query(int(name.rsplit("_", 1)[1]), order_ids)
        days, percent = name.removeprefix("subscription_mrr_change_").partition("_")[::2]
        return self._get_mrr_fact_query(int(days), bool(percent), order_ids)

    @api.model
    def _get_overdue_query(self, order_ids):
        self.env["subscription.charge"].flush_model(["state", "due_on", "order_ids"])
        return SQL(
            """
            SELECT rel.sale_order_id AS order_id, MAX(%(today)s - charge.due_on) AS value
              FROM subscription_charge charge
              JOIN subscription_charge_order_rel rel ON rel.subscription_charge_id = charge.id
             WHERE charge.state = ANY(%(states)s) AND charge.due_on < %(today)s AND %(orders)s
             GROUP BY rel.sale_order_id
            """,
            today=self.env["res.company"]._get_subscription_today_sql(SQL("charge.company_id")),
            states=[*DUNNED, "given_up"],
            orders=self._get_orders_sql(SQL("rel.sale_order_id"), order_ids),
        )

    @api.model
    def _get_failure_query(self, days, order_ids):
        self.env["payment.transaction"].flush_model(
            ["subscription_failure_kind", "subscription_charge_id", "last_state_change"]
        )
        return SQL(
            """
            SELECT rel.sale_order_id AS order_id, COUNT(*) AS value
              FROM payment_transaction tx
              JOIN subscription_charge charge ON charge.id = tx.subscription_charge_id
              JOIN res_company company ON company.id = charge.company_id
              JOIN subscription_charge_order_rel rel ON rel.subscription_charge_id = charge.id
             WHERE tx.subscription_failure_kind IN ('soft', 'hard', 'action')
               AND tx.last_state_change >= %(earliest)s
               AND (tx.last_state_change AT TIME ZONE 'UTC' AT TIME ZONE company.subscription_tz)::date
                   > %(today)s - %(days)s
               AND %(orders)s
             GROUP BY rel.sale_order_id
            """,
            today=self.env["res.company"]._get_subscription_today_sql(SQL("charge.company_id")),
            days=days,
            # Of any company, for the index; exactly its own days below.
            earliest=fields.Datetime.now() - timedelta(days=days + 1),
            orders=self._get_orders_sql(SQL("rel.sale_order_id"), order_ids),
        )

    @api.model
    def _get_mrr_fact_query(self, days, percent, order_ids):
        Event = self.env["subscription.event"]
        Event.flush_model()
        today = self.env["res.company"]._get_subscription_today_sql(SQL("subscription_event.company_id"))
        value = SQL("CASE WHEN before > 0.000001 THEN change / before * 100 ELSE 0 END") if percent else SQL("change")
        return SQL(
            "SELECT order_id, ROUND((%s)::numeric, %s) AS value FROM (%s) moved",
            value,
            2 if percent else 6,
            Event._get_mrr_change_query(SQL("%s - %s", today, days), order_ids),
        )

    @api.model
    def _get_orders_sql(self, column, order_ids):
        return SQL("TRUE") if order_ids is None else SQL("%s = ANY(%s)", column, list(order_ids))
