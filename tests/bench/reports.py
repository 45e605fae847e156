"""How long our reports take to open, for a salesperson and for a manager, over many subscriptions and years of history.

The pages, and every report of the menu with each of its views, filters and groupings. The seconds are those of all the
calls to the server that open a screen, the median of several times. The dashboard, cohorts and pivots are told as they
open, the slowest of each; ``slowest_s`` is that of all screens, however they are filtered and grouped.
"""

from datetime import date
from itertools import product

from dateutil.relativedelta import relativedelta

from .big import big_database
from .common import print_table, tell
from .screens import USERS, measure
from .tour import get_windows
from .webclient import Session, server
from .webviews import Call

SUBSCRIPTIONS = 100_000
ADDON = "sale_subscription_plus_reports"
SHOWN = 25
# Kinds of screens as they open, and how their titles end.
KINDS = {"dashboard_s": "Dashboard", "cohort_s": ": cohort", "pivot_s": ": pivot"}


def run(options):
    """Measure each report for both users."""
    table = {}
    with big_database(options.subscriptions, ADDON) as db, server(db) as address:
        for login in USERS:
            session = Session(address, db, login, login)
            tell(f"reports of {login}")
            for title, calls in get_reports(session):
                table.setdefault(title, {})[login] = measure(session, calls)
    _print(table)
    figures = {key: _get_slowest(table, text) for key, text in KINDS.items()}
    return {**figures, "slowest_s": _get_slowest(table), "table": table}


def _get_slowest(table, text=""):
    return max(max(seconds.values()) for title, seconds in table.items() if title.endswith(text))


def _print(table):
    rows = [[title, *(seconds.get(login, "") for login in USERS)] for title, seconds in table.items()]
    rows.sort(key=lambda row: max(filter(None, row[1:])), reverse=True)
    print_table([f"Slowest of {len(rows)} reports", *(f"{login}, s" for login in USERS)], rows[:SHOWN])


# === WHICH ===#


def get_reports(session):
    """Yield (title, calls that open it) of all reports that the user of ``session`` finds."""
    yield from _get_pages(session)
    for window in get_windows(session, ADDON):
        yield from window.get_views()
        yield from window.get_lists()
        yield from window.get_pivots()
        yield from window.get_cohorts(_get_cohort_settings())


def _get_pages(session):
    yield "Dashboard", [Call("subscription.kpi", "get_dashboard")]
    for period in ("this_month", "last_quarter", "last_year", "last_12_months"):
        yield f"Dashboard: {period}", [Call("subscription.kpi", "get_dashboard", (), {"period": period})]
    since = date.today() - relativedelta(years=3)
    dates = {"date_from": str(since), "date_to": str(date.today())}
    yield "Dashboard: three years", [Call("subscription.kpi", "get_dashboard", (), dates)]
    for each in session.call(Call("subscription.kpi", "get_filters")):
        filters = {each["key"]: [each["options"][0]["id"]]}
        yield f"Dashboard: one of {each['name']}", [Call("subscription.kpi", "get_dashboard", (), {"filters": filters})]
    yield "Salespeople", [Call("subscription.kpi", "get_salespeople")]
    yield "Forecast", [Call("subscription.forecast", "get_forecast"), Call("subscription.kpi", "get_filters")]


def _get_cohort_settings():
    """Return all ways to look at the cohorts."""
    choices = product(("day", "week", "month", "quarter", "year"), ("__count", "mrr"), ("retention", "churn"))
    return [dict(zip(("interval", "measure", "mode"), choice, strict=True)) for choice in choices]
