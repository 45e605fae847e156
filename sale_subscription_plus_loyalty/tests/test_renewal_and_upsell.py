from odoo.exceptions import UserError

from .common import LoyaltyCommon


class TestRenewalAndUpsell(LoyaltyCommon):
    """What becomes of discounts when a subscription is renewed, added to, duplicated, changed."""

    def _create_discounted(self, on="always", **reward):
        self.program = self._create_program(on, reward=reward, limit_usage=True, max_usage=1)
        order = self._create_quotation([self._line(), self._line(self.poster)])
        self._claim(order)
        order.action_confirm()
        self._bill()
        return order

    def _renew(self, order):
        action = order.action_subscription_renew()
        return order.browse(action["res_id"])

    # === RENEWAL ===#

    def test_a_renewal_keeps_what_is_on_every_invoice(self):
        order = self._create_discounted()
        renewal = self._renew(order)
        self.assertEqual(self._get_discounts(renewal), {self.monthly: 1.2})
        self.assertEqual(renewal.amount_total, 10.8)
        self.assertFalse(renewal.order_line.coupon_id)
        renewal._update_programs_and_rewards()
        renewal._recompute_prices()
        self.assertEqual(renewal.amount_total, 10.8)
        renewal.action_confirm()
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(renewal).mapped("amount_total"), [10.8])
        self.assertEventsSumToMRR(order + renewal)

    def test_a_renewal_uses_no_code_and_spends_no_points_again(self):
        order = self._create_discounted()
        renewal = self._renew(order)
        renewal.action_confirm()
        self.assertEqual(self.program.total_order_count, 1)
        self.assertFalse(self.env["loyalty.history"].search([("order_id", "=", renewal.id), ("used", ">", 0)]))

    def test_a_renewal_offers_no_reward_that_it_has(self):
        self._create_program("always", code=None)
        order = self._create_quotation()
        self._claim_automatic(order)
        order.action_confirm()
        self._bill()
        renewal = self._renew(order)
        self._claim_automatic(renewal)
        self.assertEqual(self._get_discounts(renewal), {self.monthly: 1.2})

    def test_a_renewal_drops_what_was_on_the_first_invoice(self):
        order = self._create_discounted("first")
        renewal = self._renew(order)
        self.assertFalse(renewal.order_line.reward_id)
        self.assertEqual(renewal.amount_total, 12.0)

    def test_what_is_free_stays_free_in_a_renewal(self):
        self._create_program("always", reward={"reward_type": "product", "reward_product_id": self.magazine.id})
        order = self._create_quotation()
        self._claim(order)
        order.action_confirm()
        self._bill()
        renewal = self._renew(order)
        renewal._recompute_prices()
        self.assertEqual((len(renewal.order_line), renewal.amount_total), (2, 12.0))
        renewal.action_confirm()
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(renewal).amount_total, 12.0)

    def test_a_renewal_on_another_plan_asks_what_becomes_of_the_discount(self):
        renewal = self._renew(self._create_discounted())
        product = renewal.order_line.filtered(lambda line: not line.reward_id)
        discount = renewal.order_line - product
        product.subscription_plan_id = self.yearly
        with self.assertRaisesRegex(UserError, 'takes more off the plan "Monthly" than what is on it'):
            renewal.action_confirm()
        discount.write({"subscription_plan_id": self.yearly.id, "price_unit": -12.0})
        renewal.action_confirm()
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(renewal).amount_total, 108.0)

    # === DUPLICATE ===#

    def test_a_duplicate_claims_its_rewards_itself(self):
        fee = self._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        self.magazine.subscription_setup_product_id = fee
        order = self._create_discounted()
        duplicate = order.copy()
        self.assertFalse(duplicate.order_line.reward_id)
        setup = duplicate.order_line.filtered(lambda line: line.product_id == fee)
        self.assertEqual(setup.subscription_setup_line_id.product_id, self.magazine)

    # === UPSELL ===#

    def test_an_upsell_offers_no_more_of_a_discount(self):
        upsell = self._upsell(self._create_discounted())
        self.assertEqual(upsell.order_line.product_id, self.magazine)

    def _upsell(self, order):
        return order.browse(order.action_subscription_upsell()["res_id"])

    def test_a_discount_of_an_upsell_is_on_what_it_adds(self):
        order = self._create_subscription()
        self._bill()
        self._create_program("always", limit_usage=True, max_usage=1)
        self._set_today("2026-01-16")
        upsell = self._upsell(order)
        book = self._create_recurring_product("Book", {self.monthly: 31.0})
        upsell.order_line = [self._line(book)]
        self._claim(upsell)
        self.assertEqual(self._get_discounts(upsell), {self.monthly: 3.1})
        self.assertEqual(upsell._get_first_invoice_amount(), 14.4)  # 16 of 31 days
        upsell.action_confirm()
        discount = order.order_line.filtered("reward_id")
        self.assertEqual((discount.price_unit, discount.points_cost), (-3.1, 0.0))
        self.assertFalse(discount.coupon_id)
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [12.0, 14.4, 12 + 31 - 3.1])
        self.assertEqual(upsell.order_line.reward_id.program_id.total_order_count, 1)

    def test_a_first_invoice_discount_of_an_upsell_is_on_what_it_bills(self):
        order = self._create_subscription()
        self._bill()
        self._create_program()
        self._set_today("2026-01-16")
        upsell = self._upsell(order)
        upsell.order_line.product_uom_qty = 5
        self._claim(upsell)
        # 16 of 31 days of five more
        self.assertEqual(upsell._get_first_invoice_amount(), round(0.9 * 30.97, 2))
        upsell.action_confirm()
        self._bill("2026-02-01")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [12.0, 27.87, 72.0])
