"""Who switches automated actions, who edits them, and who sees what they did."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .test_rights import RightsCommon


@tagged("-at_install", "post_install")
class TestAutomationRights(RightsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("sale_subscription_plus.automation_term_ends").sudo()
        cls.people["settings"] = cls._create_user("settings", "base.group_system")
        cls.own_rule = (
            cls.env["base.automation"]
            .sudo()
            .create(
                {
                    "name": "Own",
                    "model_id": cls.env["ir.model"]._get("sale.order").id,
                    "trigger": "on_subscription_status",
                }
            )
        )

    def test_subscription_administrator_switches_and_sets_numbers(self):
        self._call("admin", self.rule, "write", {"active": True, "subscription_date_days": 90})
        self.assertEqual((self.rule.active, self.rule.subscription_date_days), (True, 90))
        self.assertEqual(self.rule.subscription_switched_by_id, self.people["admin"])
        self._call("admin", self.rule, "action_subscription_try_again")
        self._call("admin", self.rule, "action_view_subscription_firings")
        self._call(
            "admin", self.rule, "web_read", {"name": {}, "subscription_sentence": {}, "subscription_fired_count": {}}
        )

    def test_nobody_else_does(self):
        for person in ("salesman", "sales_manager", "accountant", "auditor", "support", "nobody", "portal", "public"):
            self.assertBlocked(person, self.rule, "write", {"active": True})
            self.assertBlocked(person, self.rule, "action_subscription_try_again")
            self.assertBlocked(person, self.rule, "read", ["name"])
        self.assertFalse(self.rule.active)

    def test_subscription_administrator_never_sets_what_a_rule_does(self):
        action = {"name": "Mine", "model_id": self.rule.model_id.id, "state": "code", "code": "env.user"}
        for values in (
            {"action_server_ids": [Command.create(action)]},
            {"action_server_ids": [Command.update(self.rule.action_server_ids.id, {"state": "code"})]},
            {"filter_domain": "[]"},
            {"filter_pre_domain": "[]"},
            {"model_id": self.env["ir.model"]._get("res.users").id},
            {"model_name": "res.users"},
            {"trigger": "on_create_or_write"},
            {"record_getter": "model.env.user"},
            {"webhook_uuid": "mine"},
            {"subscription_ready_made": False},
            {"subscription_switched_by_id": 1},
            {"subscription_parked_reason": "Mine"},
            {"active": True, "filter_domain": "[]"},
        ):
            self.assertBlocked("admin", self.rule, "write", values)
        self.assertFalse(self.rule.active)
        self.assertBlocked("admin", self.rule, "copy")
        self.assertBlocked("admin", self.rule, "unlink")
        self.assertBlocked("admin", self.rule.browse(), "create", {"name": "Mine", "model_id": self.rule.model_id.id})
        self.assertBlocked("admin", self.rule.action_server_ids, "write", {"state": "code"})

    def test_subscription_administrator_has_no_hand_in_rules_that_are_not_ready_made(self):
        self.assertBlocked("admin", self.own_rule, "read", ["name"])
        self.assertBlocked("admin", self.own_rule, "write", {"active": False})

    def test_who_has_the_settings_edits_all_of_them(self):
        self._call("settings", self.rule, "write", {"filter_domain": "[('user_id', '!=', False)]", "active": True})
        self._call("settings", self.own_rule, "write", {"name": "Still own"})
        self.assertEqual(self.own_rule.name, "Still own")
        self._call(
            "settings", self.rule, "web_read", {"subscription_fired_count": {}, "subscription_parked_reason": {}}
        )
        self.assertEqual(self._call("settings", self.rule, "action_subscription_edit")["res_model"], "base.automation")

    def test_rule_switched_by_somebody_with_few_rights_leaves_odoos_own_rules_in_place(self):
        order_rule = (
            self.env["base.automation"]
            .sudo()
            .create(
                {
                    "name": "Odoo's",
                    "model_id": self.rule.model_id.id,
                    "trigger": "on_create_or_write",
                    "action_server_ids": [
                        Command.create(
                            {
                                "name": "Mark",
                                "model_id": self.rule.model_id.id,
                                "usage": "base_automation",
                                "state": "code",
                                "code": "record['note'] = 'Followed'",
                            }
                        )
                    ],
                }
            )
        )
        self.addCleanup(order_rule._unregister_hook)
        self._call("admin", self.rule, "write", {"active": True})
        self.order.client_order_ref = "By hand"
        self.assertIn("Followed", self.order.note)

    def test_salesman_sees_what_fired_for_own_subscriptions_only(self):
        firings = (
            self.env["subscription.firing"]
            .sudo()
            .create(
                [
                    {
                        "automation_id": self.rule.id,
                        "order_id": order.id,
                        "company_id": order.company_id.id,
                        "fact": "status:paused",
                        "fired_on": "2026-01-01",
                        "state": "done",
                    }
                    for order in self.order | self.foreign
                ]
            )
        )
        self.env.flush_all()
        domain = [("automation_id", "=", self.rule.id)]
        names = {"name": {}, "occasion": {}, "automation_id": {"fields": {"display_name": {}}}}
        own = firings.filtered(lambda firing: firing.order_id == self.order)
        self.assertEqual(firings.with_user(self.salesman).search(domain), own)
        self._call("salesman", own, "web_read", names)
        self._call("salesman", own, "action_view_order")
        self._call("salesman", own, "web_read_group", domain, ["automation_id"], ["__count"])
        self._call("salesman", self.order, "action_view_subscription_firings")
        self.assertEqual(
            self._call("salesman", self.order, "read", ["subscription_firing_count"])[0]["subscription_firing_count"], 1
        )
        for person in ("sales_manager", "admin", "settings"):
            self.assertEqual(firings.with_user(self.people[person]).search(domain), firings)
        for person in self.people:
            self.assertBlocked(person, own, "write", {"state": "failed"})
            self.assertBlocked(person, own, "unlink")

    def test_what_fired_in_another_company_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        firing = (
            self.env["subscription.firing"]
            .sudo()
            .create(
                {
                    "automation_id": self.rule.id,
                    "order_id": self.order.id,
                    "company_id": other.id,
                    "fact": "status:paused",
                    "fired_on": "2026-01-01",
                    "state": "done",
                }
            )
        )
        self.env.flush_all()
        for person in ("salesman", "sales_manager", "admin"):
            with self.subTest(person=person), self.assertRaises(AccessError):
                self._call(person, firing, "read", ["fact"])
