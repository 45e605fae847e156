"""How long our screens take to open, for a salesperson and for a manager, over many subscriptions.

Every entry of our menu with each of its views, filters, groupings and searches, and what the buttons on a subscription
open; apart from them Sales' own screens, which our fields must not make slow. The seconds are those of all the calls
to the server that open a screen.
"""

from statistics import median

from .big import big_database
from .big.moulds import MANAGER, SALESPEOPLE
from .common import Clock, print_table, tell
from .tour import get_sales_screens, get_screens
from .webclient import Session, server

SUBSCRIPTIONS = 100_000
REPETITIONS = 3
USERS = (SALESPEOPLE[0], MANAGER)


def run(options):
    """Measure each screen for both users."""
    ours, sales = {}, {}
    with big_database(options.subscriptions) as db, server(db) as address:
        for login in USERS:
            session = Session(address, db, login, login)
            for table, screens in ((ours, get_screens(session)), (sales, get_sales_screens(session))):
                tell(f"{'Sales' if table is sales else 'our'} screens of {login}")
                for title, calls in screens:
                    table.setdefault(title, {})[login] = measure(session, calls)
    _print("Screen", ours)
    print()
    _print("Sales' own", sales)
    return {"slowest_s": _get_slowest(ours), "table": ours, "slowest_of_sales_s": _get_slowest(sales), "sales": sales}


def _get_slowest(table):
    return max(max(seconds.values()) for seconds in table.values())


def _print(title, table):
    rows = [[screen, *(seconds.get(login, "") for login in USERS)] for screen, seconds in table.items()]
    rows.sort(key=lambda row: max(filter(None, row[1:])), reverse=True)
    print_table([title, *(f"{login}, s" for login in USERS)], rows)


def measure(session, calls):
    """Return the seconds that the calls take, the median of three times after a first one."""
    seconds = []
    for _repetition in range(1 + REPETITIONS):
        with Clock() as clock:
            for call in calls:
                session.call(call)
        seconds.append(clock.seconds)
    return round(median(seconds[1:]), 3)
