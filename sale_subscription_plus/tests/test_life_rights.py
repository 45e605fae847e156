from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .test_rights import RightsCommon

OUTSIDERS = ("other_salesman", "accountant", "auditor", "nobody", "portal", "public")
BUTTONS = ("action_subscription_change", "action_subscription_pause")


@tagged("-at_install", "post_install")
class TestLifeRights(RightsCommon):
    """Who may change, pause, close and reopen: whoever may change the order. Who sees changes: who sees the order."""

    def _create_change(self, order=None, **values):
        return (
            self.env["subscription.change"]
            .sudo()
            ._schedule(
                [
                    {
                        "order_id": (order or self.order).id,
                        "kind": "pause",
                        "effective_on": "2026-03-01",
                        **values,
                    }
                ]
            )
        )

    def _prepare_change(self, order=None, **values):
        order = order or self.order
        line = {**order.order_line._prepare_change_wizard_line(), "quantity": 2, **values}
        return {"order_id": order.id, "line_ids": [Command.create(line)]}

    def test_a_plain_salesman_changes_own_subscriptions(self):
        for button in BUTTONS:
            self.assertTrue(self._call("salesman", self.order, button)["res_model"])
        self.assertTrue(self._call("salesman", self.line, "action_subscription_change"))
        (wizard,) = self._call("salesman", self.env["subscription.change.wizard"], "create", [self._prepare_change()])
        wizard = self.env["subscription.change.wizard"].browse(wizard)
        self._call("salesman", wizard, "action_confirm")
        self.assertEqual(self.line.product_uom_qty, 2)
        self.assertEqual(self.order.subscription_change_ids.user_id, self.salesman)
        self.assertEqual(len(self._get_invoices(self.order)), 2)

    def test_a_sales_manager_changes_all(self):
        (wizard,) = self._call(
            "sales_manager", self.env["subscription.change.wizard"], "create", [self._prepare_change(self.foreign)]
        )
        self._call("sales_manager", self.env["subscription.change.wizard"].browse(wizard), "action_confirm")
        self.assertEqual(self.foreign_line.product_uom_qty, 2)

    def test_others_open_no_screen_of_a_change(self):
        for person in OUTSIDERS:
            for button in BUTTONS:
                self.assertBlocked(person, self.order, button)
            self.assertBlocked(person, self.line, "action_subscription_change")

    def test_nobody_previews_or_changes_the_subscription_of_another_salesman(self):
        for model, values in (
            ("subscription.change.wizard", self._prepare_change(self.foreign)),
            ("subscription.pause.wizard", {"order_id": self.foreign.id}),
            ("subscription.resume.wizard", {"order_id": self.foreign.id}),
        ):
            # Made by the superuser for them: the wizards themselves are no way in.
            wizard = self.env[model].with_user(self.salesman).sudo().create(values).sudo(False)
            self.assertFalse(wizard.preview)
            self.assertBlocked("salesman", wizard, "action_confirm")
        self.assertFalse(self.foreign.subscription_change_ids)

    def test_nobody_closes_or_reopens_the_subscription_of_another_salesman(self):
        for model, confirm, status in (
            ("subscription.close.wizard", "action_close", "progress"),
            ("subscription.reopen.wizard", "action_reopen", "closed"),
        ):
            values = {"order_ids": [Command.set(self.foreign.ids)]}
            if model == "subscription.close.wizard":
                values["reason_id"] = self.reason.id
            wizard = self.env[model].with_user(self.salesman).sudo().create(values).sudo(False)
            wizard.invalidate_recordset()
            # It does not even show what they may not see.
            self.assertFalse(wizard.order_ids)
            self._call("salesman", wizard, confirm)
            self.assertEqual(self.foreign.subscription_status, status)
            if status == "progress":
                self.foreign.sudo()._subscription_close(self.foreign.subscription_start, self.reason)

    def test_a_wizard_belongs_to_who_opened_it(self):
        for model in ("subscription.pause.wizard", "subscription.resume.wizard"):
            wizard = self.env[model].with_user(self.salesman).create({"order_id": self.order.id})
            self.assertBlocked("sales_manager", wizard, "read", ["moment"])
            self.assertBlocked("sales_manager", wizard, "action_confirm")

    def test_changes_are_seen_with_their_order(self):
        own, foreign = self._create_change(), self._create_change(self.foreign)
        domain = [("id", "in", (own | foreign).ids)]
        Change = self.env["subscription.change"]
        self.assertEqual(Change.with_user(self.salesman).search(domain), own)
        self.assertBlocked("salesman", foreign, "read", ["kind"])
        for person in ("sales_manager", "accountant", "auditor"):
            self.assertEqual(Change.with_user(self.people[person]).search(domain), own | foreign)

    def test_changes_are_written_by_nobody(self):
        change = self._create_change()
        for person in self.people:
            self.assertBlocked(person, change, "write", {"state": "applied"})
            self.assertBlocked(person, change, "unlink")
            self.assertBlocked(person, change.browse(), "create", {"order_id": self.order.id, "kind": "close"})
        for command in ([Command.update(change.id, {"state": "applied"})], [Command.delete(change.id)]):
            for name in ("subscription_change_ids", "subscription_planned_change_ids", "subscription_past_change_ids"):
                self.assertBlocked("salesman", self.order, "write", {name: command})

    def test_a_change_is_cancelled_by_whoever_may_change_the_order(self):
        change = self._create_change()
        for person in OUTSIDERS:
            self.assertBlocked(person, change, "action_cancel")
        self.assertEqual(change.state, "planned")
        self._call("salesman", change, "action_cancel")
        self.assertEqual(change.state, "cancelled")
        self.assertBlocked("salesman", change, "action_cancel", error=UserError)

    def test_documents_and_lists_of_changes_open_for_their_readers(self):
        change = self._create_change()
        self._call("salesman", self.order, "action_view_subscription_changes")
        self._call("salesman", change, "action_view_documents")
        for person in ("other_salesman", "nobody", "portal", "public"):
            self.assertBlocked(person, change, "action_view_documents")

    def test_resume_and_reopen_are_for_who_may_change_the_order(self):
        self._create_change(effective_on="2026-01-01")
        self.assertTrue(self._call("salesman", self.order, "action_subscription_resume"))
        for person in OUTSIDERS:
            self.assertBlocked(person, self.order, "action_subscription_resume")
        self.order.sudo()._subscription_close(self.order.subscription_start, self.reason)
        self.assertTrue(self._call("salesman", self.order, "action_subscription_reopen_ask"))
        for person in ("accountant", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, self.order, "action_subscription_reopen_ask")

    def test_the_timeline_is_for_those_who_see_the_books(self):
        for person in ("salesman", "sales_manager", "accountant", "auditor"):
            self.assertTrue(self._call(person, self.order, "get_subscription_timeline")["rows"])
        for person in ("other_salesman", "nobody", "portal", "public"):
            self.assertBlocked(person, self.order, "get_subscription_timeline")

    def test_documents_that_one_may_not_see_are_not_linked(self):
        # Due at once: there is a document of the change.
        change = self._create_change(effective_on="2026-01-01", compensation="credit")
        (values,) = self._call("salesman", change, "web_read", {"move_ids": {"fields": {"display_name": {}}}})
        self.assertTrue(values["move_ids"])
        rows = self._call("salesman", self.order, "get_subscription_timeline")["rows"]
        self.assertTrue(any(item["res_id"] for item in rows[0]["items"]))
        self.order.invoice_ids.invoice_user_id = self.people["other_salesman"]
        self.env.invalidate_all()
        (values,) = self._call("salesman", change, "web_read", {"move_ids": {"fields": {"display_name": {}}}})
        self.assertFalse(values["move_ids"])
        rows = self._call("salesman", self.order, "get_subscription_timeline")["rows"]
        self.assertFalse(any(item["res_id"] for item in rows[0]["items"]))
        rows = self._call("sales_manager", self.order, "get_subscription_timeline")["rows"]
        self.assertTrue(any(item["res_id"] for item in rows[0]["items"]))

    def test_another_company_sees_no_changes(self):
        change = self._create_change()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        user = self._create_user(
            "elsewhere",
            "sales_team.group_sale_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertBlocked(user, change, "read", ["kind"])
        self.assertBlocked(user, change, "action_cancel")
