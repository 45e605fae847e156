"""The cart: each line on the plan that the visitor chose."""

from odoo.exceptions import UserError
from odoo.fields import Command

from .common import ShopCommon


class TestCart(ShopCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cart = cls._create_cart()

    # === ADDING ===#

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
        self._buy(self.magazine, self.monthly)
        cart = self._buy(self.poster)
        self.assertEqual(cart.order_line.subscription_plan_id, self.yearly + self.monthly)
        self.assertEqual(cart.amount_total, 141.0)

    def test_what_is_not_chosen_goes_on_the_default_plan(self):
        self.magazine.subscription_plan_id = self.yearly
        self.assertEqual(self._add(self.cart, self.magazine).subscription_plan_id, self.yearly)

    def test_without_a_default_plan_the_shortest_is_taken(self):
        self.assertEqual(self._add(self.cart, self.magazine).subscription_plan_id, self.monthly)

    def test_a_product_priced_only_by_the_pricelist_is_put_into_the_cart(self):
        ebook = self._create_published_product("E-Book", lst_price=0.0)
        self._set_recurring_price(ebook, self.monthly, 7.0, pricelist_id=self.shop_pricelist.id)
        self.website.prevent_zero_price_sale = True
        self._visit()
        cart = self._buy(ebook, self.monthly)
        self.assertEqual(cart.order_line.price_unit, 7.0)

    # === ONCE ===#

    def test_once_and_on_a_plan_is_two_lines(self):
        self.magazine.subscription_buy_once_ok = True
        once = self._add(self.cart, self.magazine, False)
        yearly = self._add(self.cart, self.magazine, self.yearly)
        self.assertEqual((once.price_unit, yearly.price_unit), (50.0, 120.0))
        self.assertFalse(once.subscription_plan_id)

    def test_what_is_bought_once_stays_once_whatever_else_recurs(self):
        self.magazine.subscription_buy_once_ok = True
        pen = self._create_published_product("Pen", subscription_buy_once_ok=True)  # no plan has a price for it
        lines = self._add(self.cart, self.magazine, False) + self._add(self.cart, pen, False)
        self._add(self.cart, self.magazine, self.yearly)
        self.assertEqual(self.cart.subscription_plan_id, self.yearly)
        self.env.flush_all()
        self.assertFalse(lines.subscription_plan_id)

    def test_what_is_not_sold_once_cannot_be_bought_once(self):
        with self.assertRaisesRegex(UserError, "not offered on this plan"):
            self._add(self.cart, self.magazine, False)

    # === OPTIONAL PRODUCTS ===#

    def test_an_optional_product_takes_the_plan_of_its_line_at_its_own_price(self):
        extra = self._create_published_product("Extra", {self.monthly: 3.0, self.yearly: 30.0})
        main = self._add(self.cart, self.magazine, self.yearly)
        line = self._add(self.cart, extra, self.yearly, linked_line_id=main.id)
        self.assertEqual((line.subscription_plan_id, line.price_unit), (self.yearly, 30.0))

    def test_an_optional_product_that_is_not_offered_on_that_plan_keeps_its_own(self):
        extra = self._create_published_product("Extra", {self.monthly: 3.0})
        main = self._add(self.cart, self.magazine, self.yearly)
        line = self._add(self.cart, extra, self.yearly, linked_line_id=main.id)
        self.assertEqual((line.subscription_plan_id, line.price_unit), (self.monthly, 3.0))

    def test_an_optional_product_sold_once_has_no_plan(self):
        main = self._add(self.cart, self.magazine, self.yearly)
        self.assertFalse(self._add(self.cart, self.poster, self.yearly, linked_line_id=main.id).subscription_plan_id)

    # === VARIANTS, UNITS, COMBOS ===#

    def _create_variants(self, create_variant, is_custom=False):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Cover",
                "create_variant": create_variant,
                "value_ids": [
                    Command.create({"name": "Soft"}),
                    Command.create({"name": "Hard", "is_custom": is_custom, "default_extra_price": 5.0}),
                ],
            }
        )
        book = self._create_published_product("Book", {self.monthly: 10.0, self.yearly: 100.0})
        template = book.product_tmpl_id
        self.env["product.template.attribute.line"].create(
            {
                "product_tmpl_id": template.id,
                "attribute_id": attribute.id,
                "value_ids": [Command.set(attribute.value_ids.ids)],
            }
        )
        return template

    def test_attributes_without_variants_tell_lines_apart_under_each_plan(self):
        template = self._create_variants("no_variant")
        soft, hard = template.attribute_line_ids.product_template_value_ids
        book = template.product_variant_id
        lines = [
            self._add(self.cart, book, plan, no_variant_attribute_value_ids=value.ids)
            for plan in (self.monthly, self.yearly)
            for value in (soft, hard, hard)
        ]
        self.assertEqual(len(self.cart.order_line), 4)
        self.assertEqual(lines[1], lines[2])
        self.assertEqual(lines[1].product_uom_qty, 2)

    def test_custom_values_make_lines_of_their_own(self):
        template = self._create_variants("no_variant", is_custom=True)
        hard = template.attribute_line_ids.product_template_value_ids[1]
        values = [{"custom_product_template_attribute_value_id": hard.id, "custom_value": "Gold"}]
        for _time in range(2):
            self._add(
                self.cart,
                template.product_variant_id,
                self.yearly,
                no_variant_attribute_value_ids=hard.ids,
                product_custom_attribute_values=values,
            )
        self.assertEqual(len(self.cart.order_line), 2)
        self.assertEqual(self.cart.order_line.subscription_plan_id, self.yearly)

    def test_a_dynamic_variant_is_made_on_its_plan(self):
        template = self._create_variants("dynamic")
        hard = template.attribute_line_ids.product_template_value_ids[1]
        book = template._create_product_variant(hard)
        self.assertEqual(self._add(self.cart, book, self.yearly).subscription_plan_id, self.yearly)

    def test_units_of_measure_are_lines_of_their_own(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.magazine.uom_ids = dozen
        line = self._add(self.cart, self.magazine, self.yearly)
        by_dozen = self._add(self.cart, self.magazine, self.yearly, uom_id=dozen.id)
        self.assertEqual((line.price_unit, by_dozen.price_unit), (120.0, 1440.0))

    def test_what_is_part_of_a_combo_never_recurs(self):
        self.magazine.subscription_plan_id = self.yearly
        combo = self.env["product.combo"].create(
            {"name": "Reading", "combo_item_ids": [Command.create({"product_id": self.magazine.id})]}
        )
        box = self._create_product(name="Box", type="combo", combo_ids=[Command.set(combo.ids)], is_published=True)
        line = self._add(self.cart, box)
        item = self._add(self.cart, self.magazine, linked_line_id=line.id, combo_item_id=combo.combo_item_ids.id)
        self._add(self.cart, self.magazine, self.monthly)
        self.env.flush_all()
        self.assertFalse((line + item).subscription_plan_id)

    # === QUANTITIES ===#

    def test_a_quantity_moves_no_line_to_another_plan(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        self.cart._cart_update_line_quantity(line.id, 4, subscription_plan_id=self.monthly.id)
        self.assertEqual((line.subscription_plan_id, line.price_unit), (self.yearly, 120.0))

    def test_a_quantity_resets_no_agreed_discount(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        line.discount = 25.0
        self.cart._cart_update_line_quantity(line.id, 4)
        self.assertEqual((line.discount, line.price_subtotal), (25.0, 360.0))

    def test_no_quantity_removes_the_line_with_its_fee(self):
        self.magazine.subscription_setup_product_id = self._create_product(name="Set-up", lst_price=30.0)
        line = self._add(self.cart, self.magazine, self.yearly)
        self.assertEqual(len(self.cart.order_line), 2)
        self.cart._cart_update_line_quantity(line.id, 0)
        self.assertFalse(self.cart.order_line)
        self.assertFalse(self.cart.subscription_plan_id)

    # === STAFF ===#

    def test_staff_may_edit_a_cart_and_the_visitors_plans_stay(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        self.cart.write({"subscription_plan_id": self.monthly.id, "order_line": [self._line(self.poster)]})
        self.env.flush_all()
        self.assertEqual(line.subscription_plan_id, self.yearly)

    def test_what_staff_add_to_a_cart_or_a_subscription_of_the_shop_is_on_its_plan_as_ever(self):
        comics = self._create_recurring_product("Comics", {self.monthly: 5.0})
        self._add(self.cart, self.magazine, self.monthly)
        self.cart.order_line = [self._line(comics)]
        added = self.cart.order_line[-1]
        self.assertEqual((added.subscription_plan_id, added.price_unit), (self.monthly, 5.0))
        self.cart.action_confirm()
        self.cart.order_line = [self._line(comics)]
        added = self.cart.order_line[-1]
        self.assertEqual((added.subscription_plan_id, added.price_unit), (self.monthly, 5.0))

    def test_what_staff_add_to_a_cart_stays_on_its_plan_when_the_visitor_goes_on(self):
        comics = self._create_recurring_product("Comics", {self.monthly: 5.0, self.yearly: 50.0})
        self._add(self.cart, self.magazine, self.monthly)
        self.cart.order_line = [self._line(comics)]
        added = self.cart.order_line[-1]
        self._add(self.cart, self.magazine, self.yearly)
        self.env.flush_all()
        self.assertEqual(self.cart.subscription_plan_id, self.yearly)
        self.assertEqual((added.subscription_plan_id, added.price_unit), (self.monthly, 5.0))

    def test_quotations_of_staff_give_their_plan_to_their_lines_as_ever(self):
        quotation = self._create_quotation(plan=self.yearly)
        self.assertEqual(quotation.order_line.subscription_plan_id, self.yearly)
        self.assertEqual(quotation.order_line.price_unit, 120.0)

    # === PRICES FOLLOW ===#

    def test_another_pricelist_prices_each_line_under_its_own_plan(self):
        euros = self.env["product.pricelist"].create({"name": "Friends", "company_id": self.company.id})
        for plan, price in ((self.monthly, 10.0), (self.yearly, 90.0)):
            self._set_recurring_price(self.magazine, plan, price, pricelist_id=euros.id)
        monthly = self._add(self.cart, self.magazine, self.monthly)
        yearly = self._add(self.cart, self.magazine, self.yearly)
        self.cart.pricelist_id = euros
        self.cart._recompute_cart()
        self.assertEqual((monthly.price_unit, yearly.price_unit), (10.0, 90.0))

    def test_what_was_agreed_on_a_line_stays_when_the_cart_is_paid(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        line.write({"price_unit": 100.0, "discount": 10.0})
        other = self._add(self.cart, self.magazine, self.monthly)
        self._set_recurring_price(self.magazine, self.monthly, 8.0, pricelist_id=self.shop_pricelist.id)
        self.cart._recompute_cart()
        self.assertEqual((line.price_unit, line.discount, other.price_unit), (100.0, 10.0, 8.0))

    def test_an_agreed_discount_is_taken_off_the_price_of_the_day(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        line.discount = 25.0
        self._set_recurring_price(self.magazine, self.yearly, 80.0, pricelist_id=self.shop_pricelist.id)
        self.cart._recompute_cart()
        self.assertEqual((line.price_unit, line.discount, line.price_subtotal), (80.0, 25.0, 60.0))

    def test_a_pricelist_that_the_visitor_chooses_resets_no_agreed_discount(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        line.discount = 25.0
        self.cart._recompute_prices()
        self.assertEqual((line.discount, line.price_subtotal), (25.0, 90.0))

    def test_staff_update_the_prices_of_a_cart_to_those_of_the_pricelist(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        line.write({"price_unit": 100.0, "discount": 25.0})
        self.cart.action_update_prices()
        self.assertEqual((line.price_unit, line.discount), (120.0, 0.0))

    def test_an_address_with_other_taxes_resets_nothing_that_was_agreed(self):
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Abroad",
                "auto_apply": True,
                "country_id": self.env.ref("base.be").id,
                "company_id": self.company.id,
            }
        )
        self._visit()
        cart = self._buy(self.magazine, self.yearly)
        cart = self._buy(self.magazine, self.monthly)
        yearly, monthly = cart.order_line.sorted("price_unit", reverse=True)
        yearly.discount = 25.0
        monthly.price_unit = 10.0
        self.customer.country_id = self.env.ref("base.be")
        user = self.env["res.users"].create(
            {
                "login": "ada-shop",
                "password": "ada-shop",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "company_ids": self.company.ids,
                "group_ids": self.env.ref("base.group_portal").ids,
            }
        )
        self._visit(user, cart)
        self._get_shop_page("/shop/cart")
        self.env.invalidate_all()
        self.assertEqual((cart.partner_id, cart.fiscal_position_id), (self.customer, position))
        self.assertEqual((yearly.discount, yearly.price_subtotal), (25.0, 90.0))
        self.assertEqual(monthly.price_unit, 10.0)

    def test_a_discount_of_the_pricelist_is_not_lost_when_the_cart_is_priced_anew(self):
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.shop_pricelist.id,
                "applied_on": "1_product",
                "product_tmpl_id": self.magazine.product_tmpl_id.id,
                "subscription_plan_id": self.yearly.id,
                "compute_price": "percentage",
                "percent_price": 10.0,
            }
        )
        line = self._add(self.cart, self.magazine, self.yearly)
        before = line.price_subtotal
        self.cart._recompute_cart()
        self.cart._recompute_prices()
        self.assertEqual((line.price_subtotal, before), (108.0, 108.0))

    # === SET-UP FEES ===#

    def test_a_set_up_fee_is_charged_once_and_is_no_product_of_the_cart(self):
        self.magazine.subscription_setup_product_id = self._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        line = self._add(self.cart, self.magazine, self.yearly, quantity=2)
        fee = line._get_setup_fees()
        self.assertEqual((fee.price_unit, fee.product_uom_qty), (30.0, 1))
        self.assertEqual(self.cart.website_order_line, line)
        self.assertEqual(self.cart.cart_quantity, 2)
        self.assertEqual(line._get_setup_sentence(), "Set-up fee, once: $\xa030.00")
        self.assertEqual(self.cart._get_first_invoice_amount(), 270.0)
        self.assertFalse(fee._is_sellable() or fee._is_reorder_allowed())

    def test_a_set_up_fee_cannot_be_removed_or_multiplied_by_itself(self):
        setup = self._create_product(name="Set-up", lst_price=30.0, is_published=True)
        self.magazine.subscription_setup_product_id = setup
        line = self._add(self.cart, self.magazine, self.yearly)
        fee = line._get_setup_fees()
        for quantity in (0, 5):
            self.assertIn("charged once", self.cart._cart_update_line_quantity(fee.id, quantity)["warning"])
        self.assertEqual(fee.product_uom_qty, 1)
        # Sold for itself as well, it is another line, and the fee stays what it is.
        self.assertNotEqual(self._add(self.cart, setup, quantity=3), fee)
        self.assertEqual(fee.product_uom_qty, 1)
