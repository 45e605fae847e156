"""What the figures of the telecom company must be: worked out with pandas from its file alone.

Nothing here knows the add-ons. Who is who: one subscriber a row, one subscription each, that brings the monthly charge
from the first of 2018-01 + (row number mod 12) months; whoever churned brought it for ``tenure`` months, one at least.
Whoever did not was invoiced once, on the day from which they are seen; there was nothing else to invoice. Money is
added up in cents, as whole numbers.
"""

from datetime import date, timedelta

import pandas as pd
from dateutil.relativedelta import relativedelta

from ..data.convert_telco import SOURCE

DAYS_PER_MONTH = 365.25 / 12
FIRST_DAY, SEEN_ON = pd.Timestamp(2018, 1, 1), pd.Timestamp(2025, 1, 1)
PRODUCTS = {"No": "Phone", "DSL": "Phone and DSL", "Fiber optic": "Phone and fibre"}
MOVEMENTS = ("new", "expansion", "reactivation", "resume", "contraction", "pause", "churn")
INTERVALS = {"month": "M", "quarter": "Q", "year": "Y"}


def read():
    """Return the subscribers: number, start and end (the first day without; NaT if there still), cents, product, age.

    ``age`` is what the tenure was when they left, in months.
    """
    rows = pd.read_csv(SOURCE, keep_default_na=False)
    month = rows["number"] % 12
    age = rows["tenure"].clip(lower=1)
    return pd.DataFrame(
        {
            "number": rows["number"],
            "start": _first_of_month(month),
            "end": _first_of_month(month + age).where(rows["churn"] == "Yes"),
            "age": age,
            "cents": (rows["monthly_charges"] * 100).round().astype("int64"),
            "product": rows["internet_service"].map(PRODUCTS),
        }
    )


def _first_of_month(number):
    """Return the first day of months counted from 2018-01."""
    return pd.to_datetime({"year": 2018 + number // 12, "month": number % 12 + 1, "day": 1})


# === KEY FIGURES ===#


def figures(rows, first, last):
    """Return what the key figures are made of, for the days from ``first`` to ``last``, both included."""
    first, last = pd.Timestamp(first), pd.Timestamp(last)
    at_start = rows[(rows["start"] < first) & ~(rows["end"] < first)]
    at_end = rows[(rows["start"] <= last) & ~(rows["end"] <= last)]
    came, left = rows[rows["start"].between(first, last)], rows[rows["end"].between(first, last)]
    new, churn = _money(came), _money(left)
    return {
        "mrr_start": _money(at_start),
        "mrr_end": _money(at_end),
        "new": new,
        "churn": churn,
        **dict.fromkeys(("expansion", "reactivation", "resume", "contraction", "pause", "transfer"), 0.0),
        "net_new": round(new - churn, 2),
        "net_revenue": _money(rows[rows["end"].isna()]) if first <= SEEN_ON <= last else 0.0,
        "non_recurring_revenue": 0.0,
        **{f"{who}_start": len(at_start) for who in ("customers", "contracts")},
        **{f"{who}_end": len(at_end) for who in ("customers", "contracts")},
        **{f"{who}_new": len(came) for who in ("customers", "contracts")},
        **{f"{who}_lost": len(left) for who in ("customers", "contracts")},
        "months": months_between(first.date(), last.date()),
    }


def kpis(rows, first, last):
    """Return the key figures as the definitions say; None where they would divide by nothing.

    Read as follows where they leave a choice: customers lost are all who left in the period, also those who came in
    it; a month's logo churn is that of the period by its months; MRR and customers are those at the period's end.
    """
    of = figures(rows, first, last)
    logo_churn = _ratio(of["customers_lost"], of["customers_start"])
    per_customer = _ratio(of["mrr_end"], of["customers_end"])
    lost, won = of["churn"] + of["contraction"], of["expansion"] + of["reactivation"]
    return {
        "mrr": of["mrr_end"],
        "net_new_mrr": of["net_new"],
        **{key: of[key] for key in MOVEMENTS},
        "run_rate": round(of["mrr_end"] * 12, 2),
        "contracts": of["contracts_end"],
        "new_contracts": of["contracts_new"],
        "lost_contracts": of["contracts_lost"],
        "customers": of["customers_end"],
        "logo_churn": logo_churn,
        "gross_churn": _ratio(lost, of["mrr_start"]),
        "net_churn": _ratio(lost - won, of["mrr_start"]),
        "revenue_per_contract": _ratio(of["mrr_end"], of["contracts_end"]),
        "lifetime_value": _ratio(per_customer, logo_churn and logo_churn / of["months"]),
        "quick_ratio": _ratio(of["new"] + won, lost),
        "net_revenue": of["net_revenue"],
        "non_recurring_revenue": of["non_recurring_revenue"],
    }


def _money(rows):
    return int(rows["cents"].sum()) / 100


def _ratio(above, below):
    return above / below if above is not None and below else None


def months_between(first, last):
    """Return how many months the days from ``first`` to ``last`` are; whole calendar months count as such."""
    months = _whole_months(first, last)
    return months or ((last - first).days + 1) / DAYS_PER_MONTH


def period_before(first, last):
    """Return the days to compare with: as many whole months, else as many days, up to the day before ``first``."""
    months = _whole_months(first, last)
    length = relativedelta(months=months) if months else timedelta(days=(last - first).days + 1)
    return first - length, first - timedelta(days=1)


def _whole_months(first, last):
    """Return the number of calendar months that make up the days, 0 if they cut one."""
    after = last + timedelta(days=1)
    whole = first.day == after.day == 1
    return (after.year - first.year) * 12 + after.month - first.month if whole else 0


# === COHORTS ===#


def cohorts(rows, interval, measure, mode="retention", seen_on=SEEN_ON):
    """Return the cohorts as {start: (what is divided by, who started, [value per interval since], [rate])}.

    Who started in an interval makes a cohort. It is counted at the end of each interval since its own, or on
    ``seen_on`` if that comes first, up to the interval that ``seen_on`` falls into. Customers are divided by all who
    started, MRR by what it was at the end of the first interval. In the mode "churn" it is those who are gone.
    """
    period = rows["start"].dt.to_period(INTERVALS[interval])
    last = pd.Period(seen_on, INTERVALS[interval])
    table = {}
    for start, members in rows.groupby(period):
        moments = [min(at.end_time, seen_on) for at in pd.period_range(start, last)]
        there = [members[(members["start"] <= moment) & ~(members["end"] <= moment)] for moment in moments]
        values = [len(group) if measure == "count" else _money(group) for group in there]
        first = len(members) if measure == "count" else values[0]
        if mode == "churn":
            values = [round(first - value, 2) for value in values]
        rates = [_ratio(value, first) for value in values]
        table[str(start.start_time.date())] = (first, len(members), values, rates)
    return table


def average(table):
    """Return the average of each column: all cohorts that have it together, the bigger ones counting for more."""
    columns = max(len(values) for _first, _customers, values, _rates in table.values())
    averages = []
    for number in range(columns):
        have = [(first, values[number]) for first, _, values, _ in table.values() if number < len(values)]
        averages.append(sum(value for _, value in have) / sum(first for first, _ in have))
    return averages


# === CHURN ===#


def churn_table(rows, first=FIRST_DAY, last=SEEN_ON):
    """Return who left in the period as {(product, age in months): (customers, MRR)}; the file knows no reasons."""
    left = rows[rows["end"].between(pd.Timestamp(first), pd.Timestamp(last))]
    grouped = left.groupby(["product", "age"])["cents"].agg(["size", "sum"])
    return {key: (int(row["size"]), int(row["sum"]) / 100) for key, row in grouped.iterrows()}


PERIODS = {
    "a month": (date(2019, 3, 1), date(2019, 3, 31)),
    "the last month": (date(2024, 12, 1), date(2024, 12, 31)),
    "the month that was invoiced": (date(2025, 1, 1), date(2025, 1, 31)),
    "a quarter": (date(2018, 10, 1), date(2018, 12, 31)),
    "a year": (date(2021, 1, 1), date(2021, 12, 31)),
    "the first year": (date(2018, 1, 1), date(2018, 12, 31)),
    "some days": (date(2018, 5, 20), date(2018, 6, 10)),
    "days without any movement": (date(2020, 2, 2), date(2020, 2, 28)),
    "the whole life": (date(2018, 1, 1), date(2025, 1, 1)),
}
