from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import TODAY
from .renewal_common import RenewalCommon


class TestRenewalStart(RenewalCommon):
    """A confirmed renewal: what it renews runs until then, and hands its revenue over."""

    # Ahead

    def test_what_is_renewed_runs_until_the_renewal_starts(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        renewal = self._renew_and_confirm(order, subscription_start="2026-03-10")
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("progress", "scheduled"))
        self.assertEqual(order.subscription_renewed_by_id, renewal)
        self.assertEqual(order.order_line.subscription_end, self._date("2026-03-10"))
        self._bill("2026-02-10")
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("progress", "scheduled"))
        self._bill("2026-03-10")
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("renewed", "progress"))
        self.assertEqual(
            self._get_spans(order | renewal),
            [
                ("2026-01-10", "2026-02-10", "regular"),
                ("2026-02-10", "2026-03-10", "regular"),
                ("2026-03-10", "2026-04-10", "regular"),
            ],
        )
        self.assertFalse(order.subscription_next_invoice_date)
        self.assertSound(order | renewal)
        self._bill("2027-01-10")
        self.assertEqual(len(self._get_invoices(order)), 2)
        self.assertEqual(len(self._get_invoices(renewal)), 11)
        self.assertSound(order | renewal)

    def test_subscriptions_are_found_by_their_confirmed_renewal(self):
        person = new_test_user(self.env, "own_documents", "sales_team.group_sale_salesman", company_id=self.company.id)
        order, offered, other = (self._create_subscription("2026-01-10", user_id=person.id) for _ in range(3))
        self._bill()
        renewal = self._renew_and_confirm(order, subscription_start="2026-03-10")
        self._renew(offered)
        for user, user_id in ((self.env.user, person), (person, person), (person, self.env.user)):
            renewal.user_id = user_id
            Order, readable = self.env["sale.order"].with_user(user), user in (self.env.user, user_id)
            for domain, found in (
                ([("subscription_renewed_by_id", "=", False)], offered | other),
                ([("subscription_renewed_by_id", "!=", False)], order),
                ([("subscription_renewed_by_id", "=", renewal.id)], order),
                ([("subscription_renewed_by_id", "in", [renewal.id, False])], order | offered | other),
                ([("subscription_renewed_by_id", "not in", [renewal.id])], offered | other),
                ([("subscription_renewed_by_id", "not in", [renewal.id, False])], Order),
                # Who may not read the renewal finds out nothing of it.
                ([("subscription_renewed_by_id.name", "=", renewal.name)], order if readable else Order),
                ([("subscription_renewed_by_id", "ilike", renewal.name)], order if readable else Order),
            ):
                with self.subTest(domain, user=user.login, renewal_of=user_id.login):
                    self.assertEqual(Order.search([("id", "in", (order | offered | other).ids), *domain]), found)

    def test_revenue_moves_over_and_the_difference_is_expansion(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(product_uom_qty=2)])
        renewal = self._renew(order, subscription_start="2026-02-10")
        renewal.order_line.product_uom_qty = 3
        renewal.action_confirm()
        self._bill("2026-02-10")
        self.assertEqual(
            self._get_events(order | renewal),
            [
                (order, "2026-01-10", "new", 24.0),
                (order, "2026-02-10", "transfer", -24.0),
                (renewal, "2026-02-10", "transfer", 24.0),
                (renewal, "2026-02-10", "expansion", 12.0),
            ],
        )
        self.assertSound(order | renewal)

    def test_a_renewal_at_the_same_price_only_moves_revenue(self):
        order = self._create_subscription("2026-01-10")
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-10")
        self._bill("2026-02-10")
        self.assertEqual([event[2:] for event in self._get_events(renewal)], [("transfer", 12.0)])
        self.assertSound(order | renewal)

    def test_a_line_that_is_not_renewed_is_contraction(self):
        order = self._create_subscription("2026-01-10", lines=[self._line(), self._line(price_unit=20.0)])
        renewal = self._renew(order, subscription_start="2026-02-10")
        renewal.order_line[0].unlink()
        renewal.action_confirm()
        self._bill("2026-02-10")
        self.assertEqual(
            [event[2:] for event in self._get_events(renewal)],
            [("transfer", 12.0), ("transfer", 20.0), ("contraction", -12.0)],
        )
        self.assertSound(order | renewal)

    def test_from_monthly_to_yearly(self):
        order = self._create_subscription("2026-01-10")
        renewal = self._renew(order, subscription_start="2026-02-10")
        renewal.subscription_plan_id = self.yearly
        self.assertEqual(renewal.order_line.price_unit, 120.0)
        renewal.action_confirm()
        self._bill("2026-02-10")
        # 12 a month become 120 a year, 10 a month.
        self.assertEqual(
            [event[2:] for event in self._get_events(renewal)], [("transfer", 12.0), ("contraction", -2.0)]
        )
        self.assertEqual(self._get_spans(renewal), [("2026-02-10", "2027-02-10", "regular")])
        self.assertSound(order | renewal)

    def test_a_run_that_comes_late_does_it_on_its_day(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-10")
        self._bill("2026-04-01")
        self.assertEqual([event[1] for event in self._get_events(renewal)], ["2026-02-10"])
        self.assertEqual(self._get_spans(order), [("2026-01-10", "2026-02-10", "regular")])
        self.assertEqual(len(self._get_invoices(renewal)), 2)
        self.assertSound(order | renewal)

    def test_the_second_run_changes_nothing(self):
        order = self._create_subscription("2026-01-10")
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-10")
        self._bill("2026-02-10")
        events, spans = self._get_events(order | renewal), self._get_spans(order | renewal)
        self._bill("2026-02-10")
        self.assertEqual((self._get_events(order | renewal), self._get_spans(order | renewal)), (events, spans))

    def test_the_run_may_meet_the_renewal_before_what_it_renews(self):
        order = self._create_subscription("2026-01-10")
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-10")
        self._set_today("2026-02-10")
        run = self.env["subscription.billing.run"].sudo()
        run._turn_orders(renewal.sudo())
        run._turn_orders(order.sudo())
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("renewed", "progress"))
        self.assertEqual([event[2] for event in self._get_events(order)], ["new", "transfer"])

    def test_the_last_days_in_arrears_are_billed_after_it_was_renewed(self):
        plan = self._create_plan("Arrears", billing_timing="arrears")
        order = self._create_subscription("2026-01-10", plan=plan, lines=[self._line(price_unit=31.0)])
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-20")
        self._bill("2026-02-20")
        # 10 of 28 days from 10 February: 31 * 10 / 28 = 11.07
        self.assertEqual(self._get_invoices(order).mapped("amount_untaxed"), [31.0, 11.07])
        self.assertEqual(order.subscription_status, "renewed")
        self.assertFalse(order.subscription_next_invoice_date)
        self.assertSound(order | renewal)

    # At once

    def test_days_that_were_billed_and_are_renewed_are_credited(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        self._set_today("2026-01-11")
        renewal = self._renew(order, subscription_start="2026-01-11")
        renewal.order_line.product_uom_qty = 2
        renewal.action_confirm()
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("renewed", "progress"))
        self._bill()
        self.assertEqual(self._get_invoices(renewal).amount_untaxed, 24.0)
        refund = order.order_line.invoice_lines.move_id.filtered(lambda move: move.move_type == "out_refund")
        # 10 of 31 days were used: 12 - 3.87
        self.assertEqual((refund.amount_untaxed, refund.state), (8.13, "posted"))
        self.assertEqual(self._get_spans(renewal), [("2026-01-11", "2026-02-11", "regular")])
        self.assertSound(order | renewal)

    def test_several_plans_are_credited_each_by_its_own_days(self):
        order = self._create_subscription(
            "2026-01-01", lines=[self._line(), self._line(subscription_plan_id=self.yearly.id)]
        )
        self._bill()
        self._set_today("2026-01-11")
        renewal = self._renew_and_confirm(order, subscription_start="2026-01-11")
        self._bill()
        refund = order.order_line.invoice_lines.move_id.filtered(lambda move: move.move_type == "out_refund")
        # 12 - 3.87 = 8.13 of the month, 120 - 120 * 10 / 365 = 120 - 3.29 = 116.71 of the year
        self.assertEqual(refund.amount_untaxed, 124.84)
        self.assertEqual(self._get_invoices(renewal).amount_untaxed, 132.0)
        self.assertSound(order | renewal)

    def test_without_proration_nothing_is_credited(self):
        self.monthly.prorate_changes = False
        order = self._create_subscription("2026-01-01")
        self._bill()
        self._set_today("2026-01-11")
        renewal = self._renew_and_confirm(order, subscription_start="2026-01-11")
        self._bill()
        self.assertFalse(order.order_line.invoice_lines.move_id.filtered(lambda move: move.move_type == "out_refund"))
        self.assertEqual(self._get_invoices(renewal).amount_untaxed, 12.0)
        self.assertSound(order | renewal)

    def test_confirmed_late_it_starts_today(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        renewal = self._renew(order)
        self.assertEqual(renewal.subscription_start, self._date("2026-02-01"))
        self._bill("2026-02-01")
        self._set_today("2026-02-04")
        renewal.action_confirm()
        self.assertEqual(renewal.subscription_start, self._date("2026-02-04"))
        self.assertEqual(order.subscription_status, "renewed")
        self.assertIn("Confirmed after", "".join(renewal.message_ids.mapped("body")))
        self._bill()
        self.assertSound(order | renewal)

    # Dates that bite

    def test_the_31st_stays_the_31st(self):
        order = self._create_subscription("2026-01-31")
        self._bill()
        renewal = self._renew_and_confirm(order)
        self._bill("2026-04-30")
        self.assertEqual(
            self._get_spans(renewal),
            [
                ("2026-02-28", "2026-03-31", "regular"),
                ("2026-03-31", "2026-04-30", "regular"),
                ("2026-04-30", "2026-05-31", "regular"),
            ],
        )
        self.assertSound(order | renewal)

    def test_a_leap_day_comes_back(self):
        order = self._create_subscription("2024-02-29", plan=self.yearly)
        self._bill("2027-01-01")
        renewal = self._renew_and_confirm(order)
        self.assertEqual(renewal.subscription_start, self._date("2027-02-28"))
        self._bill("2028-02-29")
        self.assertEqual(
            self._get_spans(renewal),
            [("2027-02-28", "2028-02-29", "regular"), ("2028-02-29", "2029-02-28", "regular")],
        )
        self.assertSound(order | renewal)

    def test_another_plan_counts_from_the_start_of_the_renewal(self):
        order = self._create_subscription("2026-01-31")
        self._bill()
        renewal = self._renew(order)
        renewal.subscription_plan_id = self._create_plan("Quarterly", interval_count=3)
        renewal.action_confirm()
        self._bill("2026-02-28")
        self.assertEqual(self._get_spans(renewal), [("2026-02-28", "2026-05-28", "regular")])

    # Currencies

    def test_what_is_carried_in_company_currency_moves_over(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2020-01-01", 0.5), ("2026-02-01", 0.25), ("2026-03-01", 0.1), ("2026-04-01", 0.2)]
        )
        pricelist = self._create_pricelist(name="Euro", currency_id=euro.id)
        order = self._create_subscription("2026-01-10", lines=[self._line(price_unit=10.0)], pricelist_id=pricelist.id)
        renewal = self._renew(order, subscription_start="2026-02-10")
        renewal.order_line.product_uom_qty = 2
        renewal.action_confirm()
        self._bill("2026-02-10")
        events = (order | renewal).subscription_event_ids.sorted("id")
        self.assertEqual(events.mapped("type"), ["new", "transfer", "transfer", "expansion"])
        # 10 at 2.00 move as they were carried; 10 more come at 4.00.
        self.assertEqual(events.mapped("amount_company"), [20.0, -20.0, 20.0, 40.0])
        again = self._renew_and_confirm(renewal, subscription_start="2026-03-10")
        self._bill("2026-03-10")
        again.sudo()._subscription_close(
            self._date("2026-03-10"), self.env.ref("sale_subscription_plus.close_reason_other")
        )
        self.assertEqual(again.subscription_event_ids.sorted("id").mapped("amount_company"), [60.0, -60.0])
        self.assertEqual(sum((order | renewal | again).subscription_event_ids.mapped("amount_company")), 0.0)
        self.assertSound(order | renewal | again)

    # Which of them

    def test_a_second_renewal_is_refused(self):
        order = self._create_subscription("2026-01-10").sudo()
        first, second = order._subscription_renew(), order._subscription_renew()
        first.action_confirm()
        with self.assertRaisesRegex(UserError, f"{order.name} was renewed by {first.name} already"):
            second.action_confirm()
        self._bill("2026-02-10")
        with self.assertRaisesRegex(UserError, f"{order.name} was renewed by {first.name} already"):
            second.action_confirm()

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_second_renewal(self):
        order = self._create_subscription("2026-01-10").sudo()
        first, second = order._subscription_renew(), order._subscription_renew()
        first.action_confirm()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            second.subscription_status = "scheduled"
            second.flush_recordset()

    def test_a_cancelled_renewal_lets_it_run_on(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-20")
        renewal._action_cancel()
        self.assertFalse(order.order_line.subscription_end)
        self.assertFalse(order.subscription_renewed_by_id)
        self._bill("2026-03-10")
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("progress", "cancelled"))
        self.assertEqual(len(self._get_invoices(order)), 3)
        self.assertSound(order)
        self.assertIn("runs on", "".join(order.message_ids.mapped("body")))

    def test_a_cancelled_renewal_gives_way_to_another_one(self):
        order = self._create_subscription("2026-01-10")
        self._renew_and_confirm(order, subscription_start="2026-02-20")._action_cancel()
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-10")
        self._bill("2026-02-10")
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("renewed", "progress"))
        self.assertSound(order | renewal)

    def test_a_cancelled_renewal_leaves_a_term_that_ends_alone(self):
        plan = self._create_plan("Year", commitment_months=12, auto_renew=False)
        order = self._create_subscription("2026-01-10", plan=plan, lines=[self._line(price_unit=12.0)])
        self._renew_and_confirm(order)._action_cancel()
        self.assertEqual(order.order_line.subscription_end, self._date("2027-01-10"))

    def test_a_renewal_that_has_begun_cannot_be_cancelled(self):
        order = self._create_subscription("2026-01-01")
        renewal = self._renew_and_confirm(order, subscription_start=TODAY.replace(day=2))
        self._set_today("2026-01-02")
        self.env["subscription.billing.run"].sudo()._turn_orders(renewal.sudo())
        with self.assertRaisesRegex(UserError, "taken over"):
            renewal._action_cancel()

    def test_closed_meanwhile_it_comes_back_in_the_renewal(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        renewal = self._renew(order)
        order.sudo()._subscription_close(
            self._date("2026-01-10"), self.env.ref("sale_subscription_plus.close_reason_other")
        )
        self._set_today("2026-03-01")
        renewal.action_confirm()
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("closed", "progress"))
        self.assertEqual(renewal.subscription_start, self._date("2026-03-01"), "Days without it are not billed.")
        self.assertEqual([event[2:] for event in self._get_events(renewal)], [("reactivation", 12.0)])
        with self.assertRaisesRegex(UserError, f"goes on as {renewal.name}"):
            order.action_subscription_reopen()
        self._bill()
        self.assertSound(order | renewal)

    def test_closed_between_confirmation_and_start(self):
        order = self._create_subscription("2026-01-10")
        renewal = self._renew_and_confirm(order, subscription_start="2026-03-10")
        order.sudo()._subscription_close(
            self._date("2026-01-10"), self.env.ref("sale_subscription_plus.close_reason_other")
        )
        self._bill("2026-03-10")
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("closed", "progress"))
        self.assertEqual([event[2:] for event in self._get_events(renewal)], [("reactivation", 12.0)])
        self.assertSound(order | renewal)

    def test_a_paused_subscription_runs_again_in_its_renewal(self):
        order = self._create_subscription("2026-01-01")
        self._bill()
        self._set_today("2026-01-11")
        self.env["subscription.change"]._schedule([{"order_id": order.id, "kind": "pause", "compensation": "carry"}])
        self.assertEqual(order.subscription_status, "paused")
        self._set_today("2026-03-01")
        renewal = self._renew_and_confirm(order, subscription_start="2026-03-01")
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("renewed", "progress"))
        self._bill()
        self.assertEqual(
            [event[2:] for event in self._get_events(order | renewal)],
            [("new", 12.0), ("pause", -12.0), ("resume", 12.0), ("transfer", -12.0), ("transfer", 12.0)],
        )
        refund = order.order_line.invoice_lines.move_id.filtered(lambda move: move.move_type == "out_refund")
        # 10 of 31 days were used before the pause: 12 - 3.87 are left to it.
        self.assertEqual(refund.amount_untaxed, 8.13)
        self.assertEqual(len(self._get_invoices(order)), 1, "The pause is not billed.")
        self.assertSound(order | renewal)

    def test_what_was_planned_for_later_is_off(self):
        order = self._create_subscription("2026-01-10")
        line = order.order_line
        self.env["subscription.change"]._schedule(
            [
                {"line_id": line.id, "kind": "quantity", "quantity": 2, "effective_on": self._date("2026-02-01")},
                {"line_id": line.id, "kind": "quantity", "quantity": 3, "effective_on": self._date("2026-05-01")},
            ]
        )
        self._bill()
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-10")
        self._bill("2026-02-10")
        changes = order.sudo().subscription_change_ids.filtered(lambda change: change.kind == "quantity")
        self.assertEqual(changes.sorted("effective_on").mapped("state"), ["applied", "cancelled"])
        self.assertIn("Not done any more", "".join(order.message_ids.mapped("body")))
        self.assertEqual(line.product_uom_qty, 2)
        self.assertSound(order | renewal)

    def test_a_renewal_of_a_renewal_is_one_chain(self):
        first = self._create_subscription("2026-01-10")
        second = self._renew_and_confirm(first, subscription_start="2026-02-10")
        self._bill("2026-02-10")
        third = self._renew_and_confirm(second, subscription_start="2026-03-10")
        self._bill("2026-03-10")
        chain = first | second | third
        self.assertEqual(chain.mapped("subscription_status"), ["renewed", "renewed", "progress"])
        for order in chain:
            self.assertEqual(order._get_subscription_history(), chain)
            self.assertEqual(order.subscription_history_count, 3)
        action = second.action_view_subscription_history()
        self.assertEqual(self.env["sale.order"].search(action["domain"]), chain)
        self.assertEqual(third.subscription_mrr, 12.0)
        self.assertEqual(
            sum(self.env["subscription.event"].search([("order_id", "in", chain.ids)]).mapped("amount")), 12
        )
        self.assertSound(chain)

    def test_what_was_added_belongs_to_the_chain(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        upsell = self.env["sale.order"].browse(order.action_subscription_upsell()["res_id"])
        upsell.order_line.product_uom_qty = 1
        upsell.action_confirm()
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-10")
        self.assertEqual(renewal.order_line.product_uom_qty, 2)
        self._bill("2026-02-10")
        self.assertEqual(renewal._get_subscription_history(), order | upsell | renewal)
        self.assertEqual([event[2:] for event in self._get_events(renewal)], [("transfer", 24.0)])
        self.assertSound(order | renewal)

    def test_what_cannot_be_billed_is_renewed_and_still_owed(self):
        order = self._create_subscription("2026-01-10")
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-10")
        with self._fail_billing(order, UserError("No account.")):
            self._bill("2026-01-12")
            self.assertTrue(order.subscription_parked_reason)
            self._bill("2026-02-10")
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("renewed", "progress"))
        self.assertEqual(len(self._get_invoices(renewal)), 1)
        self._bill("2026-02-11")
        self.assertEqual(self._get_spans(order), [("2026-01-10", "2026-02-10", "regular")])
        self.assertSound(order | renewal)

    # Money that is still owed

    def test_what_is_open_of_it_counts_for_the_renewal(self):
        order = self._create_subscription("2026-01-10")
        self._bill()
        charge = order.subscription_charge_ids
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-10")
        self._bill("2026-02-10")
        self.assertEqual(charge.order_ids, order | renewal)
        charge.sudo()._take_final_action(self._date("2026-02-10"))
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("renewed", "closed"))

    def test_a_payment_that_comes_late_reopens_nothing_that_goes_on_elsewhere(self):
        order = self._create_subscription("2026-01-10")
        policy = order._get_dunning_policy()
        policy.write({"final_action": "close", "reopen_on_payment": True})
        self._bill()
        charge = order.subscription_charge_ids.sudo()
        renewal = self._renew(order)
        charge._take_final_action(self._date("2026-01-10"))
        renewal.action_confirm()
        self._bill("2026-02-10")
        charge._become_paid()
        self.assertEqual((order.subscription_status, renewal.subscription_status), ("closed", "progress"))

    # What is checked

    def test_revenue_that_gets_lost_on_the_way_is_found(self):
        order = self._create_subscription("2026-01-10")
        renewal = self._renew_and_confirm(order, subscription_start="2026-02-10")
        self._bill("2026-02-10")
        self.env.cr.execute(
            "UPDATE subscription_event SET amount_company = 11 WHERE type = 'transfer' AND order_id = %s",
            [renewal.id],
        )
        self.env.invalidate_all()
        details = self.env["subscription.check"]._run()["details"]
        self.assertEqual([(detail["check"], detail["id"]) for detail in details], [("transfers", order.id)])

    def test_two_of_a_chain_that_run_are_found(self):
        order = self._create_subscription("2026-01-10")
        self._renew_and_confirm(order, subscription_start="2026-02-10")
        self._bill("2026-02-10")
        self.env.cr.execute("UPDATE sale_order SET subscription_status = 'progress' WHERE id = %s", [order.id])
        self.env.invalidate_all()
        details = self.env["subscription.check"]._run()["details"]
        self.assertEqual([(detail["check"], detail["id"]) for detail in details], [("renewals", order.id)])
