"""One route under attack: calls are made, and judged by what they wrote, showed and logged."""

from collections import Counter
from functools import cached_property

from .attacks import ATTACKS, BY_ANYBODY, LIVE
from .calls import Call, Token
from .watch import count

OUTCOMES = ("refused", "harmless", "changed", "leaked", "tracebacks")
BAD = ("changed", "leaked", "tracebacks")


class Trial:
    """All attacks on one route.

    :param good: a :class:`.good.Good`, how the customer calls the route
    """

    def __init__(self, route, good, world):
        self.route, self.good, self.world = route, good, world
        self.watch, self.log = world.watch, world.log
        self.outcomes = {name: Counter() for name in ATTACKS}
        self.offenders = []
        self._calls = {}
        self._attack = None

    # === THE GOOD CALL ===#

    @property
    def visitors(self):
        """Who may make the call: with the link, and with a login."""
        if self.good.keeper:
            return [self.world.eve_logged_in]
        if self.good.login or not self.good.opens:
            return [self.world.ada]
        return [self.world.nobody] if self.good.opens == "lone" else [self.world.nobody, self.world.ada]

    @property
    def visitor(self):
        """The first of them."""
        return self.visitors[0]

    @property
    def is_reading(self):
        """Whether the good call changes nothing."""
        return not self.good.writes(self.route)

    @property
    def token(self):
        """What opens the document."""
        if self.good.keeper:
            return self.guests["keeper"]
        return self.world.victim.tokens[self.good.opens]

    @property
    def guests(self):
        """The links of those whom the customer let in."""
        document = "order" if self.good.opens == "invoice" else self.good.opens
        return self.world.victim.guests.get(document, {})

    @property
    def name(self):
        """The route, and which of its good calls."""
        return " ".join(filter(None, [self.route.rule, self.good.title]))

    @property
    def call(self):
        """The good call of the first visitor."""
        return self.prepare()

    def prepare(self):
        """Return the good call of the first visitor."""
        return self.prepare_for(self.visitor)

    def prepare_for(self, visitor):
        """Return the good call of a visitor: what the page before it would send."""
        if visitor not in self._calls:
            params = dict(self.good.get_params(self.world, visitor))
            if self.good.opens and (self.good.keeper or not visitor.login):
                params["access_token"] = Token(self.token, self.world.eve.tokens[self.good.opens])
            places = {name: self._get_place(name) for name in self.good.get_places(self.route.rule)}
            method = self.good.method or self.route.method
            self._calls[visitor] = Call(self.route.rule, method, places, params)
            self.watch.undo()
            self.watch.take()
        return self._calls[visitor]

    def _get_place(self, name):
        key = self.good.places.get(name, name)
        if key == "order_id" and self.good.opens not in (None, "invoice"):
            key = f"{self.good.opens}_id"
        return self.world.victim.refer(key) if str(key).endswith("_id") else key

    @cached_property
    def usual(self):
        """What the good call writes."""
        self.visitor.send(self.prepare())
        return self._take_back()

    def check(self):
        """Return what is wrong with the good call: nothing can be said of attacks on a route that refuses all."""
        wrong = []
        for visitor in self.visitors:
            answer = visitor.send(self.prepare_for(visitor))
            errors, written = self.log.take(), self._take_back()
            if self.good.staff:
                if not answer.is_refused or errors or written:
                    wrong.append(f"{self.name}: {visitor} is not refused: {answer} {errors[-600:]}")
            elif answer.is_refused or answer.is_fault or errors:
                wrong.append(f"{self.name}: the good call by {visitor} is refused: {answer} {errors[-600:]}")
            elif bool(written) == self.is_reading:
                what = "; ".join(sorted(set(map(str, written)))) or "nothing"
                wrong.append(f"{self.name}: the good call by {visitor} writes {what}")
        return wrong

    def _take_back(self):
        written = self.watch.take()
        self.watch.undo()
        return written

    # === THE ATTACKS ===#

    def run(self, first=True):
        """Make all attacks.

        :param bool first: whether this is the first good call of its route
        """
        for name, attack in ATTACKS.items():
            if name in BY_ANYBODY and not first:
                continue
            self._attack = name
            attack(self)
            self.watch.undo()
            self.watch.take()

    def refuse(self, visitor, call, what="", free=False, leak=True):
        """Make a call that must change nothing, and show nothing of customers that the visitor does not know.

        :param bool free: it may change what is the visitor's own
        :param bool leak: whether the visitor must not even see the page
        """
        answer = visitor.send(call)
        written = self.watch.take()
        known = self.world.get_known(visitor, call) if leak else self.world.names
        self.judge(what, visitor, answer, written, wrong=bool(written) and not free, known=known)
        self.watch.undo()

    def keep_secret(self, visitor, call, secrets, what):
        """Make a call that is answered, but must not tell certain links of the customer's.

        :param set secrets: names of the documents that they open
        """
        answer = visitor.send(call)
        told = [name for name in secrets if self.world.victim.tokens[name] in answer.text + answer.location]
        self.judge(what, visitor, answer, self.watch.take(), wrong=False, leaked=told)
        self.watch.undo()

    def same(self, visitor, call, what="", undo=True):
        """Make a call that may do what the good call does, and nothing else."""
        usual = count(self.usual)
        answer = visitor.send(call)
        written = self.watch.take()
        self.judge(what, visitor, answer, written, wrong=bool(count(written) - usual))
        if undo:
            self.watch.undo()

    def escaped(self, visitor, call, what):
        """Make a call with markup; no page shows it but as letters, and nothing that is kept as HTML keeps it."""
        answer = visitor.send(call, follow=True)
        texts = [answer.text] if answer.is_page else []
        texts += [self.world.ada.open(path).text for path in self.good.get_pages(self.world)]
        written = self.watch.take()
        kept = [value for row in written for value in self.world.get_html(row)]
        self.judge(what, visitor, answer, written, wrong=any(live in text for text in texts + kept for live in LIVE))
        self.watch.undo()

    def judge(self, what, visitor, answer, written, wrong, known=None, leaked=()):
        """Say what came of an attack, and keep what is bad.

        :param known: names of the customers who may appear in the answer; the victim's own if not given
        :param leaked: what else the answer tells and must not
        """
        errors = self.log.take()
        known = [self.world.victim.name] if known is None else known
        names = [name for name in self.world.names if name not in known and name in answer.text.lower()]
        leaked = [*leaked, *names]
        if answer.is_fault or errors:
            outcome = "tracebacks"
        elif wrong:
            outcome = "changed"
        elif leaked:
            outcome = "leaked"
        elif answer.is_refused or (not written and answer.status != 200):
            outcome = "refused"
        else:
            outcome = "harmless"
        self.outcomes[self._attack][outcome] += 1
        if outcome in BAD:
            self.offenders.append(
                {
                    "route": self.name,
                    "where": self.route.where,
                    "attack": self._attack,
                    "outcome": outcome,
                    "who": str(visitor),
                    "how": what,
                    "answer": str(answer)[:500],
                    "written": sorted(set(map(str, written)))[:20],
                    "leaked": leaked,
                    "log": errors[-1500:],
                }
            )

    def total(self):
        """Return how often each outcome came."""
        return sum(self.outcomes.values(), Counter())
