from collections import Counter

from odoo import api, models

BATCH = 100


class SubscriptionCareRun(models.AbstractModel):
    """Mails of the stages that subscriptions came to."""

    _inherit = "subscription.care.run"

    @api.model
    def _get_steps(self):
        """Extend: customers are told first, before anything else moves their subscriptions on."""
        return [self._tell_stages, *super()._get_steps()]

    @api.model
    def _tell_stages(self):
        """Mail the customers whose subscriptions came to a stage."""
        told = 0
        while (found := self._in_transaction(self._tell_stage_batch))[0]:
            told += found[1]
        return Counter(stage_mails=told) if told else Counter()

    @api.model
    def _tell_stage_batch(self):
        """Mail some; return how many came to a stage, and how many customers were mailed."""
        tasks = self.env["subscription.care.task"]._take("stage", limit=BATCH)
        came = sum(len(orders) for _stage, orders in tasks)
        return came, sum(stage._tell_customers(orders) for stage, orders in tasks if stage)
