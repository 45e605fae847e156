from functools import partial

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.sale_subscription_plus.models.sale_order import RUNNING_STATUSES
from odoo.addons.sale_subscription_plus.tools.mrr import EPSILON


class SubscriptionCustomerReport(models.Model):
    """Who ever was a subscriber, one row a customer and company, as they stand today.

    A customer is a commercial partner. They are there from the day of their first MRR on, and as long as they have
    any or are paused: pausing is no loss. Attributes are those they started with, so that groups of customers never
    mix and always add up to the whole.
    """

    _name = "subscription.customer.report"
    _description = "Subscribers Analysis"
    _inherit = ["subscription.report.mixin"]
    _auto = False
    _rec_name = "partner_id"
    _order = "date_start desc, id desc"

    _depends = {
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": ["country_id"],
        "sale.order": ["subscription_close_reason_id", "subscription_closed_on", "subscription_status", "user_id"],
        "subscription.event": [
            "amount_company",
            "close_reason_id",
            "company_id",
            "date",
            "order_id",
            "partner_id",
            "plan_id",
            "product_id",
            "team_id",
            "type",
            "user_id",
        ],
    }

    # Who
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    country_id = fields.Many2one(comodel_name="res.country", readonly=True)

    # How it went
    date_start = fields.Date(
        string="Customer Since", readonly=True, help="The day of the first monthly recurring revenue (MRR)."
    )
    date_stop = fields.Date(
        string="Lost On", readonly=True, help="First day without any subscription; empty as long as there is one."
    )
    status = fields.Selection(
        selection=[("active", "Active"), ("paused", "Paused"), ("lost", "Lost")],
        readonly=True,
        help="Paused customers pay nothing for now, yet they are not lost.",
    )
    months = fields.Integer(
        string="Months as a Customer",
        readonly=True,
        aggregator="avg",
        help="Full months from the start to the loss, or to today.",
    )
    close_reason_id = fields.Many2one(
        comodel_name="subscription.close.reason", readonly=True, help="Why the last subscription was closed."
    )

    # What they started with
    plan_id = fields.Many2one(comodel_name="subscription.plan", string="First Plan", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", string="First Product", readonly=True)
    categ_id = fields.Many2one(comodel_name="product.category", string="First Product Category", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="First Salesperson", readonly=True)
    team_id = fields.Many2one(comodel_name="crm.team", string="First Sales Team", readonly=True)

    # How much
    mrr = fields.Monetary(
        string="MRR",
        currency_field="company_currency_id",
        readonly=True,
        help="Monthly recurring revenue today, untaxed.",
    )
    mrr_start = fields.Monetary(
        string="First MRR",
        currency_field="company_currency_id",
        readonly=True,
        help="Monthly recurring revenue at the end of the first day, untaxed.",
    )

    # === ONE ROW A CUSTOMER ===#

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s", self._select(), self._from())

    def _select(self):
        """Return the SELECT clause: one column a field, and what cohorts are told by (see :meth:`_get_steps`)."""
        return SQL(
            """
            SELECT customer.id,
                   customer.partner_id,
                   customer.company_id,
                   partner.country_id,
                   customer.date_start,
                   customer.date_stop,
                   %(status)s AS status,
                   %(months)s AS months,
                   customer.close_reason_id,
                   beginning.plan_id,
                   beginning.product_id,
                   template.categ_id,
                   beginning.user_id,
                   beginning.team_id,
                   customer.mrr * account_currency_table.rate AS mrr,
                   %(mrr_start)s * account_currency_table.rate AS mrr_start,
                   %(currency)s AS company_currency_id,
                   customer.step_dates,
                   customer.steps,
                   customer.step_amounts,
                   account_currency_table.rate AS step_rate
            """,
            status=self._select_status(),
            months=self._select_months(),
            mrr_start=self._select_at_start("step_balances"),
            currency=self.env.company.currency_id.id,
        )

    def _select_at_start(self, column):
        """Return the value of an array of the history on the day of the start."""
        return SQL("customer.%s[ARRAY_POSITION(customer.step_dates, customer.date_start)]", SQL.identifier(column))

    def _select_status(self):
        return SQL(
            """CASE WHEN customer.date_stop IS NOT NULL THEN 'lost'
                    WHEN customer.mrr > %s THEN 'active'
                    ELSE 'paused'
               END""",
            EPSILON,
        )

    def _select_months(self):
        age = SQL(
            "AGE(COALESCE(customer.date_stop, %s), customer.date_start)", self.env.company._get_subscription_today()
        )
        return SQL("(DATE_PART('year', %(age)s) * 12 + DATE_PART('month', %(age)s))::integer", age=age)

    def _from(self):
        """Return the FROM clause. What hangs on a LEFT JOIN is left out by the database where nobody asks for it."""
        return SQL(
            """
            FROM (%(customers)s) customer
            JOIN %(company_rates)s ON account_currency_table.company_id = customer.company_id
            LEFT JOIN res_partner partner ON partner.id = customer.partner_id
            LEFT JOIN subscription_event beginning ON beginning.id = %(beginning)s
            LEFT JOIN product_product product ON product.id = beginning.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            """,
            customers=self._get_customers(),
            company_rates=self._get_company_rates(),
            beginning=self._select_at_start("step_event_ids"),
        )

    def _get_customers(self):
        """Return a query of one row a customer: when they came and went, and their history in company currency."""
        return SQL(
            """
            SELECT history.id, company_id, partner_id, date_start, mrr, step_balances, step_event_ids,
                   CASE WHEN leaves_paused THEN closing.date ELSE history.date_stop END AS date_stop,
                   CASE WHEN leaves_paused THEN closing.close_reason_id
                        ELSE close_reason_ids[ARRAY_POSITION(history.step_dates, history.date_stop)]
                   END AS close_reason_id,
                   CASE WHEN leaves_paused THEN step_dates || closing.date ELSE step_dates END AS step_dates,
                   CASE WHEN leaves_paused THEN steps || -1 ELSE steps END AS steps,
                   CASE WHEN leaves_paused THEN step_amounts || 0::float8 ELSE step_amounts END AS step_amounts
              FROM (%(histories)s) history
              LEFT JOIN (%(closings)s) closing USING (company_id, partner_id)
             CROSS JOIN LATERAL (SELECT history.date_stop IS NULL AND closing.date IS NOT NULL AS leaves_paused) ending
            """,
            histories=self._get_histories(),
            closings=self._get_paused_closings(),
        )

    def _get_histories(self):
        """Return a query of one row a customer: their steps in arrays, and what follows from these."""
        return SQL(
            """
            SELECT MIN(event_id) AS id,
                   company_id,
                   partner_id,
                   MIN(date) FILTER (WHERE balance > %(epsilon)s) AS date_start,
                   CASE WHEN SUM(step) = 0 THEN MAX(date) FILTER (WHERE step = -1) END AS date_stop,
                   SUM(net) AS mrr,
                   ARRAY_AGG(date) AS step_dates,
                   ARRAY_AGG(step) AS steps,
                   ARRAY_AGG(net) AS step_amounts,
                   ARRAY_AGG(balance) AS step_balances,
                   ARRAY_AGG(event_id) AS step_event_ids,
                   ARRAY_AGG(close_reason_id) AS close_reason_ids
              FROM (%(steps)s) step
             GROUP BY company_id, partner_id
            HAVING MAX(balance) > %(epsilon)s
            """,
            epsilon=EPSILON,
            steps=self._get_steps(),
        )

    # === THEIR HISTORY ===#

    def _get_events_query(self):
        """Return the query of the movements that the user may see.

        Never in sudo mode: a row sums up what its user may see. In sudo mode it would tell about others'
        subscriptions, and the cache, which knows no users, would hand that on.
        """
        query = self.env["subscription.event"].sudo(False)._search([])
        if since := self.env.context.get("subscription_customers_since"):
            query.add_where(self._get_newcomer_condition(query, since))
        return query

    def _get_newcomer_condition(self, query, since):
        """Return the condition that nothing moved for a customer before the day ``since``: others need no look."""
        Report = self.with_context(subscription_customers_since=False)
        earlier = Report._get_events_query()
        earlier.add_where(SQL("%s < %s", SQL.identifier(earlier.table, "date"), since))
        customer = [SQL.identifier(query.table, name) for name in ("company_id", "partner_id")]
        net = SQL("SUM(%s::float8)", SQL.identifier(earlier.table, "amount_company"))
        earlier.groupby = SQL("%s, %s, %s", *customer, SQL.identifier(earlier.table, "date"))
        earlier.having = SQL("ABS(%s) > %s", net, EPSILON)
        return SQL("(%s, %s) NOT IN (%s)", *customer, earlier.select(*customer))

    def _get_steps(self):
        """Return a query of one row a customer and day on which their MRR changed.

        Its columns: company_id, partner_id, date, event_id (the first of the day), close_reason_id, net (change of
        MRR in company currency), balance (the MRR from then on) and step: 1 if they came or came back that day, -1 if
        they went, else 0.
        """
        return SQL(
            """
            SELECT *, there::integer - COALESCE(LAG(there::integer) OVER life, 0) AS step
              FROM (SELECT *, balance > %(epsilon)s OR paused AS there FROM (%(days)s) day) day
            WINDOW life AS (PARTITION BY company_id, partner_id ORDER BY date)
            """,
            epsilon=EPSILON,
            days=self._get_days(),
        )

    def _get_days(self):
        query = self._get_events_query()
        column = partial(SQL.identifier, query.table)
        keys = SQL("%s, %s, %s", column("company_id"), column("partner_id"), column("date"))
        net = SQL("SUM(%s::float8)", column("amount_company"))
        query.groupby = keys
        query.having = SQL("ABS(%s) > %s", net, EPSILON)
        return query.select(
            keys,
            SQL("MIN(%s) AS event_id", column("id")),
            SQL("MAX(%s) AS close_reason_id", column("close_reason_id")),
            SQL("%s AS net", net),
            SQL(
                "SUM(%s) OVER (PARTITION BY %s, %s ORDER BY %s) AS balance",
                net,
                column("company_id"),
                column("partner_id"),
                column("date"),
            ),
            SQL("BOOL_OR(%s = 'pause') AS paused", column("type")),
        )

    def _get_paused_closings(self):
        """Return a query of the days on which customers closed what they had, if some of it was ever paused.

        What was paused brings nothing, so no MRR moves on the day on which it is closed.
        """
        return SQL(
            """
            SELECT event.company_id,
                   event.partner_id,
                   MAX(contract.subscription_closed_on) AS date,
                   MAX(contract.subscription_close_reason_id) AS close_reason_id
              FROM (SELECT DISTINCT company_id, partner_id FROM subscription_event WHERE type = 'pause') paused
              JOIN subscription_event event USING (company_id, partner_id)
              JOIN sale_order contract ON contract.id = event.order_id
             WHERE event.id IN %(visible)s
             GROUP BY event.company_id, event.partner_id
            HAVING BOOL_AND(contract.subscription_status NOT IN %(running)s)
            """,
            visible=self._get_events_query().subselect(),
            running=RUNNING_STATUSES,
        )

    # === ACTIONS ===#

    def action_view_subscriptions(self):
        """Open the customer's subscriptions.

        :return: act_window
        """
        self.ensure_one()
        return self.partner_id.action_view_subscriptions()
