"""What the benchmarks share: databases of their own, a clock, tables for people."""

import gc
import os
import sys
import time
from contextlib import contextmanager
from uuid import uuid4

from odoo import sql_db
from odoo.release import version

from commands import databases
from commands.init import install, load_chart, prepare
from commands.shell import environment


def machine():
    """What the figures were measured on, in a sentence."""
    with databases.server() as cr:
        cr.execute("SHOW server_version")
        postgres = cr.fetchone()[0].split()[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Odoo {version}, PostgreSQL {postgres}, load {load:.1f}"


def tell(text):
    """Tell on stderr how far a benchmark is."""
    print(f"  {text} …", file=sys.stderr, flush=True)


def batched(items, size=500):
    """The items in batches of as many as Odoo makes well at once."""
    for number in range(0, len(items), size):
        yield items[number : number + size]


# ---- Databases ------------------------------------------------------------------------------------------------------


@contextmanager
def new_database(*modules):
    """The name of a new database with our core add-on, a chart of accounts and ``modules``; dropped at the end."""
    with copied_database(prepare()) as name:
        tell("installing " + ", ".join(["sale_subscription_plus", *modules]))
        install(name, ["sale_subscription_plus", *modules])
        with environment(name) as env:
            load_chart(env)
            env["ir.config_parameter"].set_param(databases.MARK, "1")
        yield name


@contextmanager
def copied_database(source):
    """The name of a copy of a database; dropped at the end."""
    name = f"subplus_bench_{os.getpid()}_{uuid4().hex[:8]}"
    databases.copy(source, name)
    try:
        yield name
    finally:
        databases.drop(name)


def analyze(db):
    """Let PostgreSQL know what is in the tables, as its own autovacuum does in the long run."""
    with sql_db.db_connect(db).cursor() as cr:
        cr.execute("ANALYZE")
        cr.commit()


# ---- Figures --------------------------------------------------------------------------------------------------------


class Clock:
    """Measures a ``with`` block: its seconds, those that this process worked, and its SQL statements.

    The rest of the seconds it waited, mostly for PostgreSQL, or for other programs on a busy machine.
    """

    def __enter__(self):
        gc.collect()  # the litter of what was done before is not on this one's account
        self.statements = sql_db.sql_counter
        self._cpu = time.process_time()
        self._start = time.perf_counter()
        return self

    def __exit__(self, *exc_info):
        self.seconds = time.perf_counter() - self._start
        self.cpu = time.process_time() - self._cpu
        self.statements = sql_db.sql_counter - self.statements


def print_table(titles, rows):
    """Print rows for people: the first column to the left, the others, numbers mostly, to the right."""
    texts = [[_format(cell) for cell in row] for row in [titles, *rows]]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for number, (first, *others) in enumerate(texts):
        cells = [first.ljust(widths[0]), *(text.rjust(width) for text, width in zip(others, widths[1:], strict=True))]
        print("  ".join(cells).rstrip())
        if not number:
            print("  ".join("-" * width for width in widths))


def _format(cell):
    if isinstance(cell, float):
        return f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
