"""One process that bills, against two at once: the same subscriptions, in two copies of one database."""

import time

from .agreements import START
from .command import start_bills, watch
from .common import copied_database, new_database, print_table, tell
from .many import make_many

SUBSCRIPTIONS = 2_000


def run(options):
    """Make the subscriptions once; bill them with one process and with two."""
    with new_database() as template:
        count = make_many(template, options.subscriptions)
        measured = {workers: _bill(template, workers, count) for workers in (1, 2)}
    _print(measured)
    return {"one_s": round(measured[1][0], 2), "two_s": round(measured[2][0], 2)}


def _bill(template, workers, count):
    """Return the seconds of billing without the start of the processes, what they waited for, and their shares."""
    with copied_database(template) as db:
        tell(f"billing {count:,} with {workers}")
        commands = start_bills(db, START, workers)
        started = time.perf_counter()
        waits = watch(db, commands)
        seconds = time.perf_counter() - started
        invoices = [command.finish()["invoices"] for command in commands]
    assert sum(invoices) == count, f"{invoices} invoices instead of {count}."
    return seconds, waits, invoices


def _print(measured):
    one = measured[1][0]
    print_table(
        ["processes", "seconds", "× one", "invoices of each", "waiting for locks"],
        [
            [str(workers), seconds, seconds / one, " + ".join(map(str, invoices)), f"{sum(waits.values()):.1%}"]
            for workers, (seconds, waits, invoices) in measured.items()
        ],
    )
    for statement, share in list(measured[2][1].items())[:5]:
        print(f"{share:7.1%} of their time, two waited for {statement}")
