"""Ada has a link in a mail and no login: what she does on her pages is what happens, and nothing else."""

import re

import pytest

from .reader import SCREENS, reader

# Pages of a customer with a login, and what each of them says.
PAGES = {
    "/my": "Subscriptions",
    "/my/subscriptions": "Magazine",
    "/my/subscriptions?filterby=all&search=nothing": "subscription",
    "/my/subscriptions/new": "Magazine",
    "/my/subscriptions/{order}": "What you have agreed",
    "/my/subscriptions/{order}/change": "Change your subscription",
    "/my/subscriptions/{order}/pause": "Pause your subscription",
    "/my/subscriptions/{order}/close": "Close your subscription",
    "/my/subscriptions/{order}/payment_method": "ayment method",
    "/my/subscriptions/{order}/people": "access",
    "/my/subscriptions/{order}/addresses": "ddress",
    "/my/subscriptions/{order}/addresses/invoice/new": "ddress",
    "/my/invoices/{invoice}": "is to be paid",
    "/my/invoices/{invoice}/payment_method": "ayment method",
    "/my/payment_method": "ayment",
}


@pytest.fixture(params=SCREENS)
def ada(browser, address, request):
    """Ada, on each screen."""
    with reader(browser, address, request.param) as ada:
        yield ada


def test_a_customer_without_an_account_looks_after_a_subscription(world, ada):
    order, link = world.quote()
    ada.open(link)
    _choose(world, order, ada)
    _accept(world, order, ada)
    _take_more(world, order, ada)
    _add_an_option(world, order, ada)
    _change_the_card(world, order, ada)
    _pause_and_resume(world, order, ada)
    _take_less(world, order, ada)
    _close(world, order, ada)


def _choose(world, order, ada):
    ada.look("quotation", "Choose your plan", "You save", "First invoice: $ 249.00")
    ada.page.get_by_label("Monthly").check()
    ada.go("Use this plan")
    ada.look("plan", "You chose Monthly", "First invoice: $ 33.00")
    assert world.read(order)["plan"] == "Monthly"
    with ada.page.expect_response("**/update_line_dict"):
        ada.page.get_by_label("Archive").fill("1")
        ada.page.keyboard.press("Tab")
    ada.look("option", "First invoice: $ 38.00")
    assert world.read(order)["lines"] == [("Magazine", 2.0, 12.0), ("Poster", 1.0, 9.0), ("Archive", 1.0, 5.0)]


def _accept(world, order, ada):
    ada.press("Sign & Pay")
    ada.sign("Ada Reader")
    ada.page.locator("#customer_input").first.wait_for()
    ada.look("payment")
    found = world.read(order)
    assert (found["state"], found["signed"]) == ("sent", ("Ada Reader", True))
    ada.pay()
    ada.look("subscription", "What you have agreed", "It is paid automatically", "INV/")
    found = world.read(order)
    assert (found["state"], found["status"], found["plan"], found["method"]) == ("sale", "progress", "Monthly", "4242")
    assert found["rows"] == [("Magazine", "regular"), ("Archive", "regular")]
    assert found["moves"] == [("out_invoice", 38.0, "paid")]
    assert found["payments"] == [("done", 38.0, True)]
    assert found["consents"] == ["signature", "payment"]


def _take_more(world, order, ada):
    ada.go("Change plan or quantities")
    ada.look("change", "Your plan", "What you can add")
    ada.page.get_by_label("Magazine", exact=True).fill("3")
    ada.go("See what it costs", last=True)
    ada.look("review-more", "Quantity of Magazine: 2 → 3", "$ 12.00", "$ 41.00 / month")
    ada.go("Continue to the payment")
    ada.look("request", "Your change is made once it is paid", "$ 12.00")
    assert world.read(order)["lines"][0] == ("Magazine", 2.0, 12.0)
    ada.pay()
    ada.look("more", "Your change is made")
    found = world.read(order)
    assert found["lines"][0] == ("Magazine", 3.0, 12.0)
    assert found["changes"] == [("quantity", "applied")]
    assert found["requests"] == ["done"]
    assert found["moves"][1:] == [("out_invoice", 12.0, "paid")]
    assert found["payments"][1:] == [("done", 12.0, True)]


def _add_an_option(world, order, ada):
    ada.go("Back to your subscription")
    ada.go("Change plan or quantities")
    ada.page.get_by_label("Audio", exact=True).fill("1")
    ada.go("See what it costs", last=True)
    ada.look("review-option", "Audio", "$ 3.00", "$ 44.00 / month")
    ada.go("Continue to the payment")
    ada.pay()
    ada.look("option", "Your change is made")
    found = world.read(order)
    assert ("Audio", 1.0, 3.0) in found["lines"]
    assert found["requests"] == ["done", "done"]
    assert found["moves"][2:] == [("out_invoice", 3.0, "paid")]
    assert found["payments"][2:] == [("done", 3.0, True)]
    assert found["mrr"] == 44.0


def _change_the_card(world, order, ada):
    ada.go("Back to your subscription")
    ada.go("Change payment method")
    ada.look("method", "takes over from today", "Turn off automatic payment")
    ada.pay(details="1111")
    ada.see("What you have agreed")
    found = world.read(order)
    assert (found["method"], len(found["payments"])) == ("1111", 3)


def _pause_and_resume(world, order, ada):
    ada.go("Pause")
    ada.look("pause", "Nothing is billed while your subscription pauses")
    ada.go("Continue")
    ada.look("review-pause", "days that are billed count after the pause")
    ada.go("Pause my subscription")
    ada.look("paused", "Your subscription is paused", "No further invoice is planned")
    assert world.read(order)["status"] == "paused"
    ada.go("Let it run again")
    ada.look("review-resume", "To pay now", "Nothing")
    ada.go("Let it run again")
    ada.look("resumed", "Your subscription runs again")
    found = world.read(order)
    assert found["status"] == "progress"
    assert [state for kind, state in found["changes"] if kind in ("pause", "resume")] == ["applied", "applied"]
    assert len(found["moves"]) == 3


def _take_less(world, order, ada):
    ada.go("Change plan or quantities")
    ada.page.get_by_label("Magazine", exact=True).fill("1")
    ada.go("See what it costs", last=True)
    ada.look("review-less", "Quantity of Magazine: 3 → 1", "$ 20.00 / month")
    ada.go("Confirm")
    ada.look("less", "Your change is planned", "What comes next")
    found = world.read(order)
    assert found["lines"][0] == ("Magazine", 3.0, 12.0)
    assert found["changes"][-1] == ("quantity", "planned")
    assert len(found["payments"]) == 3


def _close(world, order, ada):
    ada.go("Close")
    ada.look("close", "Why do you leave?", "The earliest possible day")
    ada.page.get_by_label("I move away").check()
    ada.page.get_by_label("Anything you want to tell us").fill("Paris, it is")
    ada.go("Continue")
    ada.look("review-close", "We deliver abroad, too.", "20 % off", "The last day of your subscription")
    ada.go("Close my subscription")
    ada.look("closed", "Your subscription ends", "No further invoice is planned", "Keep my subscription")
    found = world.read(order)
    assert (found["status"], found["reason"]) == ("progress", "I move away")
    assert found["closed_on"] == found["period_end"]
    assert found["changes"][-1] == ("close", "planned")
    assert found["retention"] == [("discount", "declined")]
    assert "Ada Reader" in found["authors"]


def test_all_is_done_by_keyboard(world, browser, address):
    order, link = world.quote()
    with reader(browser, address, "desk") as ada:
        ada.open(link)
        ada.reach(re.compile(r"\bYearly\b"))
        ada.page.keyboard.press("ArrowUp")
        ada.use("Use this plan")
        ada.see("You chose Monthly")
        ada.reach("Sign & Pay")
        ada.page.keyboard.press("Enter")
        ada.sign("Ada Reader", by_keyboard=True)
        ada.page.locator("#customer_input").first.wait_for()
        ada.pay(by_keyboard=True)
        ada.use("Change plan or quantities")
        ada.reach("Magazine")
        ada.page.keyboard.type("3")
        ada.enter()
        ada.use("Continue to the payment")
        ada.pay(by_keyboard=True)
        ada.use("Back to your subscription")
        ada.use("Close")
        ada.reach("Too expensive")
        ada.page.keyboard.press("Space")
        ada.use("Continue")
        ada.use("Close my subscription")
        ada.see("Your subscription ends")
    found = world.read(order)
    assert (found["status"], found["plan"], found["reason"]) == ("progress", "Monthly", "Too expensive")
    assert found["lines"][0] == ("Magazine", 3.0, 12.0)
    assert found["payments"] == [("done", 33.0, True), ("done", 12.0, True)]


def test_the_pages_speak_the_customers_language(world, browser, address):
    order, link = world.quote(name="Zoé Lectrice", email="zoe@example.com", lang="fr_FR")
    with reader(browser, address, "desk") as zoe:
        zoe.prefix = "french-"
        zoe.open(link)
        assert zoe.get_language() == "fr-FR"
        zoe.look("quotation", re.compile("Devis"))
        zoe.press(re.compile("Signer"))
        zoe.sign("Zoé Lectrice")
        zoe.page.locator("#customer_input").first.wait_for()
        zoe.pay()
        zoe.look("subscription", "Zoé Lectrice")
        assert zoe.get_language() == "fr-FR"
        zoe.see(world.read(order)["started_on"].strftime("%d/%m/%Y"))
    assert world.read(order)["status"] == "progress"


def test_each_page_fits_the_screen_and_is_accessible(world, ada):
    login = f"lea-{ada.screen}@example.com"
    order, invoice = world.subscribe(login)
    ada.prefix = "page-"
    ada.log_in(login)
    for page, text in PAGES.items():
        ada.open(page.format(order=order, invoice=invoice))
        ada.look(page.replace("/", "-").replace("?", "-").strip("-").format(order="order", invoice="invoice"), text)
