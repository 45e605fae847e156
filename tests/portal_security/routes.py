"""Our routes, as Odoo knows them: those that an add-on of ours brings, and Odoo's that ours override."""

import threading
from dataclasses import dataclass

from odoo.http import Controller

from commands import addons

OURS = tuple(f"odoo.addons.{name}." for name in addons.manifests())


@dataclass(frozen=True)
class Route:
    """One address and what answers there."""

    rule: str
    kind: str  # http or jsonrpc
    methods: tuple
    csrf: bool
    where: str

    @property
    def method(self):
        """The method of an ordinary call."""
        if self.kind == "jsonrpc":
            return "JSON"
        return "GET" if "GET" in self.methods else "POST"


def find_routes(env):
    """Return the routes of our add-ons, each address once."""
    routes = {}
    threading.current_thread().dbname = env.cr.dbname  # as in a request; Odoo asks it
    for rule in env["ir.http"].routing_map().iter_rules():
        where = _get_ours(rule.endpoint)
        if where:
            routing = rule.endpoint.routing
            methods = tuple(sorted(set(routing["methods"] or ("GET", "POST")) - {"OPTIONS"}))
            routes[rule.rule] = Route(rule.rule, routing["type"], methods, routing.get("csrf", True), where)
    return sorted(routes.values(), key=lambda route: route.rule)


def _get_ours(endpoint):
    """Return where one of our add-ons defines or overrides an endpoint; else None."""
    method = endpoint.func
    for cls in type(method.__self__).__mro__:
        if issubclass(cls, Controller) and method.__name__ in vars(cls) and cls.__module__.startswith(OURS):
            return f"{cls.__module__.removeprefix('odoo.addons.')}.{cls.__name__}.{method.__name__}"
    return None
