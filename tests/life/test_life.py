"""A salesperson changes, pauses and closes subscriptions; the database is looked at afterwards."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect


def test_more_of_a_product_is_charged_as_the_screen_said(world, seller):
    order = world.subscribe()
    seller.open(order)
    seller.press("action_subscription_change")
    seller.type_into_cell("quantity", 3)
    seller.see("Charged today", "$ 12.00", "Quantity of Magazine: 2 → 3", within=seller.dialog)
    seller.confirm("action_confirm")
    seller.go_to("Changes")
    seller.see("What Has Happened", "Quantity of Magazine: 2 → 3")
    found = world.read(order)
    assert found["lines"] == [("Magazine", 3.0, 12.0)]
    assert found["changes"] == [("quantity", "applied", "now")]
    assert found["moves"] == [("out_invoice", 24.0), ("out_invoice", 12.0)]


def test_a_downgrade_waits_for_the_end_of_the_period_and_can_be_taken_back(world, seller):
    order = world.subscribe()
    seller.open(order)
    seller.press("action_subscription_change")
    seller.type_into_cell("quantity", -1)
    seller.see("cannot be below zero", within=seller.dialog)
    expect(seller.dialog.locator("button[name=action_confirm]")).to_have_count(0)
    seller.type_into_cell("quantity", 1)
    seller.see("Nothing", "$ 24.00", "→ $ 12.00", within=seller.dialog)
    seller.confirm("action_confirm")
    assert world.read(order)["changes"] == [("quantity", "planned", "later")]
    seller.go_to("Changes")
    seller.see("What Happens Next")
    seller.press("action_cancel")
    seller.dialog.get_by_role("button", name="Ok").click()
    seller.see("Nothing is planned")
    found = world.read(order)
    assert found["changes"] == [("quantity", "cancelled", "later")]
    assert found["lines"] == [("Magazine", 2.0, 12.0)]
    assert found["moves"] == [("out_invoice", 24.0)]


def test_a_pause_credits_what_it_shows_and_is_resumed(world, seller):
    order = world.subscribe()
    seller.open(order)
    seller.press("action_subscription_pause")
    seller.see("paid days are served after the pause", within=seller.dialog)
    seller.choose("Credit them")
    seller.see("Credited today", "$ 24.00", within=seller.dialog)
    seller.confirm("action_confirm")
    expect(seller.page.locator("button[name=action_subscription_resume]")).to_be_visible()
    assert world.read(order)["status"] == "paused"
    assert world.read(order)["moves"] == [("out_invoice", 24.0), ("out_refund", 24.0)]
    seller.go_to("Timeline")
    expect(seller.page.locator(".o_timeline_item.o_kind_paused")).to_have_count(1)
    seller.press("action_subscription_resume")
    seller.see("Charged today", "$ 24.00", within=seller.dialog)
    seller.confirm("action_confirm")
    expect(seller.page.locator("button[name=action_subscription_pause]")).to_be_visible()
    found = world.read(order)
    assert found["status"] == "progress"
    assert found["changes"] == [("pause", "applied", "now"), ("resume", "applied", "now")]
    assert found["moves"][2:] == [("out_invoice", 24.0)]


def test_a_close_credits_what_it_shows_and_is_reopened(world, seller):
    order = world.subscribe()
    seller.open(order)
    seller.press("action_subscription_close")
    seller.see("Choose a reason", within=seller.dialog)
    seller.pick("reason_id", "Too expensive")
    seller.see("Nothing", within=seller.dialog)
    seller.tick("credit")
    seller.see("Credited today", "$ 24.00", within=seller.dialog)
    seller.confirm("action_close")
    expect(seller.page.locator("button[name=action_subscription_reopen_ask]")).to_be_visible()
    found = world.read(order)
    assert (found["status"], found["mrr"]) == ("closed", 0.0)
    assert found["moves"] == [("out_invoice", 24.0), ("out_refund", 24.0)]
    seller.press("action_subscription_reopen_ask")
    seller.see("no day is left out", "stay credited", within=seller.dialog)
    seller.confirm("action_reopen")
    expect(seller.page.locator("button[name=action_subscription_pause]")).to_be_visible()
    assert world.read(order)["status"] == "progress"


def test_an_upsell_adds_to_the_subscription(world, seller):
    order = world.subscribe()
    seller.open(order)
    seller.press("action_subscription_upsell")
    seller.see("Nothing is added yet", "Has Now")
    cell = seller.page.locator(".o_field_widget[name=order_line] td[name=product_uom_qty]").first
    cell.click()
    cell.locator("input").fill("1")
    seller.page.keyboard.press("Tab")
    seller.press("action_confirm")
    expect(seller.page.locator("button[name=action_confirm]").locator("visible=true")).to_have_count(0)
    found = world.read(order)
    assert found["lines"] == [("Magazine", 3.0, 12.0)]
    assert found["mrr"] == 36.0


def test_prices_are_revised_for_all(world, manager):
    order = world.subscribe()
    manager.page.goto("/odoo/price-revisions/new")
    manager.page.locator("div[name=name] input").fill("Spring")
    manager.page.locator("div[name=percentage] input").fill("10")
    in_spring = date.today() + timedelta(days=100)
    manager.page.locator("div[name=effective_on] input, input#effective_on_0").first.fill(
        in_spring.strftime("%m/%d/%Y")
    )
    manager.page.keyboard.press("Escape")
    manager.press("action_preview")
    expect(manager.page.locator("button[name=action_plan]")).to_be_visible()
    manager.press("action_plan")
    manager.dialog.get_by_role("button", name="Ok").click()
    expect(manager.page.locator("button[name=action_undo]")).to_be_visible()
    assert world.read(order)["changes"] == [("price", "planned", "later")]
    manager.open(order)
    manager.go_to("Changes")
    manager.see("Price of Magazine: $ 12.00 → $ 13.20")


def test_the_timeline_is_reached_by_keyboard_and_leads_to_the_document(world, clerk):
    order = world.subscribe("clerk")
    clerk.open(order)
    clerk.go_to("Timeline")
    bar = clerk.page.locator(".o_timeline_item.o_kind_billed")
    expect(bar).to_have_count(1)
    assert "Billed" in bar.get_attribute("aria-label")
    bar.focus()
    clerk.see("Billed: $ 24.00")
    clerk.page.keyboard.press("ArrowRight")
    expect(clerk.page.locator(".o_timeline_item.o_kind_future").first).to_be_focused()
    clerk.page.keyboard.press("ArrowLeft")
    clerk.page.locator("[data-zoom=year]").click()
    expect(clerk.page.locator("[data-zoom=year]")).to_have_attribute("aria-pressed", "true")
    bar.click()
    expect(clerk.page.locator(".o_breadcrumb")).to_contain_text(re.compile("INV/"))


def test_what_is_scheduled_is_listed_for_all_subscriptions(world, seller):
    order = world.subscribe()
    seller.open(order)
    seller.press("action_subscription_pause")
    seller.choose("At the end of the period that was billed")
    seller.see("Nothing is billed before somebody resumes it", within=seller.dialog)
    seller.confirm("action_confirm")
    seller.page.goto("/odoo/subscription-changes")
    seller.see("Pause of", "Planned")
    assert world.read(order)["changes"] == [("pause", "planned", "later")]
