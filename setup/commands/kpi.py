"""Tell the key figures of a period."""

import click

from .shell import database_command, method
from .tables import aligned, change, figure

ADDON = "sale_subscription_plus_reports"
DAY = click.DateTime(["%Y-%m-%d"])


def lines_of_kpis(result):
    """The lines that tell key figures: one per figure, and its formula."""
    yield f"{result['from']} to {result['to']}, compared with {result['before_from']} to {result['before_to']}"
    yield f"Money in {result['currency']}"
    yield ""
    rows = [("", "Now", "Before", "Change", "")]
    for key, name in result["names"].items():
        unit = result["units"][key]
        now, before = figure(result["kpis"][key], unit), figure(result["before"][key], unit)
        rows.append((name, now, before, change(result["changes"][key])))
    yield from aligned(rows)
    yield ""
    yield "How they are worked out"
    yield from (f"  {result['names'][key]}: {formula}" for key, formula in result["formulas"].items())


@database_command("kpi", lines=lines_of_kpis)
@click.option("--from", "date_from", required=True, type=DAY, help="First day of the period.")
@click.option("--to", "date_to", required=True, type=DAY, help="Last day of the period.")
def command(env, date_from, date_to):
    """Tell all key figures of a period, of all companies together: MRR, churn, lifetime value and the others.

    In money of the main company; companies with another currency are converted at today's rate.
    """
    get_kpis = method(all_companies(env), "subscription.kpi", "get_kpis", ADDON)
    if date_to < date_from:
        raise click.BadParameter("the period would end before it begins", param_hint="--to")
    return prepare(env, get_kpis(date_from.date(), date_to.date())), True


def all_companies(env):
    """The environment with all companies at once, the current one first."""
    companies = env.company | env["res.company"].search([])
    return env(context={**env.context, "allowed_company_ids": companies.ids})


def prepare(env, told):
    """Return what the command tells: the values by key."""
    kpis = told["kpis"]
    return {
        "from": str(told["date_from"]),
        "to": str(told["date_to"]),
        "before_from": str(told["before_from"]),
        "before_to": str(told["before_to"]),
        "currency": env["res.currency"].browse(told["currency_id"]).name,
        "kpis": {kpi["key"]: kpi["value"] for kpi in kpis},
        "before": {kpi["key"]: kpi["before"] for kpi in kpis},
        "changes": {kpi["key"]: kpi["change"] for kpi in kpis},
        "figures": told["figures"],
        "names": {kpi["key"]: kpi["name"] for kpi in kpis},
        "units": {kpi["key"]: kpi["unit"] for kpi in kpis},
        "formulas": {kpi["key"]: kpi["formula"] for kpi in kpis},
    }
