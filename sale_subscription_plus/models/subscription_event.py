from odoo import api, fields, models
from odoo.tools import SQL

# What revenue counts under besides its line. When one of them changes, the revenue is carried over.
MARKS = ("partner_id", "product_id", "plan_id", "user_id", "team_id")


class SubscriptionEvent(models.Model):
    """One MRR movement of one order line, at the date it takes effect."""

    _name = "subscription.event"
    _description = "MRR Movement"
    _order = "date desc, id desc"
    _rec_name = "line_id"
    _check_company_auto = True

    date = fields.Date(required=True, index=True, help="The day on which the movement takes effect.")
    type = fields.Selection(
        selection=[
            ("new", "New"),
            ("expansion", "Expansion"),
            ("contraction", "Contraction"),
            ("churn", "Churn"),
            ("reactivation", "Reactivation"),
            ("pause", "Pause"),
            ("resume", "Resume"),
            ("transfer", "Carried Over"),
        ],
        required=True,
        help="What happened to the order that day, all its lines taken together.",
    )
    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, ondelete="restrict", index=True
    )
    line_id = fields.Many2one(comodel_name="sale.order.line", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(comodel_name="res.company", required=True, index=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", required=True, index=True)
    product_id = fields.Many2one(comodel_name="product.product", index="btree_not_null")
    plan_id = fields.Many2one(comodel_name="subscription.plan")
    user_id = fields.Many2one(comodel_name="res.users", string="Salesperson")
    team_id = fields.Many2one(comodel_name="crm.team", string="Sales Team")
    close_reason_id = fields.Many2one(comodel_name="subscription.close.reason")
    currency_id = fields.Many2one(comodel_name="res.currency", required=True)
    amount = fields.Float(
        string="MRR Change",
        digits=0,
        help="Change of the monthly recurring revenue, untaxed, in the order's currency; unrounded. It is zero where "
        "a subscription is closed, or brings nothing, after a pause.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    amount_company = fields.Float(
        string="MRR Change (Company)",
        digits=0,
        help="The change in company currency. Growth counts at the rate of its day; a fall releases what was "
        "carried, so that a closed subscription leaves nothing behind.",
    )

    pausing = fields.Integer(
        help="1 on the movement by which a subscription begins to pause, -1 on the one by which its pause ends, "
        "whatever ends it. Summed up: how many pause."
    )

    @api.model
    def _get_carried(self, lines):
        """Return what the events of ``lines`` sum up to.

        :return: {line: (amount, company amount, number of events)}, unrounded
        """
        groups = self._read_group(
            [("line_id", "in", lines.ids)], ["line_id"], ["amount:sum", "amount_company:sum", "__count"]
        )
        return {line: (amount, company, count) for line, amount, company, count in groups}

    @api.model
    def _get_carried_by_marks(self, lines):
        """Return what the events of ``lines`` sum up to, apart for each set of marks.

        :return: a list of (line, {field of MARKS: id or False}, {field: sum}), amounts unrounded
        """
        sums = ("amount", "amount_company", "pausing")
        groups = self._read_group([("line_id", "in", lines.ids)], ["line_id", *MARKS], [f"{name}:sum" for name in sums])
        return [
            (
                line,
                dict(zip(MARKS, (mark.id for mark in rest[: len(MARKS)]), strict=True)),
                dict(zip(sums, rest[len(MARKS) :], strict=True)),
            )
            for line, *rest in groups
        ]

    @api.model
    def _get_mrr_change_query(self, day, order_ids=None):
        """Return the query of how the revenue of orders grew or fell after a day, in each order's own currency.

        What starts, is renewed or is carried over brought its revenue along: it counts as what was there before.
        A pause lets revenue rest and is no loss; what became of it while it rested counts as what was there before.

        :param day: date, exclusive: movements after it are what changed. Or SQL of a date, over the columns of
            ``subscription_event``
        :param list order_ids: the orders in question; all if not given
        :return: SQL of rows (order_id, before, change), unrounded, of those orders that moved after the day
        """
        return SQL(
            """
            SELECT order_id,
                   COALESCE(SUM(amount) FILTER (WHERE type NOT IN ('pause', 'resume')
                                                  AND (date <= %(day)s OR type IN ('new', 'transfer'))), 0.0)
                   + CASE WHEN SUM(pausing) > 0 THEN 0.0
                          ELSE COALESCE(SUM(amount) FILTER (WHERE type IN ('pause', 'resume')), 0.0) END AS before,
                   SUM(amount) FILTER (WHERE %(moved)s) AS change
              FROM subscription_event
             WHERE order_id IN (SELECT order_id FROM subscription_event WHERE %(moved)s AND %(orders)s)
             GROUP BY order_id
            """,
            day=day,
            moved=SQL("date > %s AND type NOT IN ('new', 'transfer', 'pause', 'resume')", day),
            orders=SQL("TRUE") if order_ids is None else SQL("order_id = ANY(%s)", list(order_ids)),
        )
