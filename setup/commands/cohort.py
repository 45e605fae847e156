"""Tell how many of those who started together are still there."""

import click

from .kpi import ADDON, DAY, all_companies
from .shell import database_command, method
from .tables import aligned, figure

MEASURES = {"count": "customers", "mrr": "MRR"}


def lines_of_cohorts(result):
    """The lines that tell cohorts: one for those who started together, one column per interval since."""
    yield f"{result['mode'].capitalize()} of {MEASURES[result['measure']]}, seen on {result['seen_on']}"
    yield ""
    cohorts = result["cohorts"]
    columns = max((len(cohort["rates"]) for cohort in cohorts), default=0)
    unit = "money" if result["measure"] == "mrr" else "count"
    rows = [("Start", "First", *map(str, range(columns)))]
    rows += [(cohort["start"], figure(cohort["value"], unit), *_rates(cohort["rates"])) for cohort in cohorts]
    yield from aligned([*rows, ("Average", "", *_rates(result["average"]))])


def _rates(rates):
    return (figure(rate, "percent") for rate in rates)


@database_command("cohort", lines=lines_of_cohorts)
@click.option(
    "--interval",
    type=click.Choice(["day", "week", "month", "quarter", "year"]),
    default="month",
    show_default=True,
    help="Who starts in the same one is of the same cohort.",
)
@click.option(
    "--measure",
    type=click.Choice(list(MEASURES)),
    default="count",
    show_default=True,
    help="Count customers, or what they pay a month (MRR).",
)
@click.option(
    "--mode",
    type=click.Choice(["retention", "churn"]),
    default="retention",
    show_default=True,
    help="Tell who is still there, or who is gone.",
)
@click.option("--from", "date_from", type=DAY, help="First day on which a cohort's customers start.")
@click.option("--to", "date_to", type=DAY, help="Last day that is looked at; today if not told.")
def command(env, interval, measure, mode, date_from, date_to):
    """Tell the cohorts: customers who started in the same interval, and how many stayed in each one since."""
    get_cohort_data = method(all_companies(env), "subscription.customer.report", "get_cohort_data", ADDON)
    if date_from and date_to and date_to < date_from:
        raise click.BadParameter("the period would end before it begins", param_hint="--to")
    table = get_cohort_data(
        interval=interval,
        measure=measure,
        mode=mode,
        date_from=date_from and date_from.date(),
        date_to=date_to and date_to.date(),
    )
    return prepare(table, measure), True


def prepare(table, measure):
    """Return what the command tells: the table by the measure's own name."""
    kept = {key: table[key] for key in ("interval", "mode", "seen_on", "cohorts", "average")}
    return {"measure": measure, **kept}
