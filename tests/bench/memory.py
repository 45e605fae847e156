"""Memory of a process that bills: with nothing due, with a tenth due, and with all."""

from datetime import timedelta

from .agreements import START
from .command import BillCommand
from .common import copied_database, new_database, print_table, tell
from .many import make_many

SUBSCRIPTIONS = 10_000
DAY = timedelta(days=1)


def run(options):
    """Bill as of three days, each in a fresh process: nothing is due on the first, a tenth on the second."""
    with new_database() as template:
        count = make_many(template, options.subscriptions, late=0.9)
        due = {START - DAY: 0, START: count // 10, START + DAY: count}
        peaks = {number: _bill(template, day, number) for day, number in due.items()}
    idle, few, many = peaks.values()
    rows = [[f"{number:,} due", peak, peak - idle] for number, peak in peaks.items()]
    print_table(["MiB at the most", "in all", "above idle"], rows)
    print(f"Above idle, all are {(many - idle) / (few - idle):.2f} × a tenth.")
    return {"idle_mb": round(idle, 1), "rss_1000_mb": round(few, 1), "rss_10000_mb": round(many, 1)}


def _bill(template, day, expected):
    with copied_database(template) as db:
        tell(f"billing {expected:,}")
        command = BillCommand(db, day)
        invoices = command.finish()["invoices"]
    assert invoices == expected, f"{invoices} invoices instead of {expected}."
    return command.peak_mb
