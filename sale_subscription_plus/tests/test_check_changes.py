from datetime import date

from odoo.tests import tagged

from .common import SubscriptionCommon


@tagged("-at_install", "post_install")
class TestCheckChanges(SubscriptionCommon):
    """Each check of the changes names the offender that it is there for, and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_subscription("2026-01-01", lines=[cls._line(product_uom_qty=2)]).sudo()
        cls.line = cls.order.order_line
        cls.order._subscription_bill(date(2026, 1, 1))

    def _schedule(self, kind, day, **values):
        values.setdefault("line_id", self.line.id)
        return (
            self.env["subscription.change"]
            .sudo()
            ._schedule([{"kind": kind, "effective_on": date.fromisoformat(day), **values}])
        )

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

    def assertSound(self):
        self.assertEqual(self._check()["details"], [])

    def test_sound_changes_have_no_offender(self):
        self._set_today("2026-01-11")
        self._schedule("quantity", "2026-01-11", quantity=3)
        self.assertSound()
        self._schedule("price", "2026-02-01", price_unit=15.0)
        self._bill("2026-02-01")
        self.assertSound()
        self._set_today("2026-02-10")
        self._schedule("quantity", "2026-02-10", quantity=1)
        self.assertSound()
        self._schedule("plan", "2026-02-10", plan_id=self.yearly.id)
        self.assertSound()

    def test_sound_pauses_and_closes_have_no_offender(self):
        self._set_today("2026-01-11")
        self._schedule(
            "pause", "2026-01-11", line_id=False, order_id=self.order.id, resume_on="2026-01-21", compensation="carry"
        )
        self.assertSound()
        for day in ("2026-01-21", "2026-02-11"):
            self._bill(day)
            self.assertSound()
        self.order._subscription_close(
            date(2026, 2, 11), self.env.ref("sale_subscription_plus.close_reason_expensive"), credit=True
        )
        self._bill()
        self.assertSound()

    def test_tax_in_the_price_and_a_currency_without_decimals_are_no_offence(self):
        tax = self.company_data["default_tax_sale"].copy(
            {"name": "In", "amount": 19.0, "amount_type": "percent", "price_include_override": "tax_included"}
        )
        yen = self.env.ref("base.JPY")
        yen.active = True
        self.env["res.currency.rate"].create({"currency_id": yen.id, "rate": 150.0, "name": "2020-01-01"})
        pricelist = self.env["product.pricelist"].create({"name": "Yen", "currency_id": yen.id})
        for values in ({"tax_ids": tax.ids, "price_unit": 9.99}, {"price_unit": 997.0}):
            order = self._create_subscription(
                lines=[self._line(**values)], **({} if "tax_ids" in values else {"pricelist_id": pricelist.id})
            )
            self._bill()
            self.line = order.order_line
            self._set_today("2026-01-12")
            self._schedule("quantity", "2026-01-12", quantity=3)
            self._schedule("price", "2026-01-12", price_unit=values["price_unit"] / 3)
            self.assertSound()
            self._set_today("2026-01-01")

    def test_a_planned_change_that_was_forgotten_is_found(self):
        change = self._schedule("price", "2026-01-20", price_unit=15.0)
        self._set_today("2026-01-20")
        self.assertSound()
        self._set_today("2026-01-21")
        self.assertOffender("changes_done", change)
        self.order.subscription_parked_reason = "The tax has no account."
        self.assertNotIn("changes_done", [detail["check"] for detail in self._check()["details"]])

    def test_a_change_that_was_done_and_does_not_hold_is_found(self):
        self._set_today("2026-01-11")
        price = self._schedule("price", "2026-01-11", price_unit=15.0)
        plan = self._schedule("plan", "2026-01-11", plan_id=self.yearly.id)
        for spoil, change in (
            ("UPDATE subscription_change SET applied_on = NULL WHERE id = %s", price),
            ("UPDATE subscription_change SET applied_on = '2026-01-10' WHERE id = %s", price),
            (f"UPDATE subscription_change SET plan_id = {self.monthly.id} WHERE id = %s", plan),
        ):
            with self.subTest(spoil), self.cr.savepoint() as savepoint:
                self._spoil(spoil, change.id)
                self.assertOffender("changes_hold", change)
                savepoint.rollback()

    def test_money_that_waits_and_makes_nothing_due_is_found(self):
        self._set_today("2026-01-11")
        change = self._schedule("quantity", "2026-01-11", quantity=3)
        self._spoil("UPDATE subscription_period SET invoice_line_id = NULL WHERE id = %s", change.period_ids.id)
        self.assertOffender("money_waits", self.order)

    def test_an_order_that_waits_for_no_money_is_found(self):
        self._spoil("UPDATE sale_order SET subscription_pending_on = '2026-01-01' WHERE id = %s", self.order.id)
        self.assertOffender("money_waits", self.order)

    def test_a_document_that_charges_something_else_is_found(self):
        self._set_today("2026-01-11")
        change = self._schedule("quantity", "2026-01-11", quantity=3)
        self._spoil("UPDATE subscription_period SET value = value + 0.01 WHERE id = %s", change.period_ids.id)
        self.assertOffender("money_on_documents", change.period_ids)

    def test_a_period_whose_invoice_charges_something_else_is_found(self):
        row = self.line.subscription_period_ids
        self._spoil("UPDATE subscription_period SET value = value - 0.01 WHERE id = %s", row.id)
        self.assertOffender("money_on_documents", row)

    def test_money_on_a_cancelled_document_is_found(self):
        self._set_today("2026-01-11")
        change = self._schedule("quantity", "2026-01-11", quantity=3)
        row = change.period_ids
        self._spoil("UPDATE account_move_line SET parent_state = 'cancel' WHERE id = %s", row.invoice_line_id.id)
        self.assertOffender("money_on_documents", row)

    def test_more_given_back_than_was_charged_is_found(self):
        self._set_today("2026-01-11")
        change = self._schedule("quantity", "2026-01-11", quantity=1)
        row = change.period_ids
        self.assertEqual(row.kind, "credit")
        self._spoil("UPDATE subscription_period SET value = -24.01 WHERE id = %s", row.id)
        self.assertOffender("money_given_back", row)

    def test_days_that_nobody_cut_are_found(self):
        row = self.line.subscription_period_ids
        self._spoil("UPDATE subscription_period SET service_end = '2026-01-20' WHERE id = %s", row.id)
        self.assertOffender("days_cut", row)

    def test_a_pause_that_is_none_is_found(self):
        self._set_today("2026-01-11")
        self._schedule("pause", "2026-01-11", line_id=False, order_id=self.order.id)
        self.assertSound()
        for spoil in (
            "UPDATE sale_order_line SET subscription_phase = 'running' WHERE order_id = %s",
            "UPDATE sale_order_line SET subscription_paused_on = NULL WHERE order_id = %s",
            "UPDATE sale_order SET subscription_paused_on = NULL WHERE id = %s",
            "UPDATE sale_order SET subscription_status = 'progress' WHERE id = %s",
        ):
            with self.subTest(spoil), self.cr.savepoint() as savepoint:
                self._spoil(spoil, self.order.id)
                self.assertOffender("pauses", self.order)
                savepoint.rollback()
