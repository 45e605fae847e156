from unittest.mock import patch

from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo.exceptions import UserError

from ..worker import Worker
from .common import TODAY, SubscriptionCommon

COUNT = 8


class TestWorker(SubscriptionCommon):
    """What a run does about others who work on the same orders: users, and other runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["sale.order"].union(*(cls._create_quotation() for _number in range(COUNT)))
        cls.orders.action_confirm()
        cls.busy = cls.orders[COUNT // 2]
        cls.others = cls.orders - cls.busy

    def _bill_elsewhere(self, orders):
        """Bill ``orders`` in another transaction, as another worker does."""
        with self.registry.cursor() as cr:
            orders = orders.sudo().with_env(self.env(cr=cr, su=True))
            orders.filtered(lambda order: order.subscription_next_invoice_date <= TODAY)._subscription_bill(TODAY)

    def _before(self, owner, name, action):
        """Do ``action`` whenever the method ``name`` of a class is called, before it."""
        original = getattr(owner, name)

        def method(*args, **kwargs):
            action()
            return original(*args, **kwargs)

        return patch.object(owner, name, method)

    def _fail_invoicing(self, order, error, times):
        """Raise ``error`` the first ``times`` that ``order`` is invoiced."""
        Order = self.registry["sale.order"]
        original, left = Order._prepare_invoice, [times]

        def _prepare_invoice(record):
            if record.id == order.id and left[0]:
                left[0] -= 1
                raise error
            return original(record)

        return patch.object(Order, "_prepare_invoice", _prepare_invoice)

    def _assert_each_billed_once(self, orders=None):
        self.assertEqual({len(order.invoice_ids) for order in orders or self.orders}, {1})
        self.assertTiled(orders or self.orders)

    # === BILLED BY ANOTHER WORKER MEANWHILE ===#

    def test_an_order_that_another_worker_billed_after_it_failed_here_is_not_parked(self):
        halvings = 3  # 8 orders, 4, 2, and the bad one alone
        with (
            self._fail_invoicing(self.busy, UserError("No"), 1 + halvings),
            self._before(Worker, "_park", lambda: self._bill_elsewhere(self.busy)),
        ):
            result = self._bill()
        self.assertEqual((result["invoices"], result["parked"], result["left_due"]), (COUNT - 1, 0, 0))
        self.assertFalse(self.busy.subscription_parked_reason)
        self._assert_each_billed_once()

    def test_halves_of_a_chunk_that_another_worker_billed_are_left_alone(self):
        with (
            self._fail_invoicing(self.busy, UserError("No"), 1),
            self._before(Worker, "_divide", lambda: self._bill_elsewhere(self.orders)),
        ):
            result = self._bill()
        self.assertEqual((result["invoices"], result["parked"], result["left_due"]), (0, 0, 0))
        self._assert_each_billed_once()

    # === ALWAYS IN THE WAY ===#

    def test_an_order_that_somebody_keeps_changing_keeps_no_other_from_being_billed(self):
        for error in (SerializationFailure("could not serialize"), LockNotAvailable("busy")):
            with (
                self.subTest(error=error),
                self.cr.savepoint() as undo,
                self._fail_invoicing(self.busy, error, 10**6),
                patch("time.sleep"),
            ):
                result = self._bill()
                self.assertEqual((result["invoices"], result["parked"], result["left_due"]), (COUNT - 1, 0, 1))
                self._assert_each_billed_once(self.others)
                undo.rollback()
            self.env.transaction.clear()

    def test_what_comes_after_an_order_that_somebody_keeps_changing_is_billed(self):
        Run = self.registry["subscription.billing.run"]
        lock_due = Run._lock_due

        def _lock_due(run, company, today, *conditions, **kwargs):
            return lock_due(run, company, today, *conditions, **kwargs | {"limit": 2})

        error = SerializationFailure("could not serialize")
        with (
            self._fail_invoicing(self.orders[0], error, 10**6),
            patch.object(Run, "_lock_due", _lock_due),
            patch("time.sleep"),
        ):
            result = self._bill()
        self.assertEqual((result["invoices"], result["left_due"]), (COUNT - 1, 1))
        self._assert_each_billed_once(self.orders[1:])

    # === KILLED OVER AN INVOICE OF SEVERAL ===#

    def _create_orphan(self, orders, **values):
        """Leave what a worker leaves that was killed while it billed ``orders``."""
        session = {"backend_pid": 2**22 + 1, "backend_start": "2026-01-01 00:00:00+00"}
        self.env["subscription.billing.claim"].sudo().create({"order_ids": orders.ids, **session, **values})

    def test_orders_that_share_an_invoice_still_do_after_their_worker_was_killed(self):
        self.orders.subscription_consolidate = True
        self._create_orphan(self.orders)
        self.assertEqual(self._bill()["invoices"], 1)

    def test_orders_that_share_an_invoice_are_billed_one_by_one_after_two_deaths(self):
        self.orders.subscription_consolidate = True
        self._create_orphan(self.orders, suspected=True)
        result = self._bill()
        self.assertEqual((result["invoices"], result["parked"]), (COUNT, 0))

    # === CHANGED AFTER IT WAS BILLED ===#

    def test_what_a_user_adds_to_an_order_that_was_billed_is_billed_in_the_same_run(self):
        Run = self.registry["subscription.billing.run"]

        def add_once():
            with self.registry.cursor() as cr:
                order = self.busy.with_env(self.env(cr=cr))
                if order.invoice_ids and len(order.order_line) == 1:
                    order.order_line = [self._line()]

        with self._before(Run, "_get_consolidated_groups", add_once):
            result = self._bill()
        self.assertEqual((result["invoices"], result["left_due"]), (COUNT + 1, 0))
        self.assertEqual(len(self.busy.invoice_ids), 2)

    def test_an_order_that_stays_due_whatever_is_done_does_not_keep_the_run_busy_for_ever(self):
        Run = self.registry["subscription.billing.run"]
        bill = Run._bill

        def _bill(run, orders, today):
            return bill(run, orders - self.busy, today)

        with patch.object(Run, "_bill", _bill):
            result = self._bill()
        self.assertEqual((result["invoices"], result["left_due"]), (COUNT - 1, 1))
