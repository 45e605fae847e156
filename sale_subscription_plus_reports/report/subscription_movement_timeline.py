import operator
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.sale_subscription_plus.tools.mrr import EPSILON

INTERVALS = ("day", "week", "month", "quarter", "year")
COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
# What adds up from interval to interval.
ADDITIVE = (":sum", ":sum_currency", "__count")


class SubscriptionMovementReport(models.Model):
    """The timeline: what movements sum up to at the end of each interval, since the very first of them."""

    _inherit = "subscription.movement.report"

    @api.model
    @api.readonly
    def formatted_read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        """Extend: under the context key ``subscription_timeline``, return balances instead of movements.

        A condition on the date then tells which intervals to show, and no more what is summed up: sums begin with the
        first movement. There is a group for each interval and series, also where nothing moved.
        """
        if not self.env.context.get("subscription_timeline"):
            return super().formatted_read_group(domain, groupby, aggregates, having, offset, limit, order)
        return self._read_timeline(Domain(domain).optimize_full(self), tuple(groupby), tuple(aggregates))

    @api.model
    def _read_movements(self, domain, groupby, aggregates=("__count",), **fill):
        """Return groups as the web client gets them elsewhere, filled up only as told."""
        report = self.with_context(subscription_timeline=False, fill_temporal=fill or False)
        return report.formatted_read_group(domain, groupby, aggregates)

    @api.model
    def _read_timeline(self, domain, groupby, aggregates):
        everything = domain.map_conditions(lambda part: Domain.TRUE if part.field_expr == "date" else part)
        window = self._get_timeline_window(domain, everything)
        if not window:
            return []
        first, last = window
        seen = everything & Domain("date", "<=", last)
        dates = [spec for spec in groupby if spec in {f"date:{interval}" for interval in INTERVALS}]
        if not dates:
            return self._read_movements(seen, groupby, aggregates)
        intervals = self._read_movements(seen, dates[:1], fill_from=str(first), fill_to=str(last))
        series = self._read_movements(seen, tuple(spec for spec in groupby if spec not in dates))
        movements = {
            tuple(group[spec] for spec in groupby): group for group in self._read_movements(seen, groupby, aggregates)
        }
        lines = [self._sum_up(one, intervals, movements, groupby, aggregates) for one in series]
        shown = self._count_shown(intervals, dates[0], first)
        lines = [line[-shown:] for line in lines if self._is_alive(line[-shown:], aggregates)]
        rows = zip(*lines, strict=True) if groupby[0] == dates[0] else lines
        return [group for row in rows for group in row]

    # === WINDOW ===#

    @api.model
    def _get_timeline_window(self, domain, everything):
        """Return the first and the last day to show, both inclusive; None if there is nothing.

        A condition changes its mind at its own dates only, so it is enough to look at the days around them.
        """
        [(first, last)] = self._read_group(everything, [], ["date:min", "date:max"])
        if not first:
            return None
        last = max(last, self.env.company._get_subscription_today())
        edges = {day for part in domain.iter_conditions() for day in self._get_edges(part)}
        days = [day for day in {first, last, *edges} if first <= day <= last and self._is_shown(domain, day)]
        return (min(days), max(days)) if days else None

    @api.model
    def _get_edges(self, condition):
        if condition.field_expr != "date":
            return []
        values = [condition.value] if condition.operator in COMPARISONS else condition.value
        return [day + timedelta(days=shift) for day in values if day for shift in (-1, 0, 1)]

    @api.model
    def _is_shown(self, domain, day):
        return not domain.map_conditions(lambda part: self._decide(part, day)).is_false()

    @api.model
    def _decide(self, condition, day):
        """Return what a condition on the date says to ``day``; other conditions say yes."""
        if condition.field_expr != "date":
            return Domain.TRUE
        if condition.operator in COMPARISONS:
            return Domain(COMPARISONS[condition.operator](day, condition.value))
        return Domain((day in condition.value) == (condition.operator == "in"))

    @api.model
    def _count_shown(self, intervals, spec, first):
        """Return how many intervals are left from the one of ``first`` on."""
        starts = [interval[spec][0] for interval in intervals]
        return len(starts) - max(index for index, start in enumerate(starts) if start <= str(first))

    # === BALANCES ===#

    @api.model
    def _sum_up(self, series, intervals, movements, groupby, aggregates):
        """Return the groups of one series: its balance at the end of each interval."""
        # What does not add up is the currency, and that is the same wherever nothing moved yet.
        currencies = self.env.company.currency_id.ids
        balance = {spec: 0 if spec.endswith(ADDITIVE) else currencies for spec in aggregates}
        line = []
        for interval in intervals:
            group = {**series, **interval}
            moved = movements.get(tuple(group[spec] for spec in groupby), {})
            for spec in aggregates:
                value = moved.get(spec)
                balance[spec] = balance[spec] + (value or 0) if spec.endswith(ADDITIVE) else value or balance[spec]
            domain = Domain(series["__extra_domain"]) & Domain(interval["__extra_domain"])
            line.append({**group, **balance, "__extra_domain": list(domain)})
        return line

    @api.model
    def _is_alive(self, line, aggregates):
        """Return whether a series was ever anything but zero."""
        sums = [spec for spec in aggregates if spec.endswith(ADDITIVE) and spec != "__count"]
        return not sums or any(abs(group[spec]) > EPSILON for group in line for spec in sums)
