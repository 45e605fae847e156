from collections import defaultdict

from odoo import api, models


class SaleOrder(models.Model):
    """What the care run watches: facts that health rules speak of, and the stage."""

    _inherit = "sale.order"

    def _write_multi(self, vals_list):
        """Override of `base`, where written and computed values alike come by on their way to the database."""
        super()._write_multi(vals_list)
        watched = self._get_care_fields()
        changed = [order.id for order, vals in zip(self, vals_list, strict=True) if not watched.isdisjoint(vals)]
        self.env["subscription.care.task"]._add("health", changed)
        by_stage = defaultdict(list)
        for order, vals in zip(self, vals_list, strict=True):
            if vals.get("subscription_stage_id"):
                by_stage[vals["subscription_stage_id"]].append(order.id)
        for stage_id, order_ids in by_stage.items():
            self.env["subscription.care.task"]._add("stage", order_ids, stage_id)

    @api.model
    def _get_care_fields(self):
        """Return the names of the stored fields that have an order looked at anew when they change."""
        return frozenset({"subscription_status"})

    def _subscription_watch(self):
        """Have the health of these orders looked at: something changed that is not kept on them."""
        self.env["subscription.care.task"]._add("health", self.ids)

    def _subscription_play_day(self, rng):
        """Extend: subscriptions are looked after, once money is done."""
        result = super()._subscription_play_day(rng)
        self.env["subscription.care.run"]._run()
        return result
