"""Odoo's own automation rules on our documents: one that fails while the engine runs is parked, and the run goes on."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .automation_common import AutomationCommon


@tagged("-at_install", "post_install")
class TestGuard(AutomationCommon):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.env["base.automation"]._unregister_hook)

    def _create_odoo_rule(self, model, code="raise UserError('The fax is out of paper.')", **values):
        model_id = self.env["ir.model"]._get(model).id
        action = self._action("code", code=code) | {"model_id": model_id}
        return (
            self.env["base.automation"]
            .sudo()
            .create(
                {
                    "name": f"Odoo's rule on {model}",
                    "model_id": model_id,
                    "trigger": "on_create_or_write",
                    "action_server_ids": [Command.create(action)],
                    **values,
                }
            )
        )

    def test_billing_goes_on_without_a_rule_that_fails(self):
        order = self._create_subscription()
        rule = self._create_odoo_rule("account.move")
        result = self._bill()
        self.assertEqual((result["invoices"], result["parked"]), (1, 0))
        self.assertEqual(self._get_invoices(order).state, "posted")
        self.assertFalse(order.subscription_parked_reason)
        self.assertIn("fax", rule.subscription_parked_reason)
        self.assertTiled(order)

    def test_rule_that_works_is_followed(self):
        order = self._create_subscription()
        rule = self._create_odoo_rule("account.move", "record['narration'] = 'Seen'", trigger="on_create")
        self._bill()
        self.assertIn("Seen", self._get_invoices(order).narration)
        self.assertFalse(rule.subscription_parked_reason)

    def test_what_it_had_done_before_it_failed_is_undone(self):
        order = self._create_subscription()
        self._create_odoo_rule(
            "account.move", "record['narration'] = 'Half'\nraise UserError('Done half')", trigger="on_create"
        )
        self._bill()
        self.assertFalse(self._get_invoices(order).narration)

    def test_filter_that_names_a_field_that_is_gone_stops_nothing(self):
        order = self._create_subscription()
        rule = self._create_odoo_rule("account.move", "record['narration'] = 'Seen'")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE base_automation SET filter_domain = %s, filter_pre_domain = %s WHERE id = %s",
            ["[('x_gone', '=', 1)]", "[('x_gone', '=', 1)]", rule.id],
        )
        rule.invalidate_recordset()
        self.assertEqual(self._bill()["invoices"], 1)
        self.assertIn("x_gone", rule.subscription_parked_reason)
        self.assertFalse(self._get_invoices(order).narration)

    def test_values_that_are_computed_at_the_end_of_a_transaction_are_guarded_as_well(self):
        order = self._create_subscription()
        self.env.flush_all()
        rule = self._create_odoo_rule("sale.order")
        self.assertEqual(self._bill()["invoices"], 1)
        self.assertEqual(str(order.subscription_next_invoice_date), "2026-02-01")
        self.assertIn("fax", rule.subscription_parked_reason)

    def test_charging_goes_on_as_well(self):
        order = self._create_automatic()
        rule = self._create_odoo_rule("subscription.charge")
        self.assertEqual(self._charge().result["paid"], 1)
        self.assertEqual(self._get_charge(order).state, "paid")
        self.assertIn("fax", rule.subscription_parked_reason)

    def test_care_goes_on_as_well(self):
        rule = self._create_rule("on_subscription_date", subscription_date_days=0)
        order = self._create_subscription("2026-01-02")
        self.env.flush_all()
        bad = self._create_odoo_rule("mail.activity")
        self._care()
        self.assertEqual(self._get_fired(rule).order_id, order)
        self.assertEqual(len(order.activity_ids.filtered("automated")), 1)
        self.assertIn("fax", bad.subscription_parked_reason)

    def test_user_sees_the_error(self):
        order = self._create_subscription()
        rule = self._create_odoo_rule("sale.order")
        with self.assertRaisesRegex(UserError, "fax"):
            order.client_order_ref = "By hand"
        self.assertFalse(rule.subscription_parked_reason)

    def test_parked_rule_is_left_out_that_day_and_tried_the_next(self):
        self._create_subscription()
        rule = self._create_odoo_rule(
            "account.move",
            "if not record.company_id.company_registry: raise UserError('No registry')\nrecord['narration'] = 'Works'",
            trigger="on_create",
        )
        self._bill()
        self.assertTrue(rule.subscription_parked_reason)
        self.company.company_registry = "Set"
        order = self._create_subscription()
        self._bill()
        self.assertFalse(self._get_invoices(order).narration)
        self._bill("2026-02-01")
        self.assertIn("Works", self._get_invoices(order)[-1].narration)
        self.assertFalse(rule.subscription_parked_reason)
        self._care()
        self.assertFalse(rule.activity_ids)

    def test_one_that_it_fails_for_keeps_it_from_no_other(self):
        bad = self.env["res.partner"].create({"name": "Bad"})
        orders = [
            self._create_subscription(),
            self._create_subscription(partner_id=bad.id),
            self._create_subscription(),
        ]
        rule = self._create_odoo_rule(
            "account.move",
            "if record.partner_id.name == 'Bad': raise UserError('Not this one.')\nrecord['narration'] = 'Seen'",
            trigger="on_create",
        )
        self.assertEqual(self._bill()["invoices"], 3)
        self.assertEqual(
            [bool(self._get_invoices(order).narration) for order in orders],
            [True, False, True],
        )
        self.assertFalse(rule.subscription_parked_reason)
        self.assertIn("Not this one.", "".join(rule.message_ids.mapped("body")))

    def test_rule_that_nothing_fits_costs_no_savepoint(self):
        self._create_odoo_rule("account.move", filter_domain="[('name', '=', 'Nothing')]")
        self._create_odoo_rule("sale.order.line", filter_domain="[('name', '=', 'Nothing')]")
        self._create_subscription()
        self.env.flush_all()
        with patch.object(self.registry["base.automation"], "_subscription_try", side_effect=AssertionError) as tried:
            self.assertEqual(self._bill()["invoices"], 1)
        tried.assert_not_called()
