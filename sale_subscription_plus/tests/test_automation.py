"""Automation rules on subscriptions: what counts for them, once for each fact, and what becomes of those that fail."""

from contextlib import contextmanager
from unittest.mock import patch

import psycopg2

from odoo.exceptions import ValidationError
from odoo.fields import Date
from odoo.tests import tagged

from odoo.addons.sale_subscription_plus.models import base_automation_firing

from .automation_common import AutomationCommon


@tagged("-at_install", "post_install")
class TestWhatCounts(AutomationCommon):
    def _create_paused(self, day):
        order = self._create_subscription()
        self._set_today(day)
        self.env["subscription.change"]._schedule([{"order_id": order.id, "kind": "pause"}])
        return order

    def test_status_that_was_so_before_the_rule_was_switched_on_is_left_alone(self):
        before = self._create_paused("2026-01-05")
        rule = self._create_rule("on_subscription_status", subscription_status="paused")
        later = self._create_paused("2026-01-06")
        self.assertEqual(self._play(rule, "2026-01-06", "2026-01-08"), [("2026-01-06", later)])
        self.assertEqual(self._get_fired(rule, state="before").order_id, before)

    def test_status_that_comes_about_anew_fires_anew(self):
        rule = self._create_rule("on_subscription_status", subscription_status="paused")
        order = self._create_paused("2026-01-05")
        Change = self.env["subscription.change"]
        self.assertEqual(self._play(rule, "2026-01-05", "2026-01-09"), [("2026-01-05", order)])
        self._set_today("2026-01-10")
        Change._schedule([{"order_id": order.id, "kind": "resume"}])
        self.assertFalse(self._play(rule, "2026-01-10", "2026-01-11"))
        self.assertEqual(str(self._get_fired(rule).released_on), "2026-01-10")
        self._set_today("2026-01-12")
        Change._schedule([{"order_id": order.id, "kind": "pause"}])
        self.assertEqual(self._play(rule, "2026-01-12", "2026-01-13"), [("2026-01-12", order)])

    def test_what_was_so_before_and_is_over_counts_when_it_comes_about_anew(self):
        order = self._create_paused("2026-01-05")
        rule = self._create_rule("on_subscription_status", subscription_status="paused")
        Change = self.env["subscription.change"]
        Change._schedule([{"order_id": order.id, "kind": "resume"}])
        self.assertFalse(self._play(rule, "2026-01-05", "2026-01-05"))
        self._set_today("2026-01-06")
        Change._schedule([{"order_id": order.id, "kind": "pause"}])
        self.assertEqual(self._play(rule, "2026-01-06", "2026-01-06"), [("2026-01-06", order)])

    def test_rule_that_is_off_does_nothing_and_counts_anew_when_switched_on(self):
        rule = self._create_rule("on_subscription_status", subscription_status="paused")
        rule.active = False
        meanwhile = self._create_paused("2026-01-05")
        self.assertFalse(self._play(rule, "2026-01-05", "2026-01-06"))
        rule.active = True
        self.assertFalse(self._play(rule, "2026-01-06", "2026-01-07"))
        self.assertEqual(self._get_fired(rule, state="before").order_id, meanwhile)

    def test_switching_off_and_on_repeats_nothing(self):
        rule = self._create_rule("on_subscription_status", subscription_status="paused")
        order = self._create_paused("2026-01-05")
        self._care()
        rule.active = False
        rule.active = True
        self.assertFalse(self._play(rule, "2026-01-05", "2026-01-06"))
        self.assertEqual(self._get_fired(rule).order_id, order)

    def test_days_after_a_date_count_from_the_day_of_the_switch(self):
        yesterday = self._create_subscription("2026-01-01")
        today = self._create_subscription("2026-01-02")
        self._set_today("2026-01-12")
        rule = self._create_rule("on_subscription_date", subscription_date_days=10)
        self.assertEqual(self._play(rule, "2026-01-12", "2026-01-14"), [("2026-01-12", today)])
        self.assertEqual(self._get_fired(rule, state="before").order_id, yesterday)

    def test_days_that_no_run_has_looked_at_are_made_up_for(self):
        rule = self._create_rule("on_subscription_date", subscription_date_days=10)
        order = self._create_subscription("2026-01-02")
        self._care("2026-01-03")
        self.assertEqual(self._play(rule, "2026-03-01", "2026-03-02"), [("2026-03-01", order)])

    def test_days_that_lie_too_far_behind_are_not(self):
        rule = self._create_rule("on_subscription_date", subscription_date_days=10)
        order = self._create_subscription("2026-01-02")
        rule.filter_domain = "[('client_order_ref', '=', 'Now')]"
        self._play(rule, "2026-01-12", "2026-01-25")
        order.client_order_ref = "Now"
        self.assertFalse(self._play(rule, "2026-01-26", "2026-01-27"))

    def test_what_comes_again_counts_its_months_from_the_date_itself(self):
        rule = self._create_rule("on_subscription_date", subscription_date_days=0, subscription_date_repeat=1)
        order = self._create_subscription("2026-01-31")
        days = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
        self.assertEqual(self._play(rule, "2026-01-31", "2026-05-01"), [(day, order) for day in days])

    def test_days_after_a_date_come_again_after_the_months_of_the_rule(self):
        rule = self._create_rule("on_subscription_date", subscription_date_days=10, subscription_date_repeat=3)
        order = self._create_subscription("2026-01-02")
        self.assertEqual(
            self._play(rule, "2026-01-02", "2026-07-20"),
            [("2026-01-12", order), ("2026-04-12", order), ("2026-07-12", order)],
        )

    def test_what_came_again_before_the_switch_is_left_alone(self):
        order = self._create_subscription("2026-01-02")
        self._set_today("2026-03-05")
        rule = self._create_rule("on_subscription_date", subscription_date_days=0, subscription_date_repeat=1)
        self.assertEqual(self._play(rule, "2026-03-05", "2026-04-03"), [("2026-04-02", order)])

    def test_day_itself_may_be_the_date(self):
        rule = self._create_rule("on_subscription_date", subscription_date_days=0, subscription_date_mode="before")
        order = self._create_subscription("2026-01-02", subscription_start="2026-01-05")
        self.assertEqual(self._play(rule, "2026-01-02", "2026-01-07"), [("2026-01-05", order)])

    def test_date_that_moves_is_another_fact(self):
        rule = self._create_rule(
            "on_subscription_date",
            subscription_date_field="subscription_next_invoice_date",
            subscription_date_mode="before",
            subscription_date_days=3,
        )
        order = self._create_subscription()
        self.assertEqual(
            self._play(rule, "2026-01-01", "2026-03-05"),
            [("2026-01-01", order), ("2026-01-29", order), ("2026-02-26", order)][1:],
        )

    def test_filter_decides_who_is_meant(self):
        rule = self._create_rule(
            "on_subscription_status", subscription_status="paused", filter_domain="[('client_order_ref', '=', 'VIP')]"
        )
        self._create_paused("2026-01-05")
        vip = self._create_paused("2026-01-05")
        vip.client_order_ref = "VIP"
        self.assertEqual(self._play(rule, "2026-01-05", "2026-01-06"), [("2026-01-05", vip)])

    def test_numbers_that_change_count_from_then_on(self):
        rule = self._create_rule("on_subscription_date", subscription_date_days=30)
        order = self._create_subscription("2026-01-01")
        self._care("2026-01-20")
        rule.subscription_date_days = 15
        self.assertFalse(self._play(rule, "2026-01-20", "2026-01-22"), "15 days were over.")
        rule.subscription_date_days = 25
        self.assertEqual(self._play(rule, "2026-01-22", "2026-01-30"), [("2026-01-26", order)])

    def test_changes_of_mrr_in_money(self):
        rule = self._create_rule(
            "on_subscription_mrr_change",
            subscription_mrr_change=24,
            subscription_mrr_unit="amount",
            subscription_mrr_days=10,
        )
        much, little = (self._create_subscription(lines=[self._line(product_uom_qty=10)]) for _number in range(2))
        self._set_today("2026-01-05")
        self._change_quantity(much, 8)
        self._change_quantity(little, 9)
        self.assertEqual(self._play(rule, "2026-01-05", "2026-01-06"), [("2026-01-05", much)])

    def test_companies_have_their_own_day(self):
        rule = self._create_rule("on_subscription_date", subscription_date_days=10)
        here = self._create_subscription("2026-01-01")
        ahead = self.env["res.company"].create({"name": "Ahead", "subscription_tz": "Pacific/Auckland"})
        there = (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "company_id": ahead.id,
                    "partner_id": self.customer.id,
                    "subscription_plan_id": self.monthly.id,
                    "subscription_start": "2026-01-01",
                    "order_line": [self._line()],
                }
            )
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET subscription_status = 'progress', state = 'sale' WHERE id = %s", [there.id]
        )
        self.env.invalidate_all()
        self.assertEqual(str(ahead._get_subscription_today()), "2026-01-02")
        self._set_today("2026-01-10")
        self._care()
        self.assertEqual(self._get_fired(rule).order_id, there)
        self._care("2026-01-11")
        self.assertEqual(self._get_fired(rule).order_id, there | here)

    def test_numbers_that_make_no_sense_are_refused(self):
        for trigger, values in (
            ("on_subscription_payment_failed", {"subscription_failures": 0}),
            ("on_subscription_mrr_change", {"subscription_mrr_change": 0}),
            ("on_subscription_mrr_change", {"subscription_mrr_days": 0}),
            ("on_subscription_date", {"subscription_date_days": -1}),
            ("on_subscription_date", {"subscription_date_repeat": -1}),
            ("on_subscription_rating", {"subscription_rating": 6}),
        ):
            with self.subTest(trigger=trigger, **values), self.assertRaises(ValidationError):
                self._create_rule(trigger, **values)

    def test_triggers_are_for_subscriptions_only(self):
        with self.assertRaises(ValidationError):
            self.env["base.automation"].sudo().create(
                {
                    "name": "Contacts",
                    "model_id": self.env["ir.model"]._get("res.partner").id,
                    "trigger": "on_subscription_status",
                }
            )

    def test_each_fact_is_told_in_words(self):
        rule = self._create_rule("on_subscription_status", subscription_status="paused")
        self._create_paused("2026-01-05")
        self._care()
        self.assertEqual(self._get_fired(rule).occasion, "Paused")
        self.assertEqual(rule.subscription_fired_count, 1)
        self.assertEqual(rule.subscription_fired_30_count, 1)
        self.assertEqual(str(rule.subscription_last_fired_on), "2026-01-05")
        self._set_today("2026-02-05")
        rule.invalidate_recordset()
        self.assertEqual((rule.subscription_fired_count, rule.subscription_fired_30_count), (1, 0))


@tagged("-at_install", "post_install")
class TestWhatFails(AutomationCommon):
    def _create_starting_rule(self, *actions, **values):
        return self._create_rule("on_subscription_date", list(actions), subscription_date_days=0, **values)

    @contextmanager
    def _break_look_up(self, rule):
        """Let the filter of ``rule`` name a field that is no more."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE base_automation SET filter_domain = %s WHERE id = %s", ["[('x_gone', '=', 1)]", rule.id]
        )
        rule.invalidate_recordset()
        yield
        self.env.flush_all()
        self.env.cr.execute("UPDATE base_automation SET filter_domain = NULL WHERE id = %s", [rule.id])
        rule.invalidate_recordset()

    def test_rule_whose_field_is_gone_is_parked_and_others_go_on(self):
        bad, good = self._create_starting_rule(), self._create_starting_rule()
        order = self._create_subscription("2026-01-02")
        with self._break_look_up(bad):
            self._care()
            self.assertIn("x_gone", bad.subscription_parked_reason)
            self.assertEqual(str(bad.subscription_parked_on), "2026-01-02")
            self.assertFalse(self._get_fired(bad))
            self.assertEqual(self._get_fired(good).order_id, order)
        self._care()
        self.assertTrue(bad.subscription_parked_reason, "It is tried again the next day.")
        self._care("2026-01-03")
        self.assertFalse(bad.subscription_parked_reason)
        self.assertEqual(self._get_fired(bad).order_id, order)

    def test_who_switched_it_on_is_asked_to_look_and_told_when_it_works_again(self):
        rule = self._create_starting_rule()
        with self._break_look_up(rule):
            self._care("2026-01-02")
            self._care("2026-01-03")
            activity = rule.activity_ids
            self.assertEqual(len(activity), 1)
            self.assertIn("x_gone", activity.note)
        self._care("2026-01-04")
        self.assertFalse(rule.activity_ids)

    def test_rule_that_makes_no_sense_when_it_is_saved_is_parked_at_once(self):
        rule = self._create_starting_rule()
        rule.filter_domain = "[('x_gone', '=', 1)]"
        self.assertIn("x_gone", rule.subscription_parked_reason)
        rule.filter_domain = "[('id', '>', 0)]"
        self.assertFalse(rule.subscription_parked_reason)

    def test_action_that_fails_for_one_keeps_no_other_waiting(self):
        rule = self._create_starting_rule(
            self._action("code", code="if record.client_order_ref: raise UserError('Not this one.')"), self._activity()
        )
        bad, good = self._create_subscription("2026-01-02"), self._create_subscription("2026-01-02")
        bad.client_order_ref = "Bad"
        self._care()
        self.assertEqual(self._get_fired(rule).order_id, good)
        failed = self._get_fired(rule, state="failed")
        self.assertEqual((failed.order_id, failed.reason, failed.attempts), (bad, "Not this one.", 1))
        self.assertFalse(rule.subscription_parked_reason)

    def test_what_failed_is_undone_and_tried_three_times_a_day_apart(self):
        rule = self._create_starting_rule(self._activity(), self._failing())
        order = self._create_subscription("2026-01-02")
        attempts = []
        for day in ("2026-01-02", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05", "2026-01-06"):
            self._care(day)
            attempts.append(self._get_fired(rule, state="failed").attempts)
        self.assertEqual(attempts, [1, 1, 2, 3, 3, 3])
        self.assertFalse(order.activity_ids.filtered("automated"))
        self.assertIn("fax", rule.subscription_parked_reason)

    def test_rule_that_failed_for_all_is_parked_until_it_is_edited(self):
        rule = self._create_starting_rule(self._failing())
        order = self._create_subscription("2026-01-02")
        self.assertEqual(self._care()["parked"], 1)
        self.assertIn("fax", rule.subscription_parked_reason)
        rule.action_server_ids.code = "record['client_order_ref'] = 'Done'"
        rule.action_subscription_try_again()
        self.assertFalse(rule.subscription_parked_reason)
        self._care()
        self.assertEqual(order.client_order_ref, "Done")
        firing = self._get_fired(rule)
        self.assertEqual((firing.order_id, firing.reason, firing.attempts), (order, False, 1))

    def test_rule_that_fails_for_all_does_not_try_thousands(self):
        self._create_starting_rule(self._failing())
        for _number in range(5):
            self._create_subscription("2026-01-02")
        with (
            patch.object(base_automation_firing, "BATCH_SIZE", 2),
            patch.object(base_automation_firing, "MAX_FAILED_BATCHES", 1),
        ):
            self.assertEqual(self._care()["failed"], 2)

    def test_many_that_it_fails_for_keep_no_other_waiting(self):
        rule = self._create_starting_rule(
            self._action("code", code="if record.client_order_ref: raise UserError('Not this one.')")
        )
        bad, good = self._create_subscription("2026-01-02"), self._create_subscription("2026-01-02")
        bad.client_order_ref = "Bad"
        with patch.object(base_automation_firing, "BATCH_SIZE", 1):
            self._care()
        self.assertEqual(self._get_fired(rule).order_id, good)

    def test_what_came_about_while_the_rule_was_parked_counts_once_it_is_mended(self):
        rule = self._create_rule("on_subscription_date", subscription_date_days=10)
        before = self._create_subscription("2026-01-02")
        self._care("2026-01-14")
        self.assertEqual(self._get_fired(rule).order_id, before)
        meanwhile = self._create_subscription("2026-01-05")
        with self._break_look_up(rule):
            self._care("2026-01-15")
            self.assertTrue(rule.subscription_parked_reason)
        rule.filter_domain = "[('id', '>', 0)]"
        self.assertFalse(rule.subscription_parked_reason)
        self._care()
        self.assertEqual(self._get_fired(rule).order_id, before | meanwhile)

    def test_what_came_about_since_the_last_run_counts_after_an_edit(self):
        rule = self._create_rule("on_subscription_status", subscription_status="paused")
        order = self._create_subscription("2026-01-02")
        self.env["subscription.change"]._schedule([{"order_id": order.id, "kind": "pause"}])
        rule.filter_domain = "[('id', '>', 0)]"
        self._care()
        self.assertEqual(self._get_fired(rule).order_id, order)

    def test_what_failed_long_ago_is_tried_again_when_asked_to(self):
        rule = self._create_starting_rule(self._failing())
        order = self._create_subscription("2026-01-02")
        for day in ("2026-01-02", "2026-01-03", "2026-01-04"):
            self._care(day)
        self._care("2026-01-25")
        rule.action_server_ids.code = "record['client_order_ref'] = 'Done'"
        self._care()
        self.assertEqual((self._get_fired(rule).order_id, order.client_order_ref), (order, "Done"))

    def test_rule_whose_action_is_mended_is_tried_at_once(self):
        rule = self._create_starting_rule(self._failing())
        order = self._create_subscription("2026-01-02")
        self._care()
        self.assertTrue(rule.subscription_parked_reason)
        rule.action_server_ids.code = "record['client_order_ref'] = 'Done'"
        self.assertFalse(rule.subscription_parked_reason)
        self._care()
        self.assertEqual(order.client_order_ref, "Done")

    def test_customer_who_cannot_be_asked_parks_nothing(self):
        rule = self._create_starting_rule(self._action("subscription_rating"))
        self.customer.email = False
        order = self._create_subscription("2026-01-02")
        self._care()
        refused = self._get_fired(rule, state="failed")
        self.assertEqual(refused.order_id, order)
        self.assertIn("no e-mail address", refused.reason)
        self.assertFalse(rule.subscription_parked_reason)
        self.customer.email = "ada@example.com"
        self._care("2026-01-03")
        self.assertEqual(len(order.rating_ids), 1)

    def test_more_than_a_batch_is_done_in_one_run(self):
        rule = self._create_starting_rule()
        orders = self.env["sale.order"].union(*(self._create_subscription("2026-01-02") for _number in range(5)))
        with patch.object(base_automation_firing, "BATCH_SIZE", 2):
            self.assertEqual(self._care()["fired"], 5)
        self.assertEqual(self._get_fired(rule).order_id, orders)

    def test_run_that_dies_is_repeated_as_if_nothing_had_been(self):
        rule = self._create_starting_rule(self._action("code", code="record['client_order_ref'] = 'Done'"))
        order = self._create_subscription("2026-01-02")
        Automation = self.registry["base.automation"]
        with (
            patch.object(Automation, "_subscription_fire", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            self._care()
        self.assertFalse(self._get_fired(rule))
        self._care()
        self.assertEqual((self._get_fired(rule).order_id, order.client_order_ref), (order, "Done"))

    def test_others_in_the_way_park_nothing(self):
        rule = self._create_starting_rule()
        order = self._create_subscription("2026-01-02")
        Automation = self.registry["base.automation"]
        original, calls = Automation._subscription_fire, []

        def in_the_way(self, order):
            calls.append(order)
            if len(calls) == 1:
                raise psycopg2.errors.SerializationFailure("somebody was first")
            return original(self, order)

        with patch.object(Automation, "_subscription_fire", in_the_way):
            self._care()
        self.assertFalse(rule.subscription_parked_reason)
        self.assertEqual(self._get_fired(rule).order_id, order)

    def test_rule_without_salesperson_asks_the_team_leader_or_the_administrator(self):
        self._create_starting_rule()
        order = self._create_subscription("2026-01-02", user_id=False, team_id=False)
        self._care()
        self.assertEqual(order.activity_ids.filtered("automated").user_id, self.quick_ref("base.user_admin"))

    def test_nothing_happens_twice_however_often_it_runs(self):
        rule = self._create_starting_rule()
        order = self._create_subscription("2026-01-02")
        for _time in range(3):
            self._care()
        self.assertEqual(len(order.activity_ids.filtered("automated")), 1)
        self.assertEqual(len(self._get_fired(rule)), 1)
        self.assertEqual(Date.to_string(self._get_fired(rule).fired_on), "2026-01-02")
