from odoo import models
from odoo.tools import SQL

from .subscription_check import TOLERANCE


class SubscriptionCheck(models.AbstractModel):
    """Proves the chains of orders: revenue that moves is neither lost nor made, and one order of a chain runs."""

    _inherit = "subscription.check"

    def _get_checks(self):
        return super()._get_checks() | {
            "transfers": self._check_transfers,
            "renewals": self._check_renewals,
        }

    def _check_transfers(self):
        """What moved from one order or customer to another on a day, sums up to nothing in both currencies."""
        yield from self._select(
            "sale.order",
            SQL(
                """
                WITH RECURSIVE chain AS (
                       SELECT o.id, o.id AS member, o.subscription_renews_id AS parent
                         FROM sale_order o
                        WHERE o.id IN (SELECT order_id FROM subscription_event WHERE type = 'transfer')
                        UNION ALL
                       SELECT c.id, p.id, p.subscription_renews_id
                         FROM chain c JOIN sale_order p ON p.id = c.parent)
                SELECT root.member, format('what moved on %%s sums up to %%s (%%s in company currency)',
                                           e.date, SUM(e.amount), SUM(e.amount_company))
                  FROM subscription_event e
                  JOIN chain root ON root.id = e.order_id AND root.parent IS NULL
                 WHERE e.type = 'transfer'
                 GROUP BY root.member, e.date
                HAVING ABS(SUM(e.amount)) > %(tolerance)s OR ABS(SUM(e.amount_company)) > %(tolerance)s
                """,
                tolerance=TOLERANCE,
            ),
        )

    def _check_renewals(self):
        """A subscription is renewed when, and only when, a renewal of it has begun; and by one order."""
        yield from self._select(
            "sale.order",
            SQL(
                """
                SELECT o.id, format('it is %%s, and %%s renewals of it have begun', o.subscription_status, begun.count)
                  FROM sale_order o
                 CROSS JOIN LATERAL (
                       SELECT COUNT(*) FROM sale_order r
                        WHERE r.subscription_renews_id = o.id
                          AND r.subscription_status IN ('progress', 'paused', 'closed', 'renewed')) begun
                 WHERE (o.subscription_status = 'renewed' AND begun.count != 1)
                    OR (begun.count > 0 AND o.subscription_status NOT IN ('renewed', 'closed'))
                """
            ),
        )
