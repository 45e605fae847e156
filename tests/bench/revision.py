"""Revising the prices of many subscriptions: preview, plan, and what the nightly run does on the day itself."""

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import float_compare

from .agreements import make_agreements
from .common import Clock, analyze, new_database, print_table, tell
from .contenders import Ours

SUBSCRIPTIONS = 5000
# Started the day before, all are billed until this day, on which their prices change.
START = date.today() - relativedelta(days=1)
DAY = START + relativedelta(months=1)


def run(options):
    """Raise all prices by some percents; plan and apply one change for each subscription."""
    with new_database() as db, Registry(db).cursor() as cr:
        ours = _make_subscriptions(cr, options.subscriptions)
        env = ours.env
        revision = env["subscription.price.revision"].create(
            {"name": "Benchmark", "effective_on": DAY, "percentage": 3.3, "notice_template_id": False}
        )
        steps = {
            "preview": lambda: revision.action_preview(),
            "plan": lambda: _plan(env, revision),
            "apply": lambda: _apply(env),
            "count": lambda: [revision.read(["planned_count", "applied_count", "billed_count"])],
        }
        clocks = {name: _measure(env, name, step) for name, step in steps.items()}
        tell("billing at the new prices")
        ours.bill(DAY)
        _assert_billed(env, revision, options.subscriptions)
    print_table(
        ["", "s", "of it in Python", "SQL a price"],
        [[name, clock.seconds, clock.cpu, clock.statements / options.subscriptions] for name, clock in clocks.items()],
    )
    return {f"{name}_s": round(clock.seconds, 2) for name, clock in clocks.items()}


def _make_subscriptions(cr, count):
    tell(f"making {count} subscriptions, in two currencies and under three tax shapes")
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.company.subscription_tz = "UTC"
    agreements = make_agreements(env, count)
    for agreement in agreements:
        agreement.start = START
        del agreement.prices[1:]
    ours = Ours(cr, agreements)
    ours.make()
    ours.bill(START)
    return ours


def _measure(env, name, step):
    tell(name)
    analyze(env.cr.dbname)
    env.invalidate_all()
    with Clock() as clock:
        step()
        env.flush_all()
        env.cr.commit()
    return clock


def _plan(env, revision):
    """Press the button, and let the scheduled action go on."""
    revision.action_plan()
    env.cr.commit()
    revision._cron_run()
    assert not revision.to_plan_count


def _apply(env):
    """Do what the nightly run does before it bills."""
    billing = env["subscription.billing.run"]
    while ids := billing._lock_turning(env.company, DAY):
        billing._turn(env["sale.order"].browse(ids), DAY)
        env.flush_all()
        env.cr.commit()


def _assert_billed(env, revision, count):
    env.invalidate_all()
    assert revision.billed_count == count, f"{revision.billed_count} of {count} were billed"
    for row in revision.line_ids:
        billed = row.line_id.invoice_lines.sorted("id")[-1].price_unit
        assert not float_compare(billed, row.new_price, precision_digits=6), f"{row.order_id.name}: {billed}"
