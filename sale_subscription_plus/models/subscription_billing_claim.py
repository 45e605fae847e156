from odoo import api, fields, models
from odoo.tools import SQL


class SubscriptionBillingClaim(models.Model):
    """The orders that a worker is billing now: one row a worker.

    A claim is committed apart from the chunk's transaction. One that outlives its database session tells that
    the worker was killed, and over which orders.
    """

    _name = "subscription.billing.claim"
    _description = "Orders Being Billed"

    order_ids = fields.Json(help="Ids of the orders of the chunk.")
    suspected = fields.Boolean(help="Whether one more death parks these orders: it is not their first try.")
    backend_pid = fields.Integer(required=True, help="Process of the worker's database session.")
    backend_start = fields.Char(required=True, help="When the session began: process numbers are used again.")

    @api.model
    def _open(self):
        """Commit an empty claim of the current database session, and return its id."""
        self.env.cr.execute("SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        pid, start = self.env.cr.fetchone()
        with self.env.registry.cursor() as cr:
            return self.with_env(self.env(cr=cr)).create({"backend_pid": pid, "backend_start": start}).id

    @api.model
    def _claim(self, claim_id, order_ids, suspected):
        """Commit that the session now works on ``order_ids``.

        Through a cursor of its own: the mark must outlive the transaction that dies.

        :param bool suspected: whether a worker died over them before, or they are parked
        """
        with self.env.registry.cursor() as cr:
            self.with_env(self.env(cr=cr)).browse(claim_id).write({"order_ids": order_ids, "suspected": suspected})

    @api.model
    def _close(self, claim_id):
        with self.env.registry.cursor() as cr:
            self.with_env(self.env(cr=cr)).browse(claim_id).exists().unlink()

    @api.model
    def _take_orphans(self):
        """Remove the claims whose session is gone, and return their orders.

        :return: {order id: (whether it was suspected before, whether it was alone)}
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM subscription_billing_claim
                 WHERE id IN (SELECT c.id FROM subscription_billing_claim c
                               WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity a
                                                  WHERE a.pid = c.backend_pid
                                                    AND a.backend_start::text = c.backend_start)
                                 FOR UPDATE SKIP LOCKED)
             RETURNING order_ids, suspected
                """
            )
        )
        suspects = {}
        for order_ids, suspected in rows:
            for order_id in order_ids or ():
                suspects[order_id] = max(suspects.get(order_id, ()), (bool(suspected), len(order_ids) == 1))
        return suspects
