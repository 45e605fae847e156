"""A telecom company moves in: 7,043 real subscribers are imported, billed once, and the books are proven."""

import time
from datetime import date, datetime, timezone

import pytest

from commands.shell import environment

from .data import convert_telco

SUBSCRIBERS = 7043
RUNNING = 5174
CLOSED = 1869
MONTHLY_CHARGES = 316_985.75
IMPORT_SECONDS = 300

pytestmark = pytest.mark.slow


@pytest.fixture
def subscribers(tmp_path):
    """The import file, as of today."""
    path = tmp_path / "telco.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        convert_telco.write(file, datetime.now(timezone.utc).date())
    return path


def test_subscribers_are_imported_billed_once_and_proven(copy_db, manage, subscribers):
    name = copy_db()

    def run(*arguments):
        started = time.monotonic()
        done = manage(*arguments[:1], "--db", name, *arguments[1:])
        done.seconds = time.monotonic() - started
        print(f"{arguments[0]}: {done.seconds:.0f} s, {done.json}")
        assert done.rc == 0, done.stderr
        return done

    done = run("import-subscriptions", subscribers, "--create-missing")
    assert (done.json["imported"], done.json["refused"]) == (SUBSCRIBERS, 0)
    assert done.seconds < IMPORT_SECONDS
    assert run("import-subscriptions", subscribers).json["imported"] == 0
    assert count_by_status(name) == {"progress": RUNNING, "closed": CLOSED}

    done = run("bill")
    assert done.json["invoices"] == RUNNING
    assert round(done.json["untaxed_total"], 2) == MONTHLY_CHARGES
    assert (done.json["parked"], done.json["left_due"]) == (0, 0)
    assert_books(name)

    assert run("bill").json["invoices"] == 0
    assert run("check").json["offenders"] == 0


def count_by_status(name):
    with environment(name) as env:
        return dict(env["sale.order"]._read_group([], ["subscription_status"], ["__count"]))


def assert_books(name):
    with environment(name) as env:
        [(moves, untaxed)] = env["account.move"]._read_group(
            [("move_type", "=", "out_invoice"), ("state", "=", "posted")], [], ["__count", "amount_untaxed:sum"]
        )
        assert (moves, round(untaxed, 2)) == (RUNNING, MONTHLY_CHARGES)
        [(mrr,)] = env["subscription.event"]._read_group([], [], ["amount:sum"])
        assert round(mrr, 2) == MONTHLY_CHARGES
        assert env["subscription.period"].search_count([("kind", "=", "regular")]) == RUNNING


def test_the_sample_has_its_known_totals():
    rows = [convert_telco.convert(row, date(2026, 1, 31)) for row in convert_telco.read_subscribers()]
    running = [row for row in rows if row["state"] == "running"]
    assert (len(rows), len(running)) == (SUBSCRIBERS, RUNNING)
    assert round(sum(float(row["price"]) for row in running), 2) == MONTHLY_CHARGES
    assert round(sum(float(row["price"]) for row in rows), 2) == 456_116.60
