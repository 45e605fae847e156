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
