from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.query import Query

from odoo.addons.rating.models.rating_data import RATING_LIMIT_MIN, RATING_LIMIT_SATISFIED, RATING_TEXT


class SubscriptionRatingReport(models.Model):
    """How happy customers are, one row a rating and recurring line that it was about.

    Whoever answers about three products says so about each of them, and has still answered once: all measures count
    each rating once in every group.
    """

    _name = "subscription.rating.report"
    _description = "Satisfaction Analysis"
    _auto = False
    _rec_name = "order_id"
    _order = "asked_on desc, id desc"

    _depends = {
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
        "rating.rating": [
            "consumed",
            "feedback",
            "rated_on",
            "rated_partner_id",
            "rating",
            "rating_text",
            "res_id",
            "res_model",
            "subscription_asked_on",
        ],
        "res.company": ["subscription_tz"],
        "res.partner": ["commercial_partner_id", "country_id"],
        "res.users": ["partner_id"],
        "sale.order": [
            "company_id",
            "partner_id",
            "sale_order_template_id",
            "subscription_closed_on",
            "subscription_plan_id",
            "subscription_start",
            "team_id",
        ],
        "sale.order.line": [
            "order_id",
            "product_id",
            "subscription_end",
            "subscription_phase",
            "subscription_plan_id",
            "subscription_start",
        ],
    }

    # What was asked, and said
    asked_on = fields.Date(readonly=True, help="The day on which the customer was asked, or spoke up unasked.")
    answered_on = fields.Date(readonly=True, help="The day of the (last) answer. Empty: none yet.")
    answer = fields.Selection(selection=[item for item in RATING_TEXT if item[0] != "none"], readonly=True)
    feedback = fields.Text(string="Comment", readonly=True)

    # By whom, on what
    order_id = fields.Many2one(comodel_name="sale.order", string="Subscription", readonly=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    country_id = fields.Many2one(comodel_name="res.country", string="Customer Country", readonly=True)
    template_id = fields.Many2one(comodel_name="sale.order.template", string="Quotation Template", readonly=True)
    plan_id = fields.Many2one(comodel_name="subscription.plan", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    categ_id = fields.Many2one(comodel_name="product.category", string="Product Category", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True, help="Whose subscription it was when asked."
    )
    team_id = fields.Many2one(comodel_name="crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)

    # How much
    rating = fields.Float(
        string="Average Rating", readonly=True, aggregator="avg", help="From 1 (unhappy) to 5 (happy), of all answers."
    )
    happy_share = fields.Float(
        string="Happy", readonly=True, aggregator="avg", help="The share of answers that say: happy."
    )
    answer_rate = fields.Float(readonly=True, aggregator="avg", help="How many of those who were asked have answered.")
    answer_count = fields.Integer(string="Answers", readonly=True, aggregator="count_distinct", exportable=False)
    request_count = fields.Integer(
        string="Requests",
        readonly=True,
        aggregator="count_distinct",
        exportable=False,
        help="How often customers were asked.",
    )

    # === QUERY ===#

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s %s", self._select(), self._from(), self._where())

    @api.model
    def _select(self):
        """Return the SELECT clause: one column a field."""
        return SQL(
            """
            -- Ids of lines have 31 bits, and browsers know integers of 53.
            SELECT (rating.id::bigint << 31) + COALESCE(line.id, 0) AS id,
                   %(asked_on)s AS asked_on,
                   CASE WHEN rating.consumed THEN %(answered_on)s END AS answered_on,
                   CASE WHEN rating.consumed THEN rating.rating_text END AS answer,
                   rating.feedback,
                   contract.id AS order_id,
                   customer.commercial_partner_id AS partner_id,
                   entity.country_id,
                   contract.sale_order_template_id AS template_id,
                   COALESCE(line.subscription_plan_id, contract.subscription_plan_id) AS plan_id,
                   line.product_id,
                   template.categ_id,
                   rated.user_id,
                   contract.team_id,
                   contract.company_id,
                   %(measures)s
            """,
            asked_on=self._select_asked_on(),
            answered_on=self._select_answered_on(),
            measures=self._select_measures(),
        )

    @api.model
    def _select_answered_on(self):
        return SQL("(rating.rated_on AT TIME ZONE 'UTC' AT TIME ZONE company.subscription_tz)::date")

    @api.model
    def _select_asked_on(self):
        return SQL("COALESCE(rating.subscription_asked_on, %s)", self._select_answered_on())

    @api.model
    def _select_measures(self):
        """Return what one rating adds to the measures, and the keys whose distinct values are counted."""
        return SQL(
            """
            CASE WHEN rating.consumed THEN rating.rating END AS rating,
            CASE WHEN rating.consumed THEN (rating.rating >= %(happy)s)::integer END AS happy_share,
            CASE WHEN rating.subscription_asked_on IS NOT NULL
                 THEN COALESCE(rating.consumed, FALSE)::integer END AS answer_rate,
            CASE WHEN rating.consumed THEN rating.id END AS answer_count,
            CASE WHEN rating.subscription_asked_on IS NOT NULL THEN rating.id END AS request_count
            """,
            happy=RATING_LIMIT_SATISFIED,
        )

    @api.model
    def _from(self):
        """Return the FROM clause: ratings, and the lines that ran on the day of the question."""
        return SQL(
            """
            FROM rating_rating rating
            JOIN sale_order contract ON contract.id = rating.res_id
            JOIN res_company company ON company.id = contract.company_id
            -- Before the start the question is about the first day, after the end about the last.
            LEFT JOIN sale_order_line line
                ON line.order_id = contract.id
               AND line.subscription_phase IS NOT NULL
               AND line.subscription_start <= %(day)s
               AND (line.subscription_end IS NULL OR line.subscription_end > %(day)s)
            LEFT JOIN res_partner customer ON customer.id = contract.partner_id
            LEFT JOIN res_partner entity ON entity.id = customer.commercial_partner_id
            LEFT JOIN product_product product ON product.id = line.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            LEFT JOIN (SELECT partner_id, MIN(id) AS user_id FROM res_users GROUP BY partner_id) rated
                ON rated.partner_id = rating.rated_partner_id
            """,
            day=SQL(
                "GREATEST(LEAST(%s, contract.subscription_closed_on - 1), contract.subscription_start)",
                self._select_asked_on(),
            ),
        )

    @api.model
    def _where(self):
        """Return the WHERE clause: what customers of the selected companies were asked, or said."""
        return SQL(
            """
            WHERE rating.res_model = 'sale.order'
              AND contract.company_id = ANY(%s)
              AND contract.subscription_status IS NOT NULL
              AND (rating.subscription_asked_on IS NOT NULL OR rating.consumed)
              AND (rating.consumed IS NOT TRUE OR rating.rating >= %s)
            """,
            self.env.companies.ids,
            RATING_LIMIT_MIN,
        )

    # === MEASURES ===#

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        """Extend: ratings are averaged, and never the lines that they are about."""
        name, _colon, function = aggregate_spec.partition(":")
        key = {"rating": "answer_count", "happy_share": "answer_count", "answer_rate": "request_count"}.get(name)
        if not key or function != "avg":
            return super()._read_group_select(aggregate_spec, query)
        # A number for each pair of rating and value, of which the rating's own part is taken off again.
        return SQL(
            "(SUM(DISTINCT %(key)s::numeric * 10 + %(value)s::numeric) - SUM(DISTINCT %(key)s::numeric * 10))"
            " / NULLIF(COUNT(DISTINCT %(key)s), 0)",
            key=self._field_to_sql(self._table, key, query),
            value=self._field_to_sql(self._table, name, query),
        )

    # === ACTIONS ===#

    def action_view_order(self):
        """Open the subscription.

        :return: act_window
        """
        self.ensure_one()
        return self.order_id._get_records_action(name=self.order_id.display_name)
