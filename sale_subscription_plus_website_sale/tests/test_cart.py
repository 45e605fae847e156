"""The cart: each line on the plan that the visitor chose."""

from .common import ShopCommon


class TestCart(ShopCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cart = cls._create_cart()

    def test_the_same_product_under_two_plans_is_two_lines(self):
        monthly = self._add(self.cart, self.magazine, self.monthly)
        yearly = self._add(self.cart, self.magazine, self.yearly)
        self.assertNotEqual(monthly, yearly)
        self.assertEqual((monthly.price_unit, yearly.price_unit), (12.0, 120.0))

    def test_the_same_plan_again_raises_the_quantity(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        self.assertEqual(self._add(self.cart, self.magazine, self.yearly, quantity=2), line)
        self.assertEqual(line.product_uom_qty, 3)

    def test_a_visitor_buys_several_plans_together(self):
        self._visit()
        self._buy(self.magazine, self.yearly)
        cart = self._buy(self.magazine, self.monthly)
        cart = self._buy(self.poster)
        self.assertEqual(cart.order_line.subscription_plan_id, self.yearly + self.monthly)
        self.assertEqual(cart.amount_total, 141.0)
