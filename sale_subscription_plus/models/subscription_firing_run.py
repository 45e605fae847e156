from collections import Counter

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from . import base_automation_firing
from .base_automation import SUBSCRIPTION_TRIGGERS


class SubscriptionCareRun(models.AbstractModel):
    """The step of the care run that follows automation rules."""

    _inherit = "subscription.care.run"

    @api.model
    def _get_steps(self):
        return [*super()._get_steps(), self._fire_automations]

    @api.model
    def _fire_automations(self):
        """Do what automation rules say, rule by rule; one that fails is parked and keeps no other one waiting.

        :return: Counter of actions ``fired`` and ``failed``, and rules ``parked``
        """
        result = Counter()
        for rule in self.env["base.automation"].search([("trigger", "in", SUBSCRIPTION_TRIGGERS)]):
            result.update(self._fire_automation(rule))
        self._in_transaction(self.env["base.automation"]._subscription_tell_parked)
        return result

    @api.model
    def _fire_automation(self, rule):
        result = Counter()
        if not rule.exists() or not rule.active or rule._is_parked_today():
            return result
        try:
            self._in_transaction(rule._subscription_release)
            batches = 0
            while batch := self._in_transaction(rule._subscription_fire_next):
                result.update(batch)
                batches += 1
                if batches >= base_automation_firing.MAX_FAILED_BATCHES and set(result) == {"failed"}:
                    break
            self._in_transaction(self._end_automation, rule, result)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Others keep getting in its way, which says nothing about the rule: left for the next run.
            return result
        except Exception as error:  # Whatever a filter may raise; it is told on the rule.
            self._in_transaction(rule._subscription_park, error)
            result["parked"] += 1
        return result

    @api.model
    def _end_automation(self, rule, result):
        """Note how the rule fared: one that failed for all it fired for, is set aside."""
        if set(result) == {"failed"}:
            rule.write(rule._prepare_parking(rule._get_last_failure()))
            result["parked"] += 1
            return
        values = {}
        if rule.subscription_parked_reason and (result["fired"] or not rule._get_last_failure()):
            values |= rule._get_blank_parking()
        if not rule.last_run or rule.last_run.date() != fields.Datetime.now().date():
            values["last_run"] = fields.Datetime.now()
        if values:
            rule.write(values)
