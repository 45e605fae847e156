"""Two processes charge at once: one payment an invoice."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ..bills import Watch, wait_for
from .world import CENTS

READERS = 6

pytestmark = pytest.mark.slow


def test_two_processes_at_once_make_one_payment_an_invoice(road, provider):
    readers = road.subscribe(*(provider.save_card() for _number in range(READERS)))
    road.bill()
    # The first is kept waiting in the middle of its first request, until the second has come and gone.
    provider.arm("after", "hold")
    slow = road.start_collecting()
    provider.wait_until_held("after")
    road.collect()
    provider.release()
    assert slow.finish().rc == 0
    for reader in readers:
        assert provider.get_taken(reader.customer) == [CENTS]
    assert {charge.state for charge in road.look(*readers)} == {"paid"}
    road.assert_books_agree()


def test_two_processes_that_start_at_once_charge_everybody_once(road, provider):
    readers = road.subscribe(*(provider.save_card() for _number in range(READERS)))
    road.bill()
    workers = [road.start_collecting() for _number in range(2)]
    done = [worker.finish() for worker in workers]
    assert [worker.rc for worker in done] == [0, 0], done
    assert sum(worker.json["attempts"] for worker in done) == READERS
    for reader in readers:
        assert provider.get_taken(reader.customer) == [CENTS]
    assert {charge.state for charge in road.look(*readers)} == {"paid"}


def test_a_customer_who_pays_an_invoice_while_it_is_being_charged_is_told_so(road, provider, browser):
    reader = road.subscribe(provider.save_card())
    road.bill()
    (charge,) = road.look(reader)
    provider.arm("after", "hold")
    slow = road.start_collecting()
    provider.wait_until_held("after")
    with ThreadPoolExecutor() as threads, Watch(road.db) as watch:
        refusal = threads.submit(browser.try_to_pay, charge.invoice)
        wait_for(lambda: watch.count_waiting() or refusal.done())
        provider.release()
        assert slow.finish().json["paid"] == 1
        assert "paid already" in refusal.result() or "under way" in refusal.result()
    assert provider.get_taken(reader.customer) == [CENTS]
