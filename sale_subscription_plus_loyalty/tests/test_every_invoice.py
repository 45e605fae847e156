from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.fields import Command

from ..tools import share_out
from .common import LoyaltyCommon


class TestEveryInvoice(LoyaltyCommon):
    """Discounts on every invoice: split by plan, agreed with the order, billed each period."""

    # === THE SPLIT ===#

    def test_ten_percent_is_taken_off_each_plan_and_off_what_is_sold_once(self):
        self._create_program("always")
        order = self._create_quotation(
            [
                self._line(),
                self._line(subscription_plan_id=self.yearly.id),
                self._line(self.poster),
            ]
        )
        lines = self._claim(order)
        none = self.monthly.browse()
        self.assertEqual(self._get_discounts(order), {self.monthly: 1.2, self.yearly: 12.0, none: 0.9})
        self.assertEqual(len(lines), 3)
        self.assertEqual(len(set(lines.mapped("reward_identifier_code"))), 1)

    def test_the_names_say_how_often(self):
        self._create_program("always")
        quarterly = self._create_plan("Quarterly", interval_count=3)
        self._set_recurring_price(self.magazine, quarterly, 33.0)
        order = self._create_quotation(
            [self._line(), self._line(subscription_plan_id=quarterly.id), self._line(self.poster)]
        )
        names = {line.subscription_plan_id.name: line.name for line in self._claim(order)}
        self.assertEqual(
            names,
            {
                "Monthly": "10% on your order (each month)",
                "Quarterly": "10% on your order (every 3 months)",
                False: "10% on your order",
            },
        )

    def test_a_plan_that_staff_give_to_a_discount_of_the_first_invoice_makes_it_one_of_every_invoice(self):
        self._create_program("first")
        order = self._create_quotation()
        line = self._claim(order)
        self.assertEqual(line.name, "10% on your order (first invoice)")
        line.subscription_plan_id = self.monthly
        order.action_confirm()
        self.assertEqual(line.name, "10% on your order (each month)")
        self.assertEqual((line.subscription_plan_id, line.price_subtotal), (self.monthly, -1.2))
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_untaxed"), [10.8, 10.8])

    def test_a_fixed_amount_is_shared_out_to_the_cent(self):
        self._create_program("always", reward={"discount_mode": "per_order", "discount": 10.0})
        plans = [self.monthly, self.yearly, self._create_plan("Weekly", interval_unit="week")]
        order = self._create_quotation([self._line(subscription_plan_id=plan.id, price_unit=12.0) for plan in plans])
        self._claim(order)
        self.assertEqual(list(self._get_discounts(order).values()), [3.33, 3.34, 3.33])

    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    @given(
        st.lists(st.integers(1, 10**7), min_size=1, max_size=8),
        st.floats(0.0, 1.0),
        st.sampled_from([1.0, 0.01, 0.001]),
    )
    def test_shares_add_up_and_none_is_more_than_there_is(self, weights, part, rounding):
        weights = [weight * rounding for weight in weights]
        amount = round(round(sum(weights) * part / rounding) * rounding, 3)
        shares = share_out(amount, weights, rounding)
        self.assertAlmostEqual(sum(shares), amount, places=6)
        for share, weight in zip(shares, weights, strict=True):
            self.assertGreaterEqual(share, 0.0)
            self.assertLessEqual(share, weight + 1e-6)
            self.assertLess(abs(share - amount * weight / sum(weights)), rounding * 1.0001)

    def test_a_maximum_holds_for_all_plans_together(self):
        self._create_program("always", reward={"discount": 50.0, "discount_max_amount": 22.0})
        order = self._create_quotation([self._line(), self._line(subscription_plan_id=self.yearly.id)])
        self._claim(order)
        self.assertEqual(self._get_discounts(order), {self.monthly: 2.0, self.yearly: 20.0})

    def test_each_tax_has_its_own_line_on_each_plan(self):
        taxes = self._create_tax(10.0) + self._create_tax(20.0)
        book = self._create_recurring_product("Book", {self.monthly: 20.0}, taxes_id=[Command.set(taxes[0].ids)])
        film = self._create_recurring_product("Film", {self.monthly: 30.0}, taxes_id=[Command.set(taxes[1].ids)])
        self._create_program("always")
        order = self._create_quotation([self._line(book), self._line(film)])
        lines = self._claim(order)
        self.assertEqual({line.tax_ids: line.price_subtotal for line in lines}, {taxes[0]: -2.0, taxes[1]: -3.0})
        order.action_confirm()
        self._bill()
        self.assertEqual(self._get_invoices(order).amount_total, round(0.9 * (22 + 36), 2))

    def test_specific_products_are_discounted_on_their_plan_alone(self):
        self._create_program(
            "always", reward={"discount_applicability": "specific", "discount_product_ids": self.magazine.ids}
        )
        book = self._create_recurring_product("Book", {self.monthly: 20.0})
        order = self._create_quotation([self._line(), self._line(book), self._line(self.poster)])
        self._claim(order)
        self.assertEqual(self._get_discounts(order), {self.monthly: 1.2})

    def test_the_cheapest_product_is_the_cheapest_of_all_plans(self):
        self._create_program("always", reward={"discount_applicability": "cheapest", "discount": 50.0})
        order = self._create_quotation([self._line(subscription_plan_id=self.yearly.id), self._line()])
        self._claim(order)
        self.assertEqual(self._get_discounts(order), {self.monthly: 6.0})

    def test_an_order_that_recurs_in_nothing_is_discounted_as_ever(self):
        self._create_program("always")
        order = self._create_quotation([self._line(self.poster)])
        line = self._claim(order)
        self.assertEqual((line.price_unit, line.name), (-0.9, "10% on your order"))
        self.assertFalse(line.subscription_plan_id)

    # === THE QUOTATION CHANGES ===#

    def test_the_discount_follows_quantity_and_plan_without_doubling(self):
        self._create_program("always")
        order = self._create_quotation()
        self._claim(order)
        magazine = order.order_line.filtered(lambda line: not line.reward_id)
        magazine.product_uom_qty = 3
        order._update_programs_and_rewards()
        self.assertEqual(self._get_discounts(order), {self.monthly: 3.6})
        magazine.subscription_plan_id = self.yearly
        order._update_programs_and_rewards()
        self.assertEqual(self._get_discounts(order), {self.yearly: 36.0})
        self.assertEqual(order.order_line.filtered("reward_id").name, "10% on your order (each year)")

    def test_the_discount_leaves_the_plan_that_nothing_is_on_any_more(self):
        self._create_program("always")
        order = self._create_quotation([self._line(), self._line(subscription_plan_id=self.yearly.id)])
        self._claim(order)
        order.order_line.filtered(lambda line: line.subscription_plan_id == self.yearly and not line.reward_id).unlink()
        order._update_programs_and_rewards()
        self.assertEqual(self._get_discounts(order), {self.monthly: 1.2})

    def test_a_discount_whose_subscription_leaves_is_one_of_an_ordinary_order(self):
        self._create_program("always")
        order = self._create_quotation([self._line(), self._line(self.poster)])
        self._claim(order)
        order.order_line.filtered(lambda line: line.product_id == self.magazine).unlink()
        order._update_programs_and_rewards()
        self.assertEqual(self._get_discounts(order), {self.monthly.browse(): 0.9})
        self.assertFalse(order.subscription_status)

    def test_taking_one_line_of_the_reward_off_takes_all_of_it(self):
        self._create_program("always")
        order = self._create_quotation([self._line(), self._line(subscription_plan_id=self.yearly.id)])
        self._claim(order)[0].unlink()
        order._update_programs_and_rewards()
        self.assertFalse(order.order_line.filtered("reward_id"))
        self.assertFalse(order.code_enabled_rule_ids)

    def test_a_second_update_changes_nothing(self):
        self._create_program("always")
        order = self._create_quotation([self._line(), self._line(subscription_plan_id=self.yearly.id)])
        self._claim(order)
        before = order.order_line.mapped(lambda line: (line.id, line.price_unit, line.name, line.subscription_plan_id))
        order._update_programs_and_rewards()
        after = order.order_line.mapped(lambda line: (line.id, line.price_unit, line.name, line.subscription_plan_id))
        self.assertEqual(before, after)

    def test_another_plan_of_the_order_does_not_move_the_discount_by_itself(self):
        self._create_program("always")
        order = self._create_quotation([self._line(subscription_plan_id=self.yearly.id), self._line(self.poster)])
        self._claim(order)
        order.subscription_plan_id = self.calendar
        self.assertEqual(self._get_discounts(order), {self.yearly: 12.0, self.monthly.browse(): 0.9})

    # === IT RUNS ===#

    def test_each_period_is_billed_with_its_discount(self):
        self._create_program("always")
        order = self._create_quotation([self._line(), self._line(self.poster)])
        self._claim(order)
        order.action_confirm()
        for day in ("2026-01-01", "2026-02-01", "2026-03-01"):
            self._bill(day)
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [18.9, 10.8, 10.8])
        self.assertAlmostEqual(order.subscription_mrr, 10.8)
        self.assertTiled(order)
        self.assertEventsSumToMRR(order)

    def test_a_short_first_period_has_its_share_of_the_discount(self):
        self._create_program("always")
        order = self._create_stub_order()
        self._claim(order)
        self.assertEqual(self._get_discounts(order), {self.calendar: 3.1})
        self.assertEqual(order._get_first_invoice_amount(), 9.0)
        order.action_confirm()
        self._bill()
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [9.0, 27.9])

    def test_what_is_free_on_every_invoice_is_never_a_cent_less(self):
        tax = self._create_tax(21.0)
        self.company.tax_calculation_rounding_method = "round_per_line"
        products = [
            self._create_recurring_product(f"Paper {price}", {self.calendar: price}, taxes_id=[Command.set(tax.ids)])
            for price in (10.02, 10.02, 0.07)
        ]
        self._create_program("always", reward={"discount": 100.0})
        order = self._create_stub_order([self._line(product) for product in products])
        self._claim(order)
        self.assertEqual((order.amount_total, order._get_first_invoice_amount()), (0.0, 0.0))
        order.action_confirm()
        self._bill()
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [0.0, 0.0])

    def test_a_paused_subscription_pauses_its_discount(self):
        self._create_program("always")
        order = self._create_quotation()
        self._claim(order)
        order.action_confirm()
        self._bill()
        self.env["subscription.change"]._schedule([{"order_id": order.id, "kind": "pause"}])
        self._bill("2026-02-01")
        self.assertEqual(len(self._get_invoices(order)), 1)
        self.assertAlmostEqual(order.subscription_mrr, 0.0)
        self.assertEventsSumToMRR(order)

    def test_a_cancelled_subscription_lets_go_of_its_reward(self):
        program = self._create_program("always")
        order = self._create_quotation()
        self._claim(order)
        order.action_confirm()
        order._action_cancel()
        self.assertFalse(order.order_line.filtered("reward_id"))
        self.assertEqual(program.order_count, 0)
        self.assertEventsSumToMRR(order)
        order.action_draft()
        self._claim(order)
        self.assertEqual(order.amount_total, 10.8)
