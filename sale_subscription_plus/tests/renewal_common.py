"""What tests of renewals share."""

from odoo.fields import Date

from .common import SubscriptionCommon


class RenewalCommon(SubscriptionCommon):
    """One way to renew, and to see what moved."""

    @staticmethod
    def _date(text):
        return Date.to_date(text)

    def _renew(self, order, **values):
        """Make a renewal quotation by the button, with ``values`` changed on it."""
        action = order.action_subscription_renew()
        renewal = self.env["sale.order"].browse(action["res_id"])
        if values:
            renewal.write(values)
        return renewal

    def _renew_and_confirm(self, order, **values):
        renewal = self._renew(order, **values)
        renewal.action_confirm()
        return renewal

    def _get_events(self, orders):
        """Return (order, date, type, amount) of the movements of ``orders``, as they were written."""
        events = self.env["subscription.event"].search([("order_id", "in", orders.ids)], order="id")
        return [(event.order_id, str(event.date), event.type, round(event.amount, 6)) for event in events]

    def assertSound(self, orders):
        """Assert that the books of ``orders`` are right: ledger, revenue and all that is checked."""
        self.assertTiled(orders)
        self.assertEventsSumToMRR(orders)
        self.env.invalidate_all()
        details = self.env["subscription.check"]._run()["details"]
        self.assertFalse(details)
