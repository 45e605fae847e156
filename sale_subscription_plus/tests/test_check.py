from datetime import timedelta

from odoo.tests import tagged

from .common import TODAY, SubscriptionCommon


@tagged("-at_install", "post_install")
class TestCheck(SubscriptionCommon):
    """Each check names the offender that it is there for, and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_subscription(TODAY).sudo()
        cls.line = cls.order.order_line
        cls.invoice = cls.order._subscription_bill(TODAY)
        cls.row = cls.line.subscription_period_ids

    def _check(self):
        self.env.invalidate_all()
        return self.env["subscription.check"]._run()

    def _spoil(self, query, *params):
        self.env.flush_all()
        self.env.cr.execute(query, params)

    def assertOffender(self, check, record):
        result = self._check()
        named = {(detail["model"], detail["id"]) for detail in result["details"] if detail["check"] == check}
        self.assertEqual(named, {(record._name, record.id)})
        self.assertGreaterEqual(result["offenders"], 1)

    def test_sound_books_have_no_offender(self):
        result = self._check()
        self.assertEqual(result["offenders"], 0, result["details"])
        self.assertEqual(set(result["checks"].values()), {0})

    def test_a_day_billed_twice_is_found_even_without_the_constraint(self):
        self._spoil("ALTER TABLE subscription_period DROP CONSTRAINT subscription_period_no_overlap")
        double = self.row.copy()
        problems = {detail["id"] for detail in self._check()["details"] if detail["check"] == "billed_once"}
        self.assertEqual(problems, {0, double.id}, "the missing constraint, and the row")

    def test_a_hole_between_periods_is_found(self):
        self.order._subscription_bill(self._first_of(2))
        self._spoil("UPDATE subscription_period SET start = start + 3 WHERE id = %s", max(self._rows().ids))
        self.assertOffender("periods_tile", self.line)

    def test_a_next_period_that_is_not_the_first_hole_is_found(self):
        self._spoil(
            "UPDATE sale_order_line SET subscription_next_start = subscription_next_start + 1 WHERE id = %s",
            self.line.id,
        )
        self.assertOffender("next_period", self.line)

    def test_a_next_invoice_date_that_no_line_knows_is_found(self):
        self._spoil("UPDATE sale_order SET subscription_next_invoice_date = NULL WHERE id = %s", self.order.id)
        self.assertOffender("next_invoice_date", self.order)

    def test_an_order_due_since_yesterday_is_found_unless_it_is_parked(self):
        self._set_today(self._first_of(2) + timedelta(days=1))
        self.assertOffender("due_or_parked", self.order)
        self.order._subscription_park("The journal is archived.", self._first_of(2))
        self.assertEqual(self._check()["checks"]["due_or_parked"], 0)

    def test_a_billed_period_without_its_invoice_is_found(self):
        self._spoil("UPDATE subscription_period SET invoice_line_id = NULL WHERE id = %s", self.row.id)
        self.assertOffender("periods_have_invoice", self.row)

    def test_an_invoice_that_the_ledger_does_not_know_is_found(self):
        self._spoil("DELETE FROM subscription_period WHERE id = %s", self.row.id)
        self.assertOffender("invoices_have_period", self.invoice.invoice_line_ids)

    def test_revenue_that_no_event_explains_is_found(self):
        self._spoil("UPDATE sale_order_line SET subscription_mrr = subscription_mrr + 1 WHERE id = %s", self.line.id)
        self.assertOffender("mrr_events", self.line)

    def test_company_amounts_left_behind_by_a_closed_line_are_found(self):
        self.order._subscription_close(
            TODAY + timedelta(days=5), self.env["subscription.close.reason"].search([], limit=1)
        )
        self._set_today(TODAY + timedelta(days=5))
        self.env["subscription.billing.run"]._turn_orders(self.order)
        self.assertEqual(self._check()["checks"]["mrr_events"], 0)
        self._spoil("UPDATE subscription_event SET amount_company = amount_company + 1 WHERE type = 'churn'")
        self.assertOffender("mrr_events", self.line)

    def test_an_invoice_of_another_company_is_found(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._spoil("UPDATE account_move SET company_id = %s WHERE id = %s", other.id, self.invoice.id)
        self.assertOffender("companies", self.row)

    def test_a_line_that_runs_on_a_closed_order_is_found(self):
        self._spoil("UPDATE sale_order SET subscription_status = 'closed' WHERE id = %s", self.order.id)
        self.assertOffender("line_phases", self.line)

    def _rows(self):
        return self.env["subscription.period"].search([("line_id", "=", self.line.id)])

    @staticmethod
    def _first_of(month):
        return TODAY.replace(month=month)
