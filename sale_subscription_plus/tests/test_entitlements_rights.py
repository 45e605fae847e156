from datetime import datetime

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .test_rights import RightsCommon

READERS = ("salesman", "sales_manager", "accountant", "auditor", "admin", "support")


class TestEntitlementsRights(RightsCommon):
    """Support sees what customers may use, and nothing of sales; a customer sees it of nobody."""

    def test_support_reads_the_entitlements_of_all_and_a_plain_salesman_those_of_own_subscriptions(self):
        domain = [("partner_id", "=", self.customer.id)]
        for person in READERS:
            orders = self.order if person == "salesman" else self.order | self.foreign
            with self.subTest(person=person):
                found = self._call(person, self.env["subscription.entitlement"], "search_read", domain, ["order_name"])
                self.assertEqual({row["order_name"] for row in found}, set(orders.mapped("name")))
                told = self._call(person, self.customer, "get_entitlements")
                self.assertEqual({row["order"] for row in told}, set(orders.mapped("name")))

    def test_nobody_else_reads_them(self):
        for person in ("nobody", "portal", "public"):
            self.assertBlocked(person, self.customer, "get_entitlements")
            self.assertBlocked(person, self.env["subscription.entitlement"], "search_read", [], ["state"])
        self.assertBlocked("portal", self.people["portal"].partner_id, "get_entitlements", "2026-01-01")

    def test_nobody_writes_them(self):
        entitlement = self.env["subscription.entitlement"].search([("partner_id", "=", self.customer.id)], limit=1)
        for person in READERS:
            self.assertBlocked(person, entitlement, "write", {"quantity": 5})
            self.assertBlocked(person, entitlement, "unlink")
            self.assertBlocked(person, entitlement.browse(), "create", {"quantity": 5})

    def test_support_reads_every_field_but_the_order_and_its_reason(self):
        support = self.people["support"]
        entitlement = self.env["subscription.entitlement"].with_user(support).search([], limit=1)
        (values,) = entitlement.read()
        self.assertNotIn("order_id", values)
        self.assertTrue(values["reason"])
        (shown,) = entitlement.web_read(
            {name: {"fields": {"display_name": {}}} if name.endswith("_id") else {} for name in values}
        )
        self.assertEqual(shown["partner_id"]["display_name"], self.customer.display_name)
        self.assertBlocked("support", entitlement, "read", ["order_id"])

    def test_support_has_no_sales_right(self):
        for record in (self.order, self.line, self.order.subscription_event_ids, self.line.subscription_period_ids):
            self.assertBlocked("support", record, "read", ["id", "display_name"])
        entitlement = self.env["subscription.entitlement"].search([("order_id", "=", self.order.id)])
        self.assertBlocked("support", entitlement, "action_view_order")
        self.assertEqual(self._call("salesman", entitlement, "action_view_order")["res_id"], self.order.id)

    def test_support_finds_entitlements_in_the_menu_and_on_the_customer(self):
        menus = self.env["ir.ui.menu"].with_user(self.people["support"]).load_menus(False)
        shown = {menu["xmlid"] for menu in menus.values() if menu.get("action_id")}
        ours = {xmlid for xmlid in shown if xmlid.startswith(("sale", "account"))}
        self.assertEqual(ours, {"sale_subscription_plus.menu_subscription_entitlements"})
        action = self._call("support", self.customer, "action_view_entitlements")
        found = self._call("support", self.env["subscription.entitlement"], "search_count", action["domain"])
        count = self._call("support", self.customer, "read", ["subscription_entitlement_count"])
        self.assertEqual((found, count[0]["subscription_entitlement_count"]), (2, 2))

    def test_the_button_counts_what_is_in_force_for_each_contact(self):
        self._create_subscription(subscription_start="2026-05-01")
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer.id})
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        partners = self.customer | contact | stranger
        self.assertEqual(partners.mapped("subscription_entitlement_count"), [2, 2, 0])
        self.assertBlocked("nobody", self.customer, "read", ["subscription_entitlement_count"])

    def test_an_administrator_of_subscriptions_has_the_rights_of_support(self):
        self.assertTrue(self.people["admin"].has_group("sale_subscription_plus.group_subscription_support"))
        self.assertFalse(self.people["support"].has_group("sales_team.group_sale_salesman"))

    def test_support_of_another_company_sees_nothing_of_this_one(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        values = {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        stranger = new_test_user(
            self.env, "stranger_plus", groups="sale_subscription_plus.group_subscription_support", **values
        )
        self.assertEqual(self._call(stranger, self.customer, "get_entitlements"), [])
        self.assertFalse(self.env["subscription.entitlement"].with_user(stranger).search([]))
        self.customer.company_id = self.company
        self.assertBlocked(stranger, self.customer, "get_entitlements")

    def test_no_context_of_a_caller_asks_about_another_day_or_other_orders(self):
        context = {"subscription_entitlement": {"day": "2020-01-01", "order_ids": []}}
        rows = self._call(
            "support", self.env["subscription.entitlement"], "search_read", [], ["state"], context=context
        )
        self.assertEqual({row["state"] for row in rows}, {"active"})


@tagged("-at_install", "post_install")
class TestEntitlementsOverTheNetwork(RightsCommon, HttpCase):
    """The company's software asks by Odoo's JSON API, with the key of a user."""

    def _post(self, person, ids, **params):
        user = self.people[person]
        # The database's clock does not stand still.
        expiration = datetime(2100, 1, 1)
        key = self.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "software", expiration)
        return self.url_open(
            "/json/2/res.partner/get_entitlements",
            json={"ids": ids, **params},
            headers={"Authorization": f"bearer {key}"},
        )

    def test_it_gets_what_a_customer_may_use_today_and_on_any_day(self):
        for person in ("support", "salesman"):
            response = self._post(person, self.customer.ids)
            self.assertEqual(response.status_code, 200)
            row = response.json()[0]
            self.assertEqual(
                {name: row[name] for name in ("product", "quantity", "date_from", "date_to", "state", "usable")},
                {
                    "product": "Magazine",
                    "quantity": 1.0,
                    "date_from": "2026-01-01",
                    "date_to": None,
                    "state": "active",
                    "usable": True,
                },
            )
        rows = self._post("support", self.customer.ids, date="2025-12-31").json()
        self.assertEqual({row["state"] for row in rows}, {"upcoming"})

    def test_who_has_no_right_gets_nothing(self):
        with mute_logger("odoo.http"):
            self.assertEqual(self._post("nobody", self.customer.ids).status_code, 403)
            self.assertEqual(self._post("portal", self.people["portal"].partner_id.ids).status_code, 403)
        response = self.url_open(
            "/json/2/res.partner/get_entitlements",
            json={"ids": self.customer.ids},
            headers={"Authorization": "bearer guessed"},
        )
        self.assertEqual(response.status_code, 401)

    def test_what_is_no_date_or_no_customer_is_told(self):
        with mute_logger("odoo.http"):
            response = self._post("support", self.customer.ids, date="soon")
            self.assertIn("is no date", response.json()["message"])
            self.assertEqual(self._post("support", [2**31 - 1]).status_code, 404)
