"""Requests that no page of ours sends."""

from odoo.addons.sale_subscription_plus_portal.tests.common import Refused

from .common import ShopCommon

NONSENSE = ("1", "", 1.5, True, [1], [], {}, {"id": 1}, "0; DROP TABLE", -1, 10**30)


class TestCartRequests(ShopCommon):
    def setUp(self):
        super().setUp()
        self._visit()

    # === ADDING ===#

    def test_ids_of_any_kind_are_refused_with_a_sentence(self):
        for plan_id in NONSENSE:
            with self.subTest(plan_id=plan_id), self.assertRaisesRegex(Refused, r"reload the page"):
                self._add_plan_id(plan_id)
        self.assertFalse(self._get_cart().order_line)

    def _add_plan_id(self, plan_id, product=None, **params):
        product = product or self.magazine
        return self._call_shop(
            "/shop/cart/add",
            product_template_id=product.product_tmpl_id.id,
            product_id=product.id,
            subscription_plan_id=plan_id,
            **params,
        )

    def test_plans_that_are_not_offered_are_refused(self):
        archived = self._create_plan("Archived", active=False)
        private = self._create_plan("Private", shop_ok=False)
        unpriced = self._create_plan("Unpriced")
        for plan in (archived, private):
            self._set_recurring_price(self.magazine, plan, 1.0)
        for plan in (archived, private, unpriced):
            with self.subTest(plan=plan.name), self.assertRaisesRegex(Refused, "not offered on this plan"):
                self._add_plan_id(plan.id)

    def test_a_price_of_another_pricelist_makes_no_offer(self):
        secret = self._create_plan("Staff Only")
        friends = self.env["product.pricelist"].create({"name": "Friends", "company_id": self.company.id})
        self._set_recurring_price(self.magazine, secret, 1.0, pricelist_id=friends.id)
        with self.assertRaisesRegex(Refused, "not offered on this plan"):
            self._add_plan_id(secret.id)

    def test_a_product_sold_once_takes_no_plan(self):
        with self.assertRaisesRegex(Refused, "not offered on this plan"):
            self._add_plan_id(self.yearly.id, self.poster)

    def test_prices_and_flags_come_from_the_server(self):
        self.magazine.subscription_setup_product_id = self._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        self._add_plan_id(
            self.yearly.id,
            price_unit=1.0,
            discount=99.0,
            technical_price_unit=1.0,
            subscription_setup_done=True,
            subscription_rule_discount=99.0,
            subscription_default_plan_id=self.monthly.id,
            subscription_start="2020-01-01",
            currency_id=1,
        )
        line = self._get_cart().website_order_line
        self.assertEqual((line.price_unit, line.discount, line.subscription_plan_id), (120.0, 0.0, self.yearly))
        self.assertEqual(self._get_cart()._get_shop_totals()["total"], 150.0)

    def test_quantities_below_one_and_in_parts_add_nothing_more(self):
        self._add_plan_id(self.yearly.id, quantity=2.9)
        line = self._get_cart().order_line
        self.assertEqual(line.product_uom_qty, 2)
        self._call_shop("/shop/cart/update", line_id=line.id, quantity=-3)
        self.assertFalse(line.exists())

    def test_a_negative_quantity_takes_no_money_off(self):
        self._add_plan_id(self.yearly.id)
        self._add_plan_id(self.monthly.id, quantity=-5)
        self.assertEqual(self._get_cart()._get_shop_totals()["total"], 120.0)

    def test_quantities_stay_such_that_amounts_are_exact(self):
        self._add_plan_id(self.yearly.id, quantity=10**12)
        line = self._get_cart().order_line
        self.assertEqual(line.product_uom_qty, 10**6)
        answer = self._call_shop("/shop/cart/update", line_id=line.id, quantity=10**9)
        self.assertIn("at most", answer["warning"])
        self.assertEqual((line.product_uom_qty, answer["amount"]), (10**6, 120.0 * 10**6))

    # === CHANGING ===#

    def _get_foreign_line(self):
        return self._add(self._create_cart(), self.magazine, self.yearly)

    def test_lines_of_other_carts_are_left_alone(self):
        foreign = self._get_foreign_line()
        self._add_plan_id(self.yearly.id)
        with self.assertRaisesRegex(Refused, "cart has changed"):
            self._set_plan(foreign.id, self.monthly.id)
        answer = self._call_shop("/shop/cart/update", line_id=foreign.id, quantity=0)
        self.assertIn("update your cart", answer["warning"])
        self.assertEqual((foreign.subscription_plan_id, foreign.product_uom_qty), (self.yearly, 1))

    def _set_plan(self, line_id, plan_id):
        return self._call_shop("/shop/cart/plan", line_id=line_id, subscription_plan_id=plan_id)

    def test_line_ids_of_any_kind_are_refused_with_a_sentence(self):
        self._add_plan_id(self.yearly.id)
        for line_id in (*NONSENSE, None):
            with self.subTest(line_id=line_id), self.assertRaisesRegex(Refused, "cart has changed"):
                self._set_plan(line_id, self.monthly.id)

    def test_plan_ids_of_any_kind_change_nothing(self):
        self._add_plan_id(self.yearly.id)
        line = self._get_cart().order_line
        for plan_id in (*NONSENSE, None, 0, False):
            with self.subTest(plan_id=plan_id), self.assertRaisesRegex(Refused, "reload the page"):
                self._set_plan(line.id, plan_id)
        self.assertEqual(line.subscription_plan_id, self.yearly)

    def test_a_cart_that_was_emptied_in_another_tab_is_told(self):
        self._add_plan_id(self.yearly.id)
        line = self._get_cart().order_line
        self._call_shop("/shop/cart/clear")
        self.assertFalse(self._get_cart().subscription_plan_id)
        with self.assertRaisesRegex(Refused, "cart has changed"):
            self._set_plan(line.id, self.monthly.id)

    def test_without_a_cart_there_is_no_plan_to_change(self):
        with self.assertRaisesRegex(Refused, "cart has changed"):
            self._set_plan(1, self.monthly.id)

    def test_a_set_up_fee_is_not_touched(self):
        self.magazine.subscription_setup_product_id = self._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        self._add_plan_id(self.yearly.id)
        fee = self._get_cart().order_line.filtered("subscription_setup_line_id")
        with self.assertRaisesRegex(Refused, "cart has changed"):
            self._set_plan(fee.id, self.monthly.id)
        for params in ({"line_id": fee.id}, {"line_id": False, "product_id": fee.product_id.id}):
            answer = self._call_shop("/shop/cart/update", quantity=0, **params)
            self.assertIn("charged once", answer["warning"])
        with self.assertRaises(Refused):  # it is not published
            self._add_plan_id(0, fee.product_id)
        self.assertEqual(fee.exists().product_uom_qty, 1)

    def test_a_subscription_that_runs_is_no_cart(self):
        order = self._create_cart()
        line = self._add(order, self.magazine, self.yearly)
        order.action_confirm()
        self._visit(cart=order)
        with self.assertRaisesRegex(Refused, "cart has changed"):
            self._set_plan(line.id, self.monthly.id)
        cart = self._buy(self.poster)
        self.assertNotEqual(cart, order)
        self.assertEqual(line.subscription_plan_id, self.yearly)

    def test_a_cart_whose_payment_is_under_way_is_not_changed(self):
        order = self._create_cart()
        line = self._add(order, self.magazine, self.yearly)
        self._begin_payment(order, 120.0)._set_pending()
        self._visit(cart=order)
        with self.assertRaisesRegex(Refused, "cart has changed"):
            self._set_plan(line.id, self.monthly.id)
        self.assertEqual(line.subscription_plan_id, self.yearly)
