from odoo import api, models

from ..engine_context import engine_run


class SubscriptionBillingRun(models.AbstractModel):
    """Automation rules that fail while a run writes are parked; see ``base.automation``."""

    _inherit = "subscription.billing.run"

    @api.model
    def _run(self, date=None, dry_run=False, progress=None):
        with engine_run() as run:
            result = super()._run(date=date, dry_run=dry_run, progress=progress)
            self.env["subscription.care.run"]._park_failed_rules(run)
        return result


class SubscriptionChargingRun(models.AbstractModel):
    """As above."""

    _inherit = "subscription.charging.run"

    @api.model
    def _run(self, date=None, progress=None):
        with engine_run() as run:
            result = super()._run(date=date, progress=progress)
            self.env["subscription.care.run"]._park_failed_rules(run)
        return result


class SubscriptionCareRun(models.AbstractModel):
    """As above."""

    _inherit = "subscription.care.run"

    @api.model
    def _run(self):
        with engine_run() as run:
            result = super()._run()
            self._park_failed_rules(run)
        return result

    @api.model
    def _park_failed_rules(self, run):
        if run.failures:
            self._in_transaction(self.env["base.automation"]._subscription_park_failed, run)
