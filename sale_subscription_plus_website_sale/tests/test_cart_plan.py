"""Plans are changed in the cart, and the order has the plan that binds it."""

from odoo import http
from odoo.exceptions import UserError

from .common import ShopCommon


class TestCartPlan(ShopCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cart = cls._create_cart()
        cls.setup = cls._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        cls.magazine.subscription_buy_once_ok = True

    def _set_plan(self, line, plan):
        return self.cart._cart_set_plan(line.id, plan.id if plan else 0)

    # === A LINE CHANGES ITS PLAN ===#

    def test_a_line_changes_its_plan_and_its_price(self):
        line = self._add(self.cart, self.magazine, self.monthly, quantity=2)
        self.assertEqual(self._set_plan(line, self.yearly), line)
        self.assertEqual((line.subscription_plan_id, line.price_unit), (self.yearly, 120.0))
        self.assertEqual(line.product_uom_qty, 2)

    def test_a_line_is_bought_once_and_on_a_plan_again(self):
        line = self._add(self.cart, self.magazine, self.monthly)
        self._set_plan(line, False)
        self.assertEqual((line.subscription_plan_id.id, line.price_unit), (False, 50.0))
        self._set_plan(line, self.monthly)
        self.assertEqual((line.subscription_plan_id, line.price_unit), (self.monthly, 12.0))

    def test_lines_that_are_the_same_now_become_one(self):
        monthly = self._add(self.cart, self.magazine, self.monthly, quantity=2)
        yearly = self._add(self.cart, self.magazine, self.yearly)
        self.assertEqual(self._set_plan(monthly, self.yearly), yearly)
        self.assertEqual(self.cart.order_line, yearly)
        self.assertEqual(yearly.product_uom_qty, 3)

    def test_optional_products_stay_with_the_line_that_takes_theirs_in(self):
        monthly = self._add(self.cart, self.magazine, self.monthly)
        yearly = self._add(self.cart, self.magazine, self.yearly)
        optional = self._add(self.cart, self.poster, linked_line_id=monthly.id)
        self._set_plan(monthly, self.yearly)
        self.assertEqual(optional.exists().linked_line_id, yearly)

    def test_an_optional_product_keeps_its_plan_and_price_and_changes_them_by_itself(self):
        extra = self._create_published_product("Extra", {self.monthly: 3.0, self.yearly: 30.0})
        main = self._add(self.cart, self.magazine, self.monthly)
        optional = self._add(self.cart, extra, self.monthly, linked_line_id=main.id)
        self._set_plan(main, self.yearly)
        self.assertEqual((optional.linked_line_id, optional.price_unit), (main, 3.0))
        self._set_plan(optional, self.yearly)
        self.assertEqual((optional.linked_line_id, optional.price_unit), (main, 30.0))

    def test_the_set_up_fee_is_charged_once_and_not_at_all_for_what_is_bought_once(self):
        self.magazine.subscription_setup_product_id = self.setup
        line = self._add(self.cart, self.magazine, self.monthly)
        self._set_plan(line, self.yearly)
        self.assertEqual(len(line._get_setup_fees()), 1)
        self._set_plan(line, False)
        self.assertEqual(self.cart.order_line, line)
        self._set_plan(line, self.yearly)
        self.assertEqual(len(line._get_setup_fees()), 1)

    def test_lines_that_become_one_have_one_set_up_fee(self):
        self.magazine.subscription_setup_product_id = self.setup
        monthly = self._add(self.cart, self.magazine, self.monthly)
        yearly = self._add(self.cart, self.magazine, self.yearly)
        self._set_plan(monthly, self.yearly)
        self.assertEqual(self.cart.order_line.filtered("subscription_setup_line_id"), yearly._get_setup_fees())
        self.assertEqual(len(self.cart.order_line), 2)

    def test_a_plan_resets_no_agreed_discount(self):
        line = self._add(self.cart, self.magazine, self.monthly)
        line.discount = 25.0
        for plan, price in ((self.yearly, 90.0), (False, 37.5), (self.monthly, 9.0)):
            self._set_plan(line, plan)
            self.assertEqual((line.discount, line.price_subtotal), (25.0, price))

    def test_agreed_terms_are_not_mixed_with_others(self):
        monthly = self._add(self.cart, self.magazine, self.monthly)
        yearly = self._add(self.cart, self.magazine, self.yearly)
        yearly.discount = 25.0
        self.assertEqual(self._set_plan(monthly, self.yearly), monthly)
        self.assertEqual((monthly.price_subtotal, yearly.price_subtotal), (120.0, 90.0))

    def test_an_agreed_price_is_one_for_its_period(self):
        line = self._add(self.cart, self.magazine, self.monthly)
        line.price_unit = 10.0
        self.assertFalse(line._get_plan_choices())
        with self.assertRaisesRegex(UserError, "Magazine.*agreed"):
            self._set_plan(line, self.yearly)
        self.assertEqual((line.subscription_plan_id, line.price_unit), (self.monthly, 10.0))

    def test_the_choices_name_each_price_as_the_website_shows_taxes(self):
        self._set_taxes(self.magazine, self._create_tax(20.0, price_include_override="tax_excluded"))
        line = self._add(self.cart, self.magazine, self.monthly)
        self.assertEqual(
            line._get_plan_choices(),
            [
                (self.monthly.id, "Monthly: $\xa012.00 / month"),
                (self.yearly.id, "Yearly: $\xa0120.00 / year"),
                (0, "Buy once: $\xa050.00"),
            ],
        )
        self.website.show_line_subtotals_tax_selection = "tax_included"
        self.assertEqual(line._get_plan_choices()[1][1], "Yearly: $\xa0144.00 / year")

    def test_a_product_without_plans_has_no_choice(self):
        self.assertFalse(self._add(self.cart, self.poster)._get_plan_choices())

    # === THE ORDER'S PLAN ===#

    def test_the_plan_with_the_longest_commitment_binds(self):
        self.monthly.commitment_months = 24
        self._add(self.cart, self.magazine, self.yearly)
        self.assertEqual(self.cart.subscription_plan_id, self.yearly)
        self.assertEqual(self.cart.subscription_commitment_months, 0)
        monthly = self._add(self.cart, self.magazine, self.monthly)
        self.assertEqual(self.cart.subscription_plan_id, self.monthly)
        self.assertEqual(self.cart.subscription_commitment_months, 24)
        self.cart._cart_update_line_quantity(monthly.id, 0)
        self.assertEqual(self.cart.subscription_plan_id, self.yearly)

    def test_of_equal_commitments_the_longest_period_counts(self):
        self._add(self.cart, self.magazine, self.yearly)
        self._add(self.cart, self.magazine, self.monthly)
        self.assertEqual(self.cart.subscription_plan_id, self.yearly)

    def test_a_cart_that_does_not_recur_has_no_plan(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        self._set_plan(line, False)
        self.assertFalse(self.cart.subscription_plan_id)
        self.assertFalse(self.cart.subscription_status)

    def test_the_quotation_template_of_the_company_does_not_interfere(self):
        self.company.sale_order_template_id = self.env["sale.order.template"].create(
            {
                "name": "Terms of staff",
                "subscription_plan_id": self.monthly.id,
                "subscription_own_terms": True,
                "subscription_commitment_months": 36,
            }
        )
        cart = self._create_cart()
        self._add(cart, self.magazine, self.yearly)
        self.assertFalse(cart.sale_order_template_id)
        self.assertEqual((cart.subscription_plan_id, cart.subscription_commitment_months), (self.yearly, 0))

    def test_a_cart_is_confirmed_on_its_plans(self):
        self._add(self.cart, self.magazine, self.yearly)
        self._add(self.cart, self.magazine, self.monthly)
        self._add(self.cart, self.poster)
        self.cart.action_confirm()
        self.assertEqual(self.cart.subscription_status, "progress")
        self.assertEqual(self.cart.order_line.subscription_plan_id, self.yearly + self.monthly)

    # === NOT OFFERED ANY MORE ===#

    def _assert_unoffered(self, line):
        self.assertEqual(self.cart._get_unoffered_lines(), line)
        self.assertFalse(self.cart._is_cart_ready())
        with self.assertRaisesRegex(UserError, "Magazine.*not offered"):
            self.cart._check_cart_is_ready_to_be_paid()

    def test_an_archived_plan_is_not_paid(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        self.assertTrue(self.cart._is_cart_ready())
        self.yearly.active = False
        self._assert_unoffered(line)
        self._set_plan(line, self.monthly)
        self.assertTrue(self.cart._is_cart_ready())

    def test_a_plan_that_left_the_shop_is_not_paid(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        self.yearly.shop_ok = False
        self._assert_unoffered(line)

    def test_a_plan_whose_price_is_gone_is_not_paid(self):
        line = self._add(self.cart, self.magazine, self.yearly)
        self.yearly.price_ids.unlink()
        self._assert_unoffered(line)

    def test_what_is_not_sold_once_any_more_is_not_paid(self):
        line = self._add(self.cart, self.magazine, False)
        self.magazine.subscription_buy_once_ok = False
        self._assert_unoffered(line)

    def test_a_plan_that_staff_gave_is_paid_though_the_shop_does_not_offer_it(self):
        self.magazine.subscription_plan_id = self.yearly
        self.cart.order_line = [self._line()]
        self.yearly.shop_ok = False
        self.assertTrue(self.cart._is_cart_ready())

    # === ON THE PAGE ===#

    def test_the_plan_is_changed_on_the_page(self):
        self._visit()
        line = self._buy(self.magazine, self.monthly).order_line
        answer = self._call_shop("/shop/cart/plan", line_id=line.id, subscription_plan_id=self.yearly.id)
        self.assertEqual(line.subscription_plan_id, self.yearly)
        self.assertEqual((answer["line_id"], answer["amount"], answer["cart_quantity"]), (line.id, 120.0, 1))
        self.assertIn("/ year", answer["website_sale.cart_lines"])
        self.assertIn("120.00", answer["website_sale.total"])

    def test_the_plan_is_changed_without_javascript(self):
        self._visit()
        line = self._buy(self.magazine, self.monthly).order_line
        self._submit(line_id=line.id, subscription_plan_id=self.yearly.id)
        self.assertEqual(line.subscription_plan_id, self.yearly)

    def test_what_is_refused_without_javascript_is_told_on_the_page(self):
        self._visit()
        line = self._buy(self.magazine, self.monthly).order_line
        page = self._submit(line_id=line.id, subscription_plan_id=987654321)
        self.assertIn("not offered on this plan", page.text)
        for nonsense in ("", "x", "²", "9" * 5000):
            page = self._submit(line_id=line.id, subscription_plan_id=nonsense)
            self.assertIn("reload the page", page.text)
        self.assertEqual(line.subscription_plan_id, self.monthly)

    def test_the_form_asks_for_its_token(self):
        self._visit()
        line = self._buy(self.magazine, self.monthly).order_line
        with self.assertLogs("odoo.http", "WARNING"):
            response = self.url_open(
                "/shop/cart/plan/submit", data={"line_id": line.id, "subscription_plan_id": self.yearly.id}
            )
        self.assertEqual(response.status_code, 400)

    def test_a_plan_that_is_no_longer_offered_is_told_on_the_page(self):
        self._visit()
        self._buy(self.magazine, self.yearly)
        self.yearly.shop_ok = False
        page = self._get_shop_page("/shop/cart").text
        self.assertIn("This is not offered any more", page)
        self.assertIn("Yearly (no longer offered)", " ".join(page.split()))

    def test_the_checkout_leads_back_to_what_is_no_longer_offered(self):
        self._visit()
        cart = self._buy(self.magazine, self.yearly)
        self.assertIn("/shop/address", self._get_shop_page("/shop/checkout").url)
        self.yearly.shop_ok = False
        for step in ("checkout", "address", "payment"):
            self.assertTrue(self._get_shop_page(f"/shop/{step}").url.endswith("/shop/cart"))
        self.assertEqual(cart.state, "draft")

    def _submit(self, **values):
        self.env.flush_all()
        values["csrf_token"] = http.Request.csrf_token(self)
        page = self.url_open("/shop/cart/plan/submit", data=values)
        self.env.invalidate_all()
        return page
