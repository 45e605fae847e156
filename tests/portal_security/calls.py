"""What is sent to a route: an address, a method, parameters; each parameter knows what may be forged in it."""

import json
import re
from dataclasses import dataclass, field, replace

PLACEHOLDER = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")


class Ref(int):
    """The id of something of the customer's; ``foreign`` is that of another customer's."""

    def __new__(cls, value, foreign=0):
        """Keep both ids."""
        self = super().__new__(cls, value)
        self.foreign = foreign
        return self


class Key(str):
    """A name of something of the customer's; ``foreign`` is that of another customer's."""

    def __new__(cls, value, foreign=""):
        """Keep both names."""
        self = super().__new__(cls, value)
        self.foreign = foreign
        return self


class Token(Key):
    """What opens a document without a login."""


class Amount(float):
    """A number that the visitor chooses, or that the page hands through."""

    def __str__(self):
        return f"{self:g}"


class Day(str):
    """A date."""


class Text(str):
    """Words that the visitor writes."""


@dataclass(frozen=True)
class Call:
    """One request."""

    rule: str
    method: str
    places: dict = field(default_factory=dict)
    params: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    forged: bool = False  # sent by another website: without what proves that it comes from our page
    text: str | None = None  # sent in place of the parameters

    @property
    def path(self):
        """The address, its places filled in."""
        return PLACEHOLDER.sub(lambda match: str(self.places[match[1]]), self.rule)

    @property
    def body(self):
        """The parameters as JSON, which may hold numbers that JSON does not know; or another text."""
        if self.text is not None or self.method != "JSON":
            return self.text
        return json.dumps({"jsonrpc": "2.0", "params": self.params})

    def at(self, **places):
        """Return this call for something else."""
        return replace(self, places={**self.places, **places})

    def put(self, **params):
        """Return this call with other parameters."""
        return replace(self, params={**self.params, **params})

    def without(self, name):
        """Return this call without one of its parameters."""
        return replace(self, params={key: value for key, value in self.params.items() if key != name})

    def by(self, method, **changes):
        """Return this call with another method."""
        return replace(self, method=method, **changes)

    def find(self, kind):
        """Return the parameters of a kind: {name: value}."""
        return {name: value for name, value in self.params.items() if isinstance(value, kind)}
