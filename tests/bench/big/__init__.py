"""A company with very many subscriptions and years of history, for benchmarks only.

A hundred of them are lived through by the add-on (:mod:`.moulds`), then their rows are copied (:mod:`.multiply`):
orders, ledger, MRR movements, posted invoices with their journal items, customers and activities. The chatter is
left out, and nobody has paid.
"""

import os
from contextlib import contextmanager
from datetime import date

from odoo import sql_db
from odoo.tools import SQL

from commands.shell import environment

from ..common import new_database, tell
from .moulds import COUNT, Catalog, make_moulds
from .multiply import Multiplier

TABLES = (
    "res_partner",
    "sale_order",
    "sale_order_line",
    "account_move",
    "account_move_line",
    "subscription_period",
    "subscription_charge",
    "subscription_event",
    "mail_activity",
)


@contextmanager
def big_database(subscriptions, *modules):
    """The name of a database with subscriptions, and ``modules`` besides our core add-on; dropped at the end.

    One that was filled today with as many (``fill.sh``), and has the modules, can be named in the environment, as
    BENCH_DB; it stays.
    """
    if kept := os.environ.get("BENCH_DB"):
        yield kept
        return
    with new_database(*modules) as db:
        fill(db, subscriptions)
        yield db


def fill(db, subscriptions, months=36, today=None):
    """Fill a new database with subscriptions signed in the ``months`` before ``today``, billed up to that day.

    :param int subscriptions: how many; a multiple of a hundred
    """
    if subscriptions % COUNT:
        raise ValueError(f"The number of subscriptions must be a multiple of {COUNT}.")
    with environment(db) as env:
        env.company.subscription_tz = "UTC"
        catalog = Catalog(env)
        multiplier = Multiplier(env.cr, TABLES)
        for day in make_moulds(catalog, months, today or date.today()):
            tell(f"{COUNT} subscriptions on {day}")
        # Apart from what follows: PostgreSQL would not use indexes at once that it makes beside rows just changed.
        env.cr.commit()
        copies = subscriptions // COUNT - 1
        multiplier.multiply(copies, _get_values(env.cr, copies), {("mail_activity", "res_id"): "sale_order"})
        _raise_order_numbers(env, subscriptions)
    vacuum(db)


def _get_values(cr, copies):
    """Return what the copies do not share with their mould: the names of customers, orders and invoices."""
    order = _renumber(cr, "sale_order", copies)
    invoice = _renumber(cr, "account_move", copies)
    return {
        ("res_partner", "name"): _number("name"),
        ("res_partner", "complete_name"): _number("complete_name"),
        ("res_partner", "commercial_company_name"): _number("commercial_company_name"),
        ("sale_order", "name"): order("name"),
        ("account_move", "name"): invoice("name"),
        ("account_move", "sequence_number"): SQL("substr(%s, length(t.sequence_prefix) + 1)::int", invoice("name")),
        ("account_move", "payment_reference"): invoice("payment_reference"),
        ("account_move", "ref"): order("ref"),
        ("account_move", "invoice_origin"): order("invoice_origin"),
        ("account_move", "invoice_partner_display_name"): _number("invoice_partner_display_name"),
        ("account_move_line", "move_name"): invoice("move_name"),
        ("account_move_line", "ref"): order("ref"),
        ("account_move_line", "name"): SQL(
            "CASE t.display_type WHEN 'payment_term' THEN %s || ' - ' || %s ELSE t.name END",
            order("ref"),
            invoice("move_name"),
        ),
        ("mail_activity", "res_name"): order("res_name"),
    }


def _number(column):
    """Return the SQL of a customer's name in copy ``n``: "Customer 12-n"."""
    return SQL("%s || '-' || n", SQL.identifier("t", column))


def _renumber(cr, table, copies):
    """Return a function that makes SQL, the name in copy ``n``, of a column that holds names such as "S00012"."""
    cr.execute(SQL("SELECT MAX(right(name, 5)::int) FROM %s WHERE name ~ '[0-9]{5}$'", SQL.identifier(table)))
    (last,) = cr.fetchone()

    def number(column):
        return SQL(
            "left(%(name)s, -5) || to_char(%(last)s + (right(%(name)s, 5)::int - 1) * %(copies)s + n, 'FM9999900000')",
            name=SQL.identifier("t", column),
            last=last,
            copies=copies,
        )

    return number


def _raise_order_numbers(env, count):
    sequence = env["ir.sequence"].search([("code", "=", "sale.order")])
    sequence.number_next_actual = count + 1


def vacuum(db):
    """Let PostgreSQL know what is in the tables, as its own autovacuum does in the long run."""
    tell("vacuum")
    with sql_db.db_connect(db).cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute("VACUUM ANALYZE")
