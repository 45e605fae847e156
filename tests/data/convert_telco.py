"""Makes an import file of the telecom company's subscribers, one monthly subscription a row, on standard output.

Usage: python tests/data/convert_telco.py [--today 2026-01-31 | --staggered] >subscriptions.csv

As of a day, for billing: what churned is closed that day, what runs is due. Staggered, for the numbers: subscribers
started through the year 2018 and left after their tenure; what runs is due on the day they are seen from.
"""

import argparse
import csv
import sys
from datetime import date, datetime, timezone
from pathlib import Path

from dateutil.relativedelta import relativedelta

SOURCE = Path(__file__).with_name("telco_subscribers.csv")
COLUMNS = (
    "reference",
    "customer",
    "customer_reference",
    "plan",
    "product",
    "price",
    "start_date",
    "next_invoice_date",
    "commitment_months",
    "state",
    "closed_on",
    "close_reason",
)
COMMITMENT_MONTHS = {"Month-to-month": 0, "One year": 12, "Two year": 24}
STAGGERED_START = date(2018, 1, 1)
SEEN_ON = date(2025, 1, 1)
PRODUCTS = {"No": "Phone", "DSL": "Phone and DSL", "Fiber optic": "Phone and fibre"}


def read_subscribers():
    """Return the sample's rows, as dicts of texts."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def convert(subscriber, today):
    """Return the row of the import file: started ``tenure`` months before ``today``, closed if churned."""
    start = today - relativedelta(months=int(subscriber["tenure"]))
    return _prepare_row(subscriber, start, today, today)


def convert_staggered(subscriber):
    """Return the row of the import file: started in a month of 2018, closed after ``tenure`` months if churned.

    Who churned stayed a month at least. Who did not is due on :data:`SEEN_ON`.
    """
    start = STAGGERED_START + relativedelta(months=int(subscriber["number"]) % 12)
    return _prepare_row(subscriber, start, start + relativedelta(months=max(int(subscriber["tenure"]), 1)), SEEN_ON)


def _prepare_row(subscriber, start, closed_on, due_on):
    """Return the row of one who started on a day and, as churned or not, was closed or is due on another."""
    number = int(subscriber["number"])
    churned = subscriber["churn"] == "Yes"
    return {
        "reference": f"TELCO-{number:05}",
        "customer": f"Subscriber {number}",
        "customer_reference": f"T{number:05}",
        "plan": "Monthly",
        "product": PRODUCTS[subscriber["internet_service"]],
        "price": subscriber["monthly_charges"],
        "start_date": start.isoformat(),
        "next_invoice_date": "" if churned else due_on.isoformat(),
        "commitment_months": COMMITMENT_MONTHS[subscriber["contract"]],
        "state": "closed" if churned else "running",
        "closed_on": closed_on.isoformat() if churned else "",
        "close_reason": "Other" if churned else "",
    }


def write(file, today):
    """Write the import file, as of ``today``: what runs is due that day."""
    _write_rows(file, (convert(subscriber, today) for subscriber in read_subscribers()))


def write_staggered(file):
    """Write the import file with the starts through 2018, as seen from :data:`SEEN_ON`."""
    _write_rows(file, map(convert_staggered, read_subscribers()))


def _write_rows(file, rows):
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    moment = parser.add_mutually_exclusive_group()
    moment.add_argument("--today", type=date.fromisoformat, default=datetime.now(timezone.utc).date())
    moment.add_argument("--staggered", action="store_true", help="start through 2018, leave after their tenure")
    arguments = parser.parse_args()
    if arguments.staggered:
        write_staggered(sys.stdout)
    else:
        write(sys.stdout, arguments.today)


if __name__ == "__main__":
    main()
