"""How long it takes to tell what a customer with 50 subscriptions may use, and to list it for all customers."""

from datetime import date, timedelta
from statistics import median

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import SQL

from .big import big_database
from .big.moulds import MANAGER
from .common import Clock, print_table, tell

SUBSCRIPTIONS = 100_000
# Of the customer who is asked about.
EACH = 50
REPETITIONS = 9
YEAR = timedelta(days=365)
IN_FORCE = [("state", "not in", ("upcoming", "ended"))]
COLUMNS = ("partner_id", "product_id", "quantity", "plan_id", "date_from", "date_to", "state", "reason", "order_name")


def run(options):
    """Ask about one customer, of today and of other days, then open the list; nothing of it is kept."""
    with big_database(options.subscriptions) as db, Registry(db).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        customer = _gather(env, EACH)
        user = env["res.users"].search([("login", "=", MANAGER)])
        env = env(user=user)
        asked = _ask(env, customer.with_env(env))
        listed = _list(env)
        cr.rollback()
    print_table(["A customer, of", "ms", "SQL"], [[name, each["ms"], each["sql"]] for name, each in asked.items()])
    print()
    print_table(["All customers", "s"], list(listed.items()))
    return {"ms": asked["today"]["ms"], "asked": asked, "list_s": max(listed.values()), "listed": listed}


def _gather(env, count):
    """Return a customer with ``count`` subscriptions, most of which run."""
    tell(f"a customer with {count} subscriptions")
    orders = env["sale.order"].search([("subscription_status", "=", "progress")], limit=count)
    customer = env["res.partner"].create({"name": "Customer with many"})
    env.cr.execute(SQL("UPDATE sale_order SET partner_id = %s WHERE id IN %s", customer.id, orders._ids))
    env.invalidate_all()
    return customer


def _ask(env, customer):
    today = date.today()
    days = {"today": None, "a year ago": today - YEAR, "in a year": today + YEAR}
    assert len(customer.get_entitlements()) >= EACH
    return {name: _measure(env, customer.get_entitlements, day) for name, day in days.items()}


def _list(env):
    """Return the seconds of the calls by which the web client opens the list, its groups and the pivot."""
    model = env["subscription.entitlement"]
    columns = {name: {"fields": {"display_name": {}}} if name.endswith("_id") else {} for name in COLUMNS}
    calls = {
        "list": lambda: model.web_search_read(IN_FORCE, columns, limit=80, count_limit=10001),
        "list, with what ended": lambda: model.web_search_read([], columns, limit=80, count_limit=10001),
        "search": lambda: model.web_search_read(
            [*IN_FORCE, ("partner_id", "child_of", "123")], columns, limit=80, count_limit=10001
        ),
        "by state": lambda: model.web_read_group([], ["state"], ["quantity:sum"]),
        "by customer": lambda: model.web_read_group(IN_FORCE, ["partner_id"], ["quantity:sum"], limit=80),
        "pivot": lambda: model.formatted_read_group(IN_FORCE, ["product_id", "state"], ["quantity:sum"]),
    }
    return {name: _measure(env, call)["ms"] / 1000 for name, call in calls.items()}


def _measure(env, function, *args):
    """Return the median of the milliseconds, and the SQL statements, of calls that find nothing read before."""
    clocks = []
    for _repetition in range(1 + REPETITIONS):
        env.invalidate_all()
        with Clock() as clock:
            function(*args)
        clocks.append(clock)
    return {"ms": round(median(clock.seconds for clock in clocks[1:]) * 1000, 1), "sql": clocks[-1].statements}
