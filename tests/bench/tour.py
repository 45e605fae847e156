"""A tour of all our screens: which there are, and the server calls that open each."""

from functools import cached_property

from .webviews import Call, Search, View

MENU = "sale_subscription_plus.menu_subscription_root"
SALES_OWN = ("sale.action_quotations_with_onboarding", "sale.action_orders")
# On a subscription.
BUTTONS = ("action_view_subscription_periods", "action_view_subscription_events", "action_view_subscription_charges")
SCHEDULE = "sale_subscription_plus.subscription_schedule_action"
# Groupings with about as many groups as there are records: no pivot can show them.
EACH_ITS_OWN = ("partner_id", "order_id")
# What is typed into the fields of searches: it is found in many names.
SEARCHED = "123"


def get_screens(session):
    """Yield (title, calls that open it) of all screens of ours that the user of ``session`` finds."""
    yield "Overview", [Call("subscription.overview", "get_overview", ())]
    for window in get_windows(session):
        yield from window.get_views()
        yield from window.get_lists()
    yield from _get_history(session)


def get_sales_screens(session):
    """Yield (title, calls that open it) of Sales' own screens, on which some of our fields are."""
    for xmlid in SALES_OWN:
        yield from Window(session, session.get_action(xmlid)).get_views()


def get_windows(session, addon=""):
    """Return the :class:`Window` of each entry of our menu; only of those that an add-on of that name brings."""
    return [Window(session, action) for action in _get_menu_actions(session, addon)]


def _get_menu_actions(session, addon=""):
    menus = session.get_menus()
    ids = [menu["id"] for menu in menus.values() if menu.get("xmlid") == MENU]
    actions = set()
    for menu_id in ids:
        menu = menus[str(menu_id)]
        ids += menu["children"]
        if menu["actionModel"] == "ir.actions.act_window" and menu["xmlid"].startswith(addon):
            actions.add(menu["actionID"])
    return [session.get_action(action) for action in sorted(actions)]


def _get_history(session):
    """What the buttons on a subscription with a long history open."""
    domain = [("subscription_status", "=", "progress")]
    (order_id,) = session.call(Call("sale.order", "search", (domain,), {"order": "id", "limit": 1}))
    for name in BUTTONS:
        action = session.call(Call("sale.order", name, ([order_id],)))
        yield from Window(session, {**action, "name": f"Button {action['name']}"}).get_views()
    yield from Window(session, session.get_action(SCHEDULE)).get_new({"default_order_id": order_id})


class Window:
    """What an action opens: views of a model, with a search."""

    def __init__(self, session, action):
        self.session = session
        self.title = action["name"]
        self.model = action["res_model"]
        self.record_id = action.get("res_id")
        self.domain = session.evaluate(action.get("domain") or "[]")
        self.context = session.evaluate(action.get("context") or "{}")
        views = [*action["views"], [(action.get("search_view_id") or [False])[0], "search"]]
        options = {"action_id": action.get("id"), "load_filters": True, "toolbar": True}
        self.get_views_call = self._call("get_views", views=views, options=options)
        described = session.call(self.get_views_call)
        self.views = {
            kind: View(kind, self.model, view["arch"], described["models"])
            for kind, view in described["views"].items()
            if kind != "search"
        }
        fields = described["models"][self.model]["fields"]
        self.search = Search(described["views"]["search"]["arch"], fields, session.evaluate)

    def _call(self, method, *args, **kwargs):
        return Call(self.model, method, args, kwargs)

    def get_views(self):
        """Yield (title, calls) of each view, as the action opens it."""
        domain, group_by = self._get_default_search()
        for kind, view in self.views.items():
            if kind == "form" and not self._example:
                continue
            calls = view.get_calls(domain, group_by if kind in ("list", "kanban") else None, self._example)
            yield f"{self.title}: {kind}", self._in_context([self.get_views_call, *calls])

    def get_lists(self):
        """Yield (title, calls) of the list with each filter by itself, and with each grouping and search added."""
        view = self.views.get("list")
        if not view:
            return
        default, _group_by = self._get_default_search()
        for title, domain in self.search.get_filters().values():
            yield f"{self.title}: filter {title}", self._in_context(view.get_calls([*self.domain, *domain]))
        for title, group_by in self.search.get_groupings().values():
            yield f"{self.title}: by {title}", self._in_context(view.get_calls(default, group_by))
        for title, domain in self.search.get_searches(SEARCHED).items():
            yield f"{self.title}: search {title}", self._in_context(view.get_calls([*default, *domain]))

    def get_pivots(self):
        """Yield (title, calls) of the pivot with rows of each grouping that has fewer than the records have."""
        view = self.views.get("pivot")
        if not view:
            return
        domain, _group_by = self._get_default_search()
        for title, group_by in self.search.get_groupings().values():
            if group_by in EACH_ITS_OWN:
                continue
            yield f"{self.title}: pivot by {title}", self._in_context(view.get_pivot_calls(domain, group_by))

    def get_cohorts(self, settings):
        """Yield (title, calls) of the cohorts under each of ``settings``, and for each grouping."""
        view = self.views.get("cohort")
        if not view:
            return
        domain, _group_by = self._get_default_search()
        for each in settings:
            title = ", ".join(each.values())
            yield f"{self.title}: {title}", self._in_context(view.get_cohort_calls(domain, **each))
        for title, group_by in self.search.get_groupings().values():
            calls = view.get_cohort_calls(domain, groupby=[group_by])
            yield f"{self.title}: cohorts by {title}", self._in_context(calls)

    def get_new(self, context):
        """Yield (title, calls) of the form of a new record."""
        self.context |= context
        call = self.views["form"].get_new_call()
        yield f"{self.title}: new", self._in_context([self.get_views_call, call])

    def _get_default_search(self):
        filters, groupings = self.search.get_filters(), self.search.get_groupings()
        domain, group_by = [*self.domain], None
        for key, wanted in self.context.items():
            name = key.removeprefix("search_default_")
            if wanted and name != key:
                domain += filters.get(name, ("", []))[1]
                group_by = groupings.get(name, ("", group_by))[1]
        return domain, group_by

    @cached_property
    def _example(self):
        """The record to open in a form: the oldest, which has the longest history."""
        if self.record_id:
            return self.record_id
        found = self.session.call(self._call("search", self.domain, order="id", limit=1))
        return found and found[0]

    def _in_context(self, calls):
        kept = {key: value for key, value in self.context.items() if not key.startswith("search_default_")}
        return [
            Call(call.model, call.method, call.args, {**call.kwargs, "context": kept | call.kwargs.get("context", {})})
            for call in calls
        ]
