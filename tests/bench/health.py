"""How long it takes to look at the health of very many subscriptions by the rules that come with the add-on."""

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from .big import big_database
from .common import Clock, print_table, tell

SUBSCRIPTIONS = 100_000
# That changed since the last run.
QUEUED = 1000


def run(options):
    """Look at all for the first time, when each is written; again when nothing changed; then at a few that did."""
    with big_database(options.subscriptions) as db, Registry(db).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        _forget(env)
        clocks = {
            "first look": _measure(env, "all, for the first time"),
            "nothing changed": _measure(env, "all, when nothing changed", _begin_day),
            f"{QUEUED} in the queue": _measure(env, f"{QUEUED} that changed", _queue),
            "nothing to do": _measure(env, "none"),
        }
        summary = env["sale.order"]._get_health_summary([("subscription_health", "!=", False)])
    assert not clocks["nothing changed"].result["health"], "all was looked at by the run before"
    print_table(
        ["", "s", "of it in Python", "SQL", "written"],
        [[name, clock.seconds, clock.cpu, clock.statements, clock.result["health"]] for name, clock in clocks.items()],
    )
    print(summary)
    first, again, queued, idle = (round(clock.seconds, 2) for clock in clocks.values())
    return {"seconds": first, "seconds_unchanged": again, "seconds_queue": queued, "seconds_idle": idle}


def _forget(env):
    """Let no subscription have been looked at: those of a big database never were, unless this ran on it before."""
    env.cr.execute(
        """
        UPDATE sale_order SET subscription_health = NULL, subscription_health_rule_id = NULL
         WHERE subscription_health IS NOT NULL
        """
    )
    env.cr.execute("DELETE FROM subscription_care_task")
    _begin_day(env)
    env.cr.commit()
    env.invalidate_all()


def _begin_day(env):
    env["res.company"].search([]).subscription_health_on = False


def _queue(env):
    running = [("subscription_status", "=", "progress")]
    env["sale.order"].search(running, limit=QUEUED)._subscription_watch()


def _measure(env, name, prepare=None):
    tell(name)
    if prepare:
        prepare(env)
    # Written down when a transaction ends, as in life.
    env.cr.commit()
    env.invalidate_all()
    with Clock() as clock:
        clock.result = env["subscription.care.run"]._look_after_health()
    return clock
