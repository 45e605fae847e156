from odoo import fields, models
from odoo.tools import SQL

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
        "sale.order": ["user_id"],
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
                   (SELECT country_id FROM res_partner WHERE res_partner.id = customer.partner_id) AS country_id,
                   customer.date_start,
                   customer.date_stop,
                   %(status)s AS status,
                   %(months)s AS months,
                   customer.close_reason_ids[ARRAY_POSITION(customer.step_dates, customer.date_stop)]
                       AS close_reason_id,
                   %(beginning)s,
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
            beginning=self._select_beginning(),
            mrr_start=self._select_at_start("step_balances"),
            currency=self.env.company.currency_id.id,
        )

    def _select_at_start(self, column):
        """Return the value of an array of the history on the day of the start."""
        return SQL("customer.%s[ARRAY_POSITION(customer.step_dates, customer.date_start)]", SQL.identifier(column))

    def _select_beginning(self):
        """Return the columns of what a customer started with: those of the first movement of their first day.

        Looked up one by one, and not joined: that costs the database nothing where nobody asks for them, and whoever
        searches for some of them does not make it join the other way round.
        """
        event = self._select_at_start("step_event_ids")
        columns = [
            SQL("(SELECT %(name)s FROM subscription_event WHERE id = %(event)s) AS %(name)s", name=name, event=event)
            for name in map(SQL.identifier, ("plan_id", "product_id", "user_id", "team_id"))
        ]
        category = SQL(
            """(
            SELECT template.categ_id
              FROM subscription_event event
              JOIN product_product product ON product.id = event.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE event.id = %s
            ) AS categ_id""",
            event,
        )
        return SQL(", ").join([*columns, category])

    def _select_status(self):
        return SQL(
            """CASE WHEN customer.date_stop IS NOT NULL THEN 'lost'
                    WHEN customer.mrr > %s THEN 'active'
                    ELSE 'paused'
               END""",
            EPSILON,
        )

    def _select_months(self):
        last = SQL("COALESCE(customer.date_stop, %s)", self.env.company._get_subscription_today())
        return self._get_whole_months(SQL("customer.date_start"), last)

    def _from(self):
        return SQL(
            "FROM (%s) customer JOIN %s ON account_currency_table.company_id = customer.company_id",
            self._get_customers(),
            self._get_company_rates(),
        )

    def _get_customers(self):
        """Return a query of one row a customer: their history in company currency, and what follows from it."""
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
        # Checked, for a client may set it.
        if since := self._get_cohort_day(self.env.context.get("subscription_customers_since")):
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
        """Return a query of one row a customer and day on which something moved.

        Its columns: company_id, partner_id, date, event_id (the first of the day), close_reason_id, net (change of
        MRR in company currency), balance (the MRR from then on) and step: 1 if they came or came back that day, -1 if
        they went, else 0.

        Unlike in the other numbers, all of this is told by what the user may see: of a customer of two salespeople,
        each sees the life with the own subscriptions. A row, and a cohort, must not tell about those of others.
        """
        return SQL(
            """
            SELECT company_id, partner_id, date, event_id, close_reason_id,
                   net::float8 AS net,
                   after::float8 AS balance,
                   there::integer - COALESCE(LAG(there::integer) OVER life, 0) AS step
              FROM (%s) day
            WINDOW life AS (PARTITION BY company_id, partner_id ORDER BY date)
            """,
            self.env["subscription.movement.sql"]._get_days(self._get_visible()),
        )

    def _get_visible(self):
        """Return the condition that the user may see a movement."""
        query = self._get_events_query()
        if query.from_clause == SQL.identifier("subscription_event"):
            return query.where_clause or SQL("TRUE")
        return SQL("id IN %s", query.subselect())

    # === ACTIONS ===#

    def action_view_subscriptions(self):
        """Open the customer's subscriptions.

        :return: act_window
        """
        self.ensure_one()
        return self.partner_id.action_view_subscriptions()
