"""A charging process is killed around the call of the provider: the next one leaves everything as if it had not been.

``SUBPLUS_KILLS`` tells how often at each place; tests/charging/run.sh kills ten times.
"""

import os

import pytest

from ..bills import Watch, wait_for
from .provider import CAUTIOUS_CARD, DECLINED_CARD
from .world import CENTS

KILLS = int(os.environ.get("SUBPLUS_KILLS", "2"))

# Where it is stopped: at the provider (before or after the money is taken there), else where the add-on
# subscription_road waits.
PLACES = {
    "before the request": ["asking"],
    "between request and answer": ["before", "after"],
    "after the answer": ["answered", "processed", "posting", "posted", "mailing"],
}
# What becomes of each reader, and the mails they get.
PAID = ("paid", [CENTS], [])
READERS = [
    ((), PAID),
    ((DECLINED_CARD, "card_declined/insufficient_funds"), ("retrying", [], ["failed"])),
    ((), PAID),
    ((DECLINED_CARD, "card_declined/stolen_card"), ("method_needed", [], ["method"])),
    ((CAUTIOUS_CARD,), ("action", [], ["confirm"])),
    ((), PAID),
]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("place", PLACES)
def test_a_process_that_is_killed_takes_and_tells_what_it_would_have(road, provider, place):
    for number in range(KILLS):
        places = PLACES[place]
        at, request = places[number % len(places)], number % len(READERS)
        # Not all of them get a mail.
        request = request % 3 if at == "mailing" else request
        readers = road.subscribe(*(provider.save_card(*card) for card, _outcome in READERS))
        road.bill()
        kill(road, at, request)
        told = [charge.mails for charge in road.look(*readers)]
        print(f"killed {place} at {at!r} of attempt {request + 1}; told until then: {told}")
        road.collect()
        assert get_outcome(road, readers) == [outcome for _card, outcome in READERS]
        assert {len(charge.attempts) for charge in road.look(*readers)} == {1}, "no payment but the first"
        assert road.collect()["attempts"] == 0
        road.assert_books_agree()


def kill(road, at, request):
    """Start charging, and kill that at a place in an attempt."""
    road.provider.arm(at, "hold", skip=request)
    worker = road.start_collecting()
    road.provider.wait_until_held(at)
    worker.kill()
    road.provider.release()
    with Watch(road.db) as watch:
        name = f"odoo-{worker.process.pid}"
        wait_for(lambda: not watch.select("SELECT 1 FROM pg_stat_activity WHERE application_name = %s", name))


def get_outcome(road, readers):
    """Return what became of each reader: the state, what the provider took, and which mails they got."""
    charges = road.look(*readers)
    return [
        (charge.state, road.provider.get_taken(reader.customer), charge.mails)
        for charge, reader in zip(charges, readers, strict=True)
    ]
