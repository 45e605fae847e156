from odoo.tests import HttpCase

from odoo.addons.sale_subscription_plus_loyalty.tests.common import LoyaltyCommon
from odoo.addons.sale_subscription_plus_portal.tests.common import Refused
from odoo.addons.sale_subscription_plus_website_sale.tests.common import ShopCommon


class TestLoyaltyInCart(LoyaltyCommon, ShopCommon, HttpCase):
    """A visitor's cart with codes and promotions."""

    def _type_code(self, code="SAVE"):
        """Type ``code`` in as the visitor does, and return the page that follows: the cart."""
        return self._get_shop_page("/shop/pricelist", promo=code)

    def _get_shown(self, cart):
        return {line.name: line.price_total for line in cart.website_order_line if line.is_reward_line}

    def test_a_code_of_every_invoice_is_shown_plan_by_plan(self):
        self._create_program("always")
        self._buy(self.magazine, self.monthly)
        self._buy(self.magazine, self.yearly)
        cart = self._buy(self.poster)
        page = self._type_code().text
        self.assertEqual(
            self._get_shown(cart),
            {
                "10% on your order (each month)": -1.2,
                "10% on your order (each year)": -12.0,
                "10% on your order": -0.9,
            },
        )
        for label in ("10% on your order (each month)", "10% on your order (each year)"):
            self.assertIn(label, page)
        self.assertEqual(cart._get_shop_totals()["total"], round(0.9 * (12 + 120 + 9), 2))

    def test_a_code_of_the_first_invoice_says_so_and_takes_off_what_is_due_today(self):
        self._create_program()
        self._set_today("2026-01-22")
        self.calendar.shop_ok = True
        cart = self._buy(self.magazine, self.calendar)
        self.assertIn("10% on your order (first invoice)", self._type_code().text)
        self.assertEqual(self._get_shown(cart), {"10% on your order (first invoice)": -1.0})
        shown = cart.website_order_line.filtered("is_reward_line")
        self.assertEqual(shown.name_short, "10% on your order (first invoice)")
        self.assertEqual(cart._get_shop_totals()["total"], 9.0)

    def test_each_look_at_the_cart_shows_the_same(self):
        self._create_program("always")
        self._buy(self.magazine, self.monthly)
        cart = self._buy(self.magazine, self.yearly)
        self._type_code()
        for _look in range(2):
            self._get_shop_page("/shop/cart")
            self.assertEqual(self._get_discounts(cart), {self.monthly: 1.2, self.yearly: 12.0})

    def test_the_discount_follows_the_cart(self):
        self._create_program("always")
        cart = self._buy(self.magazine, self.monthly)
        self._type_code()
        line = cart.order_line.filtered(lambda line: not line.reward_id)
        self._call_shop("/shop/cart/update", line_id=line.id, quantity=3)
        self.assertEqual(self._get_discounts(cart), {self.monthly: 3.6})
        self._buy(self.magazine, self.yearly)
        self.assertEqual(self._get_discounts(cart), {self.monthly: 3.6, self.yearly: 12.0})
        self._call_shop("/shop/cart/update", line_id=line.id, quantity=0)
        self.assertEqual(self._get_discounts(cart), {self.yearly: 12.0})

    def test_another_plan_takes_its_discount_along(self):
        self._create_program("always")
        cart = self._buy(self.magazine, self.monthly)
        self._type_code()
        line = cart.order_line.filtered(lambda line: not line.reward_id)
        cart._cart_set_plan(line.id, self.yearly.id)
        cart._verify_cart_after_update()
        self.assertEqual(self._get_discounts(cart), {self.yearly: 12.0})
        self.assertEqual(cart.subscription_plan_id, self.yearly)

    def test_a_visitor_takes_a_discount_off_whole(self):
        self._create_program("always")
        self._buy(self.magazine, self.monthly)
        cart = self._buy(self.magazine, self.yearly)
        self._type_code()
        product = cart.order_line.reward_id.discount_line_product_id
        self._call_shop("/shop/cart/update", line_id=False, product_id=product.id, quantity=0)
        self.assertFalse(cart.order_line.reward_id)
        self._get_shop_page("/shop/cart")
        self.assertFalse(cart.order_line.reward_id)

    def test_a_promotion_without_a_code_is_in_the_cart_by_itself(self):
        self._create_program("always", code=None)
        cart = self._buy(self.magazine, self.monthly)
        self._get_shop_page("/shop/cart")
        self.assertEqual(self._get_discounts(cart), {self.monthly: 1.2})

    def test_nobody_puts_a_discount_into_the_cart_as_a_product(self):
        program = self._create_program("always")
        product = program.reward_ids.discount_line_product_id
        cart = self._buy(self.magazine, self.monthly)
        with self.assertRaises(Refused):
            self._buy(product, self.monthly)
        self.assertEqual(cart.order_line.product_id, self.magazine)

    def test_a_wrong_code_changes_nothing_and_says_so(self):
        cart = self._buy(self.magazine, self.monthly)
        self.assertIn("invalid", self._type_code("NONSENSE").text.lower())
        self.assertEqual(cart.amount_total, 12.0)

    def test_a_gift_card_pays_what_is_due_today(self):
        card = self._create_card(points=50.0)
        self._set_today("2026-01-22")
        self.calendar.shop_ok = True
        cart = self._buy(self.magazine, self.calendar)
        self._type_code(card.code)
        self.assertEqual(cart._get_shop_totals()["total"], 0.0)
        self.assertEqual(cart.order_line.filtered("coupon_id").points_cost, 10.0)

    def test_the_order_summary_has_the_amount_of_each_line_shown(self):
        product = self._create_product(name="Parcel", type="service", taxes_id=[])
        carrier = self.env["delivery.carrier"].create(
            {"name": "Post", "product_id": product.id, "fixed_price": 5.0, "is_published": True}
        )
        self._create_program("always")
        self._buy(self.magazine, self.monthly)
        self._buy(self.magazine, self.yearly)
        cart = self._buy(self.poster)
        self._type_code()
        summary = self._call_shop("/shop/set_delivery_method", dm_id=carrier.id)
        self.assertEqual(cart.carrier_id, carrier)
        self.assertEqual(self._get_discounts(cart), {self.monthly: 1.2, self.yearly: 12.0, self.monthly.browse(): 0.9})
        for amount, html in zip(("1.20", "12.00", "0.90"), summary["discount_reward_amounts"], strict=True):
            self.assertIn(amount, html)

    def test_nobody_chooses_the_plan_of_what_is_free(self):
        gift = self._create_published_product("Gift", {self.monthly: 5.0, self.yearly: 50.0})
        self._create_program(
            "always",
            reward={"reward_type": "product", "reward_product_id": gift.id, "reward_product_qty": 1},
        )
        cart = self._buy(self.magazine, self.yearly)
        self._type_code()
        free = cart.order_line.filtered("reward_id")
        self.assertEqual((free.product_id, free.subscription_plan_id), (gift, self.yearly))
        self.assertFalse(free._get_plan_choices())
        with self.assertRaises(Refused):
            self._call_shop("/shop/cart/plan", line_id=free.id, subscription_plan_id=self.monthly.id)
        # A plan that leaves the shop does not take gifts with it.
        gift.subscription_ok = False
        self.assertFalse(free._is_unoffered())
