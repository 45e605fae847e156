"""A manager makes a rule, a day passes, and the team sees who needs them; customers tell how happy they are."""

import re

from playwright.sync_api import expect

from .carer import carer, visitor
from .world import KEEPER, SELLER, SUPPORT, TO_DO

RULE = "Takes a lot"
BOARD = "/odoo/subscriptions?view_type=kanban"
OURS = ".o_content"


def make_rule(screen):
    """Make a health rule: an MRR of more than 50 is bad, of all things."""
    screen.go("/odoo/health-rules/new", ".o_form_view div[name=name] input")
    screen.page.locator("div[name=name] input").fill(RULE)
    screen.page.get_by_label("Bad").check()
    screen.page.get_by_text("New Rule").or_(screen.page.get_by_text("Add condition")).first.click()
    screen.choose_field("subscription_mrr", "MRR")
    screen.page.locator(".o_tree_editor_condition select").last.select_option(label="greater than")
    screen.see("2 of 2 running subscriptions match now")
    value = screen.page.locator(".o_tree_editor_condition input.o_input").last
    value.fill("50")
    value.press("Tab")


def test_a_rule_colours_the_board_after_a_day_and_wakes_an_action(world, browser, address):
    big, small = world.subscribe("Big Reader", 5), world.subscribe("Small Reader")
    world.play_a_day()  # what was so at the first look at a subscription, did not become so
    with carer(browser, address, KEEPER) as keeper:
        keeper.switch("Health turned bad")
        keeper.look("automations", OURS)
        make_rule(keeper)
        keeper.see("1 record(s)", "1 of 2 running subscriptions match now")
        keeper.look("rule", ".o_form_sheet")
        keeper.page.locator(".o_form_button_save").click()
        expect(keeper.page.locator(".o_form_saved, .o_form_view")).to_be_visible()
        keeper.page.goto(BOARD)
        expect(keeper.card("Big Reader").get_by_text("Bad")).to_have_count(0)
        world.play_a_day()
        keeper.page.goto(BOARD)
        keeper.see("Bad", RULE, within=keeper.card("Big Reader"))
        expect(keeper.card("Small Reader").get_by_text("Bad")).to_have_count(0)
        keeper.look("board", ".o_kanban_record div[name=subscription_health]")
        keeper.go("/odoo/health-rules", ".o_data_row")
        keeper.look("rules", OURS)
        keeper.go("/odoo/health-changes", ".o_data_row")
        keeper.look("changes", OURS)
        keeper.go("/odoo/subscription-firings", ".o_data_row")
        keeper.look("firings", OURS)
    assert world.read(big) == {"health": "bad", "reason": RULE, "to_do": [TO_DO], "rating": 0.0}
    assert world.read(small)["to_do"] == []
    with carer(browser, address, SELLER) as seller:
        seller.open(big)
        seller.see(TO_DO)
        seller.look("order", ".o_form_statusbar")


def test_an_unhappy_customer_says_so_without_a_login_and_is_called(world, browser, address):
    order = world.subscribe("Cross Reader")
    with carer(browser, address, KEEPER) as keeper:
        keeper.switch("Unhappy customer")
    with carer(browser, address, SELLER) as seller:
        seller.open(order)
        seller.press("action_subscription_request_rating")
        expect(seller.page.locator(".o_notification")).to_contain_text("asked")
    link = world.get_link(order, "/rate/")
    with visitor(browser, address) as reader:
        reader.page.goto(re.sub(r"\d$", "1", link))
        assert world.read(order)["rating"] == 0, "who only looks at the page has said nothing yet"
        reader.page.locator("textarea").fill("It is always late.")
        reader.look("rate", "form button")
        reader.page.get_by_role("button", name="Send Feedback").click()
        reader.see("Thank you for your feedback!")
    assert world.read(order)["rating"] == 1
    world.play_a_day()
    found = world.read(order)
    assert (found["health"], found["to_do"].count("Unhappy: call the customer")) == ("bad", 1)
    with carer(browser, address, SELLER) as seller:
        seller.open(order)
        seller.see("Unhappy: call the customer", "It is always late.")


def test_support_sees_what_customers_may_use_and_nothing_of_sales(world, browser, address):
    world.subscribe("Calling Reader", 3)
    with carer(browser, address, SUPPORT) as support:
        support.page.locator(".o_navbar_apps_menu button").click()
        apps = support.page.locator(".o-dropdown--menu, .dropdown-menu").first
        expect(apps.get_by_text("Subscriptions", exact=True)).to_be_visible()
        expect(apps.get_by_text(re.compile("^(Sales|Invoicing)$"))).to_have_count(0)
        support.go("/odoo/entitlements", ".o_data_row")
        line = support.page.locator(".o_data_row", has_text="Calling Reader")
        support.see("Magazine", "3.00", "Active", within=line)
        support.look("entitlements", OURS)
        line.locator("td[name=product_id]").click()
        support.see("Calling Reader", "Active")
        expect(support.page.locator("nav").get_by_text("Reporting")).to_have_count(0)


def test_a_survey_is_answered_by_the_link_and_read_by_the_salesperson(world, browser, address):
    order = world.subscribe("Asked Reader")
    world.send_survey(order)
    with visitor(browser, address) as reader:
        reader.page.goto(world.get_link(order, "/survey/"))
        reader.page.get_by_role("button", name="Start").click()
        reader.page.get_by_text("Very dissatisfied").click()
        reader.page.locator("textarea").fill("Deliver on Saturdays.")
        reader.page.get_by_role("button", name="Submit").click()
        reader.dialog.get_by_role("button", name="Submit").click()
        reader.see("Thank you!")
    with carer(browser, address, SELLER) as seller:
        seller.open(order)
        seller.press("action_view_subscription_surveys")
        seller.see("Answered", within=seller.page.locator(".o_data_row"))
        seller.look("surveys", OURS)
        seller.page.locator(".o_data_row td[name=partner_id]").click()
        seller.see("Deliver on Saturdays.")
        seller.look("survey", ".o_form_sheet_bg")
