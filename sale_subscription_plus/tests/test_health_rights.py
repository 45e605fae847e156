"""Who sees health, and who writes its rules."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .test_rights import RightsCommon

FIELDS = (
    "subscription_health",
    "subscription_health_reason",
    "subscription_last_failure_on",
    "subscription_failures_30",
)


class TestHealthRights(RightsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["subscription.health.rule"].search([]).active = False
        cls.rule = cls.env["subscription.health.rule"].create({"name": "All", "domain": "[]", "result": "bad"})

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.models")
    def test_rules_are_written_by_the_administrator_alone(self):
        values = {"name": "Mine", "domain": "[]", "result": "good"}
        for person in ("salesman", "sales_manager", "accountant", "auditor"):
            with self.subTest(person):
                self.assertEqual(self._call(person, self.rule, "read", ["name"])[0]["name"], "All")
                for method, *args in (
                    ("create", [values]),
                    ("write", {"result": "good"}),
                    ("unlink",),
                    ("action_apply",),
                ):
                    with self.assertRaises(AccessError):
                        self._call(person, self.rule if method != "create" else self.rule.browse(), method, *args)
        for person in ("nobody", "portal", "public"):
            with self.subTest(person), self.assertRaises(AccessError):
                self._call(person, self.rule, "read", ["name"])
        self.assertTrue(self._call("admin", self.rule, "create", [values]))
        self._call("admin", self.rule, "write", {"result": "at_risk"})
        self.assertIn("You see no", self._call("admin", self.rule, "action_apply")["params"]["message"])

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.models")
    def test_a_salesman_checks_own_subscriptions_and_sees_their_history(self):
        self._call("salesman", self.order, "action_subscription_check_health")
        self.assertEqual(self.order.subscription_health, "bad")
        with self.assertRaises(AccessError):
            self._call("salesman", self.foreign, "action_subscription_check_health")
        for person in ("accountant", "portal", "nobody"):
            with self.subTest(person), self.assertRaises(AccessError):
                self._call(person, self.order, "action_subscription_check_health")
        self.foreign.action_subscription_check_health()
        Change = self.env["subscription.health.change"]
        for person, orders in (("salesman", self.order), ("sales_manager", self.order | self.foreign)):
            rows = self._call(person, Change, "search_read", [("order_id", "in", (self.order | self.foreign).ids)])
            self.assertEqual({row["order_id"][0] for row in rows}, set(orders.ids), person)
        with self.assertRaises(AccessError):
            self._call("portal", Change, "search_read", [])

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule")
    def test_customers_never_see_how_they_are_judged(self):
        self.order.action_subscription_check_health()
        self.order.message_subscribe(self.people["portal"].partner_id.ids)
        for name in FIELDS:
            with self.subTest(name), self.assertRaises(AccessError):
                self._call("portal", self.order, "read", [name])
            with self.subTest(name), self.assertRaises(AccessError):
                self._call("portal", self.order, "search", [(name, "!=", False)])

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_another_company_sees_neither_rules_nor_history(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.rule.company_id = self.company
        self.order.action_subscription_check_health()
        stranger = new_test_user(
            self.env,
            "stranger_health",
            "sale_subscription_plus.group_subscription_admin,sales_team.group_sale_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertFalse(self.rule.with_user(stranger).search([("id", "=", self.rule.id)]))
        self.assertFalse(self.env["subscription.health.change"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self._call(stranger, self.rule, "write", {"name": "Taken over"})

    def test_the_administrator_gives_a_template_rules_to_start_from(self):
        template = self.env["sale.order.template"].create({"name": "Own"})
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self._call("salesman", template, "action_subscription_copy_health_rules")
        self._call("admin", template, "action_subscription_copy_health_rules")
        self.assertEqual(len(template.subscription_health_rule_ids), 1)
