from .charging_common import ChargingCommon


class HealthCommon(ChargingCommon):
    """A company whose subscriptions go by no health rules but those of the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env["subscription.health.rule"]
        cls.Rule.search([]).active = False

    @classmethod
    def _create_rule(cls, domain, result="at_risk", **values):
        name = values.pop("name", f"{result}: {domain}")
        return cls.Rule.create({"name": name, "domain": str(domain), "result": result, **values})

    @classmethod
    def _create_ready_made(cls, name):
        """Switch on a rule that comes with the add-on."""
        rule = cls.env.ref(f"sale_subscription_plus.health_rule_{name}")
        rule.active = True
        return rule

    def _get_health(self, order, day=None):
        """Look after subscriptions, on ``day`` if given, and return how ``order`` is."""
        self._care(day)
        return order.subscription_health

    def _get_history(self, order):
        """Return the history of an order's health as (day, before, after, reason), the oldest first."""
        changes = self.env["subscription.health.change"].search([("order_id", "=", order.id)], order="id")
        return [(str(row.date), row.health_before, row.health, row.reason) for row in changes]
