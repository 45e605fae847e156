"""What the numbers must be, told from what was seen of the subscriptions day by day. No database, no events.

It follows the definitions word by word and the slow way: it remembers what each line brought after everything that was
done, and looks at each customer on each day.
"""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

EPSILON = 1e-6
DAY = timedelta(days=1)
TYPES = ("new", "expansion", "reactivation", "resume", "contraction", "pause", "churn", "transfer")
GAINS = ("new", "reactivation", "resume", "expansion")
LOSSES = ("contraction", "pause", "churn")
# What each filter looks at.
FILTERS = {
    "company_ids": "company",
    "team_ids": "team",
    "user_ids": "user",
    "plan_ids": "plan",
    "product_ids": "product",
    "country_ids": "country",
}


class Seen(NamedTuple):
    """One line at one moment: what it brings a month in its own currency, and whose that is."""

    amount: float
    currency: str
    is_paused: bool
    order: int
    company: int
    partner: int
    country: int
    product: int
    plan: int
    user: int
    team: int


class Oracle:
    """Sees lines, in the order of time, and tells the numbers of any period up to then.

    A line keeps its key when its subscription is renewed: the renewal goes on from what it renews.
    """

    def __init__(self, get_rate):
        """:param get_rate: function (company, currency, day) → what one unit is in the company's currency"""
        self.get_rate = get_rate
        self.now = {}  # {key of a line: Seen}
        self.carried = {}  # {key: what it brings, in company currency}
        self.days = {}  # {day: ({key: Seen}, {key: carried})} at the end of the day
        self.moved = defaultdict(set)  # {day: {(company, partner) who moved by more than a hand-over}}
        self.statuses = {}  # {contract: status}, now
        self.contract_days = {}  # {day: {contract: status}} at the end of the day
        self.started, self.closed = [], []  # days on which a contract did, each time

    def see(self, day, lines, contracts):
        """Remember what there is, right after something was done on ``day``.

        :param dict lines: {key: :class:`Seen`}
        :param dict contracts: {contract: its status}; a renewal goes on with the contract that it renews
        """
        for key, line in lines.items():
            self._see_line(day, key, self.now.get(key), line)
        self.now = dict(lines)
        self.days[day] = (self.now, dict(self.carried))
        self.started += [day for contract in contracts if contract not in self.statuses]
        self.closed += [
            day
            for contract, status in contracts.items()
            if status == "closed" and self.statuses.get(contract, "progress") != "closed"
        ]
        self.statuses = self.contract_days[day] = dict(contracts)

    def _see_line(self, day, key, before, line):
        had = before.amount if before else 0.0
        delta = line.amount - had
        carried = self.carried.get(key, 0.0)
        if delta > EPSILON:
            self.carried[key] = carried + delta * self.get_rate(line.company, line.currency, day)
        elif delta < -EPSILON:
            self.carried[key] = carried * line.amount / had
        if abs(delta) > EPSILON:
            self.moved[day].add((line.company, line.partner))

    # === BALANCES ===#

    def get_lines(self, day, filters=None):
        """Return {key: (Seen, what it brings in company currency)} at the end of ``day``."""
        past = [seen for seen in self.days if seen <= day]
        lines, carried = self.days[max(past)] if past else ({}, {})
        return {
            key: (line, carried.get(key, 0.0))
            for key, line in lines.items()
            if all(getattr(line, FILTERS[name]) in ids for name, ids in (filters or {}).items())
        }

    def get_marks(self, name):
        """Return all that was ever seen where the filter ``name`` looks; False for nothing at all."""
        return {getattr(line, FILTERS[name]) for lines, _carried in self.days.values() for line in lines.values()}

    def get_balances(self, day, mark, filters=None):
        """Return {value of ``mark``: MRR at the end of ``day``}; ``mark`` names a field of :class:`Seen` or several."""
        balances = defaultdict(float)
        for line, carried in self.get_lines(day, filters).values():
            value = tuple(getattr(line, name) for name in mark) if isinstance(mark, tuple) else getattr(line, mark)
            balances[value] += carried
        return balances

    def get_newcomers(self, first, last):
        """Return the {(company, partner): first day that ended with MRR} of all for whom that is in the period."""
        days = {}
        for day in sorted(seen for seen in self.days if seen <= last):
            for owner, amount in self.get_balances(day, ("company", "partner")).items():
                if amount > EPSILON:
                    days.setdefault(owner, day)
        return {owner: day for owner, day in days.items() if day >= first}

    def get_pausing(self, day):
        """Return the (company, partner) of whom something pauses at the end of ``day``."""
        return {(line.company, line.partner) for line, _carried in self.get_lines(day).values() if line.is_paused}

    def get_customers(self, day):
        """Return the (company, partner) who bring something at the end of ``day``, or of whom something pauses."""
        balances = self.get_balances(day, ("company", "partner"))
        return {owner for owner, amount in balances.items() if amount > EPSILON} | self.get_pausing(day)

    def count_contracts(self, first, last):
        """Return how many contracts ran before the period, started and were closed in it, and ran after it."""

        def count_running(day):
            past = [seen for seen in self.contract_days if seen <= day]
            return list(self.contract_days[max(past)].values()).count("progress") if past else 0

        return {
            "contracts_start": count_running(first - DAY),
            "contracts_end": count_running(last),
            "contracts_new": sum(first <= day <= last for day in self.started),
            "contracts_lost": sum(first <= day <= last for day in self.closed),
        }

    # === MOVEMENTS ===#

    def classify(self, owner, day):
        """Return what happened to all that a customer has with a company on ``day``."""
        before = self.get_balances(day - DAY, ("company", "partner"))[owner]
        after = self.get_balances(day, ("company", "partner"))[owner]
        if owner not in self.moved[day] or abs(after - before) < EPSILON:
            return "transfer"
        if before < EPSILON:
            if owner in self.get_pausing(day - DAY):
                return "resume"
            return "reactivation" if owner in self.get_newcomers(min(self.days), day - DAY) else "new"
        if after < EPSILON:
            return "pause" if owner in self.get_pausing(day) else "churn"
        return "expansion" if after > before else "contraction"

    def get_movements(self, first, last, filters=None):
        """Return [(day, (company, partner), type, change of what the filters leave)] of the days of a period."""
        movements = []
        for day in sorted(seen for seen in self.days if first <= seen <= last):
            before = self.get_balances(day - DAY, ("company", "partner"), filters)
            after = self.get_balances(day, ("company", "partner"), filters)
            for owner in sorted(before.keys() | after.keys()):
                if abs(after[owner] - before[owner]) > EPSILON:
                    movements.append((day, owner, self.classify(owner, day), after[owner] - before[owner]))
        return movements

    def get_figures(self, first, last, filters=None, get_company_rate=lambda company: 1.0):
        """Return what the key figures are made of; losses are told as positive numbers.

        :param get_company_rate: function company → what one unit of its currency is in that of the report
        """
        figures = dict.fromkeys(TYPES, 0.0)
        for _day, owner, kind, amount in self.get_movements(first, last, filters):
            figures[kind] += (-amount if kind in LOSSES else amount) * get_company_rate(owner[0])
        for name, day in (("start", first - DAY), ("end", last)):
            balances = self.get_balances(day, "company", filters)
            figures[f"mrr_{name}"] = sum(amount * get_company_rate(company) for company, amount in balances.items())
        figures["net_new"] = sum(figures[kind] for kind in GAINS) - sum(figures[kind] for kind in LOSSES)
        return figures

    def count_customers(self, first, last):
        """Return how many customers there were before the period, came and were lost in it, and were there after it.

        Who pauses all and closes it is lost that day, though no MRR is.
        """
        kinds = [kind for _day, _owner, kind, _amount in self.get_movements(first, last)]
        ended = 0
        for day in (seen for seen in self.days if first <= seen <= last):
            balances = self.get_balances(day - DAY, ("company", "partner"))
            gone = self.get_pausing(day - DAY) - self.get_customers(day)
            ended += sum(balances[owner] < EPSILON for owner in gone)
        return {
            "customers_start": len(self.get_customers(first - DAY)),
            "customers_end": len(self.get_customers(last)),
            "customers_new": kinds.count("new"),
            "customers_lost": kinds.count("churn") + ended,
        }

    # === COHORTS ===#

    def get_cohorts(self, get_start, get_next, seen_on, get_company_rate):
        """Return {start of an interval: (who started in it, [who is there], [MRR])}, one number per interval since.

        Customers start on the first day that ends with MRR. They are there while they bring something, or pause all
        that they have.

        :param get_start: function day → first day of its interval
        :param get_next: function first day of an interval → that of the next one
        """
        cohorts = defaultdict(set)
        for owner, day in self.get_newcomers(min(self.days), seen_on).items():
            cohorts[get_start(day)].add(owner)
        return {
            start: (len(owners), *self._follow(owners, start, get_next, seen_on, get_company_rate))
            for start, owners in cohorts.items()
        }

    def _follow(self, owners, start, get_next, seen_on, get_company_rate):
        counts, amounts = [], []
        while start <= seen_on:
            start = get_next(start)
            day = min(start - DAY, seen_on)
            balances = self.get_balances(day, ("company", "partner"))
            counts.append(len(owners & self.get_customers(day)))
            amounts.append(sum(balances[owner] * get_company_rate(owner[0]) for owner in owners))
        return counts, amounts


def get_kpis(figures):
    """Return the ratios, word by word as the definitions have them; None where they would divide by nothing."""
    lost = figures["churn"] + figures["contraction"]
    won = figures["expansion"] + figures["reactivation"]
    logo_churn = _ratio(figures["customers_lost"], figures["customers_start"])
    return {
        "mrr": figures["mrr_end"],
        "net_new_mrr": figures["net_new"],
        "run_rate": figures["mrr_end"] * 12,
        "logo_churn": logo_churn,
        "gross_churn": _ratio(lost, figures["mrr_start"]),
        "net_churn": _ratio(lost - won, figures["mrr_start"]),
        "revenue_per_contract": _ratio(figures["mrr_end"], figures["contracts_end"]),
        "lifetime_value": _ratio(
            _ratio(figures["mrr_end"], figures["customers_end"]), logo_churn and logo_churn / figures["months"]
        ),
        "quick_ratio": _ratio(figures["new"] + won, lost),
    }


def _ratio(part, whole):
    return part / whole if part is not None and whole else None
