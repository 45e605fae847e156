from odoo.tests import tagged

from odoo.addons.sale_subscription_plus_portal.tests.common import Refused

from .list_common import ListCommon


@tagged("-at_install", "post_install")
class TestZeroPrice(ListCommon):
    """The website hides what costs nothing; what a plan prices costs something."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website.prevent_zero_price_sale = True
        cls.club = cls._create_published_product("Club", {cls.monthly: 7.0}, lst_price=0.0)
        cls.gift = cls._create_product(name="Gift", lst_price=0.0, taxes_id=[], is_published=True)

    def _is_allowed(self, product):
        """Return whether a visitor may put ``product`` in the cart: by the server's own rule, from a tile."""
        with self._as_visitor() as env:
            product = env["product.product"].browse(product.id)
            allowed = bool(product.sudo()._is_add_to_cart_allowed())
            self.assertEqual(bool(product.product_tmpl_id._website_show_quick_add()), allowed)
            self.assertEqual(bool(product._website_show_quick_add()), allowed)
        return allowed

    def test_a_product_priced_only_by_a_plan_can_be_put_in_the_cart(self):
        self.assertTrue(self._is_allowed(self.club))
        order = self._buy(self.club)
        self.assertEqual(order.order_line.price_unit, 7.0)

    def test_a_product_without_any_price_stays_guarded(self):
        self.assertFalse(self._is_allowed(self.gift))
        with self.assertRaises(Refused):
            self._call_shop(
                "/shop/cart/add", product_template_id=self.gift.product_tmpl_id.id, product_id=self.gift.id, quantity=1
            )

    def test_a_plan_that_costs_nothing_is_guarded_too(self):
        self.assertFalse(self._is_allowed(self._create_published_product("Free", {self.monthly: 0.0}, lst_price=0.0)))

    def test_the_guard_follows_the_pricelist_of_the_visitor(self):
        price = self.club.product_tmpl_id.subscription_price_ids
        price.pricelist_id = self._create_pricelist(name="Other")
        self.assertFalse(self._is_allowed(self.club))
        price.pricelist_id = self.shop_pricelist
        self.assertTrue(self._is_allowed(self.club))

    def test_a_subscription_on_no_plan_of_the_shop_is_not_sold(self):
        self.website.prevent_zero_price_sale = False
        self.monthly.shop_ok = False
        self.assertFalse(self._is_allowed(self.club))
        with self._as_visitor() as env:
            template = env["product.template"].browse(self.club.product_tmpl_id.id)
            self.assertFalse(template._is_add_to_cart_possible())
        with self.assertRaises(Refused):
            self._buy(self.club)

    def test_a_subscription_on_no_plan_may_be_sold_once(self):
        self.monthly.shop_ok = False
        self.club.write({"subscription_buy_once_ok": True, "lst_price": 30.0})
        self.assertTrue(self._is_allowed(self.club))
        self.club.lst_price = 0.0
        self.assertFalse(self._is_allowed(self.club))

    def test_prices_of_plans_count_in_the_shop_only(self):
        self.assertEqual(self.club.product_tmpl_id._get_contextual_price(), 0.0)
        with self._as_visitor() as env:
            self.assertEqual(env["product.product"].browse(self.club.id)._get_contextual_price(), 7.0)

    def test_the_search_shows_no_price_of_what_costs_nothing(self):
        with self._as_visitor() as env:
            website = env["website"].browse(self.website.id)
            templates = env["product.template"]
            self.assertFalse(templates._prepare_result_price({"price_reduce": 0.0}, website)["price"])
            self.assertTrue(templates._prepare_result_price({"price_reduce": 7.0}, website)["price"])


@tagged("-at_install", "post_install")
class TestLeastQuantity(ListCommon):
    """A price for many is none for few: the sales price never stands in for that of a period."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bulk = cls._create_published_product("Bulk", {cls.monthly: 12.0})
        cls._set_recurring_price(cls.bulk, cls.yearly, 600.0, min_quantity=5)

    def _get_plans(self, quantity):
        with self._as_visitor() as env:
            template = env["product.template"].browse(self.bulk.product_tmpl_id.id)
            return template._get_shop_plans(quantity=quantity).mapped("name")

    def test_a_plan_is_offered_from_the_quantity_of_its_price_on(self):
        self.assertEqual(self._get_plans(1), ["Monthly"])
        self.assertEqual(self._get_plans(5), ["Monthly", "Yearly"])
        self.assertEqual(self.bulk.product_tmpl_id._get_shop_plans(quantity=4.9), self.monthly)
        self.assertEqual(self._get_label(self.bulk), "12.00 / month")

    def test_the_sales_price_of_the_default_plan_does_not_stand_in_either(self):
        self.bulk.product_tmpl_id.with_company(self.company).subscription_plan_id = self.yearly
        self.assertEqual(self._get_plans(1), ["Monthly"])

    def test_too_few_on_a_plan_are_refused_in_the_cart(self):
        with self.assertRaisesRegex(Refused, 'The plan "Yearly" is not offered for so few'):
            self._buy(self.bulk, self.yearly, 4)
        cart = self._buy(self.bulk, self.yearly, 5)
        self.assertEqual(cart.order_line.price_unit, 600.0)
        with self.assertRaisesRegex(Refused, "not offered for so few"):
            self._call_shop("/shop/cart/update", line_id=cart.order_line.id, quantity=2)
        self.assertEqual((cart.order_line.product_uom_qty, cart.order_line.price_unit), (5, 600.0))

    def test_a_line_of_too_few_cannot_be_put_on_the_plan_nor_paid(self):
        cart = self._create_cart()
        line = self._add(cart, self.bulk, self.monthly)
        self.assertNotIn(self.yearly.id, dict(line._get_plan_choices()))
        line.product_uom_qty = 5
        self.assertIn(self.yearly.id, dict(line._get_plan_choices()))
        cart._cart_set_plan(line.id, self.yearly.id)
        line.product_uom_qty = 4
        self.assertEqual(cart._get_unoffered_lines(), line)

    def test_the_page_shows_the_plan_for_as_many_only(self):
        def show(quantity):
            return self._call_shop(
                "/website_sale/get_combination_info",
                product_template_id=self.bulk.product_tmpl_id.id,
                product_id=self.bulk.id,
                combination=[],
                add_qty=quantity,
                subscription_plan_id=self.yearly.id,
            )

        self.assertEqual((show(1)["price"], show(1)["subscription_plan_id"]), (12.0, self.monthly.id))
        self.assertEqual((show(5)["price"], show(5)["subscription_plan_id"]), (600.0, self.yearly.id))
