"""What visitors do in the shop: compare plans, change their mind, and find what they look for."""

import re

import pytest
from playwright.sync_api import expect

from .visitor import amounts_in
from .world import (
    ABROAD_TAX,
    BADGE,
    BISCUITS,
    BOX,
    CLUB,
    FEE,
    HOME_TAX,
    ISSUE,
    POSTER,
    PRINT,
    PRINT_IN_EUROS,
)


@pytest.fixture
def vera(visit):
    """Vera, at her desk."""
    with visit() as vera:
        yield vera


def with_tax(amount, tax=HOME_TAX):
    """Return what a visitor pays."""
    return round(amount * (1 + tax / 100), 2)


def test_abroad_prices_are_in_euros_with_the_taxes_of_the_country(world, visit):
    email = "berta@example.com"
    due = with_tax(PRINT_IN_EUROS["Yearly"], ABROAD_TAX)
    with visit(abroad=True) as berta:
        berta.log_in(email)
        berta.open(world.get_path("Magazine"))
        assert berta.get_offered_amounts("Yearly")[0] == due
        berta.choose_plan("Yearly")
        berta.look("abroad-product", "€")
        berta.add_to_cart()
        berta.open("/shop/cart")
        berta.look("abroad-cart", "€")
        assert berta.get_total() == due
        _pay(berta, "done")
        berta.look("abroad-confirmation", "Thank you for your order")
        [order] = world.find_orders(email)
        money = world.read_money(order)
        assert money["billed"] == [(due, "paid")]
        assert (money["currency"], money["taxes"]) == ({"EUR"}, {ABROAD_TAX})
        _pay_with_the_saved_method(world, berta, email, order)


def _pay(visitor, state=None):
    visitor.open("/shop/checkout?try_skip_step=true")
    while "/shop/payment" not in visitor.page.url:
        visitor.continue_checkout()
    if state:
        visitor.pay_in_shop(state)


def _pay_with_the_saved_method(world, berta, email, first):
    berta.put(world.get_choice("Magazine", "Monthly"))
    _pay(berta)
    berta.page.locator('input[name="o_payment_radio"][data-payment-option-type="token"]').first.check()
    berta.press_pay()
    berta.see("Thank you for your order")
    second = world.find_orders(email)[1]
    assert world.read(second)["method"] == world.read(first)["method"]
    assert world.read_money(second)["billed"] == [(with_tax(PRINT_IN_EUROS["Monthly"], ABROAD_TAX), "paid")]


def test_a_plan_is_changed_in_the_cart(world, vera):
    vera.put(world.get_choice("Magazine", "Yearly"))
    vera.put(world.get_choice("Poster"))
    vera.open("/shop/cart")
    assert vera.get_total() == with_tax(PRINT["Yearly"] + POSTER)
    vera.change_plan("Magazine", "Monthly")
    expect(vera.page.locator('tr[name="o_order_total"]').locator("visible=true").last).to_contain_text(
        f"{with_tax(PRINT['Monthly'] + POSTER):.2f}"
    )
    vera.look("changed-plan", "Magazine")
    assert vera.get_plan("Magazine").startswith("Monthly")


def test_the_same_product_is_bought_on_two_plans_and_once(world, vera):
    for plan in ("Yearly", "Monthly", "once"):
        vera.put(world.get_choice("Magazine", plan))
    vera.open("/shop/cart")
    expect(vera.get_line("Magazine")).to_have_count(3)
    assert vera.get_total() == with_tax(PRINT["Yearly"] + PRINT["Monthly"] + ISSUE)


def test_what_is_sold_once_as_well_says_so(world, vera):
    vera.open(world.get_path("Magazine"))
    assert vera.get_offered_amounts("once") == [ISSUE]
    vera.choose_plan(re.compile("once"))
    vera.add_to_cart()
    vera.open("/shop/cart")
    assert vera.get_total() == with_tax(ISSUE)


def test_an_option_is_offered_at_the_price_of_the_chosen_plan(world, vera):
    vera.open(world.get_path("Coffee Box"))
    assert with_tax(FEE) in amounts_in(vera.page.locator("#product_detail").inner_text()), "the set-up fee is said"
    vera.choose_plan("Yearly")
    vera.page.locator("#add_to_cart").click()
    dialog = vera.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Biscuits")
    assert BISCUITS["Yearly"] in amounts_in(dialog.inner_text())
    dialog.locator("[name=sale_product_configurator_add_button]").first.click()
    vera.page.screenshot(path=vera.pictures / "option-dialog.png")
    with vera.page.expect_response("**/shop/cart/add"):
        dialog.locator("footer .btn-primary").locator("visible=true").first.click()
    vera.open("/shop/cart")
    vera.look("cart-with-option", "Biscuits")
    assert vera.get_plan("Biscuits").startswith("Yearly")
    assert vera.get_total() == with_tax(BOX["Yearly"] + BISCUITS["Yearly"] + FEE)


def test_a_product_with_prices_on_plans_only_is_bought(world, vera):
    vera.open(world.get_path("Badge"))
    assert BADGE in amounts_in(vera.page.locator("#product_detail").inner_text())
    vera.add_to_cart()
    vera.open("/shop/cart")
    assert vera.get_plan("Badge") == "Monthly"
    assert vera.get_total() == with_tax(BADGE)


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_lists_say_from_which_price(world, visit, screen):
    with visit(screen) as vera:
        vera.open("/shop")
        vera.look("list", "Magazine")
        for product, price in (("Club", CLUB), ("Badge", BADGE)):
            card = vera.page.locator(".oe_product_cart").filter(has_text=product).first
            assert price in amounts_in(card.inner_text())
        magazine = vera.page.locator(".oe_product_cart").filter(has_text="Magazine").first.inner_text()
        assert re.search(r"from", magazine, re.I)
        assert "0.00" not in {f"{amount:.2f}" for amount in amounts_in(magazine)}


def test_the_search_says_what_a_plan_costs(world, vera):
    vera.open("/shop")
    field = vera.page.locator('form.o_wsale_products_searchbar_form input[name="search"]').locator("visible=true").first
    with vera.page.expect_response("**/website/snippet/autocomplete"):
        field.press_sequentially("Badg")
    found = vera.page.locator(".o_dropdown_menu, .dropdown-menu.show").filter(has_text="Badge").first
    expect(found).to_contain_text(f"{BADGE:.2f}")


def test_the_wishlist_and_the_comparison_show_plan_prices(world, vera):
    vera.open("/shop")
    card = vera.page.locator(".oe_product_cart").filter(has_text="Badge").first
    with vera.page.expect_response("**/shop/wishlist/add"):
        card.locator(".o_add_wishlist").first.click(force=True)
    vera.open("/shop/wishlist")
    vera.look("wishlist", "Badge")
    assert BADGE in amounts_in(vera.page.locator("#wrap").inner_text())
    ids = [world.get_choice(product)["product_id"] for product in ("Badge", "Club")]
    vera.open(f"/shop/compare?products={ids[0]},{ids[1]}")
    vera.look("comparison", "Badge", "Club")
    assert {BADGE, CLUB} <= set(amounts_in(vera.page.locator("#wrap").inner_text()))
