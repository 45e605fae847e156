"""Play days: move the clock of this process, and let the add-ons do what they do on each day."""

import random
import sys
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

import click
from click_odoo.env import OdooEnvironment
from freezegun import freeze_time
from tqdm import tqdm

from odoo.modules.neutralize import neutralize_database
from odoo.sql_db import BaseCursor

from playing.customers import Customers
from playing.provider import PlayProvider
from playing.subscribers import Subscribers

from . import databases
from .shell import environment, method, plain_command

UNTIL = "sale_subscription_plus.simulated_until"

# These measure how long something takes, or when it times out: they need the clock on the wall.
REAL_CLOCK = [
    "odoo.sql_db",
    "odoo.service",
    "odoo.netsvc",
    "odoo.tools.profiler",
    "psycopg2",
    "tqdm",
    "gevent",
    "urllib3",
]


@plain_command("simulate")
@click.option("--days", required=True, type=click.IntRange(min=1), help="How many days to play.")
@click.option("--seed", default=0, show_default=True, help="The same seed plays the same days.")
@click.option(
    "--failure-rate",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="How many attempts to charge a saved method fail, as a share of 1.",
)
@click.option(
    "--change-rate",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="How many subscribers change something in a month: quantity, price, discount, plan, or pause; a share of 1.",
)
@click.option(
    "--churn-rate",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="How many subscribers leave in a month, with a reason, as a share of 1.",
)
@click.option("--copy", metavar="NEWDB", help="Play on a copy of the database, made now.")
def command(db, days, seed, failure_rate, change_rate, churn_rate, copy):
    """Play days on a test or demo database, from the day it was played to, or else from today.

    Invoices are made, saved methods charged and unpaid invoices dunned; customers pay by hand or give new cards, and
    change, pause or close their subscriptions. A play provider stands in for payment_demo.
    """
    if copy:
        with environment(db):
            pass  # there is such a database, and it is Odoo's
        copy_to_play(db, copy)
    with environment(copy or db) as env:
        refuse_real(env)
        first = first_day(env)
        last = first + timedelta(days=days - 1)
        with PlayProvider(env, seed, failure_rate).answering() as provider:
            subscribers = Subscribers(env, seed, change_rate, churn_rate)
            actors = [provider, Customers(env, seed), subscribers]
            play(env, [first + timedelta(days=offset) for offset in range(days)], seed, actors)
            collected = collections(env, provider, first, last)
        told = {**summary(env, first, last), **collected, "changes": dict(sorted(subscribers.done.items()))}
        return told, not collected["double_paid"]


def copy_to_play(db, copy):
    """Copy a database; the copy of a real one can neither mail nor charge anybody."""
    databases.copy(db, copy)
    with OdooEnvironment(copy) as env:
        env["ir.config_parameter"].init(force=True)  # a uuid of its own
        if not may_be_played(env):
            neutralize_database(env.cr)
            env.invalidate_all()
        env["ir.config_parameter"].set_param(databases.MARK, "1")


def may_be_played(env):
    """Whether the database is marked as one for tests, or holds demo data."""
    marked = env["ir.config_parameter"].get_param(databases.MARK) == "1"
    return marked or bool(env["ir.module.module"].search_count([("demo", "=", True)], limit=1))


def refuse_real(env):
    """End the command on a database that may be real."""
    if not may_be_played(env):
        raise click.ClickException(
            f"The database {env.cr.dbname} is marked neither for tests nor holds demo data, so none is played. "
            "Play on a copy with --copy NEWDB, or make a test database with setup/manage.sh init --test."
        )


def played_until(env):
    """The last day played, None if none was."""
    played = env["ir.config_parameter"].get_param(UNTIL)
    return date.fromisoformat(played) if played else None


def first_day(env):
    """The day after the last one played, else today."""
    played = played_until(env)
    return played + timedelta(days=1) if played else date.today()


def noon_of(day):
    """Noon UTC is the same date nearly everywhere."""
    return datetime.combine(day, time(12))


def play(env, days, seed, actors):
    """Play the days in their order, each committed, so that an interrupted run goes on where it stopped.

    :param actors: what acts on each day before the nightly run, in this order
    """
    play_day = method(env, "sale.order", "_subscription_play_day")
    with moved_clock() as clock, tqdm(days, unit=" days", file=sys.stderr, disable=None) as bar:
        for day in bar:
            clock.move_to(noon_of(day))
            for actor in actors:
                actor.act(day)
            play_day(random.Random(f"{seed} {day}"))
            env["ir.config_parameter"].set_param(UNTIL, day.isoformat())
            env.cr.commit()
            env.invalidate_all()


@contextmanager
def moved_clock():
    """Freeze the clock of this process, Odoo's transaction time included; PostgreSQL's own runs on."""
    with patch.object(BaseCursor, "now", lambda _cursor: datetime.now()), freeze_time(ignore=REAL_CLOCK) as clock:
        yield clock


def summary(env, first, last):
    """What was invoiced on the days played, by month, in the company's currency."""
    months = env["account.move"]._read_group(
        [
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
            ("company_id", "=", env.company.id),
            ("invoice_date", ">=", first),
            ("invoice_date", "<=", last),
        ],
        ["invoice_date:month", "move_type"],
        ["__count", "amount_untaxed_signed:sum"],
    )
    table = {}
    for month, kind, count, untaxed in months:
        row = table.setdefault(f"{month:%Y-%m}", {"invoices": 0, "credit_notes": 0, "untaxed": 0.0})
        row["invoices" if kind == "out_invoice" else "credit_notes"] += count
        row["untaxed"] = env.company.currency_id.round(row["untaxed"] + untaxed)
    return {"from": first.isoformat(), "to": last.isoformat(), "months": table, **_totals(env, table.values())}


def collections(env, provider, first, last):
    """What became of the invoices of the days played, and of the attempts to collect them.

    ``charges`` is the sum of ``paid``, ``given_up`` and ``waiting``; what was credited or cancelled is none of them.
    """
    played = [("move_id.invoice_date", ">=", first), ("move_id.invoice_date", "<=", last)]
    states = dict(env["subscription.charge"]._read_group(played, ["state"], ["__count"]))
    states.pop("dropped", None)
    paid, given_up = states.pop("paid", 0), states.pop("given_up", 0)
    attempts = [(f"subscription_charge_id.{field}", operator, value) for field, operator, value in played]
    outcomes = dict(
        env["payment.transaction"]._read_group(
            [*attempts, ("subscription_sent_on", "!=", False)], ["subscription_outcome"], ["__count"]
        )
    )
    return {
        "charges": paid + given_up + sum(states.values()),
        "attempts": sum(outcomes.values()),
        "paid": paid,
        "soft": outcomes.get("soft", 0),
        "hard": outcomes.get("hard", 0),
        "recovered": env["subscription.charge"].search_count(
            [*played, ("state", "=", "paid"), ("first_failure_on", "!=", False)]
        ),
        "given_up": given_up,
        "unknown": provider.count_unanswered(),
        "waiting": sum(states.values()),
        "double_paid": provider.count_double_paid(),
    }


def _totals(env, rows):
    rows = list(rows)
    return {
        "invoices": sum(row["invoices"] for row in rows),
        "credit_notes": sum(row["credit_notes"] for row in rows),
        "untaxed_total": env.company.currency_id.round(sum(row["untaxed"] for row in rows)),
    }
