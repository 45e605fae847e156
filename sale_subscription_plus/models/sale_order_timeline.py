from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools.misc import format_date, formatLang

from .sale_order_line_money import MONEY_KINDS

# How far the picture looks ahead, and how far back at the most.
MONTHS_AHEAD = 12
MAX_MONTHS_BACK = 1200
ICONS = {
    "quantity": "fa-sort",
    "price": "fa-money",
    "discount": "fa-percent",
    "plan": "fa-exchange",
    "pause": "fa-pause",
    "resume": "fa-play",
    "close": "fa-stop",
}
# Days of service that are there, and the client draws a bar; the others move money inside them.
KINDS = ("paid", "billed", "due", "parked", "future", "paused", "skipped", "carried", "imported", "proration", "credit")


class SaleOrder(models.Model):
    """The picture of a subscription's life: bars from the ledger and the schedule, marks from the changes.

    Dates are ISO strings, ends are not part of their span; texts are ready to be shown. What there is of it is
    read at once for all lines, so a long history costs no more queries than a short one.
    """

    _inherit = "sale.order"

    def get_subscription_timeline(self, months=24):
        """Return what to draw of this order's life, from ``months`` back until a year ahead.

        :return: {start, end, today, has_earlier, legend: [{kind, name}], rows: [{id, name, plan, items: [item]}],
            marks: [item]}; an item has {key, kind, start, end, title, days, amount, details, label, res_model, res_id}
        :raise AccessError: for who may not read the order, or none of the books
        """
        self.ensure_one()
        self.check_access("read")
        # A customer sees the order, but none of the books.
        self.env["subscription.period"].check_access("read")
        # In sudo mode: whoever may see the order may see what was billed and paid of it.
        order = self.sudo()
        today = order.company_id._get_subscription_today()
        months = min(max(int(months), 1), MAX_MONTHS_BACK)
        lines = order.order_line._filter_timeline()
        first = min(lines.mapped("subscription_start"), default=today)
        start = max(today - relativedelta(months=months), first.replace(day=1))
        end = today + relativedelta(months=MONTHS_AHEAD)
        items = order._get_timeline_items(lines, start, end)
        self._drop_timeline_links(items)
        return {
            "start": start.isoformat(),
            "end": end.isoformat(),
            "today": today.isoformat(),
            "has_earlier": first < start,
            "legend": order._get_timeline_legend(items),
            "rows": [line._get_timeline_row(items[line]) for line in lines],
            "marks": order._get_timeline_marks(start, end),
        }

    def _get_timeline_items(self, lines, start, end):
        """Return {line: its bars}."""
        items = {line: [] for line in lines}
        rows = self.env["subscription.period"].search(
            [("line_id", "in", lines.ids), ("state", "=", "live"), ("end", ">", start), ("start", "<", end)],
            order="start, id",
        )
        for row in rows:
            if row.service_end > row.start or row.kind in MONEY_KINDS:
                items[row.line_id].append(row._get_timeline_item())
        for line, item in self._iter_timeline_pauses(lines, end):
            items[line].append(item)
        for line, item in self._iter_timeline_future(lines, end):
            items[line].append(item)
        return items

    def _drop_timeline_links(self, items):
        """Let only those documents be opened that the user may read: salespeople see their own invoices."""
        linked = [item for line_items in items.values() for item in line_items if item["res_id"]]
        moves = self.env["account.move"].browse({item["res_id"] for item in linked})
        readable = set(moves._filtered_access("read").ids)
        for item in linked:
            if item["res_id"] not in readable:
                item["res_id"] = False

    def _get_timeline_legend(self, items):
        names = self._get_timeline_titles()
        found = {item["kind"] for line_items in items.values() for item in line_items}
        return [{"kind": kind, "name": names[kind]} for kind in KINDS if kind in found]

    def _get_timeline_titles(self):
        return {
            "paid": self.env._("Paid"),
            "billed": self.env._("Billed"),
            "due": self.env._("Due"),
            "parked": self.env._("Parked"),
            "future": self.env._("To come"),
            "paused": self.env._("Paused"),
            "skipped": self.env._("Skipped"),
            "carried": self.env._("Carried over"),
            "imported": self.env._("Billed before Odoo"),
            "proration": self.env._("Charged for a change"),
            "credit": self.env._("Credited"),
        }

    # === WHAT COMES ===#

    def _iter_timeline_pauses(self, lines, end):
        """Yield (line, bar) of the days that a pause takes: one that lasts, or one that is planned."""
        changes = self._get_planned_changes()
        for line in lines.filtered(lambda line: line._is_alive()):
            since, until = line._get_timeline_pause(changes)
            if since and since < (until or end):
                details = [] if until else [self.env._("Until somebody resumes it.")]
                yield line, self._make_timeline_item("paused", since, until or end, details=details)

    def _iter_timeline_future(self, lines, end):
        """Yield (line, bar) of the periods that are not billed yet, at the terms that are agreed or planned."""
        today = self.company_id._get_subscription_today()
        periods = self._get_timeline_periods(lines, end)
        amounts = self._get_timeline_amounts(periods)
        for (line, period), (untaxed, total) in zip(periods, amounts, strict=True):
            bill_date = line._get_bill_date(period)
            details = [self.env._("Bills on %s", format_date(self.env, bill_date))]
            details.append(self.env._("%s with taxes", self._format_timeline_amount(total)))
            kind = "future"
            if bill_date <= today:
                kind = "parked" if self.subscription_parked_reason else "due"
                details += [self.subscription_parked_reason] if kind == "parked" else []
            yield line, self._make_timeline_item(kind, period.start, period.end, amount=untaxed, details=details)

    def _get_timeline_periods(self, lines, end):
        """Return [(line, period)] of what is billed until ``end``, or until the line pauses."""
        billed = lines.filtered("subscription_next_bill_date")
        coverage = self.env["subscription.period"]._get_coverage_after(billed)
        terms, pauses = billed._get_terms_ahead()
        periods = []
        for line in billed:
            last = min(end, pauses.get(line.id, end))
            for period in line._iter_periods(coverage.get(line.id, {}), terms.get(line.id, ())):
                if period.start >= last:
                    break
                periods.append((line, period))
        return periods

    def _get_timeline_amounts(self, periods):
        """Return [(untaxed, total)] of periods to come, by Odoo's own tax engine, all at once."""
        fiscal_position = self._get_billing_fiscal_positions()[self]
        base_lines = [line._prepare_period_base_line(period, fiscal_position) for line, period in periods]
        Tax = self.env["account.tax"]
        Tax._add_tax_details_in_base_lines(base_lines, self.company_id)
        Tax._round_base_lines_tax_details(base_lines, self.company_id)
        details = [base_line["tax_details"] for base_line in base_lines]
        return [(each["total_excluded_currency"], each["total_included_currency"]) for each in details]

    # === MARKS ===#

    def _get_timeline_marks(self, start, end):
        """Return what happens on a day: changes, those of one day together, and where the subscription ends."""
        changes = self.env["subscription.change"].search(
            [
                ("order_id", "=", self.id),
                ("state", "in", ("planned", "applied")),
                ("effective_on", ">=", start),
                ("effective_on", "<", end),
            ],
            order="effective_on, id",
        )
        marks = [
            self._get_timeline_change_mark(day, state, group)
            for (day, state), group in changes.grouped(lambda change: (change.effective_on, change.state)).items()
        ]
        marks += self._get_timeline_end_marks(start, end, {change.effective_on for change in changes})
        return sorted(marks, key=lambda mark: mark["start"])

    def _get_timeline_change_mark(self, day, state, changes):
        title = self.env._("Planned") if state == "planned" else self.env._("Changed")
        details = [change._get_timeline_sentence() for change in changes]
        item = self._make_timeline_item(state, day, day, title=title, details=details)
        document = changes if len(changes) == 1 else changes[:1]
        return item | {"icon": ICONS[changes[0].kind], "res_model": changes._name, "res_id": document.id}

    def _get_timeline_end_marks(self, start, end, told):
        """Return marks of the close and of the term's end, where no change tells it."""
        marks = []
        closed_on, term_end = self.subscription_closed_on, self.subscription_term_end
        if closed_on and closed_on not in told and start <= closed_on < end:
            title = self.env._("Closed") if self.subscription_status == "closed" else self.env._("Closes")
            reason = self.subscription_close_reason_id.name
            item = self._make_timeline_item("close", closed_on, closed_on, title, details=[reason] if reason else [])
            marks.append(item | {"icon": "fa-stop"})
        if term_end and start <= term_end < end and (not closed_on or term_end < closed_on):
            renewed = self.env._("It is renewed.") if self.subscription_auto_renew else self.env._("It is not renewed.")
            item = self._make_timeline_item(
                "term", term_end, term_end, self.env._("End of the term"), details=[renewed]
            )
            marks.append(item | {"icon": "fa-flag-o"})
        return marks

    # === ITEMS ===#

    def _make_timeline_item(self, kind, start: date, end: date, title=None, amount=None, details=(), document=None):
        """Return what the client draws, with all its texts."""
        title = title or self._get_timeline_titles()[kind]
        Period = self.env["subscription.period"]
        days = Period._format_days(start, end, self.env) if end > start else format_date(self.env, start)
        amount = "" if amount is None else self._format_timeline_amount(amount)
        details = [detail for detail in details if detail]
        return {
            "key": f"{kind}-{start}-{document.id if document else ''}",
            "kind": kind,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "title": f"{title}: {amount}" if amount else title,
            "days": days,
            "amount": amount,
            "details": details,
            "label": ". ".join(filter(None, [title, days, amount, *details])),
            "res_model": document._name if document else False,
            "res_id": document.id if document else False,
        }

    def _format_timeline_amount(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)


class SaleOrderLine(models.Model):
    """A line in the picture of its order's life."""

    _inherit = "sale.order.line"

    def _get_timeline_row(self, items):
        items = sorted(items, key=lambda item: (item["start"], item["end"]))
        for number, item in enumerate(items):
            item["key"] = f"{item['key']}-{number}"
        quantity = f"{self.product_uom_qty:g} × " if self.product_uom_qty != 1 else ""
        return {
            "id": self.id,
            "name": quantity + (self.product_id.display_name or self.name),
            "plan": self.subscription_plan_id.name,
            "items": items,
        }

    def _get_timeline_pause(self, changes):
        """Return (first day, first day after) of the pause that this line is in, or that ``changes`` plan for it."""
        own = changes.filtered(lambda change: change.line_id in (self, self.browse())).sorted("effective_on")
        resume = own.filtered(lambda change: change.kind == "resume")[:1].effective_on
        if self.subscription_phase == "paused":
            paused_on = self.subscription_paused_on or self.order_id.subscription_paused_on
            return max(paused_on, self.subscription_next_start), resume
        pause = own.filtered(lambda change: change.kind == "pause")[:1]
        return pause.effective_on, pause.resume_on
