"""Requests that no page of the shop sends: they change nothing of others, and prices come from the server."""

from contextlib import suppress

from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.sale_subscription_plus_portal.tests.common import Refused

from .checkout_common import CheckoutCommon

NOBODYS = 2**31 - 1
# What a browser of ours never sends in place of an id.
TYPES = ("", "1 or 1=1", "x", [], [1], {}, {"id": 1}, 0.5, -1, 10**30, "é\u2028")
QUANTITIES = (-1, 0, 0.4, -(10**9), "-3", "0")
NOT_QUANTITIES = ("x", "NaN", "Infinity", None, [], {})


class TestAttacks(CheckoutCommon):
    """Eve at the routes of the shop, with a cart of her own; Ada's lies beside it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada_cart = cls._create_cart()
        cls.ada_line = cls._add(cls.ada_cart, cls.magazine, cls.yearly, 2)
        cls.eve = new_test_user(cls.env, "eve-shop", "base.group_portal", name="Eve", email="eve@example.com")
        fields = ("street", "city", "zip", "phone", "country_id", "state_id")
        cls.eve.partner_id.write({field: cls.customer[field] for field in fields})
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.foreign_plans = cls._make_plans_that_the_shop_does_not_offer()

    @classmethod
    def _make_plans_that_the_shop_does_not_offer(cls):
        """Return {why: plan}, each cheaper than those that the shop offers."""
        plans = {
            "without a price": cls._create_plan("Free for all"),
            "hidden": cls._create_plan("Hidden", shop_ok=False),
            "archived": cls._create_plan("Archived"),
            "of another company": cls._create_plan("Elsewhere", company_id=cls.other_company.id),
        }
        for why in ("hidden", "archived"):
            cls._set_recurring_price(cls.magazine, plans[why], 0.01)
        plans["archived"].active = False
        return plans

    def setUp(self):
        super().setUp()
        self._visit(self.eve)
        self.cart = self._buy(self.magazine, self.yearly)
        self.line = self.cart.order_line
        self.before = self._read_ada()

    def _read_ada(self):
        self.env.invalidate_all()
        return self.ada_cart.read()[0] | {"lines": self.ada_cart.order_line.read()}

    def tearDown(self):
        before = {key: value for key, value in self.before.items() if not key.startswith("__")}
        self.assertEqual(self._read_ada(), before, "what Eve does changes nothing of Ada's")
        super().tearDown()

    def _refuse(self, path, **params):
        """Expect a sentence in place of what was asked, and nothing done."""
        lines = self.cart.order_line.read(["product_id", "product_uom_qty", "price_unit", "subscription_plan_id"])
        with self.assertRaises(Refused) as refused:
            self._call_shop(path, **params)
        self.assertNotIn("Traceback", str(refused.exception))
        self.assertEqual(
            self.cart.order_line.read(["product_id", "product_uom_qty", "price_unit", "subscription_plan_id"]), lines
        )
        return str(refused.exception)

    def _add_as(self, product=None, **params):
        product = product or self.magazine
        values = {"product_template_id": product.product_tmpl_id.id, "product_id": product.id, "quantity": 1}
        return {**values, **params}

    # === PLANS ===#

    def test_a_plan_that_the_shop_does_not_offer_is_refused(self):
        for why, plan in self.foreign_plans.items():
            with self.subTest(why):
                self._refuse("/shop/cart/add", **self._add_as(subscription_plan_id=plan.id))
                self._refuse("/shop/cart/plan", line_id=self.line.id, subscription_plan_id=plan.id)

    def test_what_is_no_plan_is_refused(self):
        for forged in (*TYPES, NOBODYS, 0):
            with self.subTest(forged):
                self._refuse("/shop/cart/add", **self._add_as(subscription_plan_id=forged))
                self._refuse("/shop/cart/plan", line_id=self.line.id, subscription_plan_id=forged)

    def test_a_good_plan_is_taken(self):
        self._call_shop("/shop/cart/plan", line_id=self.line.id, subscription_plan_id=self.monthly.id)
        self.assertEqual(self.cart.order_line.mapped("price_unit"), [12.0])

    def test_what_is_sold_on_plans_only_is_not_bought_once(self):
        for nothing in (0, False):
            self._refuse("/shop/cart/add", **self._add_as(subscription_plan_id=nothing))

    def test_a_linked_line_brings_no_plan_that_the_shop_does_not_offer(self):
        for plan in self.foreign_plans.values():
            params = self._add_as(subscription_plan_id=plan.id, linked_line_id=self.line.id)
            with self.subTest(plan.name), suppress(Refused):
                self._call_shop("/shop/cart/add", **params)
            self.assertLessEqual(self.cart.order_line.subscription_plan_id, self.monthly + self.yearly)
            self.assertTrue(all(price >= 12.0 for price in self.cart.order_line.mapped("price_unit")))

    # === PRICES AND QUANTITIES ===#

    def test_prices_come_from_the_server(self):
        forged = {
            "price_unit": 0.01,
            "price": 0.01,
            "discount": 100,
            "subscription_default_plan_id": self.monthly.id,
            "technical_price_unit": 0.01,
            "tax_ids": [],
            "pricelist_id": NOBODYS,
            "currency_id": 1,
            "order_id": self.ada_cart.id,
            "subscription_start": "2020-01-01",
        }
        self._call_shop("/shop/cart/add", **self._add_as(subscription_plan_id=self.monthly.id, **forged))
        line = self.cart.order_line - self.line
        self.assertEqual((line.price_unit, line.discount, line.order_id), (12.0, 0.0, self.cart))
        with suppress(Refused):
            self._call_shop("/shop/cart/plan", line_id=line.id, subscription_plan_id=self.yearly.id, price_unit=0.01)
        self.assertTrue(all(price >= 12.0 for price in self.cart.order_line.mapped("price_unit")))

    def test_no_quantity_makes_the_total_negative(self):
        for quantity in QUANTITIES:
            with self.subTest(quantity), suppress(Refused):
                self._call_shop("/shop/cart/add", **self._add_as(self.poster, quantity=quantity))
            with self.subTest(quantity), suppress(Refused):
                self._call_shop("/shop/cart/update", line_id=self.cart.order_line[:1].id, quantity=quantity)
            quantities = self.cart.order_line.mapped("product_uom_qty")
            self.assertTrue(all(done > 0 and done == int(done) for done in quantities), quantities)
            self.assertGreaterEqual(self.cart.amount_total, 0)

    @mute_logger("odoo.http")  # Odoo's own routes say of these that they are no numbers.
    def test_what_is_no_quantity_changes_nothing(self):
        for quantity in NOT_QUANTITIES:
            with self.subTest(quantity):
                self._refuse("/shop/cart/add", **self._add_as(quantity=quantity, subscription_plan_id=self.yearly.id))
                self._refuse("/shop/cart/update", line_id=self.line.id, quantity=quantity)

    # === PRODUCTS ===#

    def test_what_the_shop_does_not_show_is_not_sold(self):
        hidden = {
            "unpublished": self._create_recurring_product("Hidden", {self.monthly: 1.0}),
            "set-up fee": self.env["product.product"].create({"name": "Fee", "list_price": 9.0}),
            "of another company": self._create_published_product(
                "Elsewhere", {self.monthly: 1.0}, company_id=self.other_company.id
            ),
        }
        self.magazine.subscription_setup_product_id = hidden["set-up fee"]
        for why, product in hidden.items():
            with self.subTest(why):
                self._refuse("/shop/cart/add", **self._add_as(product, subscription_plan_id=self.monthly.id))
        self._refuse("/shop/cart/add", **self._add_as(product_id=NOBODYS))

    def test_the_template_that_the_browser_names_has_no_say(self):
        """The price is that of the variant, whatever template comes with it."""
        params = self._add_as(product_template_id=self.poster.product_tmpl_id.id, subscription_plan_id=self.yearly.id)
        with suppress(Refused):
            self._call_shop("/shop/cart/add", **params)
        self.assertEqual(set(self.cart.order_line.mapped("price_unit")), {120.0})

    # === CARTS OF OTHERS ===#

    def test_lines_of_others_are_out_of_reach(self):
        for path, params in {
            "/shop/cart/update": {"quantity": 0},
            "/shop/cart/plan": {"subscription_plan_id": self.monthly.id},
        }.items():
            for line in (self.ada_line.id, NOBODYS):
                with self.subTest(path, line=line), suppress(Refused):
                    self._call_shop(path, line_id=line, **params)
                self.assertEqual(self.cart.order_line, self.line)

    def test_what_is_no_line_gets_no_plan(self):
        for forged in TYPES:
            with self.subTest(forged):
                self._refuse("/shop/cart/plan", line_id=forged, subscription_plan_id=self.monthly.id)

    @mute_logger("odoo.http")  # Odoo says which page is not there.
    def test_a_cart_is_opened_by_its_own_token_only(self):
        self.ada_cart._portal_ensure_token()
        self.before = self._read_ada()
        for token in ("x", self.cart._portal_ensure_token(), "None", "False"):
            for method in ("", "squash", "merge"):
                page = self._get_shop_page("/shop/cart", id=self.ada_cart.id, access_token=token, revive_method=method)
                self.assertEqual(page.status_code, 404)
        self.assertEqual(self.cart.order_line, self.line)

    # === PAYING ===#

    def _get_payment(self, **values):
        return {
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method_id,
            "token_id": None,
            "amount": self.cart.amount_total,
            "flow": "direct",
            "tokenization_requested": True,
            "landing_route": "/shop/payment/validate",
            **values,
        }

    def _pay_cart(self, cart, token, **values):
        """Begin a payment by the route that Eve's own page names, of her cart or with another's in its place."""
        form = self._get_form(self._get_payment_page())
        route = form["transaction_route"].replace(str(self.cart.id), str(cart.id))
        return self._call_shop(route, access_token=token, **self._get_payment(**values))

    def test_the_good_call_pays_what_is_due(self):
        self._pay_cart(self.cart, self.cart._portal_ensure_token())
        self.assertEqual(self.cart.transaction_ids.mapped("amount"), [120.0])
        self.assertEqual(self.cart.transaction_ids.partner_id, self.eve.partner_id)

    def test_what_is_paid_is_what_the_server_asks_for(self):
        token = self.cart._portal_ensure_token()
        for amount in (0.01, -120.0, 0, 10**30, 119.99, None, "120", "x", [120], {}, float("1e-9")):
            with self.subTest(amount), suppress(Refused), mute_logger("odoo.http"):
                self._pay_cart(self.cart, token, amount=amount)
            self.assertLessEqual(set(self.cart.transaction_ids.mapped("amount")), {120.0})

    def test_nobody_pays_with_a_method_of_somebody_else(self):
        method = self._create_method(self.customer)
        token = self.cart._portal_ensure_token()
        with mute_logger("odoo.http"):
            self._refuse(
                f"/shop/payment/transaction/{self.cart.id}",
                access_token=token,
                **self._get_payment(flow="token", token_id=method.id),
            )
        self.assertFalse(self.cart.transaction_ids.filtered("token_id"))

    def test_nobody_begins_a_payment_in_the_name_of_somebody_else(self):
        self.ada_cart._portal_ensure_token()
        self.before = self._read_ada()
        for token in (None, "", "x", self.cart._portal_ensure_token(), True, [], {}):
            with self.subTest(token), mute_logger("odoo.http"), self.assertRaises(Refused):
                self._pay_cart(self.ada_cart, token)

    def test_what_else_a_browser_says_of_a_payment_has_no_say(self):
        token = self.cart._portal_ensure_token()
        for forged in (
            {"partner_id": self.customer.id},
            {"currency_id": self.env.ref("base.EUR").id},
            {"is_validation": True},
            {"sale_order_id": self.ada_cart.id},
            {"custom_create_values": {"amount": 0.01}},
        ):
            with self.subTest(forged), suppress(Refused), mute_logger("odoo.http"):
                self._pay_cart(self.cart, token, **forged)
            for transaction in self.cart.transaction_ids:
                self.assertEqual((transaction.amount, transaction.currency_id), (120.0, self.cart.currency_id))
                self.assertEqual((transaction.partner_id, transaction.sale_order_ids), (self.eve.partner_id, self.cart))
