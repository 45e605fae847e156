"""Cohorts in a real browser: what they say, what opens behind a number, by pointer and by keyboard, and on paper."""

import io

import openpyxl
import pytest
from playwright.sync_api import expect

from ..life.world import MANAGER, SELLER
from .viewer import SCREENS, viewer

PAGE, PATH = ".o_cohort_renderer", "/odoo/subscription-cohorts"


@pytest.fixture(params=SCREENS)
def manager(browser, address, request):
    """Who sees all, on each screen."""
    with viewer(browser, address, MANAGER, request.param) as screen:
        yield _by_day(screen)


@pytest.fixture
def desk(browser, address):
    """Who sees all, at a desk."""
    with viewer(browser, address, MANAGER) as screen:
        yield _by_day(screen)


def _by_day(screen):
    screen.go(PATH, PAGE)
    _choose_interval(screen, "day")
    return screen


def _choose_interval(screen, interval):
    screen.page.locator(".scale_button_selection").click()
    screen.page.locator(f".o_scale_button_{interval}").click()
    expect(screen.page.locator("[scope=colgroup]").first).to_have_text(f"{interval.capitalize()}s later")


def _cell(screen, row, column):
    """The cell of a row, from 1 on, so many intervals after the start."""
    return screen.page.locator(f"[data-row='{row}'][data-col='{column + 1}']").first


def _expect_customers(screen, *names):
    """Expect the list of just these customers."""
    expect(screen.page.locator(".o_list_view .o_data_row")).to_have_count(len(names))
    assert {cell.inner_text() for cell in screen.page.locator("td[name=partner_id]").all()} == set(names)


def test_the_page_tells_who_stayed(manager):
    rows = manager.page.locator(".o_cohort_table tbody tr")
    expect(rows).to_have_count(3)
    expect(manager.page.locator(".o_cohort_table tbody td:nth-child(2)")).to_have_text(["3", "1", "1"])
    expect(_cell(manager, 1, 49)).to_have_text("100%")
    expect(_cell(manager, 1, 50)).to_have_text("66.7%")
    # Dot has paused, and is still there.
    expect(_cell(manager, 2, 45)).to_have_text("100%")
    manager.page.locator(".o_cohort_churn_button").click()
    expect(_cell(manager, 1, 50)).to_have_text("33.3%")
    manager.look("cohorts-churn", PAGE)


def test_the_revenue_of_a_cohort_is_told_too(manager):
    manager.page.get_by_role("button", name="Measures").click()
    manager.page.locator(".o-dropdown-item", has_text="MRR").click()
    manager.page.keyboard.press("Escape")
    expect(manager.page.locator(".o_cohort_table tbody td:nth-child(2)")).to_have_text(
        ["$ 72.00", "$ 12.00", "$ 10.00"]
    )
    expect(_cell(manager, 1, 50)).to_have_text("66.7%")
    expect(_cell(manager, 1, 55)).to_have_text("83.3%")
    expect(_cell(manager, 2, 45)).to_have_text("0%")
    manager.look("cohorts-mrr", PAGE)


@pytest.mark.parametrize("interval", ["week", "month", "quarter", "year"])
def test_every_interval_is_drawn(desk, interval):
    _choose_interval(desk, interval)
    desk.look(f"cohorts-{interval}", PAGE)


def test_groups_are_what_customers_began_with(desk):
    desk.page.locator(".o_searchview_dropdown_toggler").click()
    desk.page.get_by_role("menuitemcheckbox", name="First Plan").click()
    desk.page.locator(".o_searchview_dropdown_toggler").click()
    expect(desk.page.locator(".o_cohort_table caption")).to_have_text(["All", "Monthly", "Yearly"])
    desk.look("cohorts-groups", PAGE)


def test_a_number_opens_the_customers_behind_it(desk):
    _cell(desk, 1, 50).click()
    _expect_customers(desk, "Ann", "Cem")
    desk.page.locator(".o_breadcrumb").get_by_text("Cohorts").click()
    desk.page.locator(".o_cohort_churn_button").click()
    expect(_cell(desk, 1, 50)).to_have_text("33.3%")
    _cell(desk, 1, 50).click()
    _expect_customers(desk, "Bob")


def test_all_is_done_by_keyboard(desk):
    keyboard = desk.page.keyboard
    desk.page.locator("[data-row='1'][data-col='0']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        keyboard.press(key)
    expect(_cell(desk, 2, 1)).to_be_focused()
    keyboard.press("Control+Home")
    expect(_cell(desk, 0, 0)).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("Home")
    keyboard.press("Enter")
    _expect_customers(desk, "Ann", "Bob", "Cem")


def test_a_favourite_keeps_how_the_table_was(desk):
    desk.page.locator(".o_cohort_churn_button").click()
    desk.page.locator(".o_searchview_dropdown_toggler").click()
    desk.page.locator(".o_add_favorite").click()
    desk.page.locator(".o_favorite_menu input[type=text]").fill("Who left, by day")
    desk.page.locator(".o_save_favorite").click()
    expect(desk.page.locator(".o_facet_value", has_text="Who left, by day")).to_be_visible()
    desk.go(PATH, PAGE)
    expect(desk.page.locator(".o_cohort_churn_button")).not_to_have_class("active")
    desk.page.locator(".o_searchview_dropdown_toggler").click()
    desk.page.locator(".o_favorite_menu .o_menu_item", has_text="Who left, by day").click()
    expect(_cell(desk, 1, 50)).to_have_text("33.3%")


def test_the_spreadsheet_holds_the_same_numbers(browser, address):
    with viewer(browser, address, "admin") as admin:
        _by_day(admin)
        with admin.page.expect_download() as download:
            admin.page.locator(".o_cohort_download").click()
        with open(download.value.path(), "rb") as file:
            book = openpyxl.load_workbook(io.BytesIO(file.read()))
    shares, customers = (list(sheet.values) for sheet in book)
    assert shares[1][:3] == ("Started", "Customers", 0)
    assert [row[1] for row in shares[2:5]] == [3, 1, 1]
    assert shares[2][2 + 50] == pytest.approx(2 / 3)
    assert customers[2][2 + 50] == 2


def test_who_may_not_export_has_no_button_for_it(desk):
    expect(desk.page.locator(".o_cohort_download")).to_have_count(0)


def test_salespeople_see_the_customers_of_their_own(browser, address):
    with viewer(browser, address, SELLER) as seller:
        _by_day(seller)
        expect(seller.page.locator(".o_cohort_table tbody td:nth-child(2)")).to_have_text(["2"])
        expect(_cell(seller, 1, 50)).to_have_text("50%")


def test_the_subscriptions_of_a_customer_open_from_the_list(desk):
    desk.page.locator("[data-row='3'][data-col='0']").click()
    desk.page.locator("td[name=partner_id]", has_text="Eve").click()
    expect(desk.page.locator(".o_data_row")).to_have_count(1)
    expect(desk.page.locator(".o_breadcrumb")).to_contain_text("Subscriptions")
