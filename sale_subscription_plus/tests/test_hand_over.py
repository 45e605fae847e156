from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .charging_common import ChargingCommon

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


class TestHandOver(ChargingCommon):
    """A running subscription changes hands: it goes on, and nothing of the former customer crosses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bo = cls.env["res.partner"].create({"name": "Bo Heir", "email": "bo@example.com"})
        cls.bos_books = cls.env["res.partner"].create({"name": "Bo's Books", "type": "invoice", "parent_id": cls.bo.id})

    def _hand_over(self, order, partner=None, user=None, **values):
        """Hand ``order`` over by the wizard."""
        order = order.with_user(user) if user else order
        action = order.action_subscription_hand_over()
        Wizard = order.env[action["res_model"]].with_context(**action["context"])
        wizard = Wizard.create({"partner_id": (partner or self.bo).id, **values})
        wizard.action_hand_over()
        self.env.invalidate_all()
        return wizard

    def _get_events(self, order):
        events = order.subscription_event_ids.sorted("id")
        return [(event.partner_id, str(event.date), event.type, event.amount) for event in events]

    def assertSound(self, orders):
        self.assertTiled(orders)
        self.assertEventsSumToMRR(orders)
        self.env.invalidate_all()
        self.assertFalse(self.env["subscription.check"]._run()["details"])

    # Who gets what

    def test_the_new_customer_gets_the_next_invoice_and_nothing_is_billed_twice(self):
        order = self._create_subscription("2026-01-31")
        self._bill()
        self._set_today("2026-02-10")
        self._hand_over(order)
        self.assertRecordValues(
            order,
            [
                {
                    "partner_id": self.bo.id,
                    "partner_invoice_id": self.bos_books.id,
                    "partner_shipping_id": self.bo.id,
                    "subscription_status": "progress",
                    "subscription_handed_over_on": self._date("2026-02-10"),
                }
            ],
        )
        self._bill("2026-03-31")
        invoices = self._get_invoices(order)
        self.assertEqual(invoices.partner_id, self.customer | self.bos_books)
        self.assertEqual(
            [str(move.invoice_line_ids.subscription_period_start) for move in invoices],
            ["2026-01-31", "2026-02-28", "2026-03-31"],
        )
        self.assertEqual(invoices[0].partner_id, self.customer)
        self.assertSound(order)

    def test_what_was_missed_is_billed_to_the_former_customer(self):
        order = self._create_subscription("2026-01-10")
        self._set_today("2026-02-10")
        order.action_subscription_hand_over()
        wizard = self.env["subscription.hand.over.wizard"].new({"order_id": order.id, "partner_id": self.bo.id})
        self.assertIn("What is due today is billed to Ada Reader before", wizard.summary)
        self._hand_over(order)
        self.assertEqual(self._get_invoices(order).partner_id, self.customer)
        self.assertEqual(len(self._get_invoices(order)), 2)
        self._bill("2026-03-10")
        self.assertEqual(self._get_invoices(order)[2].partner_id, self.bos_books)
        self.assertSound(order)

    def test_a_yearly_period_from_a_leap_day_goes_on(self):
        order = self._create_subscription("2024-02-29", plan=self.yearly)
        self._bill("2026-01-01")
        self._hand_over(order)
        self._bill("2028-03-01")
        self.assertEqual(
            [str(line.subscription_period_start) for line in self._get_invoices(order).invoice_line_ids],
            ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
        )
        self.assertEqual(
            self._get_invoices(order).mapped("partner_id.name"),
            ["Ada Reader", "Bo's Books"],
        )
        self.assertSound(order)

    def test_agreed_prices_and_planned_changes_stay(self):
        order = self._create_subscription(lines=[self._line(price_unit=7.0, discount=10)])
        self._bill()
        self.bo.property_product_pricelist = self._create_pricelist(name="Bo's")
        pricelist = order.pricelist_id
        self.env["subscription.change"]._schedule(
            [
                {
                    "line_id": order.order_line.id,
                    "kind": "quantity",
                    "quantity": 2,
                    "effective_on": self._date("2026-02-01"),
                }
            ]
        )
        self._set_today("2026-01-10")
        self._hand_over(order)
        self.assertEqual((order.order_line.price_unit, order.order_line.discount), (7.0, 10.0))
        self.assertEqual(order.pricelist_id, pricelist)
        self._bill("2026-02-01")
        self.assertEqual(order.order_line.product_uom_qty, 2)
        self.assertSound(order)

    def test_the_fiscal_position_is_that_of_the_new_customer(self):
        export = self.env["account.fiscal.position"].create({"name": "Export", "company_id": self.company.id})
        self.bo.property_account_position_id = export
        order = self._create_subscription()
        self._bill()
        self._hand_over(order)
        self.assertEqual(order.fiscal_position_id, export)
        self.assertTrue(order.subscription_fiscal_auto)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order)[1].fiscal_position_id, export)

    # Revenue

    def test_revenue_moves_from_one_customer_to_the_other(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(), self._line(price_unit=5.0)])
        self._bill()
        self._set_today("2026-01-20")
        self._hand_over(order)
        self.assertEqual(
            self._get_events(order)[2:],
            [
                (self.customer, "2026-01-20", "transfer", -12.0),
                (self.bo, "2026-01-20", "transfer", 12.0),
                (self.customer, "2026-01-20", "transfer", -5.0),
                (self.bo, "2026-01-20", "transfer", 5.0),
            ],
        )
        self.assertSound(order)

    def test_in_company_currency_it_moves_as_it_was_carried(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5), ("2026-02-01", 0.25), ("2026-03-01", 0.1)])
        pricelist = self._create_pricelist(name="Euro", currency_id=euro.id)
        order = self._create_subscription("2026-01-10", lines=[self._line(price_unit=10.0)], pricelist_id=pricelist.id)
        self._bill()
        self._set_today("2026-02-05")
        self._hand_over(order)
        self.assertEqual(order.subscription_event_ids.sorted("id").mapped("amount_company"), [20.0, -20.0, 20.0])
        self._set_today("2026-03-05")
        order.sudo()._subscription_close(
            self._date("2026-03-05"), self.env.ref("sale_subscription_plus.close_reason_other")
        )
        bos = order.subscription_event_ids.filtered(lambda event: event.partner_id == self.bo)
        self.assertEqual(sum(bos.mapped("amount_company")), 0.0)
        self._bill()
        self.assertSound(order)

    def test_a_paused_subscription_moves_no_revenue(self):
        order = self._create_subscription()
        self._bill()
        self.env["subscription.change"]._schedule([{"order_id": order.id, "kind": "pause", "compensation": "carry"}])
        self._hand_over(order)
        # Only that it pauses passes from one to the other.
        self.assertEqual(
            [event[2:] for event in self._get_events(order)],
            [("new", 12.0), ("pause", -12.0), ("transfer", 0.0), ("transfer", 0.0)],
        )
        self.assertEqual(order.subscription_event_ids.sorted("id")[1:].mapped("pausing"), [1, -1, 1])
        self.env["subscription.change"]._schedule([{"order_id": order.id, "kind": "resume"}])
        self.assertEqual(self._get_events(order)[-1][0::2], (self.bo, "resume"))
        self.assertSound(order)

    # Methods and debts

    def test_paid_days_pass_to_the_new_customer_and_so_does_their_credit(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        self._set_today("2026-01-05")
        self._hand_over(order)
        self._set_today("2026-01-11")
        reason = self.env.ref("sale_subscription_plus.close_reason_other")
        order.sudo()._subscription_close(self._date("2026-01-11"), reason, credit=True)
        self._bill()
        refund = order.order_line.invoice_lines.move_id.filtered(lambda move: move.move_type == "out_refund")
        # 10 of 31 days were used: 12 - 3.87
        self.assertEqual((refund.partner_id, refund.amount_untaxed), (self.bos_books, 8.13))
        self.assertEqual(self._get_invoices(order).payment_state, "not_paid")
        self.assertSound(order)

    def test_open_invoices_stay_with_the_former_method_and_the_new_one_never_pays_them(self):
        order = self._create_automatic()
        self._charge("soft")
        charge = order.subscription_charge_ids
        self._hand_over(order)
        self.assertFalse(order.subscription_token_id)
        self.assertEqual((charge.order_ids, charge.former_order_ids), (order.browse(), order))
        self.assertEqual(charge.token_id, self.card)
        bos_card = self._create_token(self.bo)
        order.subscription_token_id = bos_card
        self.assertEqual(charge.token_id, self.card)
        self._bill("2026-02-01")
        self._charge("done")
        attempts = self.env["payment.transaction"].search([("subscription_charge_id", "!=", False)])
        used = {(tx.invoice_ids.partner_id, tx.token_id) for tx in attempts}
        self.assertEqual(used, {(self.customer, self.card), (self.bos_books, bos_card)})
        self.assertSound(order)

    def test_debts_of_the_former_customer_do_not_touch_the_new_one(self):
        order = self._create_automatic()
        self._charge("soft")
        self.assertEqual(order.subscription_payment_status, "retrying")
        charge = order.subscription_charge_ids
        self._hand_over(order)
        self.assertEqual(order.subscription_payment_status, "ok")
        for day in range(2, 16):
            self._charge("soft", f"2026-01-{day:02}")
        self.assertEqual(charge.state, "given_up")
        self.assertEqual((order.subscription_status, order.subscription_payment_status), ("progress", "ok"))
        self.assertSound(order)

    def test_a_new_method_of_the_former_customer_pays_their_debts_and_no_more(self):
        order = self._create_automatic()
        self._charge("hard")
        charge = order.subscription_charge_ids
        self._hand_over(order)
        self.assertEqual(charge.state, "method_needed")
        fresh = self._create_token()
        self.assertEqual(charge.token_id, fresh)
        self.assertFalse(order.subscription_token_id)
        self._charge("done")
        self.assertEqual(charge.state, "paid")

    def test_a_new_method_of_the_new_customer_leaves_old_debts_alone(self):
        order = self._create_automatic()
        self._charge("hard")
        charge = order.subscription_charge_ids
        self._hand_over(order)
        self._create_token(self.bo)
        self.assertEqual((charge.token_id, charge.state), (self.card, "method_needed"))

    def test_the_former_customers_method_cannot_pay_the_new_one(self):
        order = self._create_automatic()
        self._hand_over(order)
        with self.assertRaises(AccessError):
            order.sudo()._subscription_enrol(self.card)

    def test_an_archived_former_method_asks_its_owner_for_another_one(self):
        order = self._create_automatic()
        self._charge("soft")
        charge = order.subscription_charge_ids
        self._hand_over(order)
        self.card.active = False
        self._charge("done")
        self.assertEqual((charge.state, order.subscription_payment_status), ("method_needed", "ok"))

    def test_of_a_shared_invoice_only_what_was_handed_over_leaves(self):
        plan = self._create_plan("Together", consolidate=True, dunning_policy_id=self.policy.id)
        orders = self.env["sale.order"].union(
            *(
                self._create_subscription(
                    "2026-01-01", plan=plan, lines=[self._line(price_unit=5.0)], subscription_token_id=self.card.id
                )
                for _number in range(2)
            )
        )
        self._bill()
        charge = orders.subscription_charge_ids.ensure_one()
        given, kept = orders
        self._hand_over(given)
        self.assertEqual((charge.order_ids, charge.token_id), (kept, self.card))
        self._charge("soft")
        self.assertEqual((given.subscription_payment_status, kept.subscription_payment_status), ("ok", "retrying"))
        self.assertEqual(given.subscription_charge_count, 1)
        self.assertIn(
            charge, self.env["subscription.charge"].search(given.action_view_subscription_charges()["domain"])
        )

    def test_what_was_paid_to_sign_up_never_pays_an_invoice_of_another_customer(self):
        plan = self._create_plan("Arrears", billing_timing="arrears")
        order = self._create_subscription("2026-01-01", plan=plan, lines=[self._line(price_unit=5.0)])
        paid = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "reference": "signup",
                "amount": 5.0,
                "currency_id": order.currency_id.id,
                "partner_id": self.customer.id,
                "operation": "online_direct",
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )
        self._set_today("2026-01-10")
        self._hand_over(order)
        self._bill("2026-02-01")
        self.assertFalse(self._get_invoices(order).transaction_ids)
        self.assertFalse(paid.invoice_ids)

    def test_days_of_the_former_customer_are_not_billed_again_to_the_new_one(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        self._hand_over(order)
        self._get_invoices(order).button_cancel()
        skip = order.order_line.subscription_period_ids.filtered(lambda row: row.state == "live")
        with self.assertRaisesRegex(UserError, "Invoice the former one by hand"):
            skip.action_bill_again()
        self._bill("2026-02-01")
        self._get_invoices(order)[1].button_cancel()
        skip = order.order_line.subscription_period_ids.filtered(
            lambda row: row.state == "live" and str(row.start) == "2026-02-01"
        )
        skip.action_bill_again()
        self._bill()
        self.assertEqual(self._get_invoices(order)[2].partner_id, self.bos_books)

    # Eyes

    def test_links_and_letters_of_the_former_customer_are_theirs_alone(self):
        order = self._create_subscription()
        self._bill()
        order._portal_ensure_token()
        token = order.access_token
        order.message_subscribe(self.customer.ids)
        letter = order.message_post(body="Dear Ada", subtype_xmlid="mail.mt_comment")
        order.sudo().write(
            {
                "signature": PIXEL,
                "signed_by": "Ada",
            }
        )
        self._hand_over(order, note="Ada gave it to Bo.")
        self.assertTrue(order.access_token)
        self.assertNotEqual(order.access_token, token)
        self.assertNotIn(self.customer, order.message_partner_ids)
        self.assertIn(self.bo, order.message_partner_ids)
        self.assertTrue(letter.is_internal)
        self.assertFalse(order.signature)
        self.assertIn("Signed by Ada.", "".join(order.message_ids.mapped("body")))
        self.assertFalse(order._get_portal_invoices())
        self._bill("2026-02-01")
        self.assertEqual(order._get_portal_invoices().partner_id, self.bos_books)
        told = order.message_ids.filtered(lambda message: "Handed over" in (message.body or ""))
        self.assertIn("Ada gave it to Bo.", told.body)

    # Refused

    def test_it_goes_to_another_customer(self):
        order = self._create_subscription()
        contact = self.env["res.partner"].create({"name": "Cy", "parent_id": self.customer.id})
        for partner in (self.customer, contact):
            with self.assertRaisesRegex(UserError, "already"):
                self._hand_over(order, partner)

    def test_it_stays_within_its_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        partner = self.env["res.partner"].create({"name": "Di", "company_id": other.id})
        with self.assertRaisesRegex(UserError, "Elsewhere"):
            self._hand_over(self._create_subscription(), partner)

    def test_only_what_runs_is_handed_over(self):
        scheduled = self._create_subscription(subscription_start="2026-05-01")
        closed = self._create_subscription()
        closed.sudo()._subscription_close(
            self._date("2026-01-01"), self.env.ref("sale_subscription_plus.close_reason_other")
        )
        for order in (scheduled, closed, self._create_quotation()):
            with self.assertRaisesRegex(UserError, "does not run"):
                order.action_subscription_hand_over()

    def test_what_was_offered_to_the_former_customer_is_cancelled_first(self):
        order = self._create_subscription()
        self._bill()
        renewal = order.sudo()._subscription_renew()
        for _state in ("draft", "sale"):
            with self.assertRaisesRegex(UserError, f"{renewal.name}: what was offered"):
                order.action_subscription_hand_over()
            if renewal.state == "draft":
                renewal.action_confirm()
        self.assertEqual(renewal.subscription_status, "scheduled")
        renewal._action_cancel()
        self._hand_over(order)
        self.assertEqual(order.partner_id, self.bo)

    def test_what_cannot_be_billed_is_not_handed_over(self):
        order = self._create_subscription()
        with self._fail_billing(order, UserError("No account.")), self.assertRaisesRegex(UserError, "No account"):
            self._hand_over(order)
        self.assertEqual(order.partner_id, self.customer)

    def test_more_missed_than_one_day_bills_is_billed_first(self):
        order = self._create_subscription("2024-01-01")
        self._set_today("2026-01-10")
        with self.assertRaisesRegex(UserError, "missed periods"):
            self._hand_over(order)

    # Rights

    def test_a_salesperson_hands_over_own_subscriptions_only(self):
        salesman, other = (
            new_test_user(self.env, name, "sales_team.group_sale_salesman", company_id=self.company.id)
            for name in ("sam_hand", "olaf_hand")
        )
        order = self._create_subscription(user_id=salesman.id)
        wizard = self.env["subscription.hand.over.wizard"].create({"order_id": order.id, "partner_id": self.bo.id})
        wizard.sudo().create_uid = other
        with self.assertRaises(AccessError):
            order.with_user(other).action_subscription_hand_over()
        with self.assertRaises(AccessError):
            wizard.with_user(other).action_hand_over()
        self._hand_over(order, user=salesman)
        self.assertEqual(order.partner_id, self.bo)

    def test_nobody_else_hands_over(self):
        order = self._create_subscription()
        wizard = self.env["subscription.hand.over.wizard"].create({"order_id": order.id, "partner_id": self.bo.id})
        for name, group in (
            ("acc_hand", "account.group_account_invoice"),
            ("nob_hand", "base.group_user"),
            ("por_hand", "base.group_portal"),
        ):
            user = new_test_user(self.env, name, group, company_id=self.company.id)
            with self.subTest(group=group):
                with self.assertRaises(AccessError):
                    order.with_user(user).action_subscription_hand_over()
                with self.assertRaises(AccessError):
                    wizard.with_user(user).action_hand_over()

    # The screen

    def test_the_wizard_proposes_the_addresses_and_says_what_it_means(self):
        order = self._create_automatic()
        action = order.action_subscription_hand_over()
        with Form(self.env[action["res_model"]].with_context(**action["context"])) as form:
            form.partner_id = self.bo
            self.assertIn("Bo Heir has the subscription from today", form.summary)
            self.assertIn("02/01/2026", form.summary)
            self.assertIn("payment method of Ada Reader", form.summary)
        wizard = form.record
        self.assertEqual((wizard.partner_invoice_id, wizard.partner_shipping_id), (self.bos_books, self.bo))
