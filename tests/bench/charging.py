"""Collecting by saved methods, with payment_demo: what it costs until an invoice is paid in the books."""

from statistics import median

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from .agreements import START, make_agreements
from .common import Clock, analyze, batched, new_database, print_table, tell
from .contenders import Ours

SUBSCRIPTIONS = 400
# After one month to warm up.
MEASURED = range(2, 5)
# How much history, of which share of the subscriptions, must not make it slower.
MONTHS, SHARE = 24, 4
LATE = range(MONTHS - 2, MONTHS + 1)


def run(options):
    """Charge some months of all subscriptions; in another database, years of some."""
    months = _charge_months(options.subscriptions, MEASURED[-1])
    history = _charge_months(max(options.subscriptions // SHARE, 1), MONTHS)
    figures = {
        "ms_per_charge": _median(months, MEASURED, "ms"),
        "sql_per_charge": _median(months, MEASURED, "sql"),
        "early_ms": _median(history, MEASURED, "ms"),
        "late_ms": _median(history, LATE, "ms"),
        "early_sql": _median(history, MEASURED, "sql"),
        "late_sql": _median(history, LATE, "sql"),
    }
    figures["history_ratio"] = round(figures["late_ms"] / figures["early_ms"], 3)
    _print(months, history)
    print(f"After {MONTHS} months a charge takes {figures['history_ratio']} of the time of the first ones.")
    return figures


def _charge_months(count, last):
    with new_database() as db, Registry(db).cursor() as cr:
        ours = _make_subscriptions(cr, count)
        return {number: _charge_month(ours, number) for number in range(1, last + 1)}


def _make_subscriptions(cr, count):
    tell(f"making {count} subscriptions that are paid by saved methods")
    env = api.Environment(cr, SUPERUSER_ID, {})
    agreements = make_agreements(env, count)
    # Due on its own date, as of which it is charged.
    term = env.ref("account.account_payment_term_immediate")
    for agreement in agreements:
        agreement.customer.property_payment_term_id = term
    ours = Ours(cr, agreements)
    ours.make()
    _save_methods(env, env["sale.order"].search([("subscription_status", "!=", False)], order="id"))
    cr.commit()
    return ours


def _save_methods(env, orders):
    provider = env["payment.provider"].search([("code", "=", "demo"), ("company_id", "=", env.company.id)])
    provider.state = "test"
    for batch in batched(orders):
        tokens = env["payment.token"].create(
            [
                {
                    "provider_id": provider.id,
                    "payment_method_id": env.ref("payment.payment_method_card").id,
                    "partner_id": order.partner_id.id,
                    "provider_ref": order.name,
                    "payment_details": "4242",
                    "demo_simulated_state": "done",
                }
                for order in batch
            ]
        )
        for order, token in zip(batch, tokens, strict=True):
            order.subscription_token_id = token


def _charge_month(ours, number):
    """Bill and charge a month; return what an attempt cost."""
    env, day = ours.env, START + relativedelta(months=number - 1)
    ours.bill(day)
    analyze(env.cr.dbname)
    env.invalidate_all()
    with Clock() as clock:
        result = env["subscription.charging.run"]._run(date=day)
    paid = result["paid"]
    assert paid == len(ours.agreements), f"month {number}: {result}"
    # Networks count how often a card is tried in a month: for them, this was a month ago.
    env.cr.execute("UPDATE payment_transaction SET subscription_sent_on = subscription_sent_on - interval '31 days'")
    env.cr.commit()
    tell(f"month {number}: {paid} paid")
    return {"ms": 1000 * clock.seconds / paid, "cpu": 1000 * clock.cpu / paid, "sql": clock.statements / paid}


def _median(months, numbers, name):
    return round(median(months[number][name] for number in numbers), 2)


def _print(months, history):
    rows = []
    for name, table, numbers in (
        ("all", months, MEASURED),
        ("some, early", history, MEASURED),
        ("some, late", history, LATE),
    ):
        rows.append([name, *(_median(table, numbers, key) for key in ("ms", "cpu", "sql"))])
    print_table(["subscriptions", "ms a charge", "of it in Python", "SQL"], rows)
