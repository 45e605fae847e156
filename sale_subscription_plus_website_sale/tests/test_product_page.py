"""The page of a product: its plans, and how it follows what the visitor chooses."""

from odoo.addons.sale_subscription_plus_portal.tests.common import Refused

from .common import ShopCommon


class TestProductPage(ShopCommon):
    def _open(self, product=None, **params):
        template = (product or self.magazine).product_tmpl_id
        return self._get_shop_page(f"/shop/product-{template.id}", **params).text

    def _follow(self, product=None, **params):
        """Return what the page is told after a change."""
        product = product or self.magazine
        values = {"combination": [], "add_qty": 1, **params}
        return self._call_shop(
            "/website_sale/get_combination_info",
            **{"product_template_id": product.product_tmpl_id.id, "product_id": product.id, **values},
        )

    def _get_checked(self, html):
        """Return the plan id of the radio button that is checked."""
        (checked,) = [tag for tag in html.split("<input") if "subscription_plan_id" in tag and "checked=" in tag]
        return int(checked.split('value="')[1].split('"')[0])

    def test_the_page_offers_each_plan(self):
        page = self._open()
        self.assertIn("Choose how to buy", page)
        self.assertIn("Monthly", page)
        self.assertIn("Yearly", page)
        self.assertIn("Due today", page)
        self.assertNotIn("Buy once", page)
        self.assertEqual(self._get_checked(page), self.monthly.id)

    def test_a_product_that_is_no_subscription_has_no_plans(self):
        page = self._open(self.poster)
        self.assertNotIn("o_subscription_choice", page)

    def test_a_product_with_one_plan_leaves_no_choice(self):
        product = self._create_published_product("Club", {self.yearly: 100.0})
        page = self._open(product)
        self.assertIn("Your plan", page)
        self.assertEqual(self._get_checked(page), self.yearly.id)

    def test_a_product_may_be_bought_once(self):
        self.magazine.subscription_buy_once_ok = True
        self.assertIn("Buy once", self._open())

    def test_a_link_chooses_the_plan(self):
        self.assertEqual(self._get_checked(self._open(plan=self.yearly.id)), self.yearly.id)
        self.magazine.subscription_buy_once_ok = True
        self.assertEqual(self._get_checked(self._open(plan=0)), 0)

    def test_a_link_cannot_choose_what_is_not_offered(self):
        hidden = self._create_plan("Hidden", shop_ok=False)
        self._set_recurring_price(self.magazine, hidden, 1.0)
        for plan in (hidden.id, 0, -1, 10**30, "x", "1e9", ""):
            with self.subTest(plan=plan):
                self.assertEqual(self._get_checked(self._open(plan=plan)), self.monthly.id)

    def test_a_product_that_cannot_be_bought_says_so(self):
        page = self._open(self._create_published_product("Club"))
        self.assertIn("This subscription cannot be bought online at the moment.", page)
        self.assertNotIn("no valid combination", page)
        self.assertNotIn('id="add_to_cart"', page)

    def test_the_page_follows_plan_and_quantity(self):
        self._set_recurring_price(self.magazine, self.yearly, 90.0, min_quantity=5)
        info = self._follow(subscription_plan_id=self.yearly.id, add_qty=5)
        self.assertEqual((info["price"], info["subscription_period"]), (90.0, "year"))
        self.assertEqual(self._get_checked(info["subscription_choice"]), self.yearly.id)
        self.assertIn("450.00", info["subscription_choice"])

    def test_the_page_follows_the_unit(self):
        self._enable_feature("uom.group_uom")
        dozen = self.env.ref("uom.product_uom_dozen")
        self.magazine.product_tmpl_id.uom_ids = dozen
        info = self._follow(subscription_plan_id=self.monthly.id, uom_id=dozen.id)
        self.assertEqual(info["price"], 144.0)
        self.assertIn("144.00", info["subscription_choice"])

    def test_a_browser_cannot_look_at_a_plan_that_is_not_offered(self):
        hidden = self._create_plan("Hidden", shop_ok=False)
        self._set_recurring_price(self.magazine, hidden, 1.0)
        for plan in (hidden.id, 0, "x", [hidden.id], True, None):
            with self.subTest(plan=plan):
                self.assertEqual(self._follow(subscription_plan_id=plan)["price"], 12.0)

    def test_a_browser_may_say_any_quantity(self):
        for quantity in ("inf", "nan", -3, 0, 1e300):
            with self.subTest(quantity=quantity):
                self.assertIn("12.00", self._follow(add_qty=quantity)["subscription_choice"])

    def test_the_page_of_one_product_tells_nothing_of_another(self):
        other = self._create_recurring_product("Secret", {self.monthly: 77.0})
        with self.assertRaises(Refused):
            self._follow(product_id=other.id)
        other.is_published = True
        self.assertNotIn("77.00", self._follow(product_id=other.id)["subscription_choice"])

    def test_a_context_of_the_browser_sets_no_price(self):
        self._set_recurring_price(self.poster, self.yearly, 1.0)
        context = {"shown_subscription_plan": self.yearly.id, "chosen_subscription_plan_id": self.yearly.id}
        self.assertEqual(self._follow(self.poster, context=context)["price"], 9.0)

    def test_what_the_page_says_is_due_is_what_the_cart_comes_to(self):
        self._set_taxes(self.magazine, self._create_tax(19.0))
        info = self._follow(subscription_plan_id=self.yearly.id, add_qty=3)
        cart = self._buy(self.magazine, self.yearly, 3)
        self.assertEqual(cart._get_first_invoice_amount(), 428.4)
        self.assertIn("428.40", info["subscription_choice"])


class TestHint(ShopCommon):
    """The form of a product says where the shop cannot sell it."""

    def setUp(self):
        super().setUp()
        self.club = self._create_published_product("Club").product_tmpl_id

    def test_a_published_product_on_no_plan_is_told(self):
        self.assertTrue(self.club.subscription_unsold)
        self.assertFalse(self.magazine.subscription_unsold)
        self.assertFalse(self.poster.subscription_unsold)

    def test_each_remedy_helps(self):
        for remedy in (
            {"subscription_plan_id": self.monthly.id},
            {"subscription_buy_once_ok": True},
            {"is_published": False},
            {"subscription_ok": False},
        ):
            with self.subTest(remedy=remedy):
                club = self._create_published_product("Club").product_tmpl_id
                self.assertTrue(club.subscription_unsold)
                club.write(remedy)
                self.assertFalse(club.subscription_unsold)

    def test_a_price_on_a_plan_of_the_shop_helps(self):
        hidden = self._create_plan("Hidden", shop_ok=False)
        self._set_recurring_price(self.club.product_variant_id, hidden, 1.0)
        self.assertTrue(self.club.subscription_unsold)
        self._set_recurring_price(self.club.product_variant_id, self.monthly, 1.0)
        self.assertFalse(self.club.subscription_unsold)
