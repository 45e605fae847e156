from odoo import api, models
from odoo.fields import Domain

from .sale_order import RUNNING_STATUSES


class SubscriptionOverview(models.AbstractModel):
    """The cards of subscriptions that are not well."""

    _inherit = "subscription.overview"

    @api.model
    def _get_subscription_cards(self):
        totals = self._sum_orders_by_health()
        return [
            *super()._get_subscription_cards(),
            self._prepare_health_card("bad", self.env._("Bad Health"), totals, "danger", "fa-heartbeat"),
            self._prepare_health_card("at_risk", self.env._("At Risk"), totals, "warning", "fa-thermometer-half"),
        ]

    @api.model
    def _prepare_health_card(self, health, name, totals, tone, icon):
        return self._prepare_card(
            f"health_{health}",
            name,
            self.env._("By the health rules"),
            totals.get(health, (0, 0.0)),
            tone,
            icon,
            action="sale_subscription_plus.subscription_action",
            filters=["running", f"health_{health}"],
            unit=self.env._("MRR"),
        )

    @api.model
    def _sum_orders_by_health(self):
        """Return {health: (count, MRR)} of subscriptions that run and are not good."""
        domain = (
            Domain("company_id", "in", self.env.companies.ids)
            & Domain("subscription_health", "in", ("at_risk", "bad"))
            & Domain("subscription_status", "in", RUNNING_STATUSES)
        )
        rows = {}
        for health, *row in self.env["sale.order"]._read_group(
            domain, ["subscription_health", "company_id", "currency_id"], ["__count", "subscription_mrr:sum"]
        ):
            rows.setdefault(health, []).append(row)
        return {health: self._sum_groups(groups) for health, groups in rows.items()}
