from odoo import api, models

from .sale_order import RUNNING_STATUSES


class SubscriptionOverview(models.AbstractModel):
    """The cards of subscriptions that are not well."""

    _inherit = "subscription.overview"

    @api.model
    def _get_subscription_cards(self):
        return [
            *super()._get_subscription_cards(),
            self._prepare_health_card("bad", self.env._("Bad Health"), "danger", "fa-heartbeat"),
            self._prepare_health_card("at_risk", self.env._("At Risk"), "warning", "fa-thermometer-half"),
        ]

    @api.model
    def _prepare_health_card(self, health, name, tone, icon):
        totals = self._sum_orders(
            [("subscription_health", "=", health), ("subscription_status", "in", RUNNING_STATUSES)]
        )
        return self._prepare_card(
            f"health_{health}",
            name,
            self.env._("By the health rules"),
            totals,
            tone,
            icon,
            action="sale_subscription_plus.subscription_action",
            filters=["running", f"health_{health}"],
            unit=self.env._("MRR"),
        )
