"""Goods that recur: what is in stock is there once, whatever plans it is bought on."""

from unittest import SkipTest

from .common import ShopCommon


class TestCartStock(ShopCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "allow_out_of_stock_order" not in cls.env["product.template"]._fields:
            raise SkipTest("The shop does not look at stock here.")
        cls.coffee = cls._create_published_product(
            "Coffee", {cls.monthly: 10.0, cls.yearly: 100.0}, type="consu", is_storable=True
        )
        cls.coffee.allow_out_of_stock_order = False
        warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.env["stock.quant"]._update_available_quantity(cls.coffee, warehouse.lot_stock_id, 3)
        if "in_store_dm_id" in cls.website._fields:
            # Where goods are picked up in a store, Odoo looks at its stock at the end only.
            cls.website.in_store_dm_id.active = False
            cls.website.invalidate_recordset(["in_store_dm_id"])
        cls.cart = cls._create_cart()

    def test_both_plans_take_from_the_same_stock(self):
        self._add(self.cart, self.coffee, self.monthly, quantity=2)
        values = self.cart._cart_add(self.coffee.id, 2, subscription_plan_id=self.yearly.id)
        self.assertEqual(values["added_qty"], 1)
        self.assertIn("only 3", values["warning"])
        self.assertEqual(sum(self.cart.order_line.mapped("product_uom_qty")), 3)

    def test_a_quantity_stops_at_what_the_other_plan_leaves(self):
        monthly = self._add(self.cart, self.coffee, self.monthly)
        self._add(self.cart, self.coffee, self.yearly)
        self.cart._cart_update_line_quantity(monthly.id, 5)
        self.assertEqual(monthly.product_uom_qty, 2)
        self.assertEqual(monthly._get_max_line_qty(), 2)

    def test_lines_that_become_one_take_no_more_than_before(self):
        monthly = self._add(self.cart, self.coffee, self.monthly, quantity=2)
        yearly = self._add(self.cart, self.coffee, self.yearly)
        self.cart._cart_set_plan(monthly.id, self.yearly.id)
        self.assertEqual(yearly.product_uom_qty, 3)
        self.assertTrue(yearly._check_availability())
