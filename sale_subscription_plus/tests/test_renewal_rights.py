from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_rights import RightsCommon


@tagged("-at_install", "post_install")
class TestRenewalRights(RightsCommon):
    """Who may renew, and see the chain of orders."""

    def test_a_plain_salesman_renews_own_subscriptions_only(self):
        action = self._call("salesman", self.order, "action_subscription_renew")
        renewal = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual(renewal.subscription_renews_id, self.order)
        self.assertEqual(renewal.user_id, self.salesman)
        self._call("salesman", renewal, "write", {"subscription_start": "2026-03-01"})
        self._call("salesman", renewal, "action_confirm")
        self.assertEqual(renewal.subscription_status, "scheduled")
        self.assertBlocked("salesman", self.foreign, "action_subscription_renew")
        self.assertBlocked("salesman", self.order | self.foreign, "action_subscription_renew")
        self.assertFalse(self.foreign.subscription_renewal_ids)

    def test_a_manager_renews_anybodys(self):
        self._call("sales_manager", self.order | self.foreign, "action_subscription_renew")
        self.assertEqual(len((self.order | self.foreign).subscription_renewal_ids), 2)

    def test_who_does_not_sell_does_not_renew(self):
        for person in ("accountant", "auditor", "nobody", "portal", "public"):
            self.assertBlocked(person, self.order, "action_subscription_renew")
        self.assertFalse(self.order.subscription_renewal_ids)

    def test_a_customer_who_signs_confirms_a_renewal(self):
        renewal = self.order.sudo()._subscription_renew()
        renewal.with_user(self.people["portal"]).sudo().action_confirm()
        self.assertEqual(renewal.subscription_status, "scheduled")
        self.assertEqual(self.order.order_line.subscription_end, renewal.subscription_start)

    def test_somebody_of_another_company_does_not_renew(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user(
            "stranger", "sales_team.group_sale_manager", company_id=company.id, company_ids=[Command.set(company.ids)]
        )
        self.assertBlocked(stranger, self.order, "action_subscription_renew")
        self.assertBlocked(stranger, self.order, "action_subscription_hand_over")

    def test_the_chain_shows_what_one_may_see(self):
        renewal = self.order.sudo()._subscription_renew()
        renewal.user_id = self.people["other_salesman"]
        action = self._call("salesman", self.order, "action_view_subscription_history")
        seen = self.env["sale.order"].with_user(self.salesman).search(action["domain"])
        self.assertEqual(seen, self.order)
        self.assertEqual(
            self._call("salesman", self.order, "read", ["subscription_history_count"])[0]["subscription_history_count"],
            2,
        )

    def test_nobody_says_by_hand_what_an_order_renews(self):
        quotation = self._create_quotation(user_id=self.salesman.id)
        self.assertBlocked("salesman", quotation, "write", {"subscription_renews_id": self.order.id})
        values = {"partner_id": self.customer.id, "subscription_renews_id": self.order.id}
        self.assertBlocked("salesman", quotation.browse(), "create", values)
        context = {"default_subscription_renews_id": self.order.id}
        created = self._call(
            "salesman", quotation.browse(), "create", {"partner_id": self.customer.id}, context=context
        )
        self.assertFalse(self.env["sale.order"].browse(created).subscription_renews_id)

    def test_a_line_cannot_pretend_to_go_on_from_another_subscription(self):
        quotation = self._create_quotation(user_id=self.salesman.id)
        values = {"subscription_renews_line_id": self.line.id}
        self.assertBlocked("salesman", quotation.order_line, "write", values)
        quotation.order_line.sudo().write(values)
        quotation.action_confirm()
        self.assertEqual(quotation.subscription_event_ids.mapped("type"), ["new"])
        self.assertEqual(quotation.order_line.subscription_anchor, quotation.subscription_start)

    def test_a_salesman_edits_the_quotation_on_the_screen(self):
        renewal = self.order.sudo()._subscription_renew()
        with Form(renewal.with_user(self.salesman)) as form:
            form.subscription_plan_id = self.yearly
            with form.order_line.edit(0) as line:
                line.product_uom_qty = 3
        self.assertEqual(renewal.order_line.subscription_renews_line_id, self.line)
        self.assertEqual((renewal.order_line.product_uom_qty, renewal.order_line.price_unit), (3, 120.0))

    def test_no_context_of_a_caller_changes_a_renewal(self):
        context = {"default_state": "sale", "default_partner_id": self.env.user.partner_id.id, "default_discount": 50.0}
        action = self._call("salesman", self.order, "action_subscription_renew", context=context)
        renewal = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual((renewal.state, renewal.partner_id), ("draft", self.customer))
        self.assertEqual(renewal.order_line.discount, 0.0)

    def test_nothing_is_added_to_what_is_renewed_soon(self):
        renewal = self.order.sudo()._subscription_renew()
        renewal.action_confirm()
        self.assertBlocked("salesman", self.order, "action_subscription_upsell", error=UserError)
