"""No answer, or none that can be believed: nothing new is charged until it is known what became of the payment."""

import pytest

from .provider import DECLINED_CARD
from .world import CENTS

pytestmark = pytest.mark.slow


def assert_unknown(road, reader):
    """The outcome is unknown, and no customer was told anything."""
    (charge,) = road.look(reader)
    assert (charge.state, charge.is_paid, charge.mails) == ("unknown", False, [])
    assert charge.attempts == [("draft", "unknown")]


def assert_paid_once(road, reader):
    """The money was taken once, by the one transaction there is, and the books have it."""
    (charge,) = road.look(reader)
    assert (charge.state, charge.is_paid, charge.mails) == ("paid", True, [])
    assert charge.attempts == [("done", False)]
    assert road.provider.get_taken(reader.customer) == [CENTS]
    road.assert_books_agree()


def subscribe(road, *saved):
    reader = road.subscribe(*(saved or [road.provider.save_card()]))
    road.bill()
    return reader


def get_requests_of(provider, reader):
    requests = provider.get_requests()
    return [record for record in requests if record["params"].get("customer") == reader.customer]


@pytest.mark.parametrize("at", ["before", "after"])
@pytest.mark.parametrize(
    "fault",
    [{"do": "cut"}, {"do": "500", "kept": False}, {"do": "delay", "seconds": 11}],
    ids=["cut", "error", "time-out"],
)
def test_a_payment_without_an_answer_is_made_once(road, provider, at, fault):
    reader = subscribe(road)
    provider.arm(at, **fault)
    assert road.collect()["unknown"] == 1
    assert_unknown(road, reader)
    provider.go_down()
    road.collect()
    assert_unknown(road, reader)
    provider.disarm()
    assert road.collect()["paid"] == 1
    assert_paid_once(road, reader)
    assert len({record["key"] for record in get_requests_of(provider, reader)}) == 1


def test_an_error_that_the_provider_keeps_for_the_key_is_got_round_by_looking_up(road, provider):
    reader = subscribe(road)
    provider.arm("after", "500")
    assert road.collect()["unknown"] == 1
    assert_unknown(road, reader)
    assert provider.get_taken(reader.customer) == [CENTS]
    assert road.collect()["paid"] == 1
    assert_paid_once(road, reader)
    assert len(get_requests_of(provider, reader)) == 1


def test_a_request_that_the_provider_still_works_on_is_waited_for(road, provider):
    reader = subscribe(road)
    provider.arm("before", "hold")
    assert road.collect()["unknown"] == 1, "after ten seconds"
    road.collect()
    assert_unknown(road, reader)
    assert [record.get("status") for record in get_requests_of(provider, reader)] == [None, 409]
    provider.release()
    assert road.collect()["paid"] == 1
    assert_paid_once(road, reader)


def test_what_was_never_taken_is_charged_anew_when_the_key_has_grown_old(road, provider):
    reader = subscribe(road)
    provider.arm("before", "500")
    for _hour in range(3):
        assert road.collect()["unknown"] == 1
        assert_unknown(road, reader)
    road.let_keys_grow_old()
    provider.forget_keys()
    road.collect()
    (charge,) = road.look(reader)
    assert (charge.state, charge.is_paid, charge.mails) == ("paid", True, [])
    assert charge.attempts == [("error", False), ("done", False)]
    assert provider.get_taken(reader.customer) == [CENTS]
    road.assert_books_agree()


def test_what_was_taken_is_found_when_the_key_has_grown_old(road, provider):
    reader = subscribe(road)
    provider.arm("after", "cut")
    assert road.collect()["unknown"] == 1
    road.let_keys_grow_old()
    provider.forget_keys()
    assert road.collect()["paid"] == 1
    assert_paid_once(road, reader)


def test_a_wrong_key_does_not_settle_what_is_unknown(road, provider):
    reader = subscribe(road)
    provider.arm("after", "cut")
    assert road.collect()["unknown"] == 1
    road.set_secret_key("nonsense")
    assert road.collect()["configuration"] == 0
    assert_unknown(road, reader)
    road.set_secret_key()
    assert road.collect()["paid"] == 1
    assert_paid_once(road, reader)


def test_a_decline_whose_answer_was_lost_is_a_decline(road, provider):
    reader = subscribe(road, provider.save_card(DECLINED_CARD, "card_declined/lost_card"))
    provider.arm("after", "cut")
    assert road.collect()["unknown"] == 1
    assert_unknown(road, reader)
    assert road.collect()["hard"] == 1
    (charge,) = road.look(reader)
    assert (charge.state, charge.attempts, charge.mails) == ("method_needed", [("error", "hard")], ["method"])


def test_the_provider_tells_by_itself(road, provider, browser):
    reader = subscribe(road)
    provider.arm("after", "cut")
    assert road.collect()["unknown"] == 1
    event = provider.wait_for_event("payment_intent.succeeded", reader.customer)
    assert provider.deliver(event, browser.address).ok
    road.post_process()
    assert_paid_once(road, reader)


def test_the_outcome_of_one_keeps_no_other_waiting(road, provider):
    readers = subscribe(road, *(provider.save_card() for _number in range(3)))
    provider.arm("after", "cut", skip=1)
    told = road.collect()
    assert (told["paid"], told["unknown"]) == (2, 1)
    road.collect()
    for reader in readers:
        assert_paid_once(road, reader)
