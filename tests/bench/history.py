"""Five years of billing, month by month: the last months must not cost more than the first ones."""

from statistics import median

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from .agreements import START, make_agreements
from .common import analyze, new_database, print_table, tell
from .contenders import Ours

SUBSCRIPTIONS = 100
MONTHS = 60
EARLY = range(2, 5)
LATE = range(58, 61)


def run(options):
    """Bill all months in one process; the first one warms up."""
    with new_database() as db, Registry(db).cursor() as cr:
        tell(f"making {options.subscriptions} subscriptions")
        env = api.Environment(cr, SUPERUSER_ID, {})
        ours = Ours(cr, make_agreements(env, options.subscriptions))
        ours.make()
        months = {number: _bill_month(ours, number) for number in range(1, MONTHS + 1)}
    _print(months)
    return {"early_ms": _get_median(months, EARLY, "ms"), "late_ms": _get_median(months, LATE, "ms")}


def _bill_month(ours, number):
    analyze(ours.env.cr.dbname)  # every month: none has better statistics than another
    ours.bill(START + relativedelta(months=number - 1))
    invoices = ours.result["invoices"]
    assert invoices == len(ours.agreements), f"{invoices} invoices in month {number}: {ours.result}"
    clock = ours.clock
    figures = {
        "ms": 1000 * clock.seconds / invoices,
        "cpu": 1000 * clock.cpu / invoices,
        "sql": clock.statements / invoices,
    }
    if number % 12 == 0:
        tell(f"month {number}: {figures['ms']:.1f} ms an invoice")
    return figures


def _get_median(months, numbers, name):
    return round(median(months[number][name] for number in numbers), 2)


def _print(months):
    spans = [EARLY, *(range(number - 1, number + 2) for number in range(12, MONTHS - 2, 12)), LATE]
    early = _get_median(months, EARLY, "ms")
    rows = []
    for span in spans:
        ms, cpu, statements = (_get_median(months, span, name) for name in ("ms", "cpu", "sql"))
        rows.append([f"{span[0]}–{span[-1]}", ms, cpu, statements, ms / early])
    print_table(["months", "ms an invoice", "of it in Python", "SQL", "× early"], rows)
