"""What server actions do with subscriptions: by an automation rule, or from the menu of a list."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .automation_common import AutomationCommon


@tagged("-at_install", "post_install")
class TestActions(AutomationCommon):
    def _create_action(self, state, **values):
        values = self._action(state, **values) | {"usage": "ir_actions_server"}
        return self.env["ir.actions.server"].sudo().create(values)

    def _run_action(self, action, orders):
        action.with_context(active_model="sale.order", active_ids=orders.ids, active_id=orders[:1].id).run()

    def test_discount_for_some_periods_from_the_end_of_what_is_billed(self):
        order = self._create_subscription()
        self._bill()
        action = self._create_action("subscription_change", subscription_discount=25, subscription_discount_periods=2)
        self._run_action(action, order)
        change = order.subscription_planned_change_ids
        self.assertEqual((change.kind, change.discount, change.discount_periods), ("discount", 25, 2))
        self.assertEqual(str(change.effective_on), "2026-02-01")
        for day in ("2026-02-01", "2026-03-01", "2026-04-01"):
            self._bill(day)
        self.assertEqual(self._get_invoices(order).mapped("amount_untaxed"), [12.0, 9.0, 9.0, 12.0])

    def test_discount_never_raises_a_price(self):
        order = self._create_subscription(lines=[self._line(discount=50)])
        self._run_action(self._create_action("subscription_change", subscription_discount=10), order)
        self.assertFalse(order.subscription_change_ids)

    def test_pause_for_some_days_from_today(self):
        order = self._create_subscription()
        action = self._create_action(
            "subscription_change", subscription_change_kind="pause", subscription_when="now", subscription_pause_days=10
        )
        self._run_action(action, order)
        self.assertEqual(order.subscription_status, "paused")
        self.assertEqual(str(order.subscription_planned_change_ids.effective_on), "2026-01-11")
        resume = self._create_action("subscription_change", subscription_change_kind="resume")
        self._set_today("2026-01-05")
        self._run_action(resume, order)
        self.assertEqual(order.subscription_status, "progress")

    def test_close_today_at_period_end_and_at_term_end(self):
        reason = self.quick_ref("sale_subscription_plus.close_reason_other")
        for when, terms, day in (
            ("now", {}, "2026-01-01"),
            ("period_end", {}, "2026-02-01"),
            ("term_end", {}, "2026-02-01"),
            (
                "term_end",
                {"subscription_commitment_months": 3, "subscription_auto_renew": False},
                "2026-04-01",
            ),
        ):
            with self.subTest(when=when, **terms):
                order = self._create_subscription(**terms)
                self._bill()
                action = self._create_action(
                    "subscription_close", subscription_when=when, subscription_close_reason_id=reason.id
                )
                self._run_action(action, order)
                self.assertEqual(str(order.subscription_closed_on), day)
                self.assertEqual(order.subscription_close_reason_id, reason)
                self.assertEqual(order.subscription_status, "closed" if when == "now" else "progress")

    def test_what_ends_earlier_keeps_its_end(self):
        reason = self.quick_ref("sale_subscription_plus.close_reason_other")
        order = self._create_subscription()
        self._bill()
        order.sudo()._subscription_close(self._date("2026-01-15"), reason)
        action = self._create_action("subscription_close", subscription_close_reason_id=reason.id)
        self._run_action(action, order)
        self.assertEqual(str(order.subscription_closed_on), "2026-01-15")

    def test_close_needs_a_reason(self):
        action = self._create_action("subscription_close")
        self.assertIn("why", action.warning)
        with self.assertRaises(ValidationError):
            self._create_rule("on_subscription_status", [self._action("subscription_close")])

    def test_renewal_quotation_is_made_once_and_mailed_when_told(self):
        order = self._create_subscription(subscription_commitment_months=3)
        action = self._create_action("subscription_renewal", subscription_send_quotation=True)
        self._run_action(action, order)
        self._run_action(action, order)
        renewal = order.subscription_renewal_ids
        self.assertEqual((len(renewal), renewal.state), (1, "sent"))
        mail = self.env["mail.mail"].search([("model", "=", "sale.order"), ("res_id", "=", renewal.id)])
        self.assertEqual((mail.state, mail.recipient_ids), ("outgoing", self.customer))

    def test_renewal_quotation_without_an_address_waits_for_the_salesperson(self):
        order = self._create_subscription(subscription_commitment_months=3)
        self.customer.email = False
        self._run_action(self._create_action("subscription_renewal", subscription_send_quotation=True), order)
        renewal = order.subscription_renewal_ids
        self.assertEqual(renewal.state, "draft")
        self.assertIn("no e-mail address", "".join(renewal.message_ids.mapped("body")))

    def test_renewal_quotation_of_nobody_is_given_to_somebody(self):
        order = self._create_subscription(subscription_commitment_months=3, user_id=False, team_id=False)
        self._run_action(self._create_action("subscription_renewal"), order)
        self.assertEqual(order.subscription_renewal_ids.activity_ids.user_id, self.quick_ref("base.user_admin"))

    def test_renewal_of_what_does_not_run_says_why_not(self):
        order = self._create_subscription("2026-01-01", subscription_start="2026-02-01")
        with self.assertRaisesRegex(UserError, "does not run"):
            self._run_action(self._create_action("subscription_renewal"), order)

    def test_rating_is_asked_for(self):
        order = self._create_subscription()
        self._run_action(self._create_action("subscription_rating"), order)
        self.assertEqual(len(order.rating_ids), 1)

    def test_ordinary_orders_are_left_alone(self):
        order = self._create_quotation([self._line(self.poster)], plan=self.env["subscription.plan"])
        self._run_action(self._create_action("subscription_renewal"), order)
        self.assertFalse(order.subscription_renewal_ids)

    def test_actions_are_offered_for_sales_orders_only(self):
        action = self._create_action("subscription_rating")
        self.assertIn("subscription_rating", action.allowed_states)
        contacts = self.env["ir.actions.server"].new({"model_id": self.env["ir.model"]._get("res.partner").id})
        self.assertNotIn("subscription_rating", contacts.allowed_states)
        self.assertIn("code", contacts.allowed_states)

    def test_who_does_not_sell_does_nothing_by_an_action(self):
        order = self._create_subscription()
        action = self._create_action("subscription_renewal")
        accountant = new_test_user(
            self.env, "billing_only", groups="account.group_account_invoice", company_id=self.company.id
        )
        with self.assertRaises(AccessError):
            self._run_action(action.with_user(accountant), order)
        salesman = new_test_user(
            self.env, "seller_only", groups="sales_team.group_sale_salesman", company_id=self.company.id
        )
        with self.assertRaises(AccessError):
            self._run_action(action.with_user(salesman), order)
        order.user_id = salesman
        self._run_action(action.with_user(salesman).sudo(False), order)
        self.assertEqual(len(order.subscription_renewal_ids), 1)
