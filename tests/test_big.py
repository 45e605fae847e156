"""What the benchmarks over many subscriptions measure: those are such as the add-on makes and bills itself."""

import subprocess
from datetime import date
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta

from commands.shell import environment

from .bench.big import COUNT, TABLES
from .bench.big.moulds import MANAGER, SALESPEOPLE
from .bench.idle import explain
from .bench.tour import get_screens
from .bench.webclient import Session, server

FILL = Path(__file__).parent / "bench" / "big" / "fill.sh"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def filled_db(core_db, make_copy):
    """A database with the moulds of the generator and one copy of each."""
    name = make_copy(core_db)
    # In a process of its own, whose clock it moves.
    subprocess.run([FILL, "--db", name, "--subscriptions", str(2 * COUNT), "--months", "2"], check=True)
    return name


@pytest.fixture
def env(filled_db):
    """Its environment; nothing is committed."""
    with environment(filled_db) as env:
        yield env
        env.cr.rollback()
        env.invalidate_all()


def check(env):
    result = env["subscription.check"]._run()
    assert not result["offenders"], result["details"][:5]


def test_each_kind_of_subscription_is_there_twice(env):
    counts = dict(env["sale.order"]._read_group([], ["subscription_status"], ["__count"]))
    assert set(counts) == {"quotation", "scheduled", "progress", "closed"}
    assert sum(counts.values()) == 2 * COUNT
    assert not [status for status, count in counts.items() if count % 2]
    assert env["sale.order"].search_count([("subscription_parked_reason", "!=", False)]) == 4
    assert env["sale.order"].search_count([("activity_ids", "!=", False)]) == 4


def test_no_two_orders_customers_or_invoices_share_a_name(env):
    for model in ("res.partner", "sale.order", "account.move"):
        names = env[model].search([("name", "!=", False)]).mapped("name")
        assert len(set(names)) == len(names)


def test_every_invariant_holds_before_and_after_the_next_months_are_billed(env):
    check(env)
    waiting = env["sale.order"].search([("subscription_next_invoice_date", "!=", False)], order="id")
    day = date.today() + relativedelta(months=2)
    env["subscription.billing.run"]._turn(waiting, day)
    invoices = waiting._subscription_bill(day)
    assert invoices
    check(env)


@pytest.mark.parametrize("table", TABLES)
def test_what_odoo_computes_of_copies_differs_from_what_is_stored_no_more_than_of_moulds(env, table):
    model = env[table.replace("_", ".")]
    if model._name == "res.partner":
        records = env["sale.order"].search([]).partner_id.sorted("id")
    else:
        records = model.search([], order="id")
    fields = [field for field in model._fields.values() if field.compute and field.store and field.column_type]
    stored = {field: [record[field.name] for record in records] for field in fields}
    for field in fields:
        env.add_to_compute(field, records)
    records._recompute_recordset()
    middle = len(records) // 2
    for field, values in stored.items():
        changed = [record[field.name] != value for record, value in zip(records, values, strict=True)]
        assert changed[:middle] == changed[middle:], field


def test_a_run_can_find_by_indexes_what_is_due(copy_db):
    with environment(copy_db()) as env:
        # However few rows there are, which would be quicker read one after the other.
        env.cr.execute("SET LOCAL enable_seqscan = off")
        for name, plan in explain(env).items():
            assert "Seq Scan" not in plan, name


def test_each_screen_that_is_measured_opens(filled_db):
    with server(filled_db) as address:
        for login in (SALESPEOPLE[0], MANAGER):
            session = Session(address, filled_db, login, login)
            screens = {title: [session.call(call) for call in calls] for title, calls in get_screens(session)}
            assert screens["Subscriptions: list"][1]["length"]
            assert screens["Subscriptions: by Plan"][0]["groups"]
