"""Several workers and people at their screens at once: the same as if they had come one after the other."""

from collections import Counter

import pytest
from dateutil.relativedelta import relativedelta

from commands.shell import environment

from ..bills import Bill, Watch
from ..crowd import DAY
from ..outcome import SOLD, assert_same, get_faults, get_outcome, select
from .people import Accountant, get_sellers, hire
from .screens import odoo_server

# Enough for each worker to bill several chunks while people work.
COUNT = 1200
WORKERS = 3

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def staffed_db(crowd_db):
    """The database with the people who work in it."""
    with environment(crowd_db) as env:
        hire(env)
        env.cr.commit()
    return crowd_db


def bill_while_people_work(db):
    """Bill with three processes, and let people work meanwhile; return what all of them did."""
    with odoo_server(db) as address:
        accountant, sellers = Accountant(address, db), get_sellers(address, db)
        bills = [Bill(db, DAY) for _number in range(WORKERS)]
        with Watch(db) as watch:
            watch.wait_for_next_chunk(bills[0])
        for person in (accountant, *sellers):
            person.start()
        done = [bill.finish() for bill in bills]
        for person in (accountant, *sellers):
            person.stop()
    # For what was added when they had ended.
    return [*done, Bill(db, DAY).finish()], accountant, sellers


def get_billed(db):
    """Return how often each period was billed."""
    return Counter(select(db, 'SELECT line_id, start, "end" FROM subscription_period'))


def get_lines(db):
    return {line for (line,) in select(db, "SELECT id FROM sale_order_line")}


def get_untouched(db, touched):
    """Return the outcome of those orders whose ids are not among ``touched``."""
    names = {name for order, name in select(db, "SELECT id, name FROM sale_order") if order in touched}
    return {key: rows for key, rows in get_outcome(db).items() if key and names.isdisjoint(key.split(" + "))}


def test_workers_and_people_at_once_come_to_the_same_as_one_after_the_other(staffed_db, make_copy, manage):
    clean_db, db = make_copy(staffed_db), make_copy(staffed_db)
    bills, accountant, sellers = bill_while_people_work(db)
    print(f"longest posting of an ordinary invoice: {max(accountant.seconds):.2f} s of {len(accountant.seconds)}")
    print("changes, and those of orders being billed:", [(s.proof, len(s.changed), s.collisions) for s in sellers])

    # Nobody failed, and what people did is there.
    for bill in bills:
        assert (bill.rc, bill.json["parked"], bill.json["left_due"]) == (0, 0, 0), bill
    assert sum(seller.collisions for seller in sellers) > len(sellers), "They hardly met."
    for seller in sellers:
        assert seller.changed
        assert seller.find_proven() >= set(seller.changed), f"Lost: {seller.proof}"
    faults = get_faults(db)
    assert faults == [("invoices without an order", len(accountant.invoices))], faults

    # Each period was billed once, those of added lines too; an order that nobody changed knows of nothing.
    assert Bill(clean_db, DAY).finish().rc == 0
    added = get_lines(db) - get_lines(clean_db)
    month = (DAY, DAY + relativedelta(months=1))
    assert get_billed(db) == get_billed(clean_db) + Counter((line, *month) for line in added)
    touched = {order for seller in sellers for order in seller.changed}
    assert_same(get_untouched(db, touched), get_untouched(clean_db, touched))
    invoices = select(db, f"{SOLD} SELECT COUNT(*) FROM sold WHERE names != ''")[0][0]
    assert sum(bill.json["invoices"] for bill in bills) == invoices
    assert manage("check", "--db", db).json["offenders"] == 0
