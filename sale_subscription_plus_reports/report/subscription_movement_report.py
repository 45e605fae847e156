from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.query import Query

from ..tools.kpi import GAINS, LOSSES

# Ages of a customer in whole months: from when each band counts, and its name.
AGE_BANDS = [
    ("00", "First month"),
    ("01", "1 to 2 months"),
    ("03", "3 to 5 months"),
    ("06", "6 to 11 months"),
    ("12", "1 year"),
    ("24", "2 years"),
    ("36", "3 to 4 years"),
    ("60", "5 years and more"),
]


class SubscriptionMovementReport(models.Model):
    """MRR movements, one row an event, with what can be told of its customer, product and contract.

    Everything beside the event hangs on a LEFT JOIN by a unique key: the database leaves out those that nobody
    asked for, so that only who groups by the customer's movement pays for working it out.
    """

    _name = "subscription.movement.report"
    _description = "MRR Movements Analysis"
    _inherit = ["subscription.report.mixin"]
    _auto = False
    _rec_name = "order_id"
    _order = "date desc, id desc"

    _depends = {
        "subscription.event": [
            "date",
            "type",
            "order_id",
            "line_id",
            "company_id",
            "partner_id",
            "product_id",
            "plan_id",
            "user_id",
            "team_id",
            "close_reason_id",
            "currency_id",
            "amount",
            "amount_company",
        ],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": ["country_id"],
        "sale.order": ["sale_order_template_id"],
    }

    # What happened
    date = fields.Date(readonly=True, help="The day on which the movement takes effect.")
    customer_type = fields.Selection(
        selection="_selection_type",
        string="Movement",
        readonly=True,
        help="What happened to the customer that day, all their subscriptions taken together: the key figures "
        "count these.",
    )
    type = fields.Selection(
        selection="_selection_type",
        string="Movement of the Subscription",
        readonly=True,
        help="What happened to this one subscription that day.",
    )
    close_reason_id = fields.Many2one(comodel_name="subscription.close.reason", readonly=True)
    customer_reason_id = fields.Many2one(
        comodel_name="subscription.close.reason",
        string="Reason of the Customer",
        readonly=True,
        help="Why the customer left that day, for all that moved then; empty if they stay, or gave no reason.",
    )
    age = fields.Integer(
        string="Age (Months)",
        readonly=True,
        aggregator="avg",
        help="Whole months since the customer's first recurring revenue.",
    )
    age_band = fields.Selection(
        selection=AGE_BANDS,
        string="Age of the Customer",
        readonly=True,
        help="How long they had been a customer that day.",
    )

    # To whom, of what
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    country_id = fields.Many2one(comodel_name="res.country", string="Customer Country", readonly=True)
    order_id = fields.Many2one(comodel_name="sale.order", string="Subscription", readonly=True)
    line_id = fields.Many2one(comodel_name="sale.order.line", readonly=True)
    template_id = fields.Many2one(comodel_name="sale.order.template", string="Quotation Template", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    categ_id = fields.Many2one(comodel_name="product.category", string="Product Category", readonly=True)
    plan_id = fields.Many2one(comodel_name="subscription.plan", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one(comodel_name="crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)

    # How much
    amount_company = fields.Monetary(
        string="MRR Change",
        currency_field="company_currency_id",
        readonly=True,
        help="Change of the monthly recurring revenue, untaxed, in company currency: growth at the rate of its "
        "day, a fall releases what was carried.",
    )
    amount_lost = fields.Monetary(
        string="MRR Lost",
        currency_field="company_currency_id",
        readonly=True,
        help="The same change with its sign turned round, to read losses as positive numbers.",
    )
    amount_today = fields.Monetary(
        string="MRR Change at Today's Rate",
        currency_field="company_currency_id",
        readonly=True,
        help="The change in the subscription's currency, converted at today's exchange rate.",
    )
    amount = fields.Monetary(
        string="MRR Change in Its Currency",
        readonly=True,
        help="The change in the currency of the subscription.",
    )
    customer_count = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator="count_distinct",
        exportable=False,
        help="How many customers moved; who buys from two of your companies counts twice.",
    )
    contract_count = fields.Integer(
        string="Subscriptions",
        readonly=True,
        aggregator="count_distinct",
        exportable=False,
        help="How many subscriptions moved.",
    )

    @api.model
    def _selection_type(self):
        return self.env["subscription.event"]._fields["type"]._description_selection(self.env)

    # === QUERY ===#

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s", self._select(), self._from())

    @api.model
    def _select(self):
        """Return the SELECT clause: one column a field."""
        return SQL(
            """
            SELECT event.id,
                   event.date,
                   event.type,
                   event.order_id,
                   event.line_id,
                   event.company_id,
                   event.partner_id,
                   event.product_id,
                   event.plan_id,
                   event.user_id,
                   event.team_id,
                   event.close_reason_id,
                   event.currency_id,
                   customer.country_id,
                   template.categ_id,
                   contract.sale_order_template_id AS template_id,
                   %(customer_columns)s,
                   %(measures)s
            """,
            customer_columns=self._select_customer(),
            measures=self._select_measures(),
        )

    @api.model
    def _select_customer(self):
        """Return the columns told by the customer's history: the movement of the day, and their age."""
        age = self._get_whole_months(SQL("day.first_date"), SQL("event.date"))
        starts = [int(key) for key, _label in AGE_BANDS]
        keys = [key for key, _label in AGE_BANDS]
        return SQL(
            """
            day.type AS customer_type,
            CASE WHEN day.type = 'churn' THEN day.close_reason_id END AS customer_reason_id,
            %(age)s AS age,
            (%(keys)s)[WIDTH_BUCKET(%(age)s, %(starts)s)] AS age_band
            """,
            age=age,
            keys=keys,
            starts=starts,
        )

    @api.model
    def _select_measures(self):
        """Return the amounts, and the keys whose distinct values are counted."""
        return SQL(
            """
            event.amount,
            event.amount_company * account_currency_table.rate AS amount_company,
            -event.amount_company * account_currency_table.rate AS amount_lost,
            COALESCE(event.amount * today.rate, event.amount_company) * account_currency_table.rate AS amount_today,
            %(currency)s AS company_currency_id,
            (event.company_id::bigint << 32) + event.partner_id AS customer_count,
            event.order_id AS contract_count
            """,
            currency=self.env.company.currency_id.id,
        )

    @api.model
    def _from(self):
        """Return the FROM clause: events of the selected companies."""
        return SQL(
            """
            FROM subscription_event event
            JOIN %(company_rates)s ON account_currency_table.company_id = event.company_id
            LEFT JOIN (%(today_rates)s) today
                ON today.company_id = event.company_id AND today.currency_id = event.currency_id
            LEFT JOIN (%(days)s) day
                ON day.company_id = event.company_id
               AND day.partner_id = event.partner_id
               AND day.date = event.date
            LEFT JOIN res_partner customer ON customer.id = event.partner_id
            LEFT JOIN product_product product ON product.id = event.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            LEFT JOIN sale_order contract ON contract.id = event.order_id
            """,
            company_rates=self._get_company_rates(),
            today_rates=self._get_today_rates(),
            days=self.env["subscription.movement.sql"]._get_days(),
        )

    def _read_group_orderby(self, order: str, groupby_terms: dict[str, SQL], query: Query) -> SQL:
        """Extend: movements in the order in which they are told, growth before losses, not by their letters."""
        keys = [*GAINS, *LOSSES, "transfer"]
        ranks = {
            name: SQL("ARRAY_POSITION(%s, %s::text)", keys, groupby_terms[name])
            for name in ("type", "customer_type")
            if name in groupby_terms
        }
        terms = {**groupby_terms, **ranks}
        result = super()._read_group_orderby(order, terms, query)
        groupby_terms.update((name, term) for name, term in terms.items() if name not in ranks)
        return result

    # === ACTIONS ===#

    def action_view_order(self):
        """Open the subscription that moved.

        :return: act_window
        """
        self.ensure_one()
        return self.order_id._get_records_action(name=self.order_id.display_name)
