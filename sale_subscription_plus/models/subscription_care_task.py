from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL


class SubscriptionCareTask(models.Model):
    """What the next care run has to look at. Only ever added to and taken from, so it is in nobody's way."""

    _name = "subscription.care.task"
    _description = "Subscription Care Task"
    _log_access = False

    kind = fields.Selection(
        selection=[("health", "A watched fact changed"), ("stage", "Came to a stage")], required=True
    )
    order_id = fields.Many2one(comodel_name="sale.order", required=True, ondelete="cascade", index=True)
    stage_id = fields.Many2one(comodel_name="subscription.stage", ondelete="cascade")

    @api.model
    def _add(self, kind, order_ids, stage_id=None):
        """Note that a run has to look at orders; they are written down once, when the transaction is committed.

        :param str kind: see the field
        :param int stage_id: the stage that the orders came to
        """
        precommit = self.env.cr.precommit
        if not order_ids:
            return
        if "subscription.care.task" not in precommit.data:
            precommit.data["subscription.care.task"] = defaultdict(set)
            precommit.add(self.sudo()._write_down)  # In sudo mode: whoever changes what is watched
        precommit.data["subscription.care.task"][kind, stage_id].update(order_ids)

    @api.model
    def _write_down(self):
        tasks = self.env.cr.precommit.data.pop("subscription.care.task", {})
        for (kind, stage_id), order_ids in tasks.items():
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO subscription_care_task (kind, stage_id, order_id)
                    SELECT %(kind)s, %(stage)s, id FROM sale_order
                     WHERE id = ANY(%(orders)s) AND subscription_status IS NOT NULL
                       -- A stage may be gone again, like the orders.
                       AND (%(stage)s IS NULL OR EXISTS (SELECT 1 FROM subscription_stage WHERE id = %(stage)s))
                     ORDER BY id
                    """,
                    kind=kind,
                    stage=stage_id,
                    orders=list(order_ids),
                )
            )
        if tasks:
            self.env["subscription.care.run"]._trigger()

    @api.model
    def _get_last(self):
        """Return the id of the newest task: what a run adds itself is for the next one, or it would go on forever."""
        return self.search([], order="id desc", limit=1).id or 0

    @api.model
    def _take(self, kind, limit=None, until=None):
        """Take the tasks of a kind that no other run has in hand: all, or the first ``limit``.

        :param int until: id of the last task that counts
        :return: a list of (stage or none, orders), in the order in which they came
        """
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM subscription_care_task WHERE id IN (
                       SELECT id FROM subscription_care_task
                        WHERE kind = %(kind)s AND (%(until)s IS NULL OR id <= %(until)s) ORDER BY id
                        LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
                RETURNING id, stage_id, order_id
                """,
                kind=kind,
                until=until,
                limit=limit,
            )
        )
        order_ids = defaultdict(list)
        for _id, stage_id, order_id in sorted(self.env.cr.fetchall()):
            order_ids[stage_id].append(order_id)
        return [
            (self.env["subscription.stage"].browse(stage_id), self.env["sale.order"].browse(dict.fromkeys(ids)))
            for stage_id, ids in order_ids.items()
        ]

    @api.model
    def _forget(self, kind, order_ids):
        """Take back the tasks of a kind that this transaction noted for new orders."""
        self.env.flush_all()
        for (noted, _stage_id), noted_ids in self.env.cr.precommit.data.get("subscription.care.task", {}).items():
            if noted == kind:
                noted_ids.difference_update(order_ids)
        self.env.cr.execute(
            SQL("DELETE FROM subscription_care_task WHERE kind = %s AND order_id = ANY(%s)", kind, list(order_ids))
        )
