"""The reports in a real browser: movements, timeline, subscriptions, churn and salespeople, on a desk and a phone."""

import re

import pytest
from playwright.sync_api import expect

from ..life.world import MANAGER, SELLER
from .viewer import SCREENS, viewer
from .world import REASON

GRAPH, PIVOT, LIST = ".o_graph_canvas_container canvas", ".o_pivot table", ".o_list_renderer"
SALESPEOPLE = ".o_salespeople_table"
# Odoo's own bar and lists are Odoo's; what we add to them is looked at.
OURS = ".o_subscription_salespeople .o_dashboard_page"


@pytest.fixture
def desk(browser, address):
    """Who sees all, at a desk."""
    with viewer(browser, address, MANAGER) as screen:
        yield screen


@pytest.fixture(params=SCREENS)
def manager(browser, address, request):
    """Who sees all, on each screen."""
    with viewer(browser, address, MANAGER, request.param) as screen:
        yield screen


def _get_datasets(screen):
    """Return {label: (numbers, colour)} of the graph."""
    datasets = screen.page.evaluate(
        "selector => Chart.getChart(document.querySelector(selector)).data.datasets"
        ".map(({label, data, backgroundColor}) => [label, data, backgroundColor])",
        GRAPH,
    )
    return {label: (numbers, color) for label, numbers, color in datasets}


def _picture(screen, name):
    # Bars grow for a while.
    screen.page.evaluate("selector => window.Chart?.getChart(document.querySelector(selector))?.update('none')", GRAPH)
    screen.page.screenshot(path=f"tests/out/reports/{name}-{screen.screen}.png", animations="disabled")


def test_the_menu_leads_to_each_report(desk):
    desk.go("/odoo/subscription-dashboard", ".o_dashboard_tile")
    desk.page.get_by_role("button", name="Reporting").click()
    for name, selector in (("MRR Movements", GRAPH), ("MRR Timeline", GRAPH), ("Churn", PIVOT), ("MRR Ledger", LIST)):
        desk.page.get_by_role("menuitem", name=name, exact=True).click()
        expect(desk.page.locator(selector).first).to_be_visible()
        desk.page.get_by_role("button", name="Reporting").click()


def test_movements_are_shown_by_month_and_kind_each_in_its_colour(desk):
    desk.go("/odoo/mrr-movements-analysis", GRAPH)
    datasets = _get_datasets(desk)
    sums = {label: round(sum(numbers), 2) for label, (numbers, _color) in datasets.items()}
    assert sums == {"New": 94, "Expansion": 12, "Pause": -12, "Churn": -24, "Net new": 70}
    assert datasets["Churn"][1] == "#d1495b"
    _picture(desk, "movements")
    desk.page.locator(".o_cp_switch_buttons .o_pivot").click()
    expect(desk.page.locator(PIVOT)).to_contain_text(re.compile("New.*Expansion.*Pause.*Churn", re.DOTALL))
    desk.page.locator(".o_cp_switch_buttons .o_list").click()
    desk.page.get_by_role("row", name=re.compile("Churn.*Bob")).get_by_text("Bob").click()
    expect(desk.page.locator(".o_form_view .o_field_widget[name=name]").first).to_be_visible()


def test_favourites_are_there_for_everybody(browser, address):
    with viewer(browser, address, SELLER) as seller:
        seller.go("/odoo/mrr-movements-analysis", GRAPH)
        seller.page.locator(".o_searchview_dropdown_toggler").click()
        seller.page.get_by_role("menuitem", name="More...").click()
        for name in ("Net New by Month", "By Plan", "By Product", "By Salesperson", "By Sales Team", "By Country"):
            expect(seller.page.get_by_role("menuitemcheckbox", name=re.compile(f"^{name}"))).to_be_visible()
        seller.page.get_by_role("menuitemcheckbox", name=re.compile("^By Plan")).click()
        expect(seller.page.locator(".o_searchview_facet")).to_contain_text(["By Plan"])
        # Two customers with 24.00 each, of whom one took 12.00 more and one left.
        seller.page.wait_for_function(
            "selector => Chart.getChart(document.querySelector(selector)).data.labels[0] === 'Monthly'", arg=GRAPH
        )
        sums = {label: sum(numbers) for label, (numbers, _color) in _get_datasets(seller).items()}
        assert sums == {"New": 48, "Expansion": 12, "Churn": -24, "Net new": 36}


def test_the_timeline_starts_from_what_there_was_before(desk):
    desk.go("/odoo/mrr-timeline", GRAPH)
    [(numbers, _color)] = _get_datasets(desk).values()
    assert numbers[-1] == 70
    _picture(desk, "timeline")
    # Of this month alone: no movement of it makes 70.
    desk.page.locator(".o_searchview_facet .o_facet_remove").click()
    desk.page.locator(".o_searchview_dropdown_toggler").click()
    desk.page.locator(".o_filter_menu").get_by_role("button", name="Date").click()
    desk.page.locator(".o_filter_menu .o_item_option").first.click()
    desk.page.wait_for_function(
        "selector => Chart.getChart(document.querySelector(selector)).data.datasets[0].trueLabels.length <= 2",
        arg=GRAPH,
    )
    [(numbers, _color)] = _get_datasets(desk).values()
    assert [number for number in numbers if number is not None] == [70]


def test_churn_is_told_by_reason_and_age(desk):
    desk.go("/odoo/subscription-churn", PIVOT)
    expect(desk.page.locator(PIVOT)).to_contain_text("1 to 2 months")
    row = desk.page.locator(f"{PIVOT} tr").filter(has_text=REASON)
    expect(row.locator("td")).to_have_text(["1", "$ 24.00"])
    _picture(desk, "churn")
    desk.page.locator(".o_cp_switch_buttons .o_graph").click()
    expect(desk.page.locator(GRAPH)).to_be_visible()


def test_subscriptions_are_counted_and_priced(desk):
    desk.go("/odoo/subscriptions-analysis", PIVOT)
    total = desk.page.locator(f"{PIVOT} tbody tr").first
    expect(total.locator("td")).to_have_text(["3", "$ 70.00", "$ 840.00", "$ 23.33"])
    _picture(desk, "subscriptions")


def _get_row(screen, key):
    return [" ".join(text.split()) for text in screen.page.locator(f"[data-kpi={key}] td").all_inner_texts()]


def test_salespeople_stand_side_by_side(manager):
    manager.go("/odoo/subscription-salespeople", SALESPEOPLE)
    assert _get_row(manager, "mrr_start") == ["$ 84.00", "$ 48.00", "$ 36.00"]
    assert _get_row(manager, "new") == ["$ 10.00", "$ 0.00", "$ 10.00"]
    assert _get_row(manager, "expansion") == ["$ 12.00", "$ 12.00", "$ 0.00"]
    assert _get_row(manager, "pause") == ["$ -12.00", "$ 0.00", "$ -12.00"]
    assert _get_row(manager, "churn") == ["$ -24.00", "$ -24.00", "$ 0.00"]
    assert _get_row(manager, "mrr") == ["$ 70.00", "$ 36.00", "$ 34.00"]
    manager.look("salespeople", OURS)


def test_a_figure_of_a_salesperson_opens_what_it_is_made_of(desk):
    desk.go("/odoo/subscription-salespeople", SALESPEOPLE)
    desk.page.locator("[data-kpi=churn] td").nth(1).get_by_role("button").click()
    desk.see("Bob")
    expect(desk.page.get_by_text("Eve")).to_have_count(0)
    desk.page.go_back()
    expect(desk.page.locator(SALESPEOPLE)).to_be_visible()


def test_sales_teams_and_periods_stay_in_the_address(desk):
    desk.go("/odoo/subscription-salespeople", SALESPEOPLE)
    desk.page.get_by_role("button", name="Sales Teams").click()
    expect(desk.page.get_by_role("button", name="Sales Teams")).to_have_attribute("aria-pressed", "true")
    expect(desk.page).to_have_url(re.compile("by=team_id"))
    desk.page.reload()
    expect(desk.page.get_by_role("button", name="Sales Teams")).to_have_attribute("aria-pressed", "true")


def test_a_salesperson_sees_own_figures_only(browser, address):
    with viewer(browser, address, SELLER) as seller:
        seller.go("/odoo/subscription-salespeople", SALESPEOPLE)
        assert _get_row(seller, "mrr") == ["$ 36.00", "$ 36.00"]
