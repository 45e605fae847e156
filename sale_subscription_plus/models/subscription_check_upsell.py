from odoo import models
from odoo.tools import SQL


class SubscriptionCheck(models.AbstractModel):
    """Proves the upsells: what was sold runs on its subscription, once, and nowhere else."""

    _inherit = "subscription.check"

    def _get_checks(self):
        return super()._get_checks() | {"upsells_merged": self._check_upsells_merged}

    def _check_upsells_merged(self):
        """What recurs on a merged upsell has one line, or one change, on its subscription, and no period of its own."""
        yield from self._select(
            "sale.order.line",
            SQL(
                """
                SELECT l.id, format('sold by an upsell, it is %%s times on its subscription%%s', runs.number,
                                    CASE WHEN l.subscription_start IS NULL THEN '' ELSE ', and runs by itself' END)
                  FROM sale_order_line l
                  JOIN sale_order o ON o.id = l.order_id
                 CROSS JOIN LATERAL (
                       SELECT (SELECT COUNT(*) FROM sale_order_line added
                                WHERE added.subscription_upsell_line_id = l.id
                                  AND added.order_id = o.subscription_origin_id)
                            + (SELECT COUNT(*) FROM subscription_change c
                                WHERE c.upsell_line_id = l.id AND c.state = 'applied'
                                  AND c.order_id = o.subscription_origin_id) AS number) runs
                 WHERE o.subscription_status = 'merged' AND l.subscription_plan_id IS NOT NULL
                   AND l.display_type IS NULL AND l.product_uom_qty != 0
                   AND (runs.number != 1 OR l.subscription_start IS NOT NULL)
                """
            ),
        )
