"""The attacks: each takes the good call of a route, and makes of it what must not work."""

import math
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from .calls import Amount, Day, Key, Ref, Text, Token
from .watch import count

ATTACKS = {}
BY_ANYBODY = set()
LEVELS = ("see", "pay", "manage", "customer")
FOREIGN_FIELDS = ("partner_id", "order_id", "state", "subscription_status", "price_unit", "user_id", "is_validation")
HUGE = (0, -1, 2**31, 2**63, 10**30)
SUM = 7919 * 7907  # what a template would make of the product in the markup below
MARKUP = (
    "zq\"'></textarea><script>alert(7919)</script><img src=x onerror=alert(7919)>"
    '{{7919*7907}}${7919*7907}<t t-out="7919*7907"/>%(7919)s%s'
)
LIVE = ("<script>alert(7919)", "<img src=x onerror=alert(7919)", '<t t-out="7919', str(SUM))


def attack(function):
    """Add an attack to the list."""
    ATTACKS[function.__name__] = function
    return function


def attack_by_anybody(function):
    """Add an attack that is the same whatever is sent: once for each route will do."""
    BY_ANYBODY.add(function.__name__)
    return attack(function)


# === WHO ===#


@attack_by_anybody
def no_token(trial):
    """The address alone."""
    if trial.good.opens:
        trial.refuse(trial.world.nobody, trial.call.without("access_token"))


@attack_by_anybody
def wrong_token(trial):
    """A token that nobody was given."""
    if trial.good.opens:
        for token in ("wrong", "", "é\u2028", "x" * 5000, trial.token[:-1]):
            trial.refuse(trial.world.nobody, trial.call.put(access_token=token), f"token {token[:20]!r}")
        if trial.call.method == "JSON":
            for token in (True, [trial.token], {"a": trial.token}):
                trial.refuse(trial.world.nobody, trial.call.put(access_token=token), f"token {token!r}")
        else:
            trial.refuse(trial.world.nobody, trial.call.put(access_token=["", "wrong"]), "two tokens")


@attack_by_anybody
def token_of_another_customer(trial):
    """A good token, of another document; and the good token, for another document."""
    if trial.good.opens:
        for name in {trial.good.opens, "order", "invoice"}:
            token = trial.world.eve.tokens[name]
            trial.refuse(trial.world.nobody, trial.call.put(access_token=token), f"another customer's {name}")
        for name in ("order", "invoice", "quotation"):
            token = trial.world.victim.tokens[name]
            if name != trial.good.opens:
                trial.refuse(trial.world.nobody, trial.call.put(access_token=token), f"that of the {name}", leak=False)


@attack_by_anybody
def stranger(trial):
    """Somebody with a login, who has nothing to do with the customer."""
    if not trial.good.opens:
        return
    for visitor in (trial.world.eve_logged_in, trial.world.employee):
        for token in (None, trial.world.eve.tokens[trial.good.opens]):
            call = trial.call.put(access_token=token) if token else trial.call.without("access_token")
            trial.refuse(visitor, call, "with a token of theirs" if token else "")


@attack_by_anybody
def other_company(trial):
    """A customer of another company of the same database."""
    if trial.good.opens:
        for token in (None, trial.world.otto.tokens["order"]):
            call = trial.call.put(access_token=token) if token else trial.call.without("access_token")
            trial.refuse(trial.world.otto_logged_in, call, "with a token of theirs" if token else "")


@attack_by_anybody
def archived(trial):
    """A login that was archived, a person who was, and a person from whom the access was taken back."""
    if not trial.good.opens:
        return
    trial.refuse(trial.world.archived_user, trial.call.without("access_token"), "user")
    for name in ("taken back", "archived person"):
        token = trial.guests.get(name)
        if not token:
            continue
        trial.refuse(trial.world.nobody, trial.call.put(access_token=token), name)


@attack_by_anybody
def level_too_low(trial):
    """Somebody whom the customer let see, or pay, where more is asked."""
    if not trial.good.level:
        if trial.good.opens is None and trial.good.login:
            trial.refuse(trial.world.nobody, trial.call, "no login")
        return
    for level in LEVELS[: LEVELS.index(trial.good.level)]:
        token = trial.guests[level]
        trial.refuse(trial.world.nobody, trial.call.put(access_token=token), f"a link that lets {level}", leak=False)
        visitor = trial.world.guests[level]
        trial.refuse(visitor, trial.call.without("access_token"), f"a login that lets {level}", leak=False)
    if trial.good.level == "manage":
        call = trial.call.without("access_token")
        trial.refuse(trial.world.colleague, call, "a colleague, who pays", leak=False)


@attack
def link_handed_on(trial):
    """The customer's own links, on pages of those who were let in: access is taken back, a link is not."""
    if not trial.is_reading or trial.good.level not in LEVELS[:3]:
        return
    for level in LEVELS[LEVELS.index(trial.good.level) : 3]:
        # Who pays may have the link of the invoice.
        secrets = {name for name in trial.world.victim.tokens if level == "see" or name != "invoice"}
        by_link = trial.call.put(access_token=trial.guests[level])
        trial.keep_secret(trial.world.nobody, by_link, secrets, f"a link that lets {level}")
        trial.keep_secret(trial.world.guests[level], trial.call.without("access_token"), secrets, f"lets {level}")
    if trial.good.level != "manage":
        trial.keep_secret(trial.world.colleague, trial.call.without("access_token"), secrets, "a colleague")


@attack
def right_taken_away(trial):
    """What staff does not let this customer do."""
    for name, value in trial.good.rights.items():
        call = trial.prepare()
        trial.world.set_on_order(trial.good.opens, name, value)
        trial.refuse(trial.visitor, call, f"{name}={value}")


# === WHAT ===#


@attack
def changed_ids(trial):
    """Ids of another customer's things, and ids of nothing."""
    for name, value in trial.call.places.items():
        own = isinstance(value, Ref) and [value.foreign]
        for other in [*(own or ()), *HUGE]:
            trial.refuse(trial.visitor, trial.call.at(**{name: other}), f"{name} {other}")
    for name, value in trial.call.find((Ref, Key)).items():
        if isinstance(value, Token):
            continue
        others = [value.foreign, *HUGE, "abc", "1; DROP TABLE sale_order", "", "1e9", "é", "\u0661" * 9]
        for other in others:
            trial.refuse(trial.visitor, trial.prepare().put(**{name: other}), f"{name} {other!r}")
        trial.refuse(trial.visitor, trial.prepare().put(**{name: [value, value.foreign]}), f"{name} twice", free=True)


@attack
def changed_amounts(trial):
    """Numbers that are none, or too many, or less than nothing."""
    numbers = (-1, -0.01, 0.01, 10**9, 1e300, math.nan, math.inf, -math.inf, "abc", "", "1e300", "NaN", "1,5", "٣x")
    for name in trial.call.find(Day):
        if name in trial.good.ignores:
            continue
        for day in (
            "abc",
            "0001-01-01",
            "9999-12-31",
            "10000-01-01",
            "2026-02-30",
            "-1",
            "1e9",
            "2026-01-01T00:00:00Z",
        ):
            trial.refuse(trial.visitor, trial.prepare().put(**{name: day}), f"{name} {day}")
    for name in trial.call.find(Amount):
        # Where the server has an amount of its own, all goes on as ever.
        attempt = trial.same if name in trial.good.ignores else trial.refuse
        for number in numbers:
            attempt(trial.visitor, trial.prepare().put(**{name: number}), f"{name} {number!r}")
        attempt(trial.visitor, trial.prepare().put(**{name: ["7", "8"]}), f"{name} a list")
        trial.refuse(trial.visitor, trial.prepare().put(**{f"{name}[]": "1"}).without(name), f"{name}[]", free=True)


@attack
def left_out(trial):
    """A form of which a field is missing, or comes twice, or is of another kind; and fields that no form has."""
    for name in trial.call.params:
        # A visitor with a login needs no token; what remains may be a good call then.
        trial.refuse(trial.visitor, trial.prepare().without(name), f"no {name}", free=True)
        if trial.call.method == "JSON":
            for value in (None, [], {}, "x", -1):
                trial.refuse(trial.visitor, trial.prepare().put(**{name: value}), f"{name} {value!r}", free=True)
        else:
            # Servers take no longer address.
            endless = "x" * (70000 if trial.call.method == "POST" else 5000)
            for value in (["a\x00b", "\x00"], endless):
                trial.refuse(trial.visitor, trial.prepare().put(**{name: value}), f"{name} {value[:2]!r}", free=True)
    more = {name: 1 for name in FOREIGN_FIELDS if name not in (*trial.call.params, *trial.call.places)}
    trial.same(trial.visitor, trial.prepare().put(**more), "fields that no form has")


@attack
def markup(trial):
    """Words that a browser, a template or a database might take for more."""
    for name in trial.call.find(Text):
        call = trial.prepare()
        trial.escaped(trial.visitor, call.put(**{name: MARKUP}), name)
        trial.escaped(trial.visitor, trial.prepare().put(**{name: MARKUP[::-1] + MARKUP}), f"{name}, reversed as well")


@attack
def very_long(trial):
    """A book in place of a sentence."""
    for name in trial.call.find(Text):
        long = ("x" * 100000, "😀" * 20000) if trial.call.method != "GET" else ("x" * 4000, "😀" * 400)
        for text in (*long, "a\x00b", "\u202e" * 50, " ", "\r\nBcc: eve@example.com\r\n"):
            trial.refuse(trial.visitor, trial.prepare().put(**{name: text}), f"{name} {text[:5]!r}", free=True)


# === HOW ===#


@attack
def get_that_changes(trial):
    """A link to what is to be asked for with a button."""
    call = trial.call.by("GET", text=None)
    trial.refuse(trial.visitor, call, str(trial.visitor))


@attack_by_anybody
def without_csrf_token(trial):
    """A form of another website, that the customer's browser sends with the customer's session."""
    if trial.route.kind == "http" and "POST" not in trial.route.methods:
        return
    for visitor in trial.visitors:
        forged = trial.prepare_for(visitor)
        if trial.route.kind == "jsonrpc":
            text = forged.body
            forged = forged.by("POST", forged=True, text=text, headers={"Content-Type": "text/plain"})
            trial.refuse(visitor, forged, f"{visitor}, JSON as text")
        else:
            trial.refuse(visitor, forged.by("POST", forged=True), str(visitor))
            wrong = forged.by("POST", forged=True).put(csrf_token="0123456789abcdef0123456789abcdef01234567o1")
            trial.refuse(visitor, wrong, f"{visitor}, a wrong one")


@attack_by_anybody
def other_methods(trial):
    """Methods that no form knows."""
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
        trial.refuse(trial.visitor, trial.call.by(method, text=None), method)
    if trial.route.kind == "jsonrpc":
        # What Odoo itself takes for a call of this route.
        for text in ("", "[]", "null", "{", '{"params": []}'):
            call = trial.call.by("POST", forged=True, text=text, headers={"Content-Type": "application/json"})
            trial.refuse(trial.visitor, call, f"body {text[:12]!r}")


@attack
def replayed(trial):
    """The same, once more: the first one counts."""
    if trial.is_reading:
        return
    for visitor in trial.visitors:
        call = trial.prepare_for(visitor)
        trial.same(visitor, call, f"{visitor}, first", undo=False)
        trial.refuse(visitor, call, f"{visitor}, again", free=bool(trial.good.repeatable))


@attack
def two_at_once(trial):
    """The same twice, at the same time: as if it had come once."""
    if trial.is_reading:
        return
    visitor = trial.visitor
    trial.same(visitor, trial.prepare(), "one")
    call, barrier = trial.prepare(), Barrier(2)

    def send(_number):
        barrier.wait()
        return visitor.send(call)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, range(2)))
    written = trial.watch.take()
    more = count(written) - count(trial.usual)
    trial.judge("two", visitor, answers[0], written, wrong=bool(more) and not trial.good.repeatable)
    trial.judge("two", visitor, answers[1], [], wrong=False)
