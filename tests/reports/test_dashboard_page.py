"""The dashboard in a real browser: what it says, by pointer and by keyboard, on a screen, a phone and on paper."""

import re

import pytest
from playwright.sync_api import expect

from ..life.world import MANAGER, SELLER
from .viewer import SCREENS, viewer
from .world import REASON

PAGE, PATH = ".o_subscription_dashboard", "/odoo/subscription-dashboard"


@pytest.fixture(params=SCREENS)
def manager(browser, address, request):
    """Who sees all, on each screen."""
    with viewer(browser, address, MANAGER, request.param) as screen:
        yield screen


@pytest.fixture
def desk(browser, address):
    """Who sees all, at a desk."""
    with viewer(browser, address, MANAGER) as screen:
        screen.go(PATH, ".o_dashboard_tile")
        yield screen


def _tell(screen, *keys):
    """Return what the tiles and the movements of ``keys`` say."""
    tiles = [screen.page.locator(f"[data-kpi={key}]").locator(".o_value, td").first for key in keys]
    return [" ".join(tile.inner_text().split()) for tile in tiles]


def test_the_page_tells_what_happened(manager):
    manager.go(PATH, ".o_dashboard_tile")
    expect(manager.page.locator(".o_dashboard_summary")).to_contain_text("bring in $ 70.00 a month: $ 14.00 less")
    assert _tell(manager, "mrr", "net_new_mrr", "customers") == ["$ 70.00", "$ -14.00", "4"]
    assert _tell(manager, "new", "expansion", "pause", "churn") == ["+ $ 10.00", "+ $ 12.00", "− $ 12.00", "− $ 24.00"]
    expect(manager.page.locator(".o_dashboard_reasons tbody tr")).to_have_text(re.compile(rf"{REASON}.*1.*24\.00"))
    expect(manager.page.locator("canvas")).to_have_count(2)
    manager.look("dashboard", PAGE)


def test_salespeople_see_their_own(browser, address):
    with viewer(browser, address, SELLER) as seller:
        seller.go(PATH, ".o_dashboard_tile")
        assert _tell(seller, "mrr", "customers", "churn") == ["$ 36.00", "1", "− $ 24.00"]
        seller.page.locator("[data-kpi=churn] button").first.click()
        seller.see("Bob")
        expect(seller.page.get_by_text("Cem")).to_have_count(0)


def test_a_number_says_how_it_is_counted(manager):
    manager.go(PATH, ".o_dashboard_tile")
    manager.page.locator("[data-kpi=logo_churn] .o_info").click()
    details = manager.page.locator(".o_dashboard_details")
    manager.see("Customers lost ÷ customers at the start", "25%", within=details)
    expect(details.locator("tbody tr")).to_have_text([re.compile("lost.*1"), re.compile("start.*4")])
    manager.look("dashboard-details", ".o_dashboard_details")


def test_period_and_filters_are_still_there_after_going_back(desk):
    desk.page.locator("[data-filter=plan_ids]").click()
    desk.page.locator(".o-dropdown-item", has_text="Yearly").click()
    expect(desk.page.locator(".o_dashboard_summary")).to_contain_text("$ 10.00")
    desk.page.keyboard.press("Escape")
    desk.page.locator(".o_dashboard_period").click()
    desk.page.locator(".o-dropdown-item", has_text="Last 12 Months").click()
    expect(desk.page).to_have_url(re.compile(r"period=last_12_months&plan_ids=\d+$"))
    desk.page.locator("[data-kpi=mrr] .o_open").click()
    expect(desk.page.locator(".o_list_view")).to_be_visible()
    # The list is there before the browser's history knows of it.
    expect(desk.page).not_to_have_url(re.compile(r"period="))
    desk.page.go_back()
    _expect_yearly(desk)
    desk.page.reload()
    _expect_yearly(desk)
    desk.page.get_by_role("button", name="Clear Filters").click()
    expect(desk.page.locator(".o_dashboard_summary")).to_contain_text("$ 70.00")


def _expect_yearly(desk):
    expect(desk.page.locator(".o_dashboard_period")).to_have_text("Last 12 Months")
    expect(desk.page.locator("[data-filter=plan_ids]")).to_have_text("Plan: Yearly")
    expect(desk.page.locator(".o_dashboard_summary")).to_contain_text("$ 10.00")


def test_all_is_done_by_keyboard(desk):
    keyboard = desk.page.keyboard
    desk.page.locator(".o_dashboard_period").focus()
    keyboard.press("Enter")
    for _press in range(2):
        keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(desk.page.locator(".o_dashboard_period")).to_have_text("This Month")
    desk.page.locator("[data-kpi=mrr] .o_info").focus()
    keyboard.press("Enter")
    expect(desk.page.locator(".o_dashboard_details")).to_be_visible()
    keyboard.press("Escape")
    expect(desk.page.locator("[data-kpi=mrr] .o_info")).to_be_focused()
    keyboard.press("Tab")
    expect(desk.page.locator("[data-kpi=mrr] .o_open")).to_be_focused()
    keyboard.press("Enter")
    expect(desk.page.locator(".o_list_view")).to_be_visible()


def test_it_is_printed_on_three_pages_at_most(desk):
    pdf = desk.print("dashboard")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 3
    desk.page.emulate_media(media="print")
    expect(desk.page.locator(".o_dashboard_glossary")).to_be_visible()
    expect(desk.page.locator(".o_dashboard_toolbar")).to_be_hidden()
    expect(desk.page.locator(".o_main_navbar")).to_be_hidden()
