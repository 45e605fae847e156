"""Months in minutes: the nightly run played day by day, on a database that may be played with."""

from datetime import date

import pytest
from dateutil.relativedelta import relativedelta

from commands import databases
from commands.shell import environment

from .outcome import select
from .payers import import_payers
from .subscribers import make_subscriptions

SUBSCRIBERS = 5
DAYS = 70
PAYERS = 12

pytestmark = pytest.mark.slow


@pytest.fixture
def sold_today(copy_db):
    """A database in which five monthly subscriptions start today."""
    name = copy_db()
    with environment(name) as env:
        make_subscriptions(env, SUBSCRIBERS, date.today())
        env.cr.commit()
    return name


def bill_dates():
    last = date.today() + relativedelta(days=DAYS - 1)
    dates = [date.today() + relativedelta(months=number) for number in range(4)]
    return [day for day in dates if day <= last]


def test_each_period_is_billed_on_its_day(sold_today, manage):
    played = manage("simulate", "--db", sold_today, "--days", DAYS)
    assert played.rc == 0, played.stderr
    assert played.json["invoices"] == SUBSCRIBERS * len(bill_dates())
    with environment(sold_today) as env:
        invoices = env["account.move"].search([("move_type", "=", "out_invoice")])
        assert sorted(set(invoices.mapped("invoice_date"))) == bill_dates()
        assert set(env["account.move"].search([]).mapped("state")) == {"posted"}


def test_the_books_are_sound_afterwards_and_a_second_play_goes_on(sold_today, manage):
    manage("simulate", "--db", sold_today, "--days", DAYS)
    again = manage("simulate", "--db", sold_today, "--days", 31)
    assert again.json["from"] == str(date.today() + relativedelta(days=DAYS))
    assert again.json["invoices"] == SUBSCRIBERS, "one more month"
    # Its clock stands still at the last day; to the wall clock those invoices lie ahead, and none is overdue.
    check = manage("check", "--db", sold_today)
    assert check.json["offenders"] == 0, check.stdout


def test_a_copy_is_played_and_the_database_stays_as_it_is(sold_today, manage):
    copy = f"{sold_today}_play"
    try:
        played = manage("simulate", "--db", sold_today, "--days", 1, "--copy", copy)
        assert played.json["invoices"] == SUBSCRIBERS
        with environment(sold_today) as env:
            assert not env["account.move"].search_count([])
    finally:
        databases.drop(copy)


def test_a_real_database_is_not_played(copy_db, manage):
    name = copy_db()
    with environment(name) as env:
        env["ir.config_parameter"].search([("key", "=", databases.MARK)]).unlink()
        env.cr.commit()
    refused = manage("simulate", "--db", name, "--days", 1)
    assert refused.rc != 0
    assert "marked" in refused.stderr


# === MONEY ===


@pytest.fixture
def payers(copy_db):
    """A database of subscribers of the telecom company, half of whom pay by a saved method."""
    name = copy_db()
    with environment(name) as env:
        import_payers(env, PAYERS)
        env.cr.commit()
    return name


def collect(manage, db, *days):
    """Play days on which every third attempt fails; return what was told of the last ones."""
    for number in days:
        played = manage("simulate", "--db", db, "--days", number, "--seed", 7, "--failure-rate", 0.35)
        assert played.rc == 0, played.stderr
    return played.json


def read_collections(db):
    return select(
        db,
        """
        SELECT m.name, m.payment_state, c.state, c.first_failure_on, count(t.id), max(t.subscription_sent_on::date)
          FROM subscription_charge c
          JOIN account_move m ON m.id = c.move_id
          LEFT JOIN payment_transaction t ON t.subscription_charge_id = c.id
         GROUP BY 1, 2, 3, 4 ORDER BY 1
        """,
    )


def test_money_is_taken_once_whatever_fails_and_nothing_is_forgotten(payers, manage):
    told = collect(manage, payers, DAYS)
    assert told["charges"] == told["paid"] + told["given_up"] + told["waiting"] == told["invoices"]
    assert told["attempts"] > told["soft"] + told["hard"] > 0
    assert told["recovered"] > 0
    assert told["double_paid"] == 0
    check = manage("check", "--db", payers)
    assert check.json["offenders"] == 0, check.stdout


def test_the_same_seed_plays_the_same_in_one_go_or_two(payers, copy_db, manage):
    other = copy_db(payers)
    collect(manage, payers, 40)
    collect(manage, other, 17, 23)
    assert read_collections(payers) == read_collections(other)


# === CHANGES ===


def test_subscribers_change_pause_and_leave_and_the_books_stay_sound(payers, manage):
    with environment(payers) as env:
        env["subscription.plan"].create({"name": "Yearly", "interval_unit": "year", "invoicing_mode": "post"})
        env.cr.commit()
    rates = ("--change-rate", 0.8, "--churn-rate", 0.1)
    played = manage("simulate", "--db", payers, "--days", DAYS, "--seed", 7, "--failure-rate", 0.2, *rates)
    assert played.rc == 0, played.stderr
    assert sum(played.json["changes"].values()) > PAYERS
    reasons = select(payers, "SELECT subscription_close_reason_id FROM sale_order WHERE subscription_status = 'closed'")
    assert all(reason for (reason,) in reasons)
    check = manage("check", "--db", payers)
    assert check.json["offenders"] == 0, check.stdout


def test_the_same_seed_plays_the_same_changes(payers, copy_db, manage):
    twin = copy_db(payers)
    rates = ("--change-rate", 0.9, "--churn-rate", 0.1)
    first, second = (manage("simulate", "--db", db, "--days", 20, "--seed", 3, *rates).json for db in (payers, twin))
    assert first["changes"]
    assert first == second
