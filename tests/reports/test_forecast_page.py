"""The forecast and the spreadsheet dashboard in a real browser: on a screen, a phone and on paper, and by keyboard."""

import re

import pytest
from dateutil.relativedelta import relativedelta
from playwright.sync_api import expect

from commands.shell import environment

from ..life.world import MANAGER, SELLER
from .viewer import PICTURES, SCREENS, viewer
from .world import REASON, prepare

PAGE, PATH, TABLE = ".o_subscription_forecast", "/odoo/subscription-forecast", ".o_forecast_table"


@pytest.fixture(scope="module")
def numbers_db(core_db, make_copy):
    """A database whose subscriptions have a history, and plans for the months ahead."""
    name = make_copy(core_db)
    with environment(name) as env:
        prepare(env)
        _plan_ahead(env)
        env.cr.commit()
    return name


def _plan_ahead(env):
    """Let Ann take one more next month, Cem leave in two months, and Fay begin in three: 82, 58, 94 from then on."""
    today = env.company._get_subscription_today()
    days = [today.replace(day=1) + relativedelta(months=months, days=14) for months in (1, 2, 3)]
    orders = {name: env["sale.order"].search([("partner_id.name", "=", name)]) for name in ("Ann", "Cem")}
    reason = env["subscription.close.reason"].search([("name", "=", REASON)], limit=1)
    more = {"line_id": orders["Ann"].order_line.id, "kind": "quantity", "quantity": 4}
    leaving = {"order_id": orders["Cem"].id, "kind": "close", "reason_id": reason.id}
    for values, day in ((more, days[0]), (leaving, days[1])):
        env["subscription.change"]._schedule([{**values, "effective_on": day}])
    fay = env["res.partner"].create({"name": "Fay"})
    begun = orders["Cem"].copy({"subscription_start": days[2], "partner_id": fay.id})
    begun.order_line.product_uom_qty = 3
    begun.action_confirm()


@pytest.fixture(params=SCREENS)
def manager(browser, address, request):
    """Who sees all, on each screen."""
    with viewer(browser, address, MANAGER, request.param) as screen:
        screen.go(PATH, TABLE)
        yield screen


@pytest.fixture
def desk(browser, address):
    """Who sees all, at a desk."""
    with viewer(browser, address, MANAGER) as screen:
        screen.go(PATH, TABLE)
        yield screen


def _get_column(screen, number):
    cells = screen.page.locator(f"{TABLE} tbody tr > :nth-child({number})").all_inner_texts()
    return [" ".join(text.split()) for text in cells]


def test_the_page_tells_what_the_months_bring(manager):
    expect(manager.page.locator(".o_dashboard_summary")).to_contain_text("Today your subscriptions bring in $ 70.00")
    assert _get_column(manager, 5) == ["$ 70.00", "$ 70.00", "$ 82.00", "$ 58.00"] + ["$ 94.00"] * 9
    assert _get_column(manager, 2)[4] == "+$ 36.00"
    assert _get_column(manager, 3)[2] == "+$ 12.00"
    assert _get_column(manager, 4)[3] == "$ -24.00"
    expect(manager.page.locator("canvas")).to_have_count(1)
    expect(manager.page.locator("[data-forecast=customers] .o_value")).to_have_text("+12")
    manager.see("30 days", "What this rests on")
    manager.look("forecast", PAGE)


def test_what_moves_a_month_is_opened(desk):
    for key, name in (("starting", "Fay"), ("changing", "Ann"), ("ending", "Cem")):
        desk.page.locator(f"{TABLE} [data-key={key}]").click()
        expect(desk.page.locator(".o_list_view .o_data_row")).to_have_count(1)
        expect(desk.page.locator(".o_list_view")).to_contain_text(name)
        desk.page.go_back()
        expect(desk.page.locator(TABLE)).to_be_visible()


def test_filters_are_still_there_after_going_back(desk):
    desk.page.locator("[data-filter=plan_ids]").click()
    desk.page.locator(".o-dropdown-item", has_text="Yearly").click()
    expect(desk.page.locator(".o_dashboard_summary")).to_contain_text("$ 10.00")
    expect(desk.page).to_have_url(re.compile(r"plan_ids=\d+$"))
    desk.page.reload()
    expect(desk.page.locator("[data-filter=plan_ids]")).to_have_text("Plan: Yearly")
    expect(desk.page.locator(".o_dashboard_summary")).to_contain_text("$ 10.00")
    desk.page.get_by_role("button", name="Clear Filters").click()
    expect(desk.page.locator(".o_dashboard_summary")).to_contain_text("$ 70.00")


def test_salespeople_see_their_own(browser, address):
    with viewer(browser, address, SELLER) as seller:
        seller.go(PATH, TABLE)
        assert _get_column(seller, 5) == ["$ 36.00", "$ 36.00"] + ["$ 48.00"] * 11


def test_all_is_done_by_keyboard(desk):
    desk.page.locator(f"{TABLE} [data-key=starting]").focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".o_list_view")).to_contain_text("Fay")


def test_it_is_printed_on_two_pages_at_most(desk):
    pdf = desk.print("forecast")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 2
    desk.page.emulate_media(media="print")
    expect(desk.page.locator(".o_dashboard_toolbar")).to_be_hidden()


def test_the_spreadsheet_dashboard_opens(browser, address):
    with viewer(browser, address, SELLER) as seller:
        with seller.page.expect_response(_tells_customers) as told:
            seller.go("/odoo/dashboards", ".o-spreadsheet")
        (row,) = told.value.json()["result"][0]
        assert (row["mrr:sum"], row["customer_count:count_distinct"]) == (36.0, 1)
        expect(seller.page.locator(".o-figure canvas")).to_have_count(9)
        seller.page.screenshot(path=PICTURES / "spreadsheet-desk.png")


def _tells_customers(response):
    """Whether a response is what the first figures are made of."""
    asked = response.request.post_data or ""
    wanted = ("subscription.report", "customer_count")
    return "formatted_read_grouping_sets" in response.url and all(word in asked for word in wanted)
