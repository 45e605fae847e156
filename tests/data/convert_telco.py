"""Makes an import file of the telecom company's subscribers, one monthly subscription a row, on standard output.

Usage: python tests/data/convert_telco.py [--today 2026-01-31] >subscriptions.csv
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
PRODUCTS = {"No": "Phone", "DSL": "Phone and DSL", "Fiber optic": "Phone and fibre"}


def read_subscribers():
    """Return the sample's rows, as dicts of texts."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def convert(subscriber, today):
    """Return the row of the import file: started ``tenure`` months before ``today``, closed if churned."""
    number = int(subscriber["number"])
    churned = subscriber["churn"] == "Yes"
    start = today - relativedelta(months=int(subscriber["tenure"]))
    return {
        "reference": f"TELCO-{number:05}",
        "customer": f"Subscriber {number}",
        "customer_reference": f"T{number:05}",
        "plan": "Monthly",
        "product": PRODUCTS[subscriber["internet_service"]],
        "price": subscriber["monthly_charges"],
        "start_date": start.isoformat(),
        "next_invoice_date": "" if churned else today.isoformat(),
        "commitment_months": COMMITMENT_MONTHS[subscriber["contract"]],
        "state": "closed" if churned else "running",
        "closed_on": today.isoformat() if churned else "",
        "close_reason": "Other" if churned else "",
    }


def write(file, today):
    """Write the import file, as of ``today``: what runs is due that day."""
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(convert(subscriber, today) for subscriber in read_subscribers())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--today", type=date.fromisoformat, default=datetime.now(timezone.utc).date())
    write(sys.stdout, parser.parse_args().today)
