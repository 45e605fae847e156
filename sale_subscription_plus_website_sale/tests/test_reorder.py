"""What was bought before is bought again, on its plan."""

from lxml import html

from odoo.addons.sale_subscription_plus_portal.tests.common import Refused

from .common import ShopCommon


class TestReorder(ShopCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.env["res.users"].create(
            {
                "login": "ada-shop",
                "password": "ada-shop",
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "company_ids": cls.company.ids,
                "group_ids": cls.env.ref("base.group_portal").ids,
            }
        )
        cls.magazine.subscription_setup_product_id = cls._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        cls.order = cls._create_cart()

    def _confirm(self, *lines):
        for product, plan, quantity in lines:
            self._add(self.order, product, plan, quantity)
        self.order.action_confirm()
        self._visit(self.user)

    def _reorder(self):
        self._call_shop("/my/orders/reorder", order_id=self.order.id)
        return self._get_cart()

    def _describe(self, cart):
        return [
            (line.product_id, line.subscription_plan_id, line.product_uom_qty, line.discount)
            for line in cart.website_order_line
        ]

    def test_each_line_is_bought_again_on_its_plan(self):
        self._confirm((self.magazine, self.yearly, 2), (self.magazine, self.monthly, 1), (self.poster, None, 3))
        cart = self._reorder()
        self.assertNotEqual(cart, self.order)
        self.assertEqual(
            self._describe(cart),
            [
                (self.magazine, self.yearly, 2, 0.0),
                (self.magazine, self.monthly, 1, 0.0),
                (self.poster, self.yearly.browse(), 3, 0.0),
            ],
        )

    def test_set_up_fees_come_with_their_lines_and_not_by_themselves(self):
        self._confirm((self.magazine, self.yearly, 1))
        cart = self._reorder()
        self.assertEqual(cart._get_shop_totals()["total"], 150.0)
        self.assertEqual(len(cart.order_line), 2)
        self.assertEqual(cart.cart_quantity, 1)

    def test_agreed_discounts_are_not_bought_again(self):
        line = self._add(self.order, self.magazine, self.yearly)
        line.discount = 50.0
        self._confirm()
        self.assertEqual(self._describe(self._reorder()), [(self.magazine, self.yearly, 1, 0.0)])

    def test_what_was_bought_once_is_bought_once(self):
        self.magazine.subscription_buy_once_ok = True
        self._confirm((self.magazine, False, 1), (self.magazine, self.yearly, 1))
        self.assertEqual(self._reorder().website_order_line.subscription_plan_id, self.yearly)
        self.assertEqual(len(self._get_cart().website_order_line), 2)

    def test_a_plan_that_is_not_offered_any_more_gives_way_to_the_default(self):
        self._confirm((self.magazine, self.yearly, 1))
        self.yearly.shop_ok = False
        self.assertEqual(self._reorder().website_order_line.subscription_plan_id, self.monthly)

    def test_what_is_not_offered_on_any_plan_is_left_out(self):
        self._confirm((self.magazine, self.yearly, 1), (self.poster, None, 1))
        (self.monthly + self.yearly).shop_ok = False
        self.assertEqual(self._reorder().website_order_line.product_id, self.poster)

    def test_nothing_left_is_told(self):
        self._confirm((self.magazine, self.yearly, 1))
        (self.monthly + self.yearly).shop_ok = False
        with self.assertRaisesRegex(Refused, "Nothing can be reordered"):
            self._reorder()

    def test_an_order_that_does_not_recur_is_bought_again_as_ever(self):
        self._confirm((self.poster, None, 2))
        self.assertEqual(self._describe(self._reorder()), [(self.poster, self.yearly.browse(), 2, 0.0)])

    def test_the_quick_reorder_takes_the_plan_of_last_time(self):
        self._confirm((self.magazine, self.yearly, 1))
        answer = self._call_shop(
            "/shop/cart/quick_add",
            product_template_id=self.magazine.product_tmpl_id.id,
            product_id=self.magazine.id,
            quantity=1,
        )
        self.assertEqual(self._get_cart().website_order_line.subscription_plan_id, self.yearly)
        self.assertIn("/ year", answer["website_sale.cart_lines"])
        self.assertIn("Due today", answer["website_sale.shorter_cart_summary"])

    def _get_history(self):
        page = html.fromstring(self._get_shop_page("/shop/cart").text)
        return [" ".join(node.text_content().split()) for node in page.find_class("o_wsale_quick_reorder_line")]

    def test_the_quick_reorder_says_the_price_of_that_plan(self):
        self._confirm((self.magazine, self.yearly, 1))
        (line,) = self._get_history()
        self.assertIn("$ 120.00 / year", line)

    def test_the_quick_reorder_leaves_out_fees_and_what_is_not_offered(self):
        self._confirm((self.magazine, self.yearly, 1), (self.poster, None, 1))
        (self.monthly + self.yearly).shop_ok = False
        (line,) = self._get_history()
        self.assertIn("Poster", line)

    def test_nobody_reorders_the_order_of_another(self):
        self._confirm((self.magazine, self.yearly, 1))
        self._visit()
        self._call_shop("/my/orders/reorder", order_id=self.order.id)
        self.assertEqual(self._get_cart(), self.order)
