from odoo import api, models

from ..engine_context import engine_run


class SubscriptionBillingRun(models.AbstractModel):
    """Automation rules that fail while a run writes are parked; see ``base.automation``."""

    _inherit = "subscription.billing.run"

    @api.model
    def _run(self, date=None, dry_run=False, progress=None):
        with engine_run():
            return super()._run(date=date, dry_run=dry_run, progress=progress)


class SubscriptionChargingRun(models.AbstractModel):
    """As above."""

    _inherit = "subscription.charging.run"

    @api.model
    def _run(self, date=None, progress=None):
        with engine_run():
            return super()._run(date=date, progress=progress)


class SubscriptionCareRun(models.AbstractModel):
    """As above."""

    _inherit = "subscription.care.run"

    @api.model
    def _run(self):
        with engine_run():
            return super()._run()
