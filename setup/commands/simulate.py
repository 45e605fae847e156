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
@click.option("--copy", metavar="NEWDB", help="Play on a copy of the database, made now.")
def command(db, days, seed, copy):
    """Play days on a test or demo database, from the day it was played to, or else from today."""
    if copy:
        with environment(db):
            pass  # there is such a database, and it is Odoo's
        copy_to_play(db, copy)
    with environment(copy or db) as env:
        refuse_real(env)
        first = first_day(env)
        play(env, [first + timedelta(days=offset) for offset in range(days)], seed)
        return summary(env, first, first + timedelta(days=days - 1)), True


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


def first_day(env):
    """The day after the last one played, else today."""
    played = env["ir.config_parameter"].get_param(UNTIL)
    return date.fromisoformat(played) + timedelta(days=1) if played else date.today()


def play(env, days, seed):
    """Play the days in their order, each committed, so that an interrupted run goes on where it stopped."""
    play_day = method(env, "sale.order", "_subscription_play_day")
    with moved_clock() as clock, tqdm(days, unit=" days", file=sys.stderr, disable=None) as bar:
        for day in bar:
            clock.move_to(datetime.combine(day, time(12)))  # noon UTC is the same date nearly everywhere
            play_day(random.Random(f"{seed} {day}"))
            env["ir.config_parameter"].set_param(UNTIL, day.isoformat())
            env.cr.commit()


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


def _totals(env, rows):
    rows = list(rows)
    return {
        "invoices": sum(row["invoices"] for row in rows),
        "credit_notes": sum(row["credit_notes"] for row in rows),
        "untaxed_total": env.company.currency_id.round(sum(row["untaxed"] for row in rows)),
    }
