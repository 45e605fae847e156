"""What the cart says is what the first invoice will be, and what comes after it."""

from lxml import html

from .common import ShopCommon


class TestCartTotals(ShopCommon):
    def setUp(self):
        super().setUp()
        self._visit()

    def _read(self, text):
        """Return {name: text} of the rows of the totals, and of what stands under the lines."""
        page = html.fromstring(text)
        texts = {}
        for node in page.xpath("//*[@name]"):
            texts.setdefault(node.get("name"), " ".join(node.text_content().split()))
        return texts

    def _get_cart_texts(self):
        return self._read(self._get_shop_page("/shop/cart").text)

    def _fill(self):
        """Put a poster, a monthly magazine and a yearly one of a calendar year with a set-up fee into the cart."""
        self._set_today("2026-01-17")
        setup = self._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        calendar = self._create_plan("Calendar Month", alignment="month_day", alignment_day=1)
        gym = self._create_published_product("Gym", {calendar: 62.0}, subscription_setup_product_id=setup.id)
        self._buy(self.poster)
        self._buy(self.magazine, self.yearly)
        return self._buy(gym, calendar)

    # === WITHOUT SUBSCRIPTIONS ===#

    def test_a_cart_that_does_not_recur_is_as_ever(self):
        self._set_taxes(self.poster, self._create_tax())
        cart = self._buy(self.poster)
        texts = self._get_cart_texts()
        self.assertEqual(cart._get_shop_totals(), {"untaxed": 9.0, "tax": 1.8, "total": 10.8})
        self.assertEqual(texts["o_order_total"], "Total $ 10.80")
        self.assertNotIn("o_subscription_recurring", texts)
        self.assertNotIn("subscription_period", texts)
        self.assertNotIn("subscription_plan_id", texts)

    # === DUE TODAY ===#

    def test_due_today_is_the_first_invoice_with_stub_fee_and_one_off(self):
        cart = self._fill()
        texts = self._get_cart_texts()
        # 9 once, 120 for a year, 15 of 31 days of 62, 30 set-up
        self.assertEqual(texts["o_order_total"], "Due today $ 189.00")
        self.assertEqual(texts["o_order_total_untaxed"], "Subtotal $ 189.00")
        cart.action_confirm()
        cart._subscription_bill_signup()
        self.assertEqual(self._get_invoices(cart).amount_total, 189.0)

    def test_what_comes_each_period_is_said_plan_by_plan(self):
        self._fill()
        self.assertEqual(
            self._get_cart_texts()["o_subscription_recurring"],
            "Then $ 62.00 each month, taxes included, from 02/01/2026 on."
            "Then $ 120.00 each year, taxes included, from 01/17/2027 on.",
        )

    def test_a_line_says_its_fee_its_period_and_its_shorter_first_one(self):
        self._fill()
        texts = self._get_cart_texts()
        self.assertEqual(texts["subscription_period"], "/ year")
        self.assertEqual(texts["subscription_setup"], "Set-up fee, once: $ 30.00")
        self.assertEqual(texts["subscription_first_period"], "Today $ 30.00, for the days until 01/31/2026.")

    def test_what_is_billed_in_arrears_is_not_due_today(self):
        power = self._create_plan("Power", billing_timing="arrears")
        self._buy(self._create_published_product("Electricity", {power: 40.0}), power)
        texts = self._get_cart_texts()
        self.assertEqual(texts["o_order_total"], "Due today $ 0.00")
        self.assertIn("billed at the end", texts["subscription_first_period"])
        self.assertEqual(
            texts["o_subscription_recurring"], "Then $ 40.00 each month, taxes included, from 02/01/2026 on."
        )

    def test_taxes_are_those_of_the_first_invoice_whatever_the_website_shows(self):
        tax = self._create_tax(20.0, price_include_override="tax_excluded")
        self._set_taxes(self.magazine, tax)
        self._set_taxes(self.poster, tax)
        self._buy(self.poster)
        self._buy(self.magazine, self.yearly)
        for selection, price in (("tax_excluded", "$ 120.00 / year"), ("tax_included", "$ 144.00 / year")):
            self.website.show_line_subtotals_tax_selection = selection
            with self.subTest(selection=selection):
                page = self._get_shop_page("/shop/cart").text
                texts = self._read(page)
                self.assertEqual(texts["o_order_total_untaxed"], "Subtotal $ 129.00")
                self.assertEqual(texts["o_order_total_taxes"], "Taxes $ 25.80")
                self.assertEqual(texts["o_order_total"], "Due today $ 154.80")
                self.assertIn(price, " ".join(html.fromstring(page).text_content().split()))

    def test_included_taxes_are_the_same_money(self):
        tax = self._create_tax(20.0, price_include_override="tax_included")
        self._set_taxes(self.magazine, tax)
        self._buy(self.magazine, self.yearly)
        texts = self._get_cart_texts()
        self.assertEqual(texts["o_order_total_untaxed"], "Subtotal $ 100.00")
        self.assertEqual(texts["o_order_total"], "Due today $ 120.00")

    def test_a_discount_is_in_what_is_due_and_in_what_follows(self):
        cart = self._buy(self.magazine, self.yearly)
        cart.order_line.discount = 25.0
        texts = self._get_cart_texts()
        self.assertEqual(texts["o_order_total"], "Due today $ 90.00")
        self.assertIn("Then $ 90.00 each year", texts["o_subscription_recurring"])

    # === FRESH AFTER A CHANGE ===#

    def test_a_quantity_renews_the_totals_and_the_express_amount(self):
        line = self._fill().order_line.filtered(lambda line: line.product_id == self.magazine)
        answer = self._call_shop("/shop/cart/update", line_id=line.id, quantity=2)
        self.assertEqual((answer["amount"], answer["minor_amount"]), (309.0, 30900))
        self.assertEqual(self._read(answer["website_sale.total"])["o_order_total"], "Due today $ 309.00")

    def test_what_was_added_says_for_how_long_its_price_is(self):
        self._set_today("2026-01-17")
        self.magazine.subscription_setup_product_id = self._create_product(name="Set-up", lst_price=30.0, taxes_id=[])
        answer = self._call_shop(
            "/shop/cart/add",
            product_template_id=self.magazine.product_tmpl_id.id,
            product_id=self.magazine.id,
            subscription_plan_id=self.yearly.id,
        )
        (line,) = answer["notification_info"]["lines"]
        self.assertEqual((line["price_total"], line["subscription_period"]), (120.0, "year"))
        self.assertEqual(line["description"], "Set-up fee, once: $\xa030.00")

    def test_delivery_is_due_today_and_its_choice_renews_what_is_due(self):
        product = self._create_product(name="Post", type="service", lst_price=5.0, taxes_id=[], invoice_policy="order")
        carrier = self.env["delivery.carrier"].create(
            {
                "name": "Post",
                "delivery_type": "fixed",
                "fixed_price": 5.0,
                "product_id": product.id,
                "website_published": True,
            }
        )
        self._buy(self.magazine, self.yearly)
        self.poster.type = "consu"
        cart = self._buy(self.poster)
        cart.partner_id = self.customer
        self.customer.write({"country_id": self.env.ref("base.us").id})
        answer = self._call_shop("/shop/set_delivery_method", dm_id=carrier.id)
        self.assertIn("134.00", answer["amount_total"])
        self.assertIn("5.00", answer["amount_delivery"])
        self.assertEqual(cart._get_shop_totals()["total"], 134.0)
        self.assertIn("Then $ 120.00 each year", self._get_cart_texts()["o_subscription_recurring"])

    def test_the_checkout_says_the_same(self):
        cart = self._fill()
        self.customer.write(
            {
                "street": "1 Road",
                "city": "Town",
                "zip": "10001",
                "phone": "555-0100",
                "country_id": self.env.ref("base.us").id,
                "state_id": self.env.ref("base.state_us_27").id,
            }
        )
        cart.write({"partner_id": self.customer.id})
        self.poster.type = "service"
        self._visit(cart=cart)
        texts = self._read(self._get_shop_page("/shop/checkout").text)
        self.assertEqual(texts["o_order_total"], "Due today $ 189.00")
        self.assertIn("Then $ 120.00 each year", texts["o_subscription_recurring"])

    def test_once_it_runs_the_totals_are_those_of_its_first_invoice(self):
        cart = self._fill()
        cart.action_confirm()
        cart._subscription_bill_signup()
        self.assertEqual(cart._get_shop_total_label(), "First invoice")
        self.assertEqual(cart._get_shop_totals()["total"], 189.0)

    def test_in_another_currency_all_is_in_that_currency(self):
        euro = self._enable_currency("EUR")
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 0.5, "name": "2025-01-01", "company_id": self.company.id}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id, "company_id": self.company.id, "website_id": self.website.id}
        )
        self.shop_pricelist.active = False
        cart = self._buy(self.magazine, self.yearly)
        self.assertEqual(cart.pricelist_id, pricelist)
        texts = self._get_cart_texts()
        self.assertEqual(texts["o_order_total"], "Due today 60.00 €")
        self.assertIn("Then 60.00 € each year", texts["o_subscription_recurring"])
        self.assertIn((self.monthly.id, "Monthly: 6.00\xa0€ / month"), cart.order_line._get_plan_choices())
