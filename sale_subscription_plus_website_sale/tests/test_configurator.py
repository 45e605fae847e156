"""The dialog of a product with options: each at the price that the cart will take."""

from odoo import fields
from odoo.fields import Command

from .common import ShopCommon


class TestConfigurator(ShopCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digital = cls._create_published_product("Digital edition", {cls.monthly: 3.0, cls.yearly: 30.0})
        cls.archive = cls._create_published_product("Archive", {cls.monthly: 5.0})
        options = cls.digital + cls.archive + cls.poster
        cls.magazine.product_tmpl_id.optional_product_ids = [Command.set(options.product_tmpl_id.ids)]

    def _open(self, plan=None, **params):
        """Return {product template: what the dialog says of it}."""
        if plan is not None:
            params["subscription_plan_id"] = plan.id if plan else 0
        values = self._call("get_values", quantity=1, **params)
        return {item["product_tmpl_id"]: item for item in values["products"] + values["optional_products"]}

    def _call(self, route, product=None, **params):
        return self._call_shop(
            f"/website_sale/product_configurator/{route}",
            product_template_id=(product or self.magazine).product_tmpl_id.id,
            currency_id=self.company.currency_id.id,
            so_date=fields.Datetime.now().isoformat(),
            ptav_ids=[],
            **params,
        )

    def _get_shown(self, *args, **kwargs):
        """Return [(price, period) of the magazine, the digital edition, the archive, the poster]."""
        values = self._open(*args, **kwargs)
        products = self.magazine, self.digital, self.archive, self.poster
        items = [values[product.product_tmpl_id.id] for product in products]
        return [(item["price"], item.get("subscription_period")) for item in items]

    def test_options_take_the_plan_or_their_own(self):
        month, year = "/ month", "/ year"
        self.assertEqual(self._get_shown(self.yearly), [(120.0, year), (30.0, year), (5.0, month), (9.0, None)])
        self.assertEqual(self._get_shown(self.monthly), [(12.0, month), (3.0, month), (5.0, month), (9.0, None)])

    def test_without_a_choice_it_is_the_plan_that_the_cart_takes(self):
        self.assertEqual(self._get_shown(), self._get_shown(self.monthly))

    def test_bought_once_it_has_no_period(self):
        self.magazine.subscription_buy_once_ok = True
        shown = self._get_shown(False)
        self.assertEqual(shown, [(50.0, ""), (3.0, "/ month"), (5.0, "/ month"), (9.0, None)])

    def test_a_plan_that_is_not_offered_does_not_count(self):
        hidden = self._create_plan("Hidden", shop_ok=False)
        self._set_recurring_price(self.magazine, hidden, 1.0)
        self.assertEqual(self._get_shown(hidden), self._get_shown(self.monthly))

    def test_a_change_of_quantity_keeps_the_plan(self):
        self._set_recurring_price(self.digital, self.yearly, 20.0, min_quantity=5)
        values = self._call(
            "update_combination", self.digital, quantity=5, subscription_plan_id=self.yearly.id, product_uom_id=1
        )
        self.assertEqual((values["price"], values["subscription_period"]), (20.0, "/ year"))

    def test_an_option_for_many_is_offered_to_many_only(self):
        self.digital.subscription_price_ids.filtered(lambda rule: rule.subscription_plan_id == self.yearly).unlink()
        self._set_recurring_price(self.digital, self.yearly, 20.0, min_quantity=5)
        self.assertEqual(self._get_shown(self.yearly)[1], (3.0, "/ month"))
        values = self._call("update_combination", self.digital, quantity=5, subscription_plan_id=self.yearly.id)
        self.assertEqual((values["price"], values["subscription_period"]), (20.0, "/ year"))

    def test_a_discount_is_shown_and_the_price_of_buying_once_is_not(self):
        self._enable_feature("website_sale.group_product_price_comparison")
        self.magazine.compare_list_price = 500.0
        self.assertNotIn("strikethrough_price", self._open(self.yearly)[self.magazine.product_tmpl_id.id])
        self.env["product.pricelist.item"].create(
            {"pricelist_id": self.shop_pricelist.id, "compute_price": "percentage", "percent_price": 10.0}
        )
        shown = self._open(self.yearly)[self.magazine.product_tmpl_id.id]
        self.assertEqual((shown["price"], shown["strikethrough_price"]), (108.0, 120.0))

    def test_what_the_dialog_shows_is_what_the_cart_takes(self):
        shown = self._get_shown(self.yearly)
        cart = self._buy(
            self.magazine,
            self.yearly,
            linked_products=[
                {
                    "product_id": product.id,
                    "product_template_id": product.product_tmpl_id.id,
                    "parent_product_template_id": self.magazine.product_tmpl_id.id,
                    "quantity": 1,
                    "product_custom_attribute_values": [],
                    "no_variant_attribute_value_ids": [],
                }
                for product in self.digital + self.archive + self.poster
            ],
        )
        self.assertEqual(cart.order_line.mapped("price_unit"), [price for price, _period in shown])
