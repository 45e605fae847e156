from odoo import api, models
from odoo.tools import SQL

from odoo.addons.sale_subscription_plus.tools.mrr import EPSILON


class SubscriptionMovementSql(models.AbstractModel):
    """What the MRR movements of a day mean for a customer, derived from the customer's own balance.

    A customer is a commercial partner in a company. All movements of a customer on one day share a type, that of
    their sum (features.md, "Definitions of the numbers").
    """

    _name = "subscription.movement.sql"
    _description = "MRR Movements of Customers"

    @api.model
    def _get_days(self, condition=None):
        """Return the SQL of a query over the days on which something moved, one row for a customer and day.

        Its columns are company_id, partner_id, date, type (the customer's), net (the day's sum), before and after (the
        customer's MRR at the beginning and at the end of that day), first_date (of the customer's first MRR),
        paused (how many of their subscriptions pause after that day), there (whether they are a customer after that
        day: who pauses is one), event_id and close_reason_id (the first of the day, and one of its reasons); amounts
        in the currency of the company, at the rates of their days.

        As it is grouped by company_id, partner_id and date alone, the database leaves a LEFT JOIN on them out where
        nobody asks for its columns.

        :param SQL condition: which movements are read; it must take all movements of a customer up to a day, or none
        """
        return SQL(
            """
            SELECT company_id, partner_id, date, net, after - net AS before, after, first_date, paused,
                   event_id, close_reason_id,
                   after > %(epsilon)s OR paused > 0 AS there,
                   CASE WHEN is_transfer THEN 'transfer'
                        WHEN ABS(net) <= %(epsilon)s THEN
                            CASE WHEN ABS(after) <= %(epsilon)s AND is_closing AND paused <= 0 THEN 'churn'
                                 ELSE 'transfer' END
                        WHEN ABS(after - net) <= %(epsilon)s THEN
                            CASE WHEN paused - paused_net > 0 THEN 'resume'
                                 WHEN date = first_date THEN 'new'
                                 ELSE 'reactivation' END
                        WHEN ABS(after) <= %(epsilon)s THEN CASE WHEN paused > 0 THEN 'pause' ELSE 'churn' END
                        WHEN net > 0 THEN 'expansion'
                        ELSE 'contraction'
                   END AS type
              FROM (%(balances)s) AS balances
            """,
            epsilon=EPSILON,
            balances=self._get_balances(condition or SQL("company_id = ANY(%s)", self.env.companies.ids)),
        )

    @api.model
    def _get_balances(self, condition):
        """Return the SQL of a query over the same days: their sum, and what was summed up until their end."""
        return SQL(
            """
            SELECT company_id, partner_id, date,
                   MIN(id) AS event_id,
                   MAX(close_reason_id) AS close_reason_id,
                   SUM(amount_company) AS net,
                   SUM(SUM(amount_company)) OVER history AS after,
                   MIN(CASE WHEN SUM(amount_company) > %(epsilon)s THEN date END) OVER history AS first_date,
                   BOOL_AND(type = 'transfer') AS is_transfer,
                   BOOL_OR(type = 'churn' AND pausing < 0) AS is_closing,
                   COALESCE(SUM(pausing), 0) AS paused_net,
                   SUM(COALESCE(SUM(pausing), 0)) OVER history AS paused
              FROM subscription_event
             WHERE %(condition)s
             GROUP BY company_id, partner_id, date
            WINDOW history AS (PARTITION BY company_id, partner_id ORDER BY date)
            """,
            epsilon=EPSILON,
            condition=condition,
        )
