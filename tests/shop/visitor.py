"""A visitor of the shop: picks a plan, fills the cart, and pays."""

import re
from contextlib import contextmanager

from playwright.sync_api import expect

from commands.addons import ROOT

from ..self_service.reader import SCREENS, UNCHECKED, Reader

PICTURES = ROOT / "tests" / "out" / "shop"
# Of Odoo's own shop, and out of our templates' reach: the header; the steps of the checkout, grey on white; sliders of
# the price filter and the quantity, which have no labels; icons of buttons; and a button that has two names. What is
# scrolled, but not by keyboard, is the summary of the order.
UNCHECKED_IN_SHOP = [
    *UNCHECKED,
    "header",
    ".o_wizard",
    ".multirange",
    "input.quantity",
    "i[role=img]",
    "[name=comparison_back_button]",
]
AMOUNT = re.compile(r"\d[\d,]*\.\d\d")
HOME = {"street": "1 Main Street", "city": "Portland", "zip": "97204", "country": "United States", "state": "Oregon"}
ABROAD = {"street": "Kaffeeweg 1", "city": "Berlin", "zip": "10115", "country": "Germany"}


@contextmanager
def visitor(browser, address, screen):
    """A :class:`Visitor` who has not been here before."""
    context = browser.new_context(base_url=address, viewport=SCREENS[screen], locale="en-US")
    context.set_default_timeout(30000)
    yield Visitor(context.new_page(), screen)
    context.close()


def amounts_in(text):
    """Return the amounts of money in a text."""
    return [float(amount.replace(",", "")) for amount in AMOUNT.findall(text)]


class Visitor(Reader):
    """Who comes to the shop, sees what things cost, and buys."""

    pictures, unchecked = PICTURES, UNCHECKED_IN_SHOP

    def get_violations(self):
        """Override for what is Odoo's own."""
        return [found for found in super().get_violations() if "scrollable-region-focusable" not in found]

    # === LOOKING AROUND ===#

    def get_offer(self, plan):
        """Return the choice of a plan, or of buying once, on a product's page."""
        return self.page.locator("label").filter(
            has=self.page.locator('input[name="subscription_plan_id"]'), has_text=plan
        )

    def get_offered_amounts(self, plan):
        """Return the amounts that a product's page says of a plan."""
        return amounts_in(self.get_offer(plan).first.inner_text())

    def choose_plan(self, plan):
        """Choose a plan, or to buy once, on a product's page."""
        self.page.get_by_role("radio", name=plan).first.check()

    def choose_variant(self, value):
        """Choose a value of an attribute, and wait for what it costs."""
        with self.page.expect_response("**/get_combination_info*"):
            self.page.locator(".js_add_cart_variants label").filter(has_text=value).first.click()

    def add_to_cart(self):
        """Put the product of the page into the cart."""
        with self.page.expect_response("**/shop/cart/add") as response:
            self.page.locator("#add_to_cart").click()
        assert "error" not in response.value.json(), response.value.text()

    def buy(self, path, plan=None, variant=None):
        """Open a product's page, choose, and put it into the cart."""
        self.open(path)
        if variant:
            self.choose_variant(variant)
        if plan:
            self.choose_plan(plan)
        self.add_to_cart()

    # === THE CART ===#

    def put(self, choice):
        """Put something into the cart without looking at its page; see :meth:`.world.World.get_choice`."""
        answer = self.page.request.post("/shop/cart/add", data={"jsonrpc": "2.0", "params": choice}).json()
        assert "error" not in answer, answer["error"]["data"]["message"]

    def change_plan(self, product, plan):
        """Choose another plan, or to buy once, for a line of the cart."""
        with self.page.expect_response("**/shop/cart/plan") as response:
            choice = self.get_line(product).locator('select[name="subscription_plan_id"]').locator("visible=true")
            option = choice.first.locator("option").filter(has_text=plan).first
            choice.first.select_option(value=option.get_attribute("value"))
        assert "error" not in response.value.json(), response.value.text()

    def get_line(self, product):
        """Return a line of the cart."""
        return self.page.locator(".o_cart_product").filter(has_text=product)

    def get_plan(self, product):
        """Return what a line of the cart says of its plan."""
        line = self.get_line(product)
        chosen = line.locator('select[name="subscription_plan_id"] option:checked').or_(
            line.locator('[name="subscription_plan"]')
        )
        return " ".join(chosen.first.inner_text().split())

    def get_total(self):
        """Return what the page says is due, taxes in; on a phone, the summary of the order is folded."""
        total = self.page.locator('tr[name="o_order_total"], #amount_total_summary').locator("visible=true").last
        return amounts_in(total.inner_text())[0]

    def enter_code(self, code):
        """Use a discount code."""
        field = self.page.locator('input[name="promo"]').locator("visible=true").first
        field.fill(code)
        with self.page.expect_navigation():
            field.press("Enter")
        self._wait_until_ready()

    def continue_checkout(self):
        """Go to the next step of the checkout."""
        with self.page.expect_navigation():
            self.page.locator('a[name="website_sale_main_button"]').locator("visible=true").first.click()
        self._wait_until_ready()

    # === CHECKOUT ===#

    def tell_address(self, name, email, street, city, zip, country, state=None):
        """Fill the form of a guest's address, and go on."""
        form = self.page.locator("form.address_autoformat")
        form.locator('[name="country_id"]').select_option(label=country)
        for field, value in {"name": name, "email": email, "phone": "+1 555 0100", "street": street}.items():
            form.locator(f'input[name="{field}"]').fill(value)
        form.locator('input[name="city"]').fill(city)
        form.locator('input[name="zip"]').fill(zip)
        if state:
            form.locator('select[name="state_id"]').select_option(label=state)
        self.continue_checkout()

    def go_to_payment(self, name, email, home=True):
        """Go from the cart to the payment, as a guest."""
        self.open("/shop/cart")
        self.continue_checkout()
        self.tell_address(name, email, **(HOME if home else ABROAD))
        while "/shop/payment" not in self.page.url:
            self.continue_checkout()

    def pay_in_shop(self, state="done", details="4242"):
        """Fill in the form of the demo provider, and wait for the page after it."""
        self.page.locator("#customer_input").first.fill(details)
        self.page.locator("#simulated_payment_state").first.select_option(state)
        self.press_pay()

    def press_pay(self, clicks=1):
        """Press the button that pays, and wait for the page after it."""
        button = self.page.locator('[name="o_payment_submit_button"]').locator("visible=true").first
        expect(button).to_be_enabled()
        with self.page.expect_response("**/payment/status/poll"):
            button.click(click_count=clicks)
        self.page.wait_for_url("**/shop/**", wait_until="load")
        self._wait_until_ready()
