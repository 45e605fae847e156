"""What tests of entitlements share."""

from odoo.fields import Date

from .charging_common import ChargingCommon


class EntitlementCommon(ChargingCommon):
    """A customer, an archive besides the magazine, and short ways to ask and to change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.archive = cls._create_recurring_product("Archive", {cls.monthly: 31.0, cls.yearly: 365.0})
        cls.reason = cls.env.ref("sale_subscription_plus.close_reason_expensive")

    @staticmethod
    def _date(text):
        return Date.to_date(text)

    def _ask(self, day=None, partner=None):
        return (partner or self.customer)._get_entitlements(day)

    def _tell(self, day=None, partner=None, names=("product", "state", "date_from", "date_to")):
        """Return a tuple a row, dates as text."""
        rows = self._ask(day, partner)
        return [tuple(str(row[name]) if "date" in name else row[name] for name in names) for row in rows]

    def _get_states(self, day=None, partner=None):
        return self._tell(day, partner, ("product", "state"))

    def _change(self, target, kind, day=None, **values):
        """Change an order, or a line of one, as the wizards do."""
        name = "order_id" if target._name == "sale.order" else "line_id"
        values |= {"effective_on": self._date(day)} if day else {}
        return self.env["subscription.change"]._schedule([{name: target.id, "kind": kind, **values}])

    def _grant_grace(self):
        """Let nobody's subscription be suspended, however long it is not paid."""
        self.policy.write({"grace_days": 365, "final_days": 365, "overdue_final_days": 365})

    def _close(self, order, day):
        order.sudo()._subscription_close(self._date(day), self.reason)
