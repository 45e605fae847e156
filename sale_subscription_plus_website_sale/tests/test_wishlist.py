from lxml import html

from odoo.tests import tagged

from .list_common import ListCommon


@tagged("-at_install", "post_install")
class TestWishlist(ListCommon):
    """Wishlist and comparison beside the shop, where they are installed."""

    def setUp(self):
        super().setUp()
        if "product.wishlist" not in self.env:
            self.skipTest("The wishlist is not installed.")

    def _wish(self, product):
        self._call_shop("/shop/wishlist/add", product_id=product.id)
        return self.env["product.wishlist"].search([("product_id", "=", product.id)])

    def _get_item(self):
        page = html.fromstring(self._get_shop_page("/shop/wishlist").text)
        return page.xpath("//article[contains(@class, 'o_wishlist_item')]")[0]

    def test_a_wish_keeps_the_price_on_the_plan_that_the_shop_proposes(self):
        self.assertEqual(self._wish(self.magazine).price, 12.0)

    def test_a_wish_with_several_plans_leads_to_their_choice(self):
        self._wish(self.magazine)
        item = self._get_item()
        price = item.xpath(".//div[contains(@class, 'product_price')]")[0]
        self.assertEqual(self._get_text(price).replace("\xa0", " "), "from $ 10.00 / month")
        self.assertTrue(item.xpath(".//a[@title='Choose a plan']"))
        self.assertFalse(item.xpath(".//button[contains(@class, 'o_wish_add')]"))

    def test_a_wish_with_one_plan_is_put_in_the_cart(self):
        club = self._create_published_product("Club", {self.monthly: 7.0}, lst_price=0.0)
        self.website.prevent_zero_price_sale = True
        self._wish(club)
        item = self._get_item()
        self.assertIn("7.00 / month", self._get_text(item))
        self.assertTrue(item.xpath(".//button[contains(@class, 'o_wish_add')]"))

    def test_a_wish_that_is_sold_once_looks_as_ever(self):
        self._wish(self.poster)
        item = self._get_item()
        self.assertTrue(item.xpath(".//div[contains(@class, 'o_wish_price')]"))
        self.assertTrue(item.xpath(".//button[contains(@class, 'o_wish_add')]"))

    def test_the_comparison_says_for_how_long(self):
        if "website_sale_comparison" not in self.env["ir.module.module"]._installed():
            self.skipTest("The comparison is not installed.")
        page = self._get_shop_page("/shop/compare", products=f"{self.magazine.id},{self.poster.id}").text
        columns = html.fromstring(page).xpath("//div[@id='o_comparelist_product_name']")
        texts = [self._get_text(column).replace("\xa0", " ") for column in columns]
        self.assertIn("$ 12.00 / month", next(text for text in texts if "Magazine" in text))
        self.assertNotIn("/ month", next(text for text in texts if "Poster" in text))
