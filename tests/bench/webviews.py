"""What Odoo's web client asks the server for when it opens a view: which records, fields, groups and sums."""

import json
from dataclasses import dataclass, field
from datetime import date

from dateutil.relativedelta import relativedelta
from lxml import etree

# How much the client loads at a time, and how far it counts.
RECORDS = GROUPS = 80
RECORDS_IN_GROUP = RECORDS_IN_FORM = 40
OPEN_GROUPS = 10
COUNTED = 10_001
# What graphs and pivots can be grouped by.
GROUPABLE = ("boolean", "char", "date", "datetime", "integer", "many2one", "many2many", "selection")
COHORTS, COHORTS_OF_GROUP = 120, 36
# What some graphs add to the context.
CONTEXT_OF_CLASS = {"subscription_timeline": {"subscription_timeline": True}}
# Fields that a widget brings with it.
ACTIVITY_FIELDS = (
    "activity_exception_decoration",
    "activity_exception_icon",
    "activity_state",
    "activity_summary",
    "activity_type_icon",
    "activity_type_id",
)
BROUGHT_ALONG = {"list_activity": ACTIVITY_FIELDS, "kanban_activity": ACTIVITY_FIELDS}


@dataclass
class Call:
    """One call of a method of a model."""

    model: str
    method: str
    args: tuple = ()
    kwargs: dict = field(default_factory=dict)


class View:
    """A view, as the server described it.

    :param str kind: "list", "form" …
    :param dict models: {model: {"fields": {name: description}}}, of this model and of those it shows lines of
    """

    def __init__(self, kind, model, arch, models):
        self.kind = kind
        self.model = model
        self.arch = etree.fromstring(arch)
        self.models = models
        self.fields = models[model]["fields"]

    def get_calls(self, domain, group_by=None, record_id=None):
        """Return the calls that load the view."""
        kind = "grouped" if group_by or self.arch.get("default_group_by") else self.kind
        return list(getattr(self, f"_load_{kind}")(domain, group_by, record_id))

    def _call(self, method, *args, **kwargs):
        return Call(self.model, method, args, kwargs)

    # === LISTS, KANBANS, FORMS ===#

    def _load_list(self, domain, _group_by, _record_id):
        yield self._call(
            "web_search_read",
            domain=domain,
            specification=self._get_specification(),
            order=self.arch.get("default_order", ""),
            offset=0,
            limit=int(self.arch.get("limit", RECORDS)),
            count_limit=COUNTED,
        )

    _load_kanban = _load_list

    def _load_grouped(self, domain, group_by, _record_id):
        group_by = self._get_group(group_by or self.arch.get("default_group_by"))
        open_groups = self.kind == "kanban"
        specification = self._get_specification()
        yield self._call(
            "web_read_group",
            domain,
            [group_by],
            self._get_aggregates([] if open_groups else specification),
            order=self.arch.get("default_order", ""),
            offset=0,
            limit=OPEN_GROUPS if open_groups else GROUPS,
            auto_unfold=open_groups,
            opening_info=[],
            unfold_read_specification=specification,
            unfold_read_default_limit=RECORDS_IN_GROUP if open_groups else RECORDS,
            groupby_read_specification={},
            context={"read_group_expand": True},
        )
        for bar in self.arch.iter("progressbar"):
            yield self._call(
                "read_progress_bar",
                domain=domain,
                group_by=group_by,
                progress_bar={"field": bar.get("field"), "colors": json.loads(bar.get("colors"))},
            )

    def _load_form(self, _domain, _group_by, record_id):
        yield self._call("web_read", [record_id], specification=self._get_specification())

    def get_new_call(self):
        """Return the call that loads the form of a new record."""
        return self._call("onchange", [], {}, [], self._get_specification())

    # === FIGURES ===#

    def _load_graph(self, domain, _group_by, _record_id):
        groups, measures = self._get_dimensions(), self._get_measures()
        context = {"fill_temporal": True, **CONTEXT_OF_CLASS.get(self.arch.get("js_class"), {})}
        yield self._call("formatted_read_group", domain, groups, ["__count", *measures], context=context)

    def get_pivot_calls(self, domain, group_by):
        """Return the calls that load the pivot with rows of another grouping."""
        return list(self._load_pivot(domain, group_by, None))

    def _load_pivot(self, domain, group_by, _record_id):
        rows = [self._get_group(group_by)] if group_by else self._get_dimensions("row")
        columns = [column for column in self._get_dimensions("col") if column not in rows]
        sets = [rows[:i] + columns[:j] for i in range(len(rows) + 1) for j in range(len(columns) + 1)]
        yield self._call("formatted_read_grouping_sets", domain, sets, [*self._get_measures(), "__count"])

    def get_cohort_calls(self, domain, **settings):
        """Return the calls that load the cohorts under other ``settings``: interval, measure, mode, groupby."""
        return list(self._load_cohort(domain, None, None, **settings))

    def _load_cohort(self, domain, _group_by, _record_id, **settings):
        described = {name: self.arch.get(name) for name in ("date_start", "date_stop", "interval")}
        limit = COHORTS_OF_GROUP if settings.get("groupby") else COHORTS
        yield self._call("get_cohort_data", **{"domain": domain, **described, "limit": limit, **settings})

    # === DATES AND ACTIVITIES ===#

    def _load_calendar(self, domain, _group_by, _record_id):
        day = self.arch.get("date_start")
        names = {*(node.get("name") for node in _own_fields(self.arch)), day, self.arch.get("color", day)}
        yield self._call("search_read", [*domain, *_this_month(day)], sorted(names))

    def _load_activity(self, domain, _group_by, _record_id):
        options = {"res_model": self.model, "domain": domain, "limit": RECORDS, "offset": 0, "fetch_done": False}
        yield Call("mail.activity", "get_activity_data", (), options)
        yield from self._load_list(domain, None, None)

    # === WHAT THE ARCH SAYS ===#

    def _get_dimensions(self, kind=None):
        kinds = (kind,) if kind else (None, "row")
        nodes = [
            node
            for node in self.arch.iter("field")
            if node.get("type") in kinds and not _is_hidden(node) and self.fields[node.get("name")]["type"] in GROUPABLE
        ]
        return [self._get_group(node.get("name"), node.get("interval", "month")) for node in nodes]

    def _get_group(self, group_by, interval="month"):
        if ":" not in group_by and self.fields[group_by]["type"] in ("date", "datetime"):
            return f"{group_by}:{interval}"
        return group_by

    def _get_measures(self):
        names = [node.get("name") for node in self.arch.iter("field") if node.get("type") == "measure"]
        return self._get_aggregates(names)

    def _get_aggregates(self, names):
        aggregates = []
        for name in names:
            field = self.fields[name]
            if field.get("aggregator") and field["type"] in ("integer", "float", "monetary"):
                aggregates.append(f"{name}:{field['aggregator']}")
                if currency := field.get("currency_field"):
                    aggregates += [f"{currency}:array_agg_distinct", f"{name}:sum_currency"]
        return list(dict.fromkeys(aggregates))

    def _get_specification(self):
        return _get_specification(self.arch, self.fields, self.models)


class Search:
    """A search view: what may be filtered, grouped and typed."""

    def __init__(self, arch, fields, evaluate):
        """
        :param dict fields: {name: description} of the model
        :param evaluate: a function that returns the value of a domain or context
        """
        self.arch = etree.fromstring(arch)
        self.fields = fields
        self.evaluate = evaluate

    def get_filters(self):
        """Return {name: (title, domain)}; of filters that offer spans of time, this month's."""
        filters = {}
        for node in self.arch.iter("filter"):
            if day := node.get("date"):
                filters[node.get("name")] = (node.get("string"), _this_month(day))
            elif node.get("domain"):
                filters[node.get("name")] = (node.get("string"), self.evaluate(node.get("domain")))
        return filters

    def get_groupings(self):
        """Return {name: (title, field to group by)}, without those of properties, of which there are none."""
        groupings = {}
        for node in self.arch.iter("filter"):
            context = self.evaluate(node.get("context") or "{}")
            if "group_by" in context and not self._is_properties(context["group_by"]):
                groupings[node.get("name")] = (node.get("string"), context["group_by"])
        return groupings

    def get_searches(self, text):
        """Return {title: domain} of what looks for ``text``."""
        searches = {}
        for node in self.arch.xpath("//field[not(@invisible='1' or @invisible='True')]"):
            name, domain = node.get("name"), node.get("filter_domain")
            if self._is_properties(name):
                continue
            found = [(name, node.get("operator", "ilike"), text)]
            searches[node.get("string") or name] = self.evaluate(domain, self=text, raw_value=text) if domain else found
        return searches

    def _is_properties(self, name):
        return self.fields[name.split(":")[0]]["type"] == "properties"


def _this_month(name):
    start = date.today().replace(day=1)
    return [(name, ">=", str(start)), (name, "<", str(start + relativedelta(months=1)))]


def _own_fields(node):
    """Yield the fields of a view, without those of the lists inside of it."""
    for child in node.iterchildren(etree.Element):
        if child.tag == "field":
            yield child
        elif child.tag != "groupby":
            yield from _own_fields(child)


def _get_specification(arch, fields, models):
    """Return which fields to read, and which of the records that they link to."""
    specification = {}
    for node in _own_fields(arch):
        name = node.get("name")
        specification[name] = _get_field_specification(node, fields[name], models)
        for other in BROUGHT_ALONG.get(node.get("widget"), ()):
            is_link = fields[other]["type"] == "many2one"
            specification.setdefault(other, {"fields": {"display_name": {}}} if is_link else {})
    return specification


def _is_hidden(node):
    return node.get("invisible") in ("1", "True")


def _get_field_specification(node, field, models):
    hidden = _is_hidden(node)
    if field["type"] in ("many2one", "reference"):
        return {"fields": {} if hidden else {"display_name": {}}}
    if field["type"] not in ("one2many", "many2many") or hidden:
        return {}
    for lines in node.iterchildren("list", "kanban"):
        inner = _get_specification(lines, models[field["relation"]]["fields"], models)
        return {"fields": inner, "limit": int(lines.get("limit", RECORDS_IN_FORM))}
    if node.get("widget", "").startswith("many2many_tags"):
        return {"fields": {"display_name": {}}}
    return {}
