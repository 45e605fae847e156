"""Customers open the links that they were sent, pay, and let the method pay the next invoices."""

from playwright.sync_api import expect


def test_one_box_lets_the_method_pay_the_next_invoices(world, visitor):
    (order,), link = world.bill()
    visitor.open(link)
    visitor.see("is to be paid by")
    visitor.press("Pay Now")
    expect(visitor.get_method("Voucher")).to_be_visible()
    visitor.page.get_by_label("Pay this and future invoices automatically").check()
    expect(visitor.get_method("Voucher")).to_be_hidden()
    visitor.see("You can turn this off at any time")
    visitor.choose()
    visitor.pay()
    visitor.see("This invoice is paid")
    visitor.see("are charged to Demo when they are due")
    found = world.read(order)
    assert (found["method"], found["invoices"]) == ("4242", [(0.0, "paid")])


def test_just_paying_saves_nothing(world, visitor):
    (order,), link = world.bill()
    visitor.open(link)
    visitor.press("Pay Now")
    expect(visitor.page.get_by_text("Save my payment details").first).to_be_hidden()
    visitor.choose()
    expect(visitor.page.get_by_text("Save my payment details").first).to_be_hidden()
    visitor.pay()
    visitor.see("This invoice is paid")
    visitor.see("You pay each invoice of")
    found = world.read(order)
    assert (found["method"], found["invoices"]) == (False, [(0.0, "paid")])


def test_the_second_box_is_for_all_subscriptions(world, visitor):
    orders, link = world.bill(3)
    visitor.open(link)
    visitor.press("Pay Now")
    expect(visitor.page.get_by_label("For all my subscriptions (2 more)")).to_be_hidden()
    visitor.page.get_by_label("Pay this and future invoices automatically").check()
    visitor.page.get_by_label("For all my subscriptions (2 more)").check()
    visitor.choose()
    visitor.pay()
    visitor.see("This invoice is paid")
    assert [world.read(order)["method"] for order in orders] == ["4242"] * 3


def test_after_a_payment_that_failed_another_try_succeeds(world, visitor):
    (order,), link = world.bill()
    visitor.open(link)
    visitor.press("Pay Now")
    visitor.choose()
    visitor.pay("error")
    visitor.see("Nothing is lost")
    visitor.press("Pay Now")
    visitor.page.get_by_label("Pay this and future invoices automatically").check()
    visitor.choose()
    visitor.pay()
    visitor.see("This invoice is paid")
    assert world.read(order)["method"] == "4242"


def test_a_pending_payment_is_not_paid_twice(world, visitor):
    (order,), link = world.bill()
    visitor.open(link)
    visitor.press("Pay Now")
    visitor.choose()
    visitor.pay("pending")
    visitor.see("is being processed. You need not pay it again")
    expect(visitor.page.get_by_text("Pay Now")).to_have_count(0)
    assert world.read(order)["invoices"] == [(12.0, "pending")]


def test_a_method_is_saved_and_removed_without_paying(world, visitor):
    (order,), link = world.bill()
    visitor.open(link)
    visitor.press("Save a payment method")
    visitor.see("Nothing is charged now")
    expect(visitor.get_method("Voucher")).to_have_count(0)
    visitor.pay(details="1111")
    visitor.see("Change the payment method")
    assert world.read(order)["method"] == "1111"
    visitor.press("Turn off")
    visitor.see("Turn off automatic payment?")
    visitor.page.locator("#subscription_turn_off").get_by_role("button", name="Turn off").click()
    visitor.see("You pay each invoice of")
    assert not world.read(order)["method"]


def test_paying_a_quotation_starts_the_subscription(world, visitor):
    order, link = world.quote()
    visitor.open(link)
    visitor.see("To be paid now, your first invoice")
    visitor.press("Accept & Pay")
    visitor.see("pays the next ones by itself")
    expect(visitor.get_method("Voucher")).to_have_count(0)
    visitor.pay("error")
    visitor.see("To be paid now, your first invoice")
    assert world.read(order)["state"] == "sent"
    visitor.press("Pay")
    visitor.pay()
    visitor.see("What you have agreed")
    found = world.read(order)
    assert (found["status"], found["method"]) == ("progress", "4242")
    assert found["invoices"] == [(0.0, "paid")]


def test_a_quotation_that_is_not_to_be_paid_today_saves_a_method(world, visitor):
    order, link = world.quote("Monthly, afterwards", ["Magazine"])
    visitor.open(link)
    visitor.see("Nothing is to be paid today")
    visitor.press("Confirm")
    visitor.pay(details="2222")
    visitor.see("What you have agreed")
    found = world.read(order)
    assert (found["status"], found["method"], found["invoices"]) == ("progress", "2222", [])
