"""The demo: the same story each time, told through the engine, with books that check out."""

import random
from collections import Counter
from datetime import date

import pytest

from commands.shell import environment
from trendhouse import story

FIRST, LAST = date(2025, 1, 1), date(2026, 6, 30)


def tell(seed=1, count=300):
    return story.tell(random.Random(seed), count, FIRST, LAST)


def test_the_same_seed_tells_the_same_story():
    assert tell() == tell()
    assert tell(2) != tell()


def test_the_business_grows_and_some_leave():
    days = [day for day, steps in tell().items() for step in steps if step.kind == "confirm"]
    confirmed = Counter(day.year * 12 + day.month for day in days)
    months = [confirmed[month] for month in sorted(confirmed)][:18]
    assert sum(months[:6]) < sum(months[6:12]) < sum(months[12:])
    leavers = [step for day, steps in tell().items() for step in steps if step.kind == "leave" and day <= LAST]
    assert 40 < len(leavers) < 150


def test_every_customer_has_a_name_of_their_own():
    names = [step.who.name for steps in tell().values() for step in steps if step.kind == "quote"]
    assert len(names) == len(set(names)) == 300


@pytest.mark.slow
def test_the_demo_is_played_and_checks_out(copy_db, manage):
    db = copy_db()
    made = manage("demo", "--db", db, "--subscribers", 20, "--months", 3)
    assert made.rc == 0, made.stderr
    assert made.json["parked"] == 1
    assert made.json["subscriptions"]["scheduled"] == story.LATER
    assert made.json["subscriptions"]["progress"] >= 1
    assert made.json["invoices"]["paid"] >= 1
    with environment(db) as env:
        reader = env["res.users"].search([("login", "=", "reader")]).partner_id
        orders = env["sale.order"].search([("partner_id", "=", reader.id)])
        assert {"progress", "quotation"} <= set(orders.mapped("subscription_status")), "there is something to try"
    checked = manage("check", "--db", db)
    assert (checked.rc, checked.json["offenders"]) == (0, 0), checked.stdout
    again = manage("demo", "--db", db)
    assert again.rc == 1
    assert "holds orders already" in again.stderr
