"""The rules that come ready-made: each played day by day until it fires, and not in the neighbouring case."""

from odoo.fields import Date
from odoo.tests import tagged

from .automation_common import AutomationCommon


@tagged("-at_install", "post_install")
class TestReadyMade(AutomationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.neighbour = cls.env["res.partner"].create({"name": "Ben Reader", "email": "ben@example.com"})

    def _get_activities(self, orders):
        return self.env["mail.activity"].search(
            [("res_model", "=", "sale.order"), ("res_id", "in", orders.ids), ("automated", "=", True)]
        )

    def _get_mails(self, order, subject):
        return self.env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "=", order.id), ("subject", "like", subject)]
        )

    def test_they_are_off_until_somebody_switches_them_on(self):
        rules = self.env["base.automation"].with_context(active_test=False)
        rules = rules.search([("subscription_ready_made", "=", True)])
        self.assertGreaterEqual(len(rules), 10)
        self.assertFalse(any(rules.mapped("active")))
        self.assertTrue(all(rules.mapped("subscription_sentence")))

    def test_unhappy_customer_is_called(self):
        rule = self._switch_on("automation_unhappy")
        unhappy, neutral = self._create_subscription(), self._create_subscription(partner_id=self.neighbour.id)
        self._play(rule, "2026-01-01", "2026-01-02")
        self._rate(unhappy, 1)
        self._rate(neutral, 3)
        self.assertEqual(self._play(rule, "2026-01-03", "2026-01-20"), [("2026-01-03", unhappy)])
        activity = self._get_activities(unhappy)
        self.assertEqual(activity.user_id, unhappy.user_id)
        self.assertEqual(activity.date_deadline, Date.to_date("2026-01-08"))
        self.assertFalse(self._get_activities(neutral))
        self._rate(unhappy, 1)
        self.assertEqual(
            self._play(rule, "2026-01-21", "2026-01-25"), [("2026-01-21", unhappy)], "Another answer is another fact."
        )

    def test_health_turned_bad_is_looked_into(self):
        rule = self._switch_on("automation_health_bad")
        bad, good = self._create_subscription(), self._create_subscription(partner_id=self.neighbour.id)
        self.assertFalse(self._play(rule, "2026-01-01", "2026-01-02"))
        self._rate(bad, 1)
        self._rate(good, 5)
        self.assertEqual(self._play(rule, "2026-01-03", "2026-01-10"), [("2026-01-03", bad)])
        self.assertEqual(bad.subscription_health, "bad")
        self.assertEqual(self._get_activities(bad).date_deadline, Date.to_date("2026-01-05"))
        self._set_today("2026-01-20")
        self._rate(bad, 5)
        self.assertFalse(self._play(rule, "2026-01-20", "2026-01-21"))
        self._set_today("2026-02-10")
        self._rate(bad, 1)
        self.assertEqual(self._play(rule, "2026-02-10", "2026-02-12"), [("2026-02-10", bad)])

    def test_payment_failed_twice_leads_to_a_call(self):
        rule = self._switch_on("automation_payment_failed")
        failing = self._create_automatic()
        self.assertEqual(self._play(rule, "2026-01-01", "2026-01-10", answer="soft"), [("2026-01-02", failing)])
        self.assertEqual(len(self._get_activities(failing)), 1)

    def test_payment_that_failed_once_leads_to_none(self):
        rule = self._switch_on("automation_payment_failed")
        failing = self._create_automatic()
        self.assertFalse(self._play(rule, "2026-01-01", "2026-01-01", answer="soft"))
        self.assertFalse(self._play(rule, "2026-01-02", "2026-01-10", answer="done"))
        self.assertEqual(self._get_charge(failing).state, "paid")

    def test_term_that_ends_gets_a_renewal_quotation(self):
        rule = self._switch_on("automation_term_ends")
        terms = {"subscription_commitment_months": 3}
        ending = self._create_subscription(subscription_auto_renew=False, **terms)
        renewing = self._create_subscription(subscription_auto_renew=True, **terms)
        self.assertEqual(str(ending.subscription_term_end), "2026-03-31")
        self.assertEqual(self._play(rule, "2026-01-01", "2026-02-10"), [("2026-01-30", ending)])
        self.assertEqual(ending.subscription_renewal_ids.subscription_status, "quotation")
        self.assertFalse(renewing.subscription_renewal_ids)

    def test_term_shorter_than_the_days_before_gets_it_as_well(self):
        rule = self._switch_on("automation_term_ends")
        order = self._create_subscription(subscription_auto_renew=False, subscription_commitment_months=1)
        self.assertEqual(self._play(rule, "2026-01-01", "2026-01-05"), [("2026-01-01", order)])

    def test_term_that_shall_not_renew_any_more_gets_it_late(self):
        rule = self._switch_on("automation_term_ends")
        order = self._create_subscription(subscription_auto_renew=True, subscription_commitment_months=3)
        self.assertFalse(self._play(rule, "2026-02-01", "2026-02-02"))
        order.subscription_auto_renew = False
        self.assertEqual(self._play(rule, "2026-02-03", "2026-02-04"), [("2026-02-03", order)])

    def test_quotation_that_is_there_is_not_made_again(self):
        rule = self._switch_on("automation_term_ends")
        order = self._create_subscription(subscription_auto_renew=False, subscription_commitment_months=3)
        order.action_subscription_renew()
        self.assertEqual(self._play(rule, "2026-01-30", "2026-02-02"), [("2026-01-30", order)])
        self.assertEqual(len(order.subscription_renewal_ids), 1)

    def test_mrr_that_falls_by_a_fifth_is_told_the_salesperson(self):
        rule = self._switch_on("automation_mrr_down")
        much = self._create_subscription(lines=[self._line(product_uom_qty=5)])
        little = self._create_subscription(lines=[self._line(product_uom_qty=10)])
        self.assertFalse(self._play(rule, "2026-01-01", "2026-01-09"))
        self._set_today("2026-01-10")
        self._change_quantity(much, 4)
        self._change_quantity(little, 9)
        self.assertEqual(self._play(rule, "2026-01-10", "2026-01-25"), [("2026-01-10", much)])
        told = much.message_ids.filtered(lambda message: "brings much less" in message.body)
        self.assertEqual(told.notified_partner_ids, much.user_id.partner_id)
        self.assertTrue(told.subtype_id.internal, "Its customer does not read it in the portal.")
        self.assertIn(f"/odoo/sales/{much.id}", told.body)

    def test_mrr_that_falls_in_two_steps_is_told_once_and_again_after_it_was_over(self):
        rule = self._switch_on("automation_mrr_down")
        order = self._create_subscription(lines=[self._line(product_uom_qty=10)])
        for day, quantity in (("2026-01-10", 9), ("2026-01-20", 8), ("2026-01-30", 6)):
            self._care(day)
            self._change_quantity(order, quantity)
        self.assertFalse(self._play(rule, "2026-01-30", "2026-02-03"), "It fell by a fifth on the 20th.")
        self.assertEqual(self._get_fired(rule).mapped(lambda firing: str(firing.fired_on)), ["2026-01-30"])
        # 90 days after the falls there is none any more; then it falls again.
        self.assertFalse(self._play(rule, "2026-05-01", "2026-05-02"))
        self._change_quantity(order, 3)
        self.assertEqual(self._play(rule, "2026-05-03", "2026-05-05"), [("2026-05-03", order)])

    def test_mrr_that_grows_by_half_is_thanked_for(self):
        rule = self._switch_on("automation_mrr_up")
        much = self._create_subscription(lines=[self._line(product_uom_qty=10)])
        little = self._create_subscription(lines=[self._line(product_uom_qty=10)])
        self.assertFalse(self._play(rule, "2026-01-01", "2026-01-05"), "What is new did not grow.")
        self._set_today("2026-01-06")
        self._change_quantity(much, 15)
        self._change_quantity(little, 14)
        self.assertEqual(self._play(rule, "2026-01-06", "2026-01-20"), [("2026-01-06", much)])
        self.assertEqual(len(self._get_activities(much)), 1)

    def test_customer_is_asked_a_month_after_the_start(self):
        rule = self._switch_on("automation_first_rating")
        order = self._create_subscription()
        closed = self._create_subscription()
        closed.sudo()._subscription_close(
            Date.to_date("2026-01-01"), self.quick_ref("sale_subscription_plus.close_reason_other")
        )
        self.assertEqual(self._play(rule, "2026-01-01", "2026-02-20"), [("2026-01-31", order)])
        self.assertEqual(len(order.rating_ids), 1)

    def test_customer_of_long_periods_is_told_before_the_next_invoice(self):
        rule = self._switch_on("automation_next_invoice")
        yearly = self._create_subscription(plan=self.yearly)
        monthly = self._create_subscription()
        self.assertFalse(self._play(rule, "2026-01-01", "2026-01-02"))
        self.assertEqual(self._play(rule, "2026-12-10", "2027-01-05"), [("2026-12-18", yearly)])
        self.assertEqual(self._get_mails(yearly, "is invoiced on").recipient_ids, self.customer)
        self.assertFalse(self._get_mails(monthly, "is invoiced on"))
        self.assertEqual(
            self._play(rule, "2027-12-16", "2027-12-20"), [("2027-12-18", yearly)], "The year after as well."
        )

    def test_long_pause_leads_to_a_call(self):
        rule = self._switch_on("automation_paused")
        paused, resumed = self._create_subscription(), self._create_subscription()
        self._care("2026-01-10")
        Change = self.env["subscription.change"]
        Change._schedule([{"order_id": order.id, "kind": "pause"} for order in paused + resumed])
        self._care("2026-03-01")
        Change._schedule([{"order_id": resumed.id, "kind": "resume"}])
        self.assertEqual(self._play(rule, "2026-03-01", "2026-03-20"), [("2026-03-11", paused)])
        self.assertEqual(len(self._get_activities(paused)), 1)

    def test_customer_who_left_is_written_to(self):
        rule = self._switch_on("automation_win_back")
        left, unpaid = self._create_subscription(), self._create_subscription()
        self._set_today("2026-01-05")
        left.sudo()._subscription_close(
            Date.to_date("2026-01-05"), self.quick_ref("sale_subscription_plus.close_reason_other")
        )
        unpaid.sudo()._subscription_close(
            Date.to_date("2026-01-05"), self.quick_ref("sale_subscription_plus.close_reason_unpaid")
        )
        self.assertEqual(self._play(rule, "2026-01-05", "2026-02-20"), [("2026-02-04", left)])
        self.assertEqual(self._get_mails(left, "we miss you").recipient_ids, self.customer)

    def test_customer_who_came_back_is_not_written_to(self):
        rule = self._switch_on("automation_win_back")
        left = self._create_subscription()
        left.sudo()._subscription_close(
            Date.to_date("2026-01-01"), self.quick_ref("sale_subscription_plus.close_reason_other")
        )
        back = self._create_subscription(
            "2026-01-10", partner_id=self.customer.copy({"parent_id": self.customer.id}).id
        )
        self.assertTrue(left.subscription_customer_runs and back.subscription_customer_runs)
        self.assertFalse(self._play(rule, "2026-01-30", "2026-02-05"))

    def test_customer_of_long_periods_is_not_told_of_the_first_invoice(self):
        rule = self._switch_on("automation_next_invoice")
        self._create_subscription(plan=self.yearly)
        self._care()
        self.assertFalse(self._get_fired(rule))
