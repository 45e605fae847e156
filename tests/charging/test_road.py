"""From the invoice to the money and back, with a provider that answers over HTTP; money is counted at the provider."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta

from .provider import CAUTIOUS_CARD, DECLINED_CARD, GOOD_CARD, RETURNED_ACCOUNT
from .world import CENTS, PRICE, TODAY

pytestmark = pytest.mark.slow


def assert_paid(charge, attempts=1):
    assert (charge.state, charge.is_paid, charge.booked) == ("paid", True, PRICE), charge
    assert len(charge.attempts) == attempts
    assert charge.attempts[-1] == ("done", False)


def test_a_saved_card_is_charged_at_each_renewal(road, provider, manage):
    reader = road.subscribe(provider.save_card(), start=TODAY - relativedelta(months=1))
    road.bill(TODAY - relativedelta(months=1))
    told = road.collect()
    assert (told["attempts"], told["paid"]) == (1, 1), told
    road.bill()
    road.collect()
    assert provider.get_taken(reader.customer) == [CENTS, CENTS]
    charges = road.look(reader)
    assert len(charges) == 2
    for charge in charges:
        assert_paid(charge)
        assert charge.order_status == "ok"
    assert road.collect()["attempts"] == 0, "twice changes nothing"
    assert provider.get_taken(reader.customer) == [CENTS, CENTS]
    checked = manage("check", "--config", road.config, "--db", road.db, "--provider")
    assert (checked.rc, checked.json["checks"]["money_at_stripe"]) == (0, 0), checked.json["details"]


def test_a_card_without_money_is_tried_again_tomorrow(road, provider):
    reader = road.subscribe(provider.save_card(DECLINED_CARD, "card_declined/insufficient_funds"))
    road.bill()
    assert road.collect()["soft"] == 1
    (charge,) = road.look(reader)
    assert (charge.state, charge.order_status) == ("retrying", "retrying")
    assert charge.next_attempt_on == TODAY + timedelta(days=1)
    assert (charge.attempts, charge.codes) == ([("error", "soft")], [(402, "insufficient_funds")])
    assert charge.mails == ["failed"]
    assert not provider.get_taken(reader.customer)
    road.assert_books_agree()


def test_a_stolen_card_is_not_tried_again_and_a_new_card_pays(road, provider, browser):
    reader = road.subscribe(provider.save_card(DECLINED_CARD, "card_declined/stolen_card"))
    road.bill()
    assert road.collect()["hard"] == 1
    (charge,) = road.look(reader)
    assert (charge.state, charge.next_attempt_on, charge.token_blocked) == ("method_needed", False, True)
    assert (charge.attempts, charge.codes) == ([("error", "hard")], [(402, "stolen_card")])
    assert charge.mails == ["method"]
    sent = len(provider.get_requests())
    road.collect()
    assert len(provider.get_requests()) == sent, "never again"

    browser.pay(charge.invoice, GOOD_CARD)
    road.collect()
    (charge,) = road.look(reader)
    assert (charge.state, charge.is_paid, charge.booked) == ("paid", True, PRICE)
    assert (len(charge.attempts), charge.token_blocked) == (1, False), "paid by the customer, with the new card"
    assert charge.order_status == "ok"
    assert provider.get_charges()[-1][1] == CENTS
    road.assert_books_agree()


def test_a_card_that_is_saved_elsewhere_is_charged_at_once(road, provider):
    reader = road.subscribe(provider.save_card(DECLINED_CARD, "expired_card"))
    road.bill()
    assert road.collect()["hard"] == 1
    customer, method = provider.save_card()
    road.save_method(reader, customer, method)
    assert road.collect()["paid"] == 1
    (charge,) = road.look(reader)
    assert_paid(charge, attempts=2)
    assert charge.mails == ["method", "paid"]
    assert provider.get_taken(customer) == [CENTS]
    road.assert_books_agree()


def test_a_payment_and_the_card_that_it_saves_are_not_charged_twice(road, provider, browser):
    reader = road.subscribe(provider.save_card(DECLINED_CARD, "card_declined/stolen_card"))
    road.bill()
    road.collect()
    (charge,) = road.look(reader)
    browser.pay(charge.invoice, GOOD_CARD, wait=False)
    before = provider.get_charges()
    road.collect()
    assert provider.get_charges() == before, "the customer has paid; the books do not know it yet"
    road.post_process()
    road.collect()
    (charge,) = road.look(reader)
    assert (charge.state, charge.booked) == ("paid", PRICE)
    assert provider.get_charges() == before


def test_a_bank_debit_is_pending_until_the_provider_tells(road, provider, browser):
    reader = road.subscribe(provider.save_account(), kind="sepa")
    road.bill()
    assert road.collect()["pending"] == 1
    (charge,) = road.look(reader)
    assert (charge.state, charge.is_paid, charge.attempts) == ("pending", False, [("pending", "pending")])
    assert charge.mails == []
    assert road.collect()["attempts"] == 0, "nothing is charged beside it"

    event = provider.wait_for_event("payment_intent.succeeded", reader.customer)
    assert provider.deliver(event, browser.address, secret="whsec_of_somebody_else").status_code == 403
    road.post_process()
    assert road.look(reader)[0].state == "pending"
    assert provider.deliver(event, browser.address).ok
    road.post_process()
    (charge,) = road.look(reader)
    assert_paid(charge)
    assert provider.get_taken(reader.customer) == [CENTS]
    road.assert_books_agree()


@pytest.mark.parametrize(
    ("code", "kind", "state", "mail"),
    [("insufficient_funds", "soft", "retrying", "failed"), ("debit_not_authorized", "hard", "method_needed", "method")],
)
def test_a_bank_debit_that_is_returned_days_later_is_dunned(road, provider, browser, code, kind, state, mail):
    reader = road.subscribe(provider.save_account(RETURNED_ACCOUNT, code), kind="sepa")
    road.bill()
    assert road.collect()["pending"] == 1
    event = provider.wait_for_event("payment_intent.payment_failed", reader.customer)
    assert provider.deliver(event, browser.address).ok
    road.post_process()
    road.collect()
    (charge,) = road.look(reader)
    assert (charge.state, charge.attempts, charge.mails) == (state, [("error", kind)], [mail])
    assert charge.codes == [(200, code)]
    assert not charge.is_paid
    assert not provider.get_taken(reader.customer)


def test_a_payment_to_be_confirmed_is_confirmed_by_the_link(road, provider, browser):
    reader = road.subscribe(provider.save_card(CAUTIOUS_CARD))
    road.bill()
    assert road.collect()["action"] == 1
    (charge,) = road.look(reader)
    assert (charge.state, charge.attempts) == ("action", [("error", "action")])
    assert (charge.codes, charge.mails) == ([(402, "authentication_required")], ["confirm"])
    assert browser.open(charge.link), "without a login"
    road.collect()
    assert not provider.get_taken(reader.customer), "not without the customer"
    browser.pay(charge.invoice, GOOD_CARD, save=False)
    (charge,) = road.look(reader)
    assert (charge.state, charge.is_paid, charge.booked) == ("paid", True, PRICE)
    road.assert_books_agree()


def test_a_wrong_key_is_our_fault_and_no_customer_hears_of_it(road, provider):
    reader = road.subscribe(provider.save_card())
    road.bill()
    road.set_secret_key("nonsense")
    assert road.collect()["configuration"] == 1
    (charge,) = road.look(reader)
    assert (charge.state, charge.mails) == ("configuration", [])
    road.set_secret_key()
    road.retry(reader)
    assert road.collect()["paid"] == 1
    assert provider.get_taken(reader.customer) == [CENTS]
