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
        "sale.order": ["subscription_closed_on", "subscription_status", "user_id"],
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
                   ending.close_reason_id,
                   beginning.plan_id,
                   beginning.product_id,
                   template.categ_id,
                   beginning.user_id,
                   beginning.team_id,
                   customer.mrr * account_currency_table.rate AS mrr,
                   customer.mrr_start * account_currency_table.rate AS mrr_start,
                   %(currency)s AS company_currency_id,
                   customer.step_dates,
                   customer.steps,
                   customer.step_amounts,
                   account_currency_table.rate AS step_rate
            """,
            status=self._select_status(),
            months=self._select_months(),
            currency=self.env.company.currency_id.id,
        )

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
            LEFT JOIN (%(movements)s) beginning
                ON beginning.company_id = customer.company_id
               AND beginning.partner_id = customer.partner_id
               AND beginning.date = customer.date_start
            LEFT JOIN product_product product ON product.id = beginning.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            LEFT JOIN (%(movements_of_end)s) ending
                ON ending.company_id = customer.company_id
               AND ending.partner_id = customer.partner_id
               AND ending.date = customer.date_stop
            """,
            customers=self._get_customers(),
            company_rates=self._get_company_rates(),
            movements=self._get_largest_movements(),
            movements_of_end=self._get_largest_movements(),
        )

    def _get_customers(self):
        """Return a query of one row a customer: when they came and went, and their MRR in company currency."""
        return SQL(
            """
            SELECT MIN(event_id) AS id,
                   company_id,
                   partner_id,
                   MIN(date) FILTER (WHERE balance > %(epsilon)s) AS date_start,
                   CASE WHEN SUM(step) = 0 THEN MAX(date) FILTER (WHERE step = -1) END AS date_stop,
                   SUM(net) AS mrr,
                   (ARRAY_AGG(balance ORDER BY date) FILTER (WHERE balance > %(epsilon)s))[1] AS mrr_start,
                   ARRAY_AGG(date) AS step_dates,
                   ARRAY_AGG(step) AS steps,
                   ARRAY_AGG(net) AS step_amounts
              FROM (%(steps)s) step
             GROUP BY company_id, partner_id
            HAVING MAX(balance) > %(epsilon)s
            """,
            epsilon=EPSILON,
            steps=self._get_steps(),
        )

    def _get_largest_movements(self):
        """Return a query of one row a customer and day: the largest movement, one with a reason first."""
        return SQL(
            """
            SELECT DISTINCT ON (company_id, partner_id, date)
                   company_id, partner_id, date, plan_id, product_id, user_id, team_id, close_reason_id
              FROM subscription_event
             WHERE id IN %s
             ORDER BY company_id, partner_id, date, close_reason_id IS NULL, ABS(amount_company) DESC, id
            """,
            self._get_events_query().subselect(),
        )

    # === THEIR HISTORY ===#

    def _get_events_query(self):
        """Return the query of the movements that the user may see.

        Never in sudo mode: a row sums up what its user may see. In sudo mode it would tell about others'
        subscriptions, and the cache, which knows no users, would hand that on.
        """
        return self.env["subscription.event"].sudo(False)._search([])

    def _get_steps(self):
        """Return a query of one row a customer and day on which something changed.

        Its columns: company_id, partner_id, date, event_id (the first of the day), net (change of MRR in company
        currency), balance (the MRR from then on) and step: 1 if they came or came back that day, -1 if they went,
        else 0.
        """
        return SQL(
            """
            SELECT *, there::integer - COALESCE(LAG(there::integer) OVER life, 0) AS step
              FROM (
                    SELECT *, balance > %(epsilon)s OR (paused AND NOT closed) AS there
                      FROM (%(days)s) day
                   ) day
            WINDOW life AS (PARTITION BY company_id, partner_id ORDER BY date)
            """,
            epsilon=EPSILON,
            days=self._get_days(),
        )

    def _get_days(self):
        """Return a query of the days on which a customer's MRR changed, or what they had paused was closed."""
        return SQL(
            """
            SELECT company_id, partner_id, date,
                   MIN(event_id) AS event_id,
                   SUM(amount) AS net,
                   SUM(SUM(amount)) OVER (PARTITION BY company_id, partner_id ORDER BY date) AS balance,
                   BOOL_OR(paused) AS paused,
                   BOOL_OR(closed) AS closed
              FROM (%(events)s UNION ALL %(closings)s) event
             GROUP BY company_id, partner_id, date
            HAVING ABS(SUM(amount)) > %(epsilon)s OR BOOL_OR(closed)
            """,
            epsilon=EPSILON,
            events=self._get_events(),
            closings=self._get_paused_closings(),
        )

    def _get_events(self):
        query = self._get_events_query()
        return query.select(
            *(SQL.identifier(query.table, name) for name in ("company_id", "partner_id", "date")),
            SQL("%s AS event_id", SQL.identifier(query.table, "id")),
            SQL("%s AS amount", SQL.identifier(query.table, "amount_company")),
            SQL("%s = 'pause' AS paused", SQL.identifier(query.table, "type")),
            SQL("FALSE AS closed"),
        )

    def _get_paused_closings(self):
        """Return a query of the days on which paused customers closed what they had: no MRR moves that day."""
        return SQL(
            """
            SELECT event.company_id, event.partner_id, MAX(contract.subscription_closed_on), NULL, 0, FALSE, TRUE
              FROM (SELECT DISTINCT company_id, partner_id FROM subscription_event WHERE type = 'pause') paused
              JOIN subscription_event event USING (company_id, partner_id)
              JOIN sale_order contract ON contract.id = event.order_id
             WHERE event.id IN %(visible)s
             GROUP BY event.company_id, event.partner_id
            HAVING BOOL_AND(contract.subscription_status NOT IN %(running)s)
               AND MAX(contract.subscription_closed_on) IS NOT NULL
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
