"""Paying in the shop: it fails and works the second time, nobody pays twice, and some pay by hand."""

import pytest

from .world import HOME_TAX, PRINT, SERVICE


@pytest.fixture
def paula(visit):
    """Paula, a guest at her desk."""
    with visit() as paula:
        yield paula


@pytest.fixture
def email(request):
    """An address of its own for each test."""
    return f"{request.node.name.removeprefix('test_')}@example.com"


def with_tax(amount):
    """Return what a visitor at home pays."""
    return round(amount * (1 + HOME_TAX / 100), 2)


def test_after_a_failed_payment_the_second_try_succeeds(world, paula, email):
    paula.put(world.get_choice("Magazine", "Yearly"))
    paula.go_to_payment("Paula", email)
    due = paula.get_total()
    paula.pay_in_shop("error")
    [order] = world.find_orders(email)
    found = world.read(order)
    assert (found["state"], found["moves"], found["method"]) == ("draft", [], False)
    paula.open("/shop/cart")
    paula.look("cart-after-failure", "Magazine")
    assert paula.get_plan("Magazine").startswith("Yearly")
    assert paula.get_total() == due == with_tax(PRINT["Yearly"])
    paula.open("/shop/payment")
    paula.pay_in_shop()
    paula.see("Thank you for your order")
    assert world.find_orders(email) == [order]
    money = world.read_money(order)
    assert [state for state, _amount in money["paid"]].count("done") == 1
    assert money["billed"] == [(due, "paid")]
    assert world.read(order)["status"] == "progress"


def test_a_double_click_pays_once(world, paula, email):
    paula.put(world.get_choice("Magazine", "Monthly"))
    paula.go_to_payment("Paula", email)
    paula.page.locator("#customer_input").first.fill("4242")
    paula.press_pay(clicks=2)
    [order] = world.find_orders(email)
    due = with_tax(PRINT["Monthly"])
    money = world.read_money(order)
    assert money["paid"] == [("done", due)]
    assert money["billed"] == [(due, "paid")]


def test_going_back_after_paying_orders_nothing_more(world, paula, email):
    paula.put(world.get_choice("Magazine", "Monthly"))
    paula.go_to_payment("Paula", email)
    paula.pay_in_shop()
    for path in ("/shop/payment", "/shop/checkout", "/shop/cart", "/shop/payment/validate"):
        paula.page.goto(path)
    paula.page.go_back()
    [order] = world.find_orders(email)
    assert len(world.read_money(order)["paid"]) == 1
    assert len(world.read(order)["moves"]) == 1


def test_a_plan_paid_by_hand_waits_for_the_transfer(world, paula, email):
    paula.put(world.get_choice("Service", "Paid by hand"))
    paula.go_to_payment("Paula", email)
    paula.look("payment-by-hand", "Wire Transfer", "Demo")
    due = paula.get_total()
    assert due == with_tax(SERVICE)
    paula.choose("Wire Transfer")
    paula.press_pay()
    paula.look("confirmation-by-hand", "transfer")
    [order] = world.find_orders(email)
    assert world.read(order)["state"] in ("draft", "sent")
    world.confirm(order)
    found = world.read(order)
    assert (found["state"], found["status"], found["method"]) == ("sale", "progress", False)


def test_a_transfer_is_not_offered_where_the_method_is_to_be_saved(world, paula, email):
    paula.put(world.get_choice("Magazine", "Monthly"))
    paula.go_to_payment("Paula", email)
    paula.see("Demo")
    assert not paula.page.get_by_text("Wire Transfer").locator("visible=true").count()


@pytest.fixture
def no_saving(world):
    """The company's only providers save no methods."""
    world.set_saving(False)
    yield
    world.set_saving(True)


@pytest.mark.usefixtures("no_saving")
def test_where_no_method_can_be_saved_the_reason_is_shown(world, paula, email):
    paula.put(world.get_choice("Magazine", "Monthly"))
    paula.go_to_payment("Paula", email)
    paula.look("no-method", "saved")
    button = paula.page.locator('[name="o_payment_submit_button"]:not([disabled])').locator("visible=true")
    assert not button.count()
