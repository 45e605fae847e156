"""What came about elsewhere, before a subscription was imported, is nothing that automation rules act upon."""

from odoo.tests import tagged

from .automation_common import AutomationCommon
from .test_import import ImportCommon


@tagged("-at_install", "post_install")
class TestAutomationImport(AutomationCommon, ImportCommon):
    def test_imported_subscriptions_fire_nothing_for_what_they_brought_along(self):
        running = self._create_rule("on_subscription_status", subscription_status="progress")
        started = self._create_rule("on_subscription_date", subscription_date_days=3)
        order = self._import_order({"start_date": "2025-12-28", "next_invoice_date": "2026-01-28"})
        self.assertEqual(order.subscription_status, "progress")
        self._care()
        self.assertFalse(self._get_fired(running) | self._get_fired(started))
        sold = self._create_subscription("2026-01-02")
        self._care()
        self.assertEqual(self._get_fired(running).order_id, sold)

    def test_they_fire_for_what_comes_about_here(self):
        rule = self._create_rule("on_subscription_date", subscription_date_days=10)
        order = self._import_order({"start_date": "2025-12-28", "next_invoice_date": "2026-01-28"})
        self.assertEqual(self._play(rule, "2026-01-05", "2026-01-09"), [("2026-01-07", order)])
