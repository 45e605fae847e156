"""What the days of a subscription line cost: a model in plain Python that keeps every single day.

It knows nothing of the add-on. Each day that is billed remembers what was charged for it and by which charge, so that
what is credited, carried over or charged in addition for it is a sum over days, in fractions that are never rounded.
"""

from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    unit: str  # day, month
    count: int
    arrears: bool = False
    aligned: bool = False  # to the first of the month

    @property
    def months(self):
        return self.count if self.unit == "month" else self.count / (365.25 / 12)

    def boundary(self, anchor, number):
        if self.unit == "day":
            return anchor + number * self.count * DAY
        months = anchor.year * 12 + anchor.month - 1 + number * self.count
        year, month = divmod(months, 12)
        return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))

    def whole_period(self, anchor, day):
        """Return the first day of the period that ``day`` lies in, and the first one after it."""
        number = (day - anchor).days // (self.count * (1 if self.unit == "day" else 31)) - 2
        while self.boundary(anchor, number + 1) <= day:
            number += 1
        return self.boundary(anchor, number), self.boundary(anchor, number + 1)

    def anchor(self, start):
        return start.replace(day=1) if self.aligned else start


@dataclass(frozen=True)
class Terms:
    since: date
    plan: Plan
    anchor: date
    quantity: float
    price: float
    discount: float

    def whole(self, coin):
        exact = Decimal(str(self.price)) * Decimal(str(self.quantity)) * (1 - Decimal(str(self.discount)) / 100)
        return Fraction((exact / coin).quantize(Decimal(1), rounding=ROUND_HALF_UP) * coin)


@dataclass(eq=False)
class Charge:
    """A line of a document: money for days, from ``start`` on."""

    kind: str  # "days" that are billed, or "money" inside of such days
    start: date
    amount: Fraction
    parts: int = 1  # amounts that were rounded to come to it
    document: object = None
    cancelled: bool = False
    days: list = field(default_factory=list)


@dataclass(eq=False)
class Day:
    """A day that is done with: billed under ``full_days``, or skipped when there are none."""

    full_days: int = 0
    charged: dict = field(default_factory=dict)  # {charge: amount}

    @property
    def live(self):
        return {charge: amount for charge, amount in self.charged.items() if not charge.cancelled}

    @property
    def amount(self):
        return sum(self.live.values(), Fraction(0))


class LineModel:
    def __init__(self, start, plan, quantity, price, discount, coin="0.01"):
        self.coin = Decimal(coin)
        self.start = start
        self.terms = [Terms(start, plan, plan.anchor(start), quantity, price, discount)]
        self.days = {}
        self.bank = []  # days that wait for the end of a pause
        self.end = self.paused_on = None
        self.charges = []

    # === AGREEMENT ===#

    def terms_on(self, day):
        return next(terms for terms in reversed(self.terms) if terms.since <= day)

    @property
    def now(self):
        return self.terms[-1]

    def _agree(self, day, **values):
        self.terms.append(replace(self.now, since=day, **values))

    @property
    def mrr(self):
        return float(self.now.whole(self.coin)) / self.now.plan.months

    def paid_until(self, today):
        """Return where a change needs no proration: the end of what is billed, or of the period in arrears."""
        hole = self._first_hole()
        if self.now.plan.arrears:
            return self.now.plan.whole_period(self.now.anchor, max(today, hole))[1]
        return max(today, hole)

    # === BILLING ===#

    def bill(self, until):
        """Bill all that is due until that day."""
        while span := self._next_span(until):
            terms, start, end = span
            first, last = terms.plan.whole_period(terms.anchor, start)
            full_days = (last - first).days
            charge = Charge("days", start, Fraction(0))
            for day in _days_between(start, end):
                self.days[day] = Day(full_days, {charge: terms.whole(self.coin) / full_days})
                charge.days.append(day)
            charge.amount = sum((self.days[day].amount for day in charge.days), Fraction(0))
            if terms.quantity:
                self.charges.append(charge)

    def _first_hole(self):
        day = self.start
        while day in self.days:
            day += DAY
        return day

    def _next_span(self, until):
        start = self._first_hole()
        stops = [day for day in (self.end, self.paused_on) if day]
        if any(start >= day for day in stops):
            return None
        terms = self.terms_on(start)
        later = [step for step in self.terms if step.since > start]
        ends = [terms.plan.whole_period(terms.anchor, start)[1], *stops]
        ends += [step.since for step in later if (step.plan, step.anchor) != (terms.plan, terms.anchor)]
        ends += [day for day in self.days if day > start]
        settled = min(ends)
        if (settled if terms.plan.arrears else start) > until:
            return None
        return terms, start, min([settled, *(step.since for step in later)])

    # === CHANGES ===#

    def change(self, day, **values):
        """Quantity, price or discount from ``day`` on."""
        before = self.now.whole(self.coin)
        self._agree(day, **values)
        difference = self.now.whole(self.coin) - before
        charge = Charge("money", day, Fraction(0), parts=2)
        for when in self._billed_from(day):
            state = self.days[when]
            state.charged[charge] = difference / state.full_days
            charge.amount += state.charged[charge]
            charge.days.append(when)
        self._add(charge)

    def switch(self, day, plan, price):
        self._give_back(day)
        self._forget_from(day)
        self._agree(day, plan=plan, anchor=plan.anchor(day), price=price)

    def pause(self, day, carry):
        if carry and not self.now.plan.aligned:
            self.bank = [self.days[when] for when in self._billed_from(day)]
        else:
            self._give_back(day)
        self._forget_from(day)
        self.paused_on = day

    def resume(self, day):
        skipped = self._skip(self.paused_on, day)
        # Not those of which the invoice was cancelled meanwhile.
        self.bank = [state for state in self.bank if state.full_days]
        for offset, state in enumerate(self.bank):
            when = day + offset * DAY
            assert when not in self.days, f"{when} is taken"
            self.days[when] = state
        if self.bank:
            self._agree(day, anchor=day + len(self.bank) * DAY)
        elif skipped:
            self._agree(day, anchor=self.now.plan.anchor(day))
        self.paused_on, self.bank = None, []

    def close(self, day, credit):
        if credit:
            for offset, state in enumerate(self.bank):
                self.days[date.max - offset * DAY] = state
            self._give_back(day, (self.paused_on if self.bank else None) or day)
            self._forget_from(day)
        if self.paused_on:
            self._skip(self.paused_on, day)
        self.bank, self.paused_on = [], None
        self.end = day

    def reopen(self, day):
        if self._skip(self.end, day):
            self._agree(day, anchor=self.now.plan.anchor(day))
        self.end = None

    def _billed_from(self, day):
        return sorted(when for when, state in self.days.items() if when >= day and state.full_days)

    def _give_back(self, day, first=None):
        charge = Charge("money", first or day, Fraction(0))
        sources = set()
        for when in self._billed_from(day):
            state = self.days[when]
            sources |= state.live.keys()
            charge.amount -= state.amount
            charge.days.append(when)
        charge.parts = len(sources)
        charge.sources = sources
        self._add(charge)

    def _forget_from(self, day):
        """Days from ``day`` on are not done with any more, skipped or not."""
        for when in [when for when in self.days if when >= day]:
            del self.days[when]

    def _add(self, charge):
        # What comes to less than half a coin may be nothing.
        if charge.amount:
            self.charges.append(charge)

    def _skip(self, start, end):
        idle = [day for day in _days_between(start, end) if day not in self.days]
        for day in idle:
            self.days[day] = Day()
        return idle

    # === UNDONE DOCUMENTS ===#

    def leaning_on(self, charge):
        """Return the live charges of other documents for days that ``charge`` billed."""
        if charge.kind != "days":
            return []
        return [
            other
            for other in self.charges
            if not other.cancelled
            and other.document != charge.document
            and (charge in getattr(other, "sources", ()) or self._share_days(charge, other))
        ]

    def _share_days(self, charge, other):
        return any(charge in state.charged and other in state.charged for state in (*self.days.values(), *self.bank))

    def cancel(self, charge):
        charge.cancelled = True
        if charge.kind == "days":
            for state in (*self.days.values(), *self.bank):
                if charge in state.charged:
                    state.full_days, state.charged = 0, {}

    def bill_again(self, start, end):
        for day in _days_between(start, end):
            self.days.pop(day)

    # === WHAT MUST HOLD ===#

    def total(self):
        return sum((charge.amount for charge in self.charges if not charge.cancelled), Fraction(0))

    def billed_days(self):
        return {day for day, state in self.days.items() if state.full_days and state.charged}


def _days_between(start, end):
    return [start + number * DAY for number in range((end - start).days)]
