from odoo.fields import Date

from .common import LoyaltyCommon


class TestChangesOfDiscounts(LoyaltyCommon):
    """What becomes of an agreed discount when what it is taken off changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.book = cls._create_recurring_product("Book", {cls.monthly: 8.0, cls.yearly: 80.0})
        cls.reason = cls.env["subscription.close.reason"].search([], limit=1)

    def _create_discounted(self, *products, code=None, **reward):
        self._create_program("always", reward=reward)
        order = self._create_quotation([self._line(product) for product in products])
        self._claim(order)
        if code:
            self._claim(order, code)
        order.action_confirm()
        self._bill()
        return order

    def _prepare_change(self, order, product, kind, **values):
        line = order.order_line.filtered(lambda line: line.product_id == product)
        return {"line_id": line.id, "kind": kind, "effective_on": Date.to_date("2026-02-01"), **values}

    def _change(self, order, product, kind, **values):
        vals = self._prepare_change(order, product, kind, **values)
        before = self.env["subscription.change"]._preview([vals])
        changes = self.env["subscription.change"]._schedule([vals])
        self._bill("2026-02-01")
        self.assertAlmostEqual(order.subscription_mrr, before["mrr_after"])
        self.assertEventsSumToMRR(order)
        self.assertTiled(order)
        self.assertFalse(order.subscription_parked_reason)
        return changes

    def _get_last_total(self, order):
        return self._get_invoices(order)[-1].amount_total

    def test_a_discount_stays_as_agreed_when_the_quantity_rises(self):
        order = self._create_discounted(self.magazine)
        self._change(order, self.magazine, "quantity", quantity=3)
        self.assertEqual(self._get_last_total(order), 36 - 1.2)

    def test_a_discount_stays_as_agreed_when_the_quantity_falls(self):
        order = self._create_discounted(self.magazine, self.book)
        self._change(order, self.book, "quantity", quantity=0.5)
        self.assertEqual(self._get_last_total(order), 12 + 4 - 2)

    def test_a_discount_is_never_more_than_what_it_is_taken_off(self):
        order = self._create_discounted(self.magazine, discount_mode="per_order", discount=10.0)
        self._change(order, self.magazine, "quantity", quantity=0.5)
        self.assertEqual(self._get_last_total(order), 0.0)

    def test_what_staff_writes_on_the_line_itself_leaves_no_discount_that_is_more(self):
        for amount, values in ((100.0, {"product_uom_qty": 0.5}), (40.0, {"price_unit": 1.0})):
            mode = "percent" if amount == 100 else "per_order"
            self.env["loyalty.program"].search([]).active = False
            order = self._create_discounted(self.magazine, self.book, discount_mode=mode, discount=amount)
            order.order_line[0].write(values)
            self.assertEqual(order.order_line.filtered("reward_id").mapped("subscription_phase")[0], "running")
            self.assertAlmostEqual(order.amount_total, 0.0)
            self.assertAlmostEqual(order.subscription_mrr, 0.0)
            order.sudo()._subscription_bill_due()
            self.assertEventsSumToMRR(order)

    def test_several_discounts_are_together_never_more_than_what_they_are_taken_off(self):
        self._create_program("always", code="MORE", reward=self._prepare_specific(6.0))
        order = self._create_discounted(self.magazine, **self._prepare_specific(4.0), code="MORE")
        self._change(order, self.magazine, "quantity", quantity=0.5)
        self.assertEqual(self._get_last_total(order), 0.0)
        self.assertEqual(sorted(order.order_line.filtered("reward_id").mapped("price_unit")), [-3.6, -2.4])

    def test_one_of_two_lines_takes_its_share_of_several_discounts_along(self):
        self._create_program("always", code="MORE", reward=self._prepare_specific(6.0))
        order = self._create_discounted(self.magazine, self.book, **self._prepare_specific(4.0), code="MORE")
        self._change(order, self.book, "plan", plan_id=self.yearly.id)
        self.assertEqual(self._get_last_total(order), 6 + 40)

    def _prepare_specific(self, amount):
        return {
            "discount_mode": "per_order",
            "discount": amount,
            "discount_applicability": "specific",
            "discount_product_ids": (self.magazine + self.book).ids,
        }

    def test_a_discount_goes_along_to_another_plan(self):
        order = self._create_discounted(self.magazine)
        changes = self._change(order, self.magazine, "plan", plan_id=self.yearly.id)
        self.assertEqual(len(changes), 2)
        self.assertEqual(self._get_discounts(order), {self.yearly: 12.0})
        self.assertEqual(self._get_last_total(order), 108.0)

    def test_one_of_two_lines_takes_its_share_of_the_discount_along(self):
        order = self._create_discounted(self.magazine, self.book)
        self._change(order, self.book, "plan", plan_id=self.yearly.id)
        self.assertEqual(self._get_discounts(order), {self.monthly: 1.2})
        self.assertEqual(order.order_line.filtered(lambda line: line.product_id == self.book).price_subtotal, 72.0)
        self.assertEqual(self._get_last_total(order), 10.8 + 72)

    def test_one_of_two_lines_that_closes_takes_its_share_of_the_discount_away(self):
        order = self._create_discounted(self.magazine, self.book)
        self._change(order, self.book, "close", reason_id=self.reason.id)
        self.assertEqual(self._get_discounts(order), {self.monthly: 1.2})
        self.assertEqual(self._get_last_total(order), 10.8)

    def test_a_discount_closes_with_the_last_line_of_its_plan(self):
        self._create_program("always")
        order = self._create_quotation([self._line(), self._line(self.book, subscription_plan_id=self.yearly.id)])
        self._claim(order)
        order.action_confirm()
        self._bill()
        self._change(order, self.magazine, "close", reason_id=self.reason.id)
        self.assertEqual(len(self._get_invoices(order)), 1)
        self.assertAlmostEqual(order.subscription_mrr, 72 / 12)
        self._bill("2027-01-01")
        self.assertEqual(self._get_last_total(order), 72.0)

    def test_a_discount_pauses_and_resumes_with_its_line(self):
        order = self._create_discounted(self.magazine)
        order.order_line.flush_recordset()
        self._change(order, self.magazine, "pause")
        self.assertEqual(len(self._get_invoices(order)), 1)
        vals = self._prepare_change(order, self.magazine, "resume", effective_on=Date.to_date("2026-03-01"))
        self.env["subscription.change"]._schedule([vals])
        self._bill("2026-03-01")
        self.assertEqual(self._get_last_total(order), 10.8)

    def test_a_change_that_is_called_off_leaves_the_discount_where_it_is(self):
        order = self._create_discounted(self.magazine)
        changes = self.env["subscription.change"]._schedule(
            [self._prepare_change(order, self.magazine, "plan", plan_id=self.yearly.id)]
        )
        changes.filtered(lambda change: not change.line_id.reward_id)._withdraw()
        self._bill("2026-02-01")
        self.assertEqual(self._get_last_total(order), 10.8)

    def test_a_closed_subscription_closes_its_discount(self):
        order = self._create_discounted(self.magazine)
        self.env["subscription.change"]._schedule(
            [
                {
                    "order_id": order.id,
                    "kind": "close",
                    "reason_id": self.reason.id,
                    "effective_on": Date.to_date("2026-02-01"),
                }
            ]
        )
        self._bill("2026-02-01")
        self.assertEqual(order.subscription_status, "closed")
        self.assertAlmostEqual(order.subscription_mrr, 0.0)
        self.assertEventsSumToMRR(order)
        self.assertEqual(len(self._get_invoices(order)), 1)
