from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command

from .common import LoyaltyCommon


class TestFirstInvoice(LoyaltyCommon):
    """Discounts on the first invoice: worked out on what that one bills, and gone with it."""

    # === THE AMOUNT ===#

    def test_ten_percent_of_a_first_invoice_of_ten_is_one(self):
        self._create_program()
        order = self._create_stub_order()
        line = self._claim(order)
        self.assertEqual(line.price_total, -1.0)
        self.assertFalse(line.subscription_plan_id)
        self.assertEqual(line.name, "10% on your order (first invoice)")
        self.assertEqual(order._get_first_invoice_amount(), 9.0)

    def test_what_is_sold_once_and_several_plans_are_discounted_together(self):
        self._create_program()
        order = self._create_stub_order(
            [self._line(), self._line(subscription_plan_id=self.yearly.id), self._line(self.poster)]
        )
        self._claim(order)
        # 10 of 31 days for 31.00, a year for 120.00, and the poster for 9.00
        self.assertEqual(self._get_discounts(order), {self.monthly.browse(): 13.9})

    def test_what_is_billed_in_arrears_is_not_on_the_first_invoice(self):
        arrears = self._create_plan("In Arrears", billing_timing="arrears")
        self._set_recurring_price(self.magazine, arrears, 100.0)
        self._create_program()
        order = self._create_quotation([self._line(), self._line(subscription_plan_id=arrears.id)])
        self._claim(order)
        self.assertEqual(self._get_discounts(order), {self.monthly.browse(): 1.2})

    def test_where_the_first_invoice_bills_nothing_there_is_nothing_to_discount(self):
        arrears = self._create_plan("In Arrears", billing_timing="arrears")
        self._set_recurring_price(self.magazine, arrears, 100.0)
        self._create_program()
        order = self._create_quotation(plan=arrears)
        with self.assertRaisesRegex(UserError, "nothing to discount"):
            self._claim(order)

    def test_all_of_it_off_leaves_nothing_and_never_less(self):
        tax = self._create_tax(21.0)
        self.company.tax_calculation_rounding_method = "round_per_line"
        products = [
            self._create_recurring_product(f"Paper {price}", {self.calendar: price}, taxes_id=[Command.set(tax.ids)])
            for price in (10.02, 10.02, 0.07)
        ]
        self._create_program(reward={"discount": 100.0})
        order = self._create_stub_order([self._line(product) for product in products])
        self._claim(order)
        self.assertEqual(order._get_first_invoice_amount(), 0.0)
        order.action_confirm()
        self._bill()
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [0.0, 24.32])

    def test_a_fixed_amount_takes_no_more_than_there_is(self):
        self._create_program(reward={"discount_mode": "per_order", "discount": 25.0})
        order = self._create_stub_order()
        self._claim(order)
        self.assertEqual(
            (self._get_discounts(order), order._get_first_invoice_amount()), ({self.monthly.browse(): 10.0}, 0.0)
        )

    def test_a_fixed_amount_is_taken_whole_where_there_is_more(self):
        self._create_program(reward={"discount_mode": "per_order", "discount": 7.0})
        order = self._create_stub_order()
        self._claim(order)
        self.assertEqual(order._get_first_invoice_amount(), 3.0)

    def test_specific_products_count_with_what_the_first_invoice_bills_of_them(self):
        self._create_program(
            reward={
                "discount": 50.0,
                "discount_applicability": "specific",
                "discount_product_ids": self.magazine.ids,
            }
        )
        order = self._create_stub_order([self._line(), self._line(self.poster)])
        self._claim(order)
        self.assertEqual(self._get_discounts(order), {self.monthly.browse(): 5.0})

    def test_the_cheapest_product_counts_with_what_the_first_invoice_bills_of_it(self):
        self._create_program(reward={"discount": 50.0, "discount_applicability": "cheapest"})
        order = self._create_stub_order([self._line(), self._line(subscription_plan_id=self.yearly.id)])
        self._claim(order)
        self.assertEqual(self._get_discounts(order), {self.monthly.browse(): 5.0})

    def test_taxes_are_those_of_what_is_discounted(self):
        tax = self._create_tax(20.0)
        book = self._create_recurring_product("Book", {self.calendar: 31.0}, taxes_id=[Command.set(tax.ids)])
        self._create_program()
        order = self._create_stub_order([self._line(book)])
        line = self._claim(order)
        self.assertEqual((line.tax_ids, line.price_subtotal, line.price_total), (tax, -1.0, -1.2))
        self.assertEqual(order._get_first_invoice_amount(), 10.8)

    def test_tax_included_prices_are_discounted_by_their_gross(self):
        tax = self._create_tax(20.0, price_include_override="tax_included")
        book = self._create_recurring_product("Book", {self.calendar: 31.0}, taxes_id=[Command.set(tax.ids)])
        self._create_program()
        order = self._create_stub_order([self._line(book)])
        self._claim(order)
        self.assertEqual(order._get_first_invoice_amount(), 9.0)

    # === TOGETHER WITH OTHERS ===#

    def test_what_is_taken_off_each_invoice_comes_first_whichever_was_claimed_first(self):
        self._create_program(
            "always",
            code="ALWAYS",
            reward={
                "discount_mode": "per_order",
                "discount": 6.2,
                "discount_applicability": "specific",
                "discount_product_ids": self.magazine.ids,
            },
        )
        self._create_program(code="FIRST", reward={"discount": 100.0})
        for codes in (("ALWAYS", "FIRST"), ("FIRST", "ALWAYS")):
            order = self._create_stub_order()
            for code in codes:
                self._claim(order, code)
            none = self.monthly.browse()
            self.assertEqual(self._get_discounts(order), {self.calendar: 6.2, none: 8.0}, codes)
            self.assertEqual(order._get_first_invoice_amount(), 0.0)

    def test_a_share_is_one_of_what_a_fixed_amount_left_of_the_first_invoice(self):
        self._create_program(code="NINE", reward={"discount_mode": "per_order", "discount": 9.0})
        self._create_program(
            code="HALF",
            reward={
                "discount": 50.0,
                "discount_applicability": "specific",
                "discount_product_ids": self.magazine.ids,
            },
        )
        order = self._create_stub_order()
        self._claim(order, "NINE")
        self._claim(order, "HALF")
        self.assertEqual(order._get_first_invoice_amount(), 0.5)

    def test_a_share_of_what_is_left_after_another_share(self):
        self._create_program(code="TEN")
        self._create_program(
            code="HALF",
            reward={
                "discount": 50.0,
                "discount_applicability": "specific",
                "discount_product_ids": self.magazine.ids,
            },
        )
        order = self._create_stub_order()
        self._claim(order, "TEN")
        self._claim(order, "HALF")
        self.assertEqual(order._get_first_invoice_amount(), 4.5)

    # === THE QUOTATION CHANGES ===#

    def test_the_discount_follows_the_quotation(self):
        self._create_program()
        order = self._create_stub_order()
        self._claim(order)
        order.order_line[0].product_uom_qty = 2
        order._update_programs_and_rewards()
        self.assertEqual(order._get_first_invoice_amount(), 18.0)
        order.order_line[0].subscription_plan_id = self.yearly
        order._update_programs_and_rewards()
        self.assertEqual(order._get_first_invoice_amount(), 216.0)
        order.order_line[0].unlink()
        order._update_programs_and_rewards()
        self.assertFalse(order.order_line)

    def test_an_open_quotation_follows_the_days_of_its_first_period(self):
        self._create_program(reward={"discount": 50.0})
        self._set_today("2026-01-12")
        order = self._create_quotation(plan=self.calendar)
        self._claim(order)
        self.assertEqual((order.order_line[1].price_unit, order._get_first_invoice_amount()), (-10.0, 10.0))
        result = self._care("2026-01-22")
        self.assertEqual((order.order_line[1].price_unit, order._get_first_invoice_amount()), (-5.0, 5.0))
        self.assertEqual(result["discounts"], 1)
        self.assertFalse(self._care()["discounts"])

    def test_a_quotation_that_is_being_paid_is_not_worked_out_anew(self):
        self._create_program(reward={"discount": 50.0})
        self._set_today("2026-01-12")
        order = self._create_quotation(plan=self.calendar)
        self._claim(order)
        with patch.object(type(order), "_get_signup_payment_under_way", lambda order: order.transaction_ids.browse(1)):
            self._care("2026-01-22")
        self.assertEqual(order.order_line[1].price_unit, -10.0)

    # === IT RUNS ===#

    def test_the_first_invoice_has_it_and_no_other(self):
        self._create_program()
        order = self._create_stub_order()
        self._claim(order)
        order.action_confirm()
        for day in ("2026-01-22", "2026-02-01", "2026-03-01"):
            self._bill(day)
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [9.0, 31.0, 31.0])
        self.assertAlmostEqual(order.subscription_mrr, 31.0)
        self.assertTiled(order)

    def test_a_running_subscription_takes_no_code(self):
        self._create_program()
        order = self._create_subscription()
        status = order._try_apply_code("SAVE")
        self.assertIn(f"{order.name} runs already", status["error"])
        self.assertFalse(order._get_claimable_rewards())

    def test_what_runs_is_not_worked_out_anew(self):
        program = self._create_program()
        order = self._create_stub_order()
        self._claim(order)
        order.action_confirm()
        self._bill()
        program.active = False
        self._set_today("2026-02-10")
        order._update_programs_and_rewards()
        order._recompute_prices()
        self.assertEqual(self._get_discounts(order), {self.monthly.browse(): 1.0})

    def test_points_are_spent_and_given_once(self):
        program = self._create_program(
            program_type="loyalty",
            code=None,
            trigger="auto",
            applies_on="both",
            rule={"reward_point_mode": "order", "reward_point_amount": 3},
            reward={"required_points": 5, "discount_mode": "per_order", "discount": 2.0},
        )
        card = self.env["loyalty.card"].create(
            {"program_id": program.id, "partner_id": self.customer.id, "points": 7.0}
        )
        order = self._create_quotation()
        self._claim_automatic(order)
        order.action_confirm()
        for day in ("2026-01-01", "2026-02-01"):
            self._bill(day)
        self.assertEqual(card.points, 7.0 + 3 - 5)
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [10.0, 12.0])
