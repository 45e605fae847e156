"""A run with nothing due over very many subscriptions, how it finds that out, and one with a hundred due."""

import re
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import SQL

from ..subscribers import make_subscriptions
from .big import big_database
from .common import Clock, print_table, tell

SUBSCRIPTIONS = 100_000
DUE = 100


def run(options):
    """Run when all is billed, explain the queries, then run with a few subscriptions more that are due."""
    with big_database(options.subscriptions) as db, Registry(db).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        tell("a first run, which warms up")
        _bill(env)
        idle = _bill(env)
        assert not idle.result["invoices"], "all was billed by the run before"
        plans = explain(env)
        for _time in range(2):  # the first invoices of a process take longer
            tell(f"{DUE} subscriptions that are due")
            make_subscriptions(env, DUE, date.today())
            cr.commit()
            due = _bill(env)
            assert due.result["invoices"] == DUE
    print_table(["", "s"], [["nothing due", idle.seconds], [f"{DUE} due", due.seconds]])
    print()
    print_table(["query", "found by"], [[name, _get_scans(plan)] for name, plan in plans.items()])
    return {
        "seconds": round(idle.seconds, 3),
        "seconds_with_100_due": round(due.seconds, 3),
        "plan": "\n\n".join(f"{name}:\n{plan}" for name, plan in plans.items()),
    }


def _bill(env):
    with Clock() as clock:
        clock.result = env["subscription.billing.run"]._run()
    return clock


def explain(env):
    """Return {what is looked for: plan of PostgreSQL} of the queries of a run."""
    run, company, today = env["subscription.billing.run"], env.company, date.today()
    with _recorded(env.cr) as statements:
        run._lock_turning(company, today)
        run._count_due(company, today)
        run._lock_due(company, today)
        run._get_consolidated_groups(company, today)
    names = ("those that start or end", "how many are due", "a chunk of due ones", "those that share invoices")
    return {name: _get_plan(env, query) for name, query in zip(names, statements, strict=True)}


@contextmanager
def _recorded(cr):
    """A list of the statements that are executed meanwhile."""
    statements = []
    execute = cr.execute

    def record(query, *args, **kwargs):
        statements.append(query)
        return execute(query, *args, **kwargs)

    with patch.object(cr, "execute", record):
        yield statements


def _get_plan(env, query):
    return "\n".join(line for (line,) in env.execute_query(SQL("EXPLAIN (COSTS OFF) %s", query)))


def _get_scans(plan):
    return ", ".join(re.findall(r"(Seq Scan on \w+|(?<=Index Scan using )\w+|(?<=Bitmap Index Scan on )\w+)", plan))
