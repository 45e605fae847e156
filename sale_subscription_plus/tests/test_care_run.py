"""The care run: what it has to look at is written down once, done once, and in nobody's way."""

from unittest.mock import patch

import psycopg2

from odoo import api
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError

from .common import SubscriptionCommon


class TestCareTasks(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Task = cls.env["subscription.care.task"].sudo()

    def setUp(self):
        super().setUp()
        self.env.cr.flush()
        self.Task.search([]).unlink()

    def _write_down(self):
        self.env.cr.flush()
        return self.Task.search([])

    def test_a_subscription_that_starts_is_looked_at(self):
        order = self._create_subscription()
        tasks = self._write_down()
        self.assertIn(order, tasks.filtered(lambda task: task.kind == "health").order_id)
        self.assertEqual(
            tasks.filtered(lambda task: task.kind == "stage").mapped("stage_id.status"),
            ["progress"],
        )

    def test_an_order_that_recurs_in_nothing_is_not(self):
        order = self._create_quotation([self._line(self.poster)], plan=self.env["subscription.plan"])
        order.action_confirm()
        order._subscription_watch()
        self.assertNotIn(order, self._write_down().order_id)

    def test_what_is_written_ten_times_is_written_down_once(self):
        order = self._create_subscription()
        self._write_down().unlink()
        for _time in range(10):
            order._subscription_watch()
        self.assertEqual(len(self._write_down()), 1)

    def test_nothing_that_is_not_watched_makes_a_task(self):
        order = self._create_subscription()
        self._write_down().unlink()
        order.client_order_ref = "Watched by nobody"
        self.assertFalse(self._write_down())

    def test_what_is_undone_leaves_no_task(self):
        order = self._create_subscription()
        self._write_down().unlink()
        order._subscription_watch()
        self.env.cr.precommit.clear()
        self.assertFalse(self._write_down())

    def test_a_task_is_taken_once(self):
        order = self._create_subscription()
        self._write_down()
        taken = dict(self.Task._take("health"))
        self.assertIn(order, taken[self.env["subscription.stage"]])
        self.assertFalse(self.Task._take("health"))

    def test_stages_are_taken_with_those_who_came_to_them(self):
        stages = self.env["subscription.stage"].create(
            [{"name": name, "status": "progress", "sequence": 50} for name in ("Onboarding", "Regular")]
        )
        first, second = (self._create_subscription() for _number in range(2))
        self._write_down().unlink()
        (first + second).subscription_stage_id = stages[0]
        self.env.cr.flush()
        second.subscription_stage_id = stages[1]
        self._write_down()
        self.assertEqual(self.Task._take("stage"), [(stages[0], first + second), (stages[1], second)])

    def test_a_stage_that_is_gone_at_once_leaves_no_task(self):
        stage = self.env["subscription.stage"].create({"name": "Mistake", "status": "progress", "sequence": 50})
        order = self._create_subscription()
        regular = order.subscription_stage_id
        self._write_down().unlink()
        order.subscription_stage_id = stage
        self.env.flush_all()
        order.subscription_stage_id = regular
        self.env.flush_all()
        stage.unlink()
        self.assertEqual(self._write_down().stage_id, regular)


class TestCareTransactions(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_subscription()

    def setUp(self):
        super().setUp()
        # A test's own cursor never commits.
        self.startPatcher(patch.object(self.registry["ir.cron"], "_commit_progress", lambda *_args, **_kwargs: 1))
        self.rollback = self.startPatcher(patch.object(self.env.cr, "rollback"))

    def _do(self, function):
        return self.env["subscription.care.run"]._in_transaction(function)

    def test_what_fails_is_undone_and_nothing_else(self):
        self.order.client_order_ref = "Kept"

        def fail():
            self.order.client_order_ref = "Undone"
            raise UserError("No")

        with self.assertRaises(UserError):
            self._do(fail)
        self.assertEqual(self.order.client_order_ref, "Kept")

    def test_what_others_get_in_the_way_of_is_done_again(self):
        calls = []

        def stumble():
            calls.append(1)
            if len(calls) < 3:
                raise psycopg2.errors.SerializationFailure
            return "done"

        self.assertEqual(self._do(stumble), "done")
        self.assertEqual(len(calls), 3)
        self.assertEqual(self.rollback.call_count, 2)

    def test_others_who_never_let_go_are_told(self):
        def stumble():
            raise psycopg2.errors.SerializationFailure

        with self.assertRaises(psycopg2.errors.SerializationFailure):
            self._do(stumble)


class TestCareRun(SubscriptionCommon):
    def _take(self, *steps):
        """Run care with these steps only, and return what it did."""
        with patch.object(self.registry["subscription.care.run"], "_get_steps", lambda _run: list(steps)):
            return self._care()

    def test_a_step_that_fails_keeps_no_other_one_waiting(self):
        def fails():
            raise ValueError("Out of order")

        def works():
            return {"done": 1}

        with self.assertLogs("odoo.addons.sale_subscription_plus.models.subscription_care_run", "ERROR") as told:
            self.assertEqual(self._take(fails, works), {"done": 1})
        self.assertIn("fails failed", told.output[0])

    def test_a_step_in_whose_way_others_get_is_left_for_the_next_run(self):
        def stumbles():
            raise psycopg2.errors.SerializationFailure

        self.assertEqual(self._take(stumbles, lambda: {"done": 1}), {"done": 1})

    def test_done_twice_it_does_nothing_the_second_time(self):
        self._create_subscription()
        self._care()
        self.assertFalse(+self._care())
        self.assertFalse(self.env["subscription.care.task"].sudo().search([]))

    def test_what_somebody_has_in_hand_is_left_to_the_next_run(self):
        order = self._create_subscription()
        self._care()
        order._subscription_watch()

        def in_hand(orders, _health):
            orders.browse(order.id)._subscription_watch()
            return orders.browse()

        with (
            patch.object(self.registry["sale.order"], "_lock_for_health", in_hand),
            patch.object(self.registry["subscription.care.task"], "_write_down", self._count_write_downs()),
        ):
            self._care()
        self.assertEqual(self.env["subscription.care.task"].sudo().search([]).order_id, order)

    def _count_write_downs(self):
        """Return what writes tasks down, and fails where a run goes round in circles."""
        original, done = self.registry["subscription.care.task"]._write_down, []

        def write_down(tasks):
            done.append(1)
            if len(done) > 5:
                raise AssertionError("The run adds what it takes.")
            original(tasks)

        return write_down

    def test_what_fails_at_the_end_of_a_transaction_is_undone(self):
        order = self._create_subscription()

        def fails():
            order.sudo().client_order_ref = "Undone"
            self.env.cr.precommit.add(lambda: 1 / 0)

        with (
            patch.object(self.registry["ir.cron"], "_commit_progress", lambda *_args, **_kwargs: 1),
            self.assertRaises(ZeroDivisionError),
        ):
            self.env["subscription.care.run"]._in_transaction(fails)
        self.env.cr.precommit.clear()
        self.assertFalse(order.client_order_ref)

    def test_it_comes_with_each_day_that_is_played(self):
        self._create_subscription()
        with self._test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["sale.order"]._subscription_play_day(None)
        self.assertFalse(self.env["subscription.care.task"].sudo().search([]))
