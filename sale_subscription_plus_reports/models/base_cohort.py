from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import get_lang

from ..tools import cohort

# So many groups get a table of their own, the largest ones.
MAX_GROUPS = 20
# Wider or larger tables nobody reads, and they would take the server's memory.
MAX_COLUMNS = 4000
MAX_CELLS = 5_000_000
NUMBERS = ("integer", "float", "monetary")


class Base(models.AbstractModel):
    """The numbers of a cohort view, for any model whose records begin and end."""

    _inherit = "base"

    # === TABLE ===#

    @api.model
    @api.readonly
    def get_cohort_data(
        self,
        domain,
        date_start,
        date_stop,
        interval="month",
        measure="__count",
        mode="retention",
        date_from=None,
        date_to=None,
        groupby=None,
        limit=None,
    ):
        """Return what became of the records that began together: how many are there so many intervals later.

        A record is there from ``date_start`` until the day before ``date_stop``; without a stop, it still is.
        Column n holds what is there at the end of the n-th interval after the one of the start, or on the last day
        seen, should that come first. Date-times count in the time zone of the context. Access rights apply.

        :param domain: which records count
        :param str date_start: name of the date or datetime field of the start
        :param str date_stop: name of the date or datetime field of the stop (the first day without)
        :param str interval: 'day', 'week', 'month', 'quarter' or 'year'
        :param str measure: '__count', or a numeric field to sum up
        :param str mode: 'retention' (what is left) or 'churn' (what is gone)
        :param date_from: first day of the starts that count, inclusive; no bound if empty
        :param date_to: last day seen, inclusive; today if empty
        :param list groupby: group by these, as in ``_read_group``; the largest groups get a table each
        :param int limit: keep only that many cohorts (the latest ones) and columns (the first ones)
        :raise UserError: for arguments that make no sense, and for a table that would be too large
        :return: ``{"interval", "measure", "mode", "seen_on", "partial", "customers", "cohort_count", "column_count",
            "cohorts": [{"start", "label", "value", "customers", "values", "rates"}], "average": [rates]}`` with
            dates as ISO strings: ``customers`` is how many records started, ``value`` what the rates are a share of
            (a rate is None where that is zero), ``partial`` whether the interval of the last day seen still runs.
            With ``groupby`` also ``"groups"``, each such a table with its ``"name"`` and ``"domain"``, and
            ``"group_count"``.
        """
        terms = self._get_cohort_terms(date_start, date_stop, interval, measure, date_to)
        if mode not in cohort.MODES:
            raise UserError(self.env._("A cohort table shows retention or churn."))
        domain = Domain(domain or []) & self._get_cohort_span(terms, date_from, terms.seen_on)
        groups = self._get_cohort_changes(domain, groupby or [], terms)
        if groupby and self._is_cohort_overlapping(groupby):
            whole = self._get_cohort_changes(domain, [], terms)
        else:
            whole = groups
        changes = [change for group in whole.values() for change in group]
        largest = self._get_largest_cohort_groups(groups) if groupby else {}
        self._check_cohort_size([changes, *largest.values()], terms)
        data = {
            "interval": interval,
            "measure": measure,
            "mode": mode,
            "seen_on": fields.Date.to_string(terms.seen_on),
            "partial": self._get_cohort_last_day(terms.seen_on, interval) > terms.seen_on,
            **self._get_cohort_table(changes, terms, mode, limit),
        }
        if groupby:
            data["group_count"] = len(groups)
            data["groups"] = self._get_cohort_groups(largest, groupby, terms, mode, limit)
        return data

    @api.model
    def _get_cohort_terms(self, date_start, date_stop, interval, measure, date_to):
        """Return the checked :class:`Terms`."""
        for name in (date_start, date_stop):
            if name not in self._fields or self._fields[name].type not in ("date", "datetime"):
                raise UserError(self.env._("%s is no field with a date.", name))
        if interval not in cohort.INTERVALS:
            raise UserError(self.env._("A cohort table counts in days, weeks, months, quarters or years."))
        if measure != "__count" and (measure not in self._fields or self._fields[measure].type not in NUMBERS):
            raise UserError(self.env._("%s is no field with a number.", measure))
        seen_on = self._get_cohort_day(date_to) or self._get_cohort_today()
        return cohort.Terms(date_start, date_stop, interval, measure, seen_on)

    @api.model
    def _get_cohort_day(self, value):
        """Return the day that a client names, or None.

        :raise UserError: when it is none, or too far away to count from
        """
        return self.env["subscription.kpi"]._get_day(value) if value else None

    @api.model
    def _check_cohort_size(self, tables, terms):
        """Raise a UserError if the tables of these lists of changes would be too wide, or too large together."""
        sizes = [cohort.get_size(changes, terms.interval, terms.seen_on) for changes in tables]
        if max(columns for columns, _cells in sizes) > MAX_COLUMNS or sum(cells for _, cells in sizes) > MAX_CELLS:
            raise UserError(
                self.env._("This would be too large a table. Choose a longer interval, such as months, or fewer days.")
            )

    @api.model
    def _get_cohort_today(self):
        """Return the last day seen, where no other one is asked for."""
        return fields.Date.context_today(self)

    @api.model
    def _is_cohort_overlapping(self, groupby):
        """Return whether a record may be in several groups, so that these do not add up to the whole."""
        return any(self._get_cohort_field(spec).type in ("many2many", "properties") for spec in groupby)

    @api.model
    def _get_cohort_field(self, spec):
        """Return the field that ``spec`` of a grouping ends with."""
        name, _dot, rest = spec.partition(":")[0].partition(".")
        field = self._fields[name]
        return self.env[field.comodel_name]._get_cohort_field(rest) if rest and field.relational else field

    @api.model
    def _get_cohort_table(self, changes, terms, mode, limit):
        table = cohort.build_table(changes, terms.interval, terms.seen_on, mode)
        get_label = self._get_cohort_labeller(terms)
        columns = slice(0, limit)
        return {
            "customers": sum(row["customers"] for row in table["cohorts"]),
            "cohort_count": len(table["cohorts"]),
            "column_count": len(table["average"]),
            "cohorts": [
                {
                    **row,
                    "start": fields.Date.to_string(row["start"]),
                    "label": get_label(row["start"]),
                    "values": row["values"][columns],
                    "rates": row["rates"][columns],
                }
                for row in table["cohorts"][-limit if limit else None :]
            ],
            "average": table["average"][columns],
        }

    @api.model
    def _get_cohort_labeller(self, terms):
        """Return the function that names the interval which begins on a day, in the user's language."""
        formatter = self._web_read_group_groupby_formatter(f"{terms.date_start}:{terms.interval}", [])
        timed = self._fields[terms.date_start].type == "datetime"
        return lambda day: formatter(datetime.combine(day, time.min) if timed else day)[0][1]

    # === GROUPS ===#

    @api.model
    def _get_cohort_groups(self, groups, groupby, terms, mode, limit):
        """Return the tables of ``groups``."""
        describe = self._get_cohort_describer(groupby, groups)
        return [
            {**describe(key), **self._get_cohort_table(changes, terms, mode, limit)} for key, changes in groups.items()
        ]

    @api.model
    def _get_largest_cohort_groups(self, groups):
        """Return those of ``groups`` that get a table, the largest first."""
        keys = sorted(groups, key=lambda key: -sum(change.customers for change in groups[key]))
        return {key: groups[key] for key in keys[:MAX_GROUPS]}

    @api.model
    def _get_cohort_describer(self, groupby, keys):
        """Return the function that tells name and domain of a group of records."""
        formatters = [
            (self._get_cohort_field(spec), self._web_read_group_groupby_formatter(spec, values))
            for spec, values in zip(groupby, zip(*keys, strict=True), strict=False)
        ]

        def describe(key):
            pairs = [(field, *formatter(value)) for (field, formatter), value in zip(formatters, key, strict=True)]
            return {
                "name": " / ".join(self._get_cohort_group_name(field, value) for field, value, _domain in pairs),
                "domain": list(Domain.AND(domain for _field, _value, domain in pairs)),
            }

        return describe

    @api.model
    def _get_cohort_group_name(self, field, value):
        if isinstance(value, (tuple, list)):
            return value[1]
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.type == "selection":
            value = dict(field._description_selection(self.env)).get(value)
        return str(value) if value or (value == 0 and field.type in NUMBERS) else self.env._("None")

    # === DATA ===#

    @api.model
    def _get_cohort_changes(self, domain, groupby, terms):
        """Return what came and what went: {group: list of changes}."""
        start, stop = f"{terms.date_start}:{terms.interval}", f"{terms.date_stop}:{terms.interval}"
        aggregates = ["__count"] if terms.measure == "__count" else ["__count", f"{terms.measure}:sum"]
        changes = defaultdict(list)
        for *key, day, count, amount in self._read_cohort(domain, groupby, [start], aggregates):
            changes[tuple(key)].append(cohort.Change(day, day, count, amount, amount))
        stopped = domain & Domain(
            terms.date_stop, "<", self._get_cohort_bound(terms.date_stop, terms.seen_on + timedelta(days=1))
        )
        for *key, day, at, _count, amount in self._read_cohort(stopped, groupby, [start, stop], aggregates):
            changes[tuple(key)].append(cohort.Change(day, at, 0, 0, -amount))
        return changes

    @api.model
    def _read_cohort(self, domain, groupby, intervals, aggregates):
        """Return the rows of ``_read_group``: what was grouped by, ``intervals`` as dates, and count and amount."""
        for row in self._read_group(domain, [*groupby, *intervals], aggregates):
            key, rest = row[: len(groupby)], row[len(groupby) :]
            days, (count, *sums) = rest[: len(intervals)], rest[len(intervals) :]
            amount = sums[0] if sums else count
            yield *key, *(day.date() if isinstance(day, datetime) else day for day in days), count, amount or 0

    # === DAYS ===#

    @api.model
    def _get_cohort_bound(self, name, day):
        """Return the first moment of ``day``, as values of field ``name`` are stored."""
        if not day or self._fields[name].type == "date":
            return day
        zone = self.env.context.get("tz")
        zone = pytz.timezone(zone) if zone in pytz.all_timezones_set else pytz.utc
        return zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _get_cohort_span(self, terms, first, last):
        """Return the domain of the starts from ``first`` (or ever) to ``last``, both inclusive."""
        bound = self._get_cohort_bound(terms.date_start, last + timedelta(days=1))
        domain = Domain(terms.date_start, "<", bound)
        if first:
            bound = self._get_cohort_bound(terms.date_start, self._get_cohort_day(first))
            domain &= Domain(terms.date_start, ">=", bound)
        return domain

    @api.model
    def _get_cohort_last_day(self, day, interval):
        """Return the last day of the interval of ``day``; weeks begin as the user's language says."""
        if interval == "week":
            week_start = int(get_lang(self.env).week_start) - 1
            return day + timedelta(days=6 - (day.weekday() - week_start) % 7)
        return fields.Date.end_of(day, interval)

    # === RECORDS BEHIND A NUMBER ===#

    @api.model
    @api.readonly
    def get_cohort_domain(
        self,
        date_start,
        date_stop,
        interval="month",
        mode="retention",
        date_from=None,
        date_to=None,
        starts=(),
        column=None,
    ):
        """Return the domain of the records behind a number of :meth:`get_cohort_data`, see its parameters.

        :param list starts: the cohorts, by their first days
        :param int column: what is left (or gone) in that column; all that started if empty
        :raise UserError: for arguments that make no sense
        """
        terms = self._get_cohort_terms(date_start, date_stop, interval, "__count", date_to)
        starts = [self._get_cohort_day(start) for start in starts if start]
        if column is not None and (type(column) is not int or not 0 <= column < MAX_COLUMNS):
            raise UserError(self.env._("A cohort table has no column %s.", column))
        started = Domain.OR(self._get_cohort_started(terms, start, date_from) for start in starts)
        if column is None:
            return list(started)
        there = self._get_cohort_there(terms, starts, column, date_from)
        return list(started & ~there if mode == "churn" else started & there)

    @api.model
    def _get_cohort_started(self, terms, start, date_from):
        """Return the domain of the records of the cohort that begins on ``start``."""
        last = min(cohort.get_last_day(start, terms.interval), terms.seen_on)
        return self._get_cohort_span(terms, max(start, self._get_cohort_day(date_from) or start), last)

    @api.model
    def _get_cohort_there(self, terms, starts, column, date_from):
        """Return the domain that tells which records of these cohorts (and maybe others) are there in ``column``."""
        return Domain.OR(
            self._get_cohort_started(terms, start, date_from) & self._get_cohort_alive(terms, start, column)
            for start in starts
        )

    @api.model
    def _get_cohort_alive(self, terms, start, column):
        last = min(cohort.get_last_day(start, terms.interval, column), terms.seen_on)
        bound = self._get_cohort_bound(terms.date_stop, last + timedelta(days=1))
        return Domain(terms.date_stop, "=", False) | Domain(terms.date_stop, ">=", bound)
