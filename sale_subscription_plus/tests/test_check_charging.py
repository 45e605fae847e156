from .charging_common import ChargingCommon


class TestCheckCharging(ChargingCommon):
    """Each check of the collections names the offender that it is there for, and nobody else."""

    def setUp(self):
        super().setUp()
        self.order = self._create_automatic()
        self.charge = self._get_charge(self.order)

    def _check(self):
        self.env.invalidate_all()
        return self.env["subscription.check"].sudo()._run()

    def _spoil(self, query, *params):
        self.env.flush_all()
        self.env.cr.execute(query, params)

    def assertOffender(self, check, record):
        details = self._check()["details"]
        named = {(detail["model"], detail["id"]) for detail in details if detail["check"] == check}
        self.assertEqual(named, {(record._name, record.id)}, details)

    def test_sound_collections_have_no_offender_in_any_state(self):
        self.assertEqual(self._check()["details"], [])
        for answer in ("soft", "hard", "pending", "no_answer", 401, "done"):
            with self.subTest(answer):
                order = self._create_automatic(token=self._create_token())
                self._charge(answer)
                self.assertEqual(self._check()["details"], [], self._get_charge(order).state)

    def test_sound_collections_have_no_offender_on_any_day_of_dunning(self):
        by_hand = self._create_subscription("2026-01-01")
        self._bill()
        for day in range(1, 32):
            self._charge("soft", f"2026-01-{day:02}")
            self.assertEqual(self._check()["details"], [], day)
        self.assertEqual(self._get_charge(by_hand).state, "given_up")

    def test_an_open_invoice_that_nobody_collects_is_found(self):
        self._spoil("DELETE FROM subscription_charge WHERE id = %s", self.charge.id)
        self.assertOffender("invoices_collected", self._get_invoices(self.order))

    def test_a_collection_with_nothing_ahead_is_found(self):
        self._spoil("UPDATE subscription_charge SET next_attempt_on = NULL WHERE id = %s", self.charge.id)
        self.assertOffender("collections_go_on", self.charge)

    def test_a_paid_collection_of_an_open_invoice_is_found(self):
        self._spoil(
            "UPDATE subscription_charge SET state = 'paid', next_attempt_on = NULL WHERE id = %s", self.charge.id
        )
        self.assertOffender("collections_settled", self.charge)

    def test_an_open_collection_of_a_paid_invoice_is_found(self):
        self._charge()
        self._spoil(
            "UPDATE subscription_charge SET state = 'waiting', next_attempt_on = '2026-02-01' WHERE id = %s",
            self.charge.id,
        )
        self.assertOffender("collections_settled", self.charge)

    def test_money_that_is_not_in_the_books_is_found_after_an_hour(self):
        self._charge("pending")
        transaction = self.charge.last_transaction_id
        transaction._set_done()
        self.assertEqual(self._check()["checks"]["money_booked"], 0)
        self._set_today("2026-01-01 13:30:00")
        self.assertOffender("money_booked", transaction)

    def test_an_invoice_that_was_paid_twice_is_found(self):
        self._charge("soft")
        late = self.charge.last_transaction_id
        self.charge.action_retry()
        self._charge("done")
        late._set_done()
        late._post_process()
        self.assertOffender("paid_once", self.charge.move_id)

    def test_an_attempt_that_hangs_is_found_after_an_hour(self):
        run = self.env["subscription.charging.run"].sudo()
        run._plan_attempts(self.company, self.company._get_subscription_today(), 10)
        run._mark_sent(self.charge.id, self.charge.last_transaction_id.id, False)
        self.assertEqual(self._check()["checks"]["attempts_told"], 0)
        self._set_today("2026-01-01 13:30:00")
        self.assertOffender("attempts_told", self.charge)

    def test_a_payment_status_that_no_collection_explains_is_found(self):
        self._spoil("UPDATE sale_order SET subscription_payment_status = 'grace' WHERE id = %s", self.order.id)
        self.assertOffender("payment_status", self.order)
