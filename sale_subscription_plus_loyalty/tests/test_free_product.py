from odoo.fields import Command

from .common import LoyaltyCommon


class TestFreeProduct(LoyaltyCommon):
    """Free products: given once, or free for as long as the subscription runs; never for money later."""

    def _create_gift_program(self, product, on="first"):
        return self._create_program(on, reward={"reward_type": "product", "reward_product_id": product.id})

    def _claim_gift(self, product, on, lines=None, plan=None):
        self._create_gift_program(product, on)
        order = self._create_quotation(lines, plan)
        return order, self._claim(order)

    def test_a_free_product_that_recurs_is_given_once(self):
        order, gift = self._claim_gift(self.magazine, "first")
        self.assertFalse(gift.subscription_plan_id)
        order.subscription_plan_id = self.yearly
        self.assertFalse(gift.subscription_plan_id)
        order.subscription_plan_id = self.monthly
        order.action_confirm()
        for day in ("2026-01-01", "2026-02-01"):
            self._bill(day)
        invoices = self._get_invoices(order)
        self.assertEqual(invoices.mapped("amount_total"), [12.0, 12.0])
        self.assertEqual([len(invoice.invoice_line_ids) for invoice in invoices], [2, 1])

    def test_a_free_product_of_every_invoice_recurs_and_stays_free(self):
        order, gift = self._claim_gift(self.magazine, "always", [self._line(subscription_plan_id=self.yearly.id)])
        self.assertEqual((gift.subscription_plan_id, gift.price_subtotal), (self.yearly, 0.0))
        self.assertTrue(gift.name.endswith("(each year)"))
        order.action_confirm()
        for day in ("2026-01-01", "2027-01-01"):
            self._bill(day)
        invoices = self._get_invoices(order)
        self.assertEqual(invoices.mapped("amount_total"), [120.0, 120.0])
        self.assertEqual([len(invoice.invoice_line_ids) for invoice in invoices], [2, 2])
        self.assertAlmostEqual(order.subscription_mrr, 10.0)

    def test_a_free_product_that_cannot_recur_is_given_once(self):
        order, gift = self._claim_gift(self.poster, "always")
        self.assertFalse(gift.subscription_plan_id)
        order.action_confirm()
        for day in ("2026-01-01", "2026-02-01"):
            self._bill(day)
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [12.0, 12.0])

    def test_the_set_up_of_a_free_product_costs_nothing(self):
        fee = self._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        book = self._create_recurring_product("Book", {self.monthly: 20.0}, subscription_setup_product_id=fee.id)
        order, gift = self._claim_gift(book, "always")
        self.assertEqual(gift.subscription_plan_id, self.monthly)
        self.assertNotIn(fee, order.order_line.product_id)
        self.assertEqual(order.amount_total, 12.0)

    def test_a_free_product_stays_free_where_prices_are_updated(self):
        order, gift = self._claim_gift(self.magazine, "always")
        order._recompute_prices()
        self.assertEqual((order.amount_total, gift.exists().discount), (12.0, 100.0))

    def test_three_for_the_price_of_two_counts_what_is_bought_alone(self):
        program = self._create_program(
            "always",
            code=None,
            program_type="buy_x_get_y",
            trigger="auto",
            rule={"reward_point_mode": "unit", "product_ids": [Command.set(self.magazine.ids)], "minimum_qty": 2},
            reward={"reward_type": "product", "reward_product_id": self.magazine.id, "required_points": 2},
        )
        order = self._create_quotation([self._line(product_uom_qty=4)])
        gift = self._claim_automatic(order)
        self.assertEqual(
            (gift.product_uom_qty, gift.subscription_plan_id, gift.reward_id.program_id), (2, self.monthly, program)
        )
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_total, 48.0)
