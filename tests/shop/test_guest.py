"""A guest buys: a yearly magazine, a poster, and a club whose months begin on a day of their own."""

import re
from datetime import date

import pytest
from dateutil.relativedelta import relativedelta
from playwright.sync_api import expect

from ..self_service.reader import SCREENS
from .visitor import amounts_in
from .world import CLUB, DIGITAL, HOME_TAX, POSTER, WELCOME, get_club_stub


@pytest.fixture(params=SCREENS)
def gina(visit, request):
    """Gina, a guest, on each screen."""
    with visit(request.param) as gina:
        yield gina


def test_a_guest_pays_what_each_page_says(world, gina):
    email = f"gina-{gina.screen}@example.com"
    stub, club_from = get_club_stub()
    _pick_the_digital_edition(world, gina)
    gina.buy(world.get_path("Poster"))
    gina.open(world.get_path("Club"))
    assert CLUB in gina.get_offered_amounts("Club month")
    gina.look("club", "Club month")
    gina.add_to_cart()
    untaxed = DIGITAL["Yearly"] + POSTER + stub
    gina.open("/shop/cart")
    gina.look("cart", "Magazine", "Club", "Poster")
    assert gina.get_plan("Magazine").startswith("Yearly")
    assert gina.get_plan("Club") == "Club month"
    gina.enter_code(WELCOME)
    total = _with_tax(untaxed - round(untaxed * 0.1, 2))
    assert gina.get_total() == pytest.approx(total, abs=0.02)
    due = gina.get_total()
    gina.look("code", WELCOME)
    gina.go_to_payment("Gina Guest", email)
    assert gina.get_total() == due
    gina.look("payment", "Demo")
    gina.pay_in_shop()
    gina.look("confirmation", "Thank you for your order")
    [order] = world.find_orders(email)
    money = world.read_money(order)
    assert money["paid"] == [("done", due)]
    assert money["billed"] == [(due, "paid")]
    assert (money["currency"], money["taxes"]) == ({"USD"}, {HOME_TAX})
    _expect_subscription(world, order, club_from)
    _follow_the_mail(world, gina, email)


def _pick_the_digital_edition(world, gina):
    gina.open(world.get_path("Magazine"))
    assert gina.get_offered_amounts("Yearly")[0] == 120.0
    gina.choose_variant("Digital")
    gina.choose_plan("Yearly")
    expect(gina.get_offer("Yearly")).to_contain_text(f"{DIGITAL['Yearly']:.2f}")
    offered = gina.get_offered_amounts("Yearly")
    assert {DIGITAL["Yearly"], DIGITAL["Yearly"] / 12} <= set(offered), "by the year, and by the month"
    assert 12 * DIGITAL["Monthly"] - DIGITAL["Yearly"] in amounts_in(gina.get_offer("Yearly").first.inner_text())
    gina.look("magazine", "Yearly", "Monthly")
    gina.add_to_cart()


def _with_tax(amount):
    return round(amount * (1 + HOME_TAX / 100), 2)


def _expect_subscription(world, order, club_from):
    found = world.read(order)
    assert (found["state"], found["status"], found["plan"]) == ("sale", "progress", "Yearly")
    assert found["method"]
    assert found["consents"] == ["payment"]
    lines = world.read_lines(order)
    assert lines[("Magazine (Digital)", "Yearly")] == (1, DIGITAL["Yearly"], date.today() + relativedelta(years=1))
    assert lines[("Club", "Club month")] == (1, CLUB, club_from)
    assert lines[("Poster", "once")] == (1, POSTER, None)


def _follow_the_mail(world, gina, email):
    """Open the link in the mail as somebody who has not been here before, and find the contract."""
    links = [link for _subject, body in world.read_mails(email) for link in re.findall(r'href="([^"]*)"', body)]
    link = next(link for link in links if "access_token" in link or "/mail/view" in link)
    gina.page.context.clear_cookies()
    gina.open(re.sub(r"^https?://[^/]+", "", link.replace("&amp;", "&")))
    gina.look("contract", "Magazine", "Yearly")
