"""Real subscribers of the telecom company, who pay by a saved method where the sample says so, else by hand."""

import csv
import sys
import tempfile
from datetime import date
from pathlib import Path

from commands.shell import configure, environment

from .data import convert_telco


def import_payers(env, count, today=None):
    """Import the first ``count`` subscribers who have not left, due on ``today``; return their orders."""
    today = today or date.today()
    subscribers = [row for row in convert_telco.read_subscribers() if row["churn"] == "No"][:count]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "telco.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, convert_telco.COLUMNS)
            writer.writeheader()
            writer.writerows(convert_telco.convert(row, today) for row in subscribers)
        done = env["subscription.import"].run_file(str(path), create_missing=True)
    assert done["imported"] == count, done
    env["subscription.plan"].search([]).invoicing_mode = "post"
    orders = env["sale.order"].search([("subscription_status", "!=", False)], order="id")
    save_methods(
        env, [order for order, row in zip(orders, subscribers, strict=True) if "auto" in row["payment_method"]]
    )
    return orders


def save_methods(env, orders):
    """Give each of ``orders`` a method saved at the provider for demonstrations."""
    provider = enable_demo_provider(env)
    for order in orders:
        order.subscription_token_id = env["payment.token"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": env.ref("payment.payment_method_card").id,
                "partner_id": order.partner_id.id,
                "provider_ref": f"play {order.name}",
                "payment_details": f"{order.id % 10000:04}",
                "demo_simulated_state": "done",
            }
        )


def enable_demo_provider(env):
    """Let the company take (play) money."""
    provider = env["payment.provider"].search([("code", "=", "demo"), ("company_id", "=", env.company.id)])
    provider.state = "test"
    return provider


if __name__ == "__main__":
    configure()
    with environment(sys.argv[1]) as env:
        import_payers(env, int(sys.argv[2]))
