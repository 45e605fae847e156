from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.query import Query

from odoo.addons.sale_subscription_plus.models.sale_order import SUBSCRIPTION_STATUS
from odoo.addons.sale_subscription_plus.models.sale_order_charging import PAYMENT_STATUS

# What was confirmed and stands for itself: no quotation, no upsell that became part of another subscription.
STATUSES = ("scheduled", "progress", "paused", "closed", "renewed")


class SubscriptionReport(models.Model):
    """Subscriptions as they stand today, one row a recurring line."""

    _name = "subscription.report"
    _description = "Subscriptions Analysis"
    _inherit = ["subscription.report.mixin"]
    _auto = False
    _rec_name = "order_id"
    _order = "start desc, id desc"

    _depends = {
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": ["commercial_partner_id", "country_id"],
        "sale.order": [
            "company_id",
            "currency_id",
            "partner_id",
            "sale_order_template_id",
            "subscription_auto_renew",
            "subscription_close_reason_id",
            "subscription_closed_on",
            "subscription_commitment_months",
            "subscription_next_invoice_date",
            "subscription_payment_status",
            "subscription_start",
            "subscription_status",
            "subscription_term_end",
            "team_id",
            "user_id",
        ],
        "sale.order.line": [
            "order_id",
            "product_id",
            "product_uom_qty",
            "subscription_end",
            "subscription_mrr",
            "subscription_phase",
            "subscription_plan_id",
            "subscription_start",
        ],
        "subscription.event": ["line_id", "amount_company"],
    }

    # Where it stands
    status = fields.Selection(selection=[item for item in SUBSCRIPTION_STATUS if item[0] in STATUSES], readonly=True)
    phase = fields.Selection(selection="_selection_phase", string="Line Status", readonly=True)
    payment_status = fields.Selection(selection=PAYMENT_STATUS, readonly=True)
    start = fields.Date(readonly=True, help="First day of the subscription.")
    line_start = fields.Date(readonly=True, help="First day of this line.")
    line_end = fields.Date(readonly=True, help="First day without this line, once its end is known.")
    closed_on = fields.Date(readonly=True, help="First day without the subscription.")
    next_invoice_date = fields.Date(string="Next Invoice", readonly=True)
    commitment = fields.Integer(
        string="Commitment (Months)",
        readonly=True,
        aggregator="avg",
        help="How many months the customer is bound, whatever the billing period.",
    )
    term_end = fields.Date(readonly=True, help="Last day of the term the customer is bound to.")
    auto_renew = fields.Boolean(string="Renews the Term", readonly=True)
    close_reason_id = fields.Many2one(comodel_name="subscription.close.reason", readonly=True)
    age = fields.Integer(
        string="Age (Months)",
        readonly=True,
        aggregator="avg",
        help="Whole months from the start to today, or to the day on which it was closed.",
    )

    # Who, and what
    order_id = fields.Many2one(comodel_name="sale.order", string="Subscription", readonly=True)
    line_id = fields.Many2one(comodel_name="sale.order.line", readonly=True)
    template_id = fields.Many2one(comodel_name="sale.order.template", string="Quotation Template", readonly=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    country_id = fields.Many2one(comodel_name="res.country", string="Customer Country", readonly=True)
    plan_id = fields.Many2one(comodel_name="subscription.plan", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    categ_id = fields.Many2one(comodel_name="product.category", string="Product Category", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one(comodel_name="crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)

    # How much
    quantity = fields.Float(readonly=True)
    mrr = fields.Monetary(
        string="MRR",
        currency_field="company_currency_id",
        readonly=True,
        help="What the line brings in a month, untaxed, in company currency: the sum of its MRR movements. "
        "Nothing while it is paused, not started or closed.",
    )
    run_rate = fields.Monetary(
        string="Annual Run-Rate",
        currency_field="company_currency_id",
        readonly=True,
        help="MRR × 12: what a year brings if nothing changes.",
    )
    mrr_today = fields.Monetary(
        string="MRR at Today's Rate",
        currency_field="company_currency_id",
        readonly=True,
        help="What the line brings in a month, in the subscription's currency, converted at today's exchange rate.",
    )
    mrr_order = fields.Monetary(
        string="MRR in Its Currency",
        readonly=True,
        help="What the line brings in a month, in the currency of the subscription.",
    )
    revenue_per_contract = fields.Monetary(
        string="Revenue per Subscription",
        currency_field="company_currency_id",
        readonly=True,
        aggregator="avg",
        help="MRR ÷ subscriptions that run.",
    )
    contract_count = fields.Integer(
        string="Subscriptions", readonly=True, aggregator="count_distinct", exportable=False
    )
    customer_count = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator="count_distinct",
        exportable=False,
        help="Who buys from two of your companies counts twice.",
    )

    @api.model
    def _selection_phase(self):
        return self.env["sale.order.line"]._fields["subscription_phase"]._description_selection(self.env)

    # === QUERY ===#

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s %s", self._select(), self._from(), self._where())

    @api.model
    def _select(self):
        """Return the SELECT clause: one column a field."""
        return SQL(
            """
            SELECT line.id,
                   line.id AS line_id,
                   line.order_id,
                   contract.subscription_status AS status,
                   line.subscription_phase AS phase,
                   contract.subscription_payment_status AS payment_status,
                   contract.subscription_start AS start,
                   line.subscription_start AS line_start,
                   contract.subscription_closed_on AS closed_on,
                   line.subscription_end AS line_end,
                   contract.subscription_next_invoice_date AS next_invoice_date,
                   contract.subscription_commitment_months AS commitment,
                   contract.subscription_term_end AS term_end,
                   contract.subscription_auto_renew AS auto_renew,
                   contract.subscription_close_reason_id AS close_reason_id,
                   contract.sale_order_template_id AS template_id,
                   customer.commercial_partner_id AS partner_id,
                   entity.country_id,
                   line.subscription_plan_id AS plan_id,
                   line.product_id,
                   template.categ_id,
                   contract.user_id,
                   contract.team_id,
                   contract.company_id,
                   contract.currency_id,
                   %s
            """,
            self._select_measures(),
        )

    @api.model
    def _select_measures(self):
        """Return the amounts and ages, and the keys whose distinct values are counted."""
        mrr = SQL("COALESCE(carried.amount, 0) * account_currency_table.rate")
        running = SQL("CASE WHEN line.subscription_phase = 'running' THEN line.subscription_mrr ELSE 0 END")
        return SQL(
            """
            line.product_uom_qty AS quantity,
            %(mrr)s AS mrr,
            %(mrr)s * 12 AS run_rate,
            %(mrr)s AS revenue_per_contract,
            %(running)s AS mrr_order,
            COALESCE(%(running)s * today.rate, carried.amount, 0) * account_currency_table.rate AS mrr_today,
            %(age)s AS age,
            %(currency)s AS company_currency_id,
            (contract.company_id::bigint << 32) + customer.commercial_partner_id AS customer_count,
            line.order_id AS contract_count
            """,
            mrr=mrr,
            running=running,
            age=self._select_age(),
            currency=self.env.company.currency_id.id,
        )

    @api.model
    def _select_age(self):
        """Return the whole months that the subscription has run."""
        last = SQL("LEAST(contract.subscription_closed_on, %s)", self.env.company._get_subscription_today())
        return SQL("GREATEST(%s, 0)", self._get_whole_months(SQL("contract.subscription_start"), last))

    @api.model
    def _from(self):
        """Return the FROM clause: recurring lines of the selected companies."""
        return SQL(
            """
            FROM sale_order_line line
            JOIN sale_order contract ON contract.id = line.order_id
            JOIN %(company_rates)s ON account_currency_table.company_id = contract.company_id
            LEFT JOIN (%(today_rates)s) today
                ON today.company_id = contract.company_id AND today.currency_id = contract.currency_id
            LEFT JOIN (%(carried)s) carried ON carried.line_id = line.id
            LEFT JOIN res_partner customer ON customer.id = contract.partner_id
            LEFT JOIN res_partner entity ON entity.id = customer.commercial_partner_id
            LEFT JOIN product_product product ON product.id = line.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            """,
            company_rates=self._get_company_rates(),
            today_rates=self._get_today_rates(),
            carried=SQL(
                "SELECT line_id, SUM(amount_company) AS amount FROM subscription_event GROUP BY line_id",
            ),
        )

    @api.model
    def _where(self):
        """Return the WHERE clause: what recurs, and was taken, on a confirmed order."""
        return SQL(
            "WHERE line.subscription_phase IS NOT NULL AND contract.subscription_status IN %s",
            STATUSES,
        )

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        """Extend: the revenue per subscription is a ratio of two sums, never an average of lines."""
        if aggregate_spec != "revenue_per_contract:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "SUM(%(mrr)s) / NULLIF(COUNT(DISTINCT %(order)s) FILTER (WHERE %(status)s = 'progress'), 0)",
            mrr=self._field_to_sql(self._table, "mrr", query),
            order=self._field_to_sql(self._table, "order_id", query),
            status=self._field_to_sql(self._table, "status", query),
        )

    # === ACTIONS ===#

    def action_view_order(self):
        """Open the subscription.

        :return: act_window
        """
        self.ensure_one()
        return self.order_id._get_records_action(name=self.order_id.display_name)
