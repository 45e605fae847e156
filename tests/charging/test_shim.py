"""The shim, without Odoo: it must do what Stripe does, or the tests on it prove nothing."""

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
import requests
import stripe

from .provider import CAUTIOUS_CARD, DECLINED_CARD, GOOD_ACCOUNT, RETURNED_ACCOUNT, SECRET_KEY

pytestmark = pytest.mark.slow

WHEN = pytest.mark.parametrize(("at", "taken"), [("before", 0), ("after", 1)])


def charge(provider, saved, key=None, amount=1234, **values):
    """Ask for money as Odoo does; return the status and the body of the answer."""
    customer, method = saved
    data = {
        "amount": amount,
        "currency": "usd",
        "description": "INV/1-1",
        "confirm": True,
        "off_session": True,
        "customer": customer,
        "payment_method": method,
        "payment_method_types[]": "card",
        "shipping[address][city]": "Ghent",
        "expand[]": "payment_method",
        **values,
    }
    headers = {"Authorization": f"Bearer {SECRET_KEY}", **({"Idempotency-Key": key} if key else {})}
    answer = requests.post(f"{provider.url}/v1/payment_intents", data=data, headers=headers, timeout=30)
    return answer.status_code, answer.json()


def test_a_card_is_charged_and_the_intent_knows_what_it_is_for(provider):
    saved = provider.save_card()
    status, intent = charge(provider, saved)
    assert (status, intent["status"], intent["description"]) == (200, "succeeded", "INV/1-1")
    assert intent["payment_method"]["card"]["last4"] == "4242"
    assert (intent["amount_received"], intent["metadata"]) == (1234, {})
    assert provider.get_taken(saved[0]) == [1234]
    again = provider.stripe.payment_intents.retrieve(intent["id"])
    assert again.description == "INV/1-1"


def test_a_decline_names_its_codes_and_its_intent(provider):
    saved = provider.save_card(DECLINED_CARD, "card_declined/insufficient_funds")
    status, body = charge(provider, saved)
    error = body["error"]
    assert (status, error["code"], error["decline_code"]) == (402, "card_declined", "insufficient_funds")
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert error["payment_intent"]["description"] == "INV/1-1"
    assert not provider.get_taken(saved[0])
    customer, method = saved
    values = {"amount": 100, "currency": "usd", "customer": customer, "payment_method": method, "confirm": True}
    with pytest.raises(stripe.CardError) as caught:
        provider.stripe.payment_intents.create(values)
    assert caught.value.code == "card_declined"


def test_a_payment_that_the_customer_must_confirm_is_declined_when_nobody_is_there(provider):
    saved = provider.save_card(CAUTIOUS_CARD)
    status, body = charge(provider, saved)
    error = body["error"]
    assert (status, error["code"], error["decline_code"]) == (402, "authentication_required", "authentication_required")
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert error["payment_intent"]["last_payment_error"]["code"] == "authentication_required"
    assert not provider.get_taken(saved[0])


def test_a_customer_who_is_there_confirms_with_a_new_card_that_is_saved(provider):
    customer = provider.stripe.customers.create({"name": "Reader"}).id
    values = {"amount": 500, "currency": "usd", "customer": customer, "setup_future_usage": "off_session"}
    intent = provider.stripe.payment_intents.create({**values, "description": "INV/2"})
    assert intent.status == "requires_payment_method"
    method = provider.create_method({"type": "card", "card": provider.card("4242424242424242")})
    confirmed = provider.stripe.payment_intents.confirm(intent.id, {"payment_method": method})
    assert (confirmed.status, confirmed.description) == ("succeeded", "INV/2")
    assert provider.stripe.payment_methods.retrieve(method).customer == customer
    assert provider.get_taken(customer) == [500]


def test_a_bank_debit_is_pending_and_then_paid(provider):
    saved = provider.save_account(GOOD_ACCOUNT)
    assert charge(provider, saved)[1]["status"] == "processing"
    assert not provider.get_taken(saved[0])
    event = provider.wait_for_event("payment_intent.succeeded", saved[0])
    assert event["data"]["object"]["description"] == "INV/1-1"
    assert provider.get_taken(saved[0]) == [1234]


def test_a_bank_debit_may_be_returned_later(provider):
    saved = provider.save_account(RETURNED_ACCOUNT, "debit_not_authorized")
    assert charge(provider, saved)[1]["status"] == "processing"
    intent = provider.wait_for_event("payment_intent.payment_failed", saved[0])["data"]["object"]
    assert (intent["status"], intent["last_payment_error"]["code"]) == (
        "requires_payment_method",
        "debit_not_authorized",
    )
    assert not provider.get_taken(saved[0])


def test_the_payments_of_a_customer_are_listed_the_latest_first(provider):
    saved, other = provider.save_card(), provider.save_card()
    ids = [charge(provider, saved, amount=amount)[1]["id"] for amount in (1, 2, 3)]
    charge(provider, other)
    listed = provider.stripe.payment_intents.list({"customer": saved[0], "created": {"gte": 1}, "limit": 2})
    assert [intent.id for intent in listed.data] == ids[:0:-1]
    assert listed.has_more
    assert [intent.id for intent in listed.auto_paging_iter()] == ids[::-1]
    assert not provider.stripe.payment_intents.list({"customer": saved[0], "created": {"gte": 4 * 10**9}}).data


def test_a_customer_or_a_method_that_does_not_exist_is_named(provider):
    customer, method = provider.save_card()
    for saved, name in ((("cus_gone", method), "customer"), ((customer, "pm_gone"), "payment_method")):
        status, body = charge(provider, saved)
        assert (status, body["error"]["code"], body["error"]["param"]) == (400, "resource_missing", name)


def test_without_a_key_each_request_takes_money_and_with_one_only_the_first(provider):
    saved = provider.save_card()
    charge(provider, saved)
    charge(provider, saved)
    assert len(provider.get_taken(saved[0])) == 2
    first, second = (charge(provider, saved, key="one") for _number in range(2))
    assert first == second
    assert len(provider.get_taken(saved[0])) == 3


def test_a_decline_is_replayed_as_well(provider):
    saved = provider.save_card(DECLINED_CARD)
    first, second = (charge(provider, saved, key="declined") for _number in range(2))
    assert first == second
    assert first[1]["error"]["decline_code"] == "generic_decline"


def test_a_key_serves_only_the_request_it_was_first_used_for(provider):
    saved = provider.save_card()
    charge(provider, saved, key="same")
    status, body = charge(provider, saved, key="same", amount=9999)
    assert (status, body["error"]["type"]) == (400, "idempotency_error")
    assert provider.get_taken(saved[0]) == [1234]


def test_a_request_that_was_not_worth_executing_does_not_use_its_key_up(provider):
    customer, method = provider.save_card()
    assert charge(provider, (customer, "pm_gone"), key="mended")[0] == 400
    assert charge(provider, (customer, method), key="mended")[0] == 200


def test_a_key_in_use_is_refused(provider):
    saved = provider.save_card()
    provider.arm("before", "hold")
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(charge, provider, saved, "busy")
        provider.wait_until_held("before")
        status, body = charge(provider, saved, "busy")
        assert (status, body["error"]["code"]) == (409, "idempotency_key_in_use")
        provider.release()
        assert slow.result()[0] == 200
    assert len(provider.get_taken(saved[0])) == 1


@WHEN
def test_the_connection_is_cut_before_or_after_the_money_is_taken(provider, at, taken):
    saved = provider.save_card()
    provider.arm(at, "cut")
    with pytest.raises(requests.ConnectionError):
        charge(provider, saved, key=f"cut {at}")
    assert len(provider.get_taken(saved[0])) == taken
    assert charge(provider, saved, key=f"cut {at}")[0] == 200
    assert len(provider.get_taken(saved[0])) == 1


@WHEN
def test_an_error_of_the_server_is_kept_for_its_key(provider, at, taken):
    saved = provider.save_card()
    provider.arm(at, "500")
    for _number in range(2):
        assert charge(provider, saved, key=f"500 {at}")[0] == 500
    assert len(provider.get_taken(saved[0])) == taken


def test_an_error_of_a_machine_before_the_server_is_not_kept(provider):
    saved = provider.save_card()
    provider.arm("edge", "500")
    assert charge(provider, saved, key="gateway")[0] == 500
    assert charge(provider, saved, key="gateway")[0] == 200


def test_an_answer_is_late(provider):
    saved = provider.save_card()
    provider.arm("after", "delay", seconds=0.2)
    assert charge(provider, saved)[0] == 200
    assert provider.get_requests()[-1]["status"] == 200


def test_a_wrong_key_is_refused(provider):
    nobody = stripe.StripeClient("nonsense", base_addresses={"api": provider.url}).v1
    for ask in (nobody.customers.list, nobody.payment_intents.list):
        with pytest.raises(stripe.AuthenticationError):
            ask()


def test_what_was_answered_is_told_to_nobody_else(provider):
    saved = provider.save_card()
    assert charge(provider, saved, key="ours")[0] == 200
    with patch(f"{__name__}.SECRET_KEY", "nonsense"):
        assert charge(provider, saved, key="ours")[0] == 401
