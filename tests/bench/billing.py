"""Billing, against Odoo itself and two rivals: the same invoices in one run and one database."""

from statistics import median

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from .agreements import START, make_agreements
from .common import analyze, new_database, print_table, tell
from .contenders import Contract, Floor, Ours, SubscriptionOca
from .rivals import fetch_rivals

SUBSCRIPTIONS = 400
REPETITIONS = 3
CONTENDERS = {"floor": Floor, "ours": Ours, "contract": Contract, "subscription_oca": SubscriptionOca}


def run(options):
    """Bill a month to warm up and some to measure; each month another contender begins."""
    count = options.subscriptions
    with new_database(*fetch_rivals()) as db, Registry(db).cursor() as cr:
        contenders = _make_contenders(cr, count)
        months = [_bill_month(contenders, number, count) for number in range(REPETITIONS + 1)]
    measured = {key: [month[key] for month in months[1:]] for key in CONTENDERS}
    figures = _get_figures(measured)
    _print(measured, figures)
    return figures


def _make_contenders(cr, count):
    tell(f"making {count} subscriptions for each")
    agreements = make_agreements(api.Environment(cr, SUPERUSER_ID, {}), count)
    contenders = {key: contender(cr, agreements) for key, contender in CONTENDERS.items()}
    for contender in contenders.values():
        contender.make()
    return contenders


def _bill_month(contenders, number, count):
    """Let each bill the same month; return {contender: its figures}, in milliseconds an invoice."""
    day = START + relativedelta(months=number)
    keys = list(contenders)
    figures, documents = {}, {}
    for key in keys[number % len(keys) :] + keys[: number % len(keys)]:
        contender = contenders[key]
        tell(f"month {number or 'to warm up'}: {contender.name}")
        analyze(contender.env.cr.dbname)
        before = _get_last_invoice(contender.env)
        contender.bill(day)
        documents[key] = _describe_documents(contender.env, before)
        figures[key] = {
            "ms": 1000 * contender.clock.seconds / count,
            "cpu": 1000 * contender.clock.cpu / count,
            "sql": contender.clock.statements / count,
            "odoo_way": getattr(contender, "result", {}).get("odoo_way", 0),
            **{step: 1000 * seconds / count for step, seconds in contender.parts.items()},
        }
    different = {key: found for key, found in documents.items() if found != documents["floor"]}
    assert not different, f"Not the same invoices: {documents['floor']} are the floor's, others' are {different}."
    return figures


def _get_last_invoice(env):
    env.cr.execute("SELECT coalesce(max(id), 0) FROM account_move")
    return env.cr.fetchone()[0]


def _describe_documents(env, before):
    """What was made after the invoice ``before``: how many, of how many lines, for how much; by currency."""
    env.cr.execute(
        """
        SELECT c.name, m.move_type, m.state, count(*), sum(l.lines), sum(m.amount_untaxed), sum(m.amount_total),
               sum(m.amount_total_signed)
          FROM account_move m
          JOIN res_currency c ON c.id = m.currency_id
          JOIN (SELECT move_id, count(*) FILTER (WHERE display_type = 'product') AS lines
                  FROM account_move_line GROUP BY move_id) l ON l.move_id = m.id
         WHERE m.id > %s
         GROUP BY c.name, m.move_type, m.state
         ORDER BY c.name
        """,
        [before],
    )
    return env.cr.fetchall()


def _get_figures(measured):
    ms = {key: median(month["ms"] for month in months) for key, months in measured.items()}
    return {
        **{f"{key}_ms": round(value, 2) for key, value in ms.items()},
        "ratio_floor": round(ms["ours"] / ms["floor"], 3),
        "ratio_contract": round(ms["contract"] / ms["ours"], 2),
        "ratio_subscription_oca": round(ms["subscription_oca"] / ms["ours"], 2),
        "sql_per_invoice": round(median(month["sql"] for month in measured["ours"]), 2),
        "odoo_way": measured["ours"][-1]["odoo_way"],
    }


def _print(measured, figures):
    titles = ["ms an invoice", "all", "create", "post", "in Python", "slowest", "fastest", "SQL", "× ours"]
    rows = []
    for key, months in measured.items():
        steps = [_get_step(months, step) for step in ("create", "post")]
        times = [month["ms"] for month in months]
        cpu, statements = (median(month[name] for month in months) for name in ("cpu", "sql"))
        share = figures[f"{key}_ms"] / figures["ours_ms"]
        rows.append([CONTENDERS[key].name, median(times), *steps, cpu, max(times), min(times), statements, share])
    print_table(titles, rows)
    print(f"Invoices of ours that were made by Odoo's own way, a month: {figures['odoo_way']:,}")


def _get_step(months, step):
    return median(month[step] for month in months) if step in months[0] else "–"
