"""Who does what on which day: no database, the same for the same seed and day."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from .people import make_names, pick_place

PLANS = {"month": 55, "quarter": 20, "year": 25}  # which share of the subscribers takes which
# How many days a subscriber of each plan stays, on average.
STAY = {"month": 420, "quarter": 600, "year": 900}
LATER, HESITATING = 5, 11  # how many begin later, and how many have not decided
# How many days after its date an invoice is paid, on average; None: never.
CARDS = 0.6  # which share of the subscribers at home saves a card when they sign
PAYING = [(2, 45), (12, 38), (40, 10), (None, 7)]


@dataclass
class Subscriber:
    """One customer and what they bought."""

    number: int
    name: str
    house: str  # "home" or "europe"
    city: str
    country: str
    plan: str
    copies: int = 1
    archive: bool = False  # billed monthly, whatever the magazine's plan
    binder: bool = False  # bought once
    discount: float = 0.0
    pays_after: int | None = None
    start: date | None = None  # of those who want to begin later
    agency: bool = False  # billed on the journal of the agencies
    card: bool = False  # pays by a saved card, by itself
    records: dict = field(default_factory=dict)  # what the player keeps: the customer and the order

    @property
    def email(self):
        """An address that nobody owns."""
        return "".join(c for c in self.name.lower().replace(" ", ".") if c.isalnum() or c == ".") + "@example.com"


@dataclass
class Step:
    """Something that a subscriber, or the seller for them, does on a day."""

    # "quote", "send", "confirm", "upsell", "extend", "reduce", "switch", "pause", "revise", "renew", "leave", "reopen",
    # "cancel" or "close_journal"
    kind: str
    who: Subscriber
    how: str = ""


def tell(rng, count, first, last):
    """Return {day: [steps]} of a business that grows from ``first`` until ``last``, both included."""
    steps = defaultdict(list)
    for number, name in enumerate(make_names(rng, count)):
        who = make_subscriber(rng, number, name)
        for day, step in pick_life(number)(rng, who, first, last):
            steps[day].append(step)
        if number == 0:
            for day, step in revise_prices(who, first, last):
                steps[day].append(step)
    return steps


def revise_prices(who, first, last):
    """Return [(day, step)] of the house: what a month costs rises once, and what a quarter costs will soon."""
    return [
        (first + (last - first) * 2 // 3, Step("revise", who, "month")),
        (last - timedelta(5), Step("revise", who, "quarter")),
    ]


def pick_life(number):
    """Return how subscriber ``number`` lives: the first ones show what is rare."""
    if number == 0:
        return be_parked
    if number <= LATER:
        return begin_later
    if number <= LATER + HESITATING:
        return hesitate
    return live


def make_subscriber(rng, number, name):
    """Return a subscriber with habits of their own."""
    house = "europe" if rng.random() < 0.3 else "home"
    city, country = pick_place(rng, house)
    delays, weights = zip(*PAYING, strict=True)
    delay = rng.choices(delays, weights)[0]
    return Subscriber(
        number=number,
        name=name,
        house=house,
        city=city,
        country=country,
        plan=rng.choices(list(PLANS), PLANS.values())[0],
        copies=rng.choices([1, 2, 4], [88, 9, 3])[0],
        archive=rng.random() < 0.3,
        binder=rng.random() < 0.25,
        discount=rng.choices([0, 10, 20], [85, 10, 5])[0],
        pays_after=None if delay is None else rng.randint(0, 2 * delay),
        card=house == "home" and rng.random() < CARDS,
    )


def live(rng, who, first, last):
    """Yield (day, step) of somebody who subscribes, changes their mind now and then, and leaves some day."""
    # The exponent makes later days likelier: more subscribers come every month.
    arrival = first + timedelta(int((last - first).days * rng.random() ** 0.6))
    confirmed = arrival + timedelta(rng.randint(0, 6))
    yield arrival, Step("quote", who)
    yield confirmed, Step("confirm", who)
    if rng.random() < 0.18:
        yield confirmed + timedelta(rng.randint(20, 300)), Step("extend", who, rng.choice(["archive", "copy"]))
    if rng.random() < 0.06:
        yield confirmed + timedelta(rng.randint(90, 400)), Step("reduce", who)
    left = confirmed + timedelta(int(rng.expovariate(1 / STAY[who.plan])) + 15)
    yield left, Step("leave", who, rng.choices(["period", "term", "now"], [50, 35, 15])[0])
    if rng.random() < 0.15:
        yield left + timedelta(rng.randint(15, 80)), Step("reopen", who)
    yield from change_mind(rng, who, confirmed, last)


def change_mind(rng, who, confirmed, last):
    """Yield (day, step) of what happens to some subscriptions while they run."""
    if rng.random() < 0.1:
        yield confirmed + timedelta(rng.randint(30, 360)), Step("pause", who, str(rng.randint(14, 75)))
    if rng.random() < 0.08 and who.plan != "year":
        yield confirmed + timedelta(rng.randint(40, 300)), Step("switch", who, "year")
    if rng.random() < 0.07:
        yield confirmed + timedelta(rng.randint(10, 200)), Step("upsell", who)
    if rng.random() < 0.06:
        ahead = last - timedelta(rng.randint(0, 12))
        yield ahead, Step(rng.choice(["pause", "switch", "reduce", "renew"]), who, "later")


def begin_later(rng, who, _first, last):
    """Yield (day, step) of somebody who signs now for a subscription that begins in some weeks."""
    signed = last - timedelta(rng.randint(0, 12))
    who.start = last + timedelta(rng.randint(6, 45))
    yield signed, Step("quote", who)
    yield signed, Step("confirm", who)


def hesitate(rng, who, _first, last):
    """Yield (day, step) of somebody who has a quotation and has not decided, or said no."""
    asked = last - timedelta(rng.randint(0, 14))
    yield asked, Step("quote", who)
    answer = rng.choice(["", "", "send", "send", "cancel"])
    if answer:
        yield asked + timedelta(1), Step(answer, who)


def be_parked(_rng, who, _first, last):
    """Yield (day, step) of somebody whom billing cannot bill: their journal was archived some days ago."""
    who.house, who.city, who.country = "home", "Boston", "US"
    who.plan, who.agency = "month", True
    confirmed = last - timedelta(65)  # billed for the third time some days ago
    yield confirmed, Step("quote", who)
    yield confirmed, Step("confirm", who)
    yield last - timedelta(12), Step("close_journal", who)


def exchange_rates(rng, first, last):
    """Return [(day, euros a dollar)], one a month, wandering around 0.9."""
    days = [first - timedelta(30)]
    while days[-1] < last:
        days.append(days[-1] + timedelta(30))
    rate, rates = 0.92, []
    for day, _next in pairwise([*days, last]):
        rates.append((day, round(rate, 4)))
        rate += rng.uniform(-0.015, 0.015) + (0.9 - rate) / 10
    return rates
