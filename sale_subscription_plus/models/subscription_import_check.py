from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import float_is_zero, float_round
from odoo.tools.misc import format_date

from ..import_lookup import Lookup, Refusal
from ..tools.import_rows import (
    COLUMNS,
    MAX_CELL,
    REQUIRED,
    has_control_characters,
    parse_date,
    parse_number,
)
from ..tools.takeover import find_start, take_over

# What all rows of a reference have in common; left blank, it is as in the first of them.
SHARED_COLUMNS = (
    "customer_reference",
    "email",
    "company",
    "currency",
    "commitment_months",
    "state",
    "closed_on",
    "close_reason",
    "token",
)
MAX_MONTHS = 1200


@dataclass
class Shared:
    """What the rows of one reference have in common."""

    customer: Any
    company: Any
    currency: Any
    months: int | None  # None: as the plan says
    closed_on: date | None
    reason: Any
    token: Any


@dataclass
class Group:
    """The rows of one reference: one order."""

    reference: str
    entries: list = field(default_factory=list)
    problems: list = field(default_factory=list)  # that refuse all its rows
    shared: Shared | None = None  # of the first row in which it is in order
    today: date | None = None  # its company's, for the whole import: it may go on past midnight
    order: Any = None  # the order of that reference; empty until made
    pricelist: Any = None
    seen: dict = field(default_factory=dict)  # {(product, plan): row that goes in}

    def get_new(self):
        """Return the rows that go in."""
        return [entry for entry in self.entries if not (entry.problems or entry.is_present)]

    def is_closed(self):
        """Return whether the subscription ended before it came here."""
        return bool(self.shared.closed_on and self.shared.closed_on <= self.today)

    def get_status(self):
        """Return the status that a new order begins with."""
        if self.is_closed():
            return "closed"
        return "scheduled" if self.get_start() > self.today else "progress"

    def get_start(self):
        return min(entry.start for entry in self.get_new())


class SubscriptionImport(models.AbstractModel):
    """What makes a row good. Reads only; each problem is a sentence on its row."""

    _inherit = "subscription.import"

    @api.model
    def _check_entries(self, entries, create_missing):
        """Check all rows, work out what they say, and return them by order: a list of :class:`Group`."""
        lookup = Lookup(self.env, self._get_allowed_companies(), create_missing)
        groups = {}
        for entry in entries:
            self._check_cells(entry)
            entry.reference = entry["reference"]
            if entry.reference:
                groups.setdefault(entry.reference, Group(entry.reference)).entries.append(entry)
        lookup.fetch([entry for entry in entries if not entry.problems])
        for group in groups.values():
            self._check_group(group, lookup)
        return list(groups.values())

    # === ONE ROW ===#

    @api.model
    def _check_cells(self, entry):
        """Refuse rows that are no row of this table, before anybody is asked about what they say."""
        if entry.width != entry.columns:
            entry.problems.append(
                self.env._(
                    "The row has %(cells)s cells where there are %(columns)s columns.",
                    cells=entry.width,
                    columns=entry.columns,
                )
            )
        for column in REQUIRED:
            if not entry[column]:
                entry.problems.append(self.env._('"%s" is empty.', column))
        for column in COLUMNS:
            if len(entry[column]) > MAX_CELL:
                entry.problems.append(
                    self.env._('"%(column)s" is longer than %(limit)s.', column=column, limit=MAX_CELL)
                )
            elif has_control_characters(entry[column]):
                entry.problems.append(self.env._('"%s" holds a line break or another control character.', column))

    @api.model
    def _ask(self, entry, question, *args):
        """Return what ``question`` answers; where it refuses, note why on the row (or group) and return None."""
        try:
            return question(*args)
        except Refusal as refusal:
            if str(refusal) not in entry.problems:
                entry.problems.append(str(refusal))
            return None

    @api.model
    def _parse_day(self, column, text):
        try:
            return parse_date(text) if text else None
        except ValueError:
            raise Refusal(
                self.env._(
                    '"%(column)s" says "%(text)s", which is no date. Write 2026-02-28.', column=column, text=text
                )
            ) from None

    @api.model
    def _parse_number(self, column, text):
        try:
            return parse_number(text) if text else None
        except ValueError:
            raise Refusal(
                self.env._(
                    '"%(column)s" says "%(text)s", which is no number up to a thousand million. Write 1234.50.',
                    column=column,
                    text=text,
                )
            ) from None

    @api.model
    def _parse_quantity(self, text):
        quantity = self._parse_number("quantity", text)
        if quantity is None:
            return 1.0
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        if quantity < 0 or float_is_zero(quantity, precision_digits=digits):
            raise Refusal(self.env._('"quantity" says %s. It must be more than zero.', text))
        rounded = float_round(quantity, precision_digits=digits)
        if not float_is_zero(quantity - rounded, precision_digits=digits + 6):
            raise Refusal(
                self.env._(
                    '"quantity" says %(text)s. Quantities have %(digits)s decimals here.', text=text, digits=digits
                )
            )
        return quantity

    @api.model
    def _parse_months(self, text):
        months = self._parse_number("commitment_months", text)
        if months is None:
            return None
        if months != int(months) or not 0 <= months <= MAX_MONTHS:
            raise Refusal(
                self.env._(
                    '"commitment_months" says "%(text)s". It must be a whole number from 0 to %(limit)s.',
                    text=text,
                    limit=MAX_MONTHS,
                )
            )
        return int(months)

    # === WHAT ROWS OF A REFERENCE SHARE ===#

    @api.model
    def _check_group(self, group, lookup):
        first = next((entry for entry in group.entries if not entry.problems), group.entries[0])
        for entry in group.entries:
            cells = {column: entry[column] or first[column] for column in SHARED_COLUMNS}
            company = None if entry.problems else self._ask(entry, lookup.get_company, cells["company"])
            if not company:
                continue
            # First of all: what came in before stays in, though its customer or plan may have changed since.
            entry.is_present = lookup.is_present(entry, company)
            if not entry.is_present:
                order = lookup.orders.get((company, entry.reference))
                cells["currency"] = cells["currency"] or (order.currency_id.name if order else "")
                self._check_entry(entry, cells, company, group, lookup)
        if group.shared:
            self._check_term(group)

    @api.model
    def _check_entry(self, entry, cells, company, group, lookup):
        entry.shared = self._get_shared(entry, cells, company, lookup)
        if not entry.problems:
            self._join_group(entry, group, lookup)
        if not entry.problems:
            self._check_line(entry, group, lookup)

    @api.model
    def _join_group(self, entry, group, lookup):
        if group.shared is None:
            group.shared = entry.shared
            group.today = lookup.get_today(entry.shared.company)
            self._ask(group, self._check_order, group, lookup)
        elif entry.shared != group.shared:
            entry.problems.append(self._describe_difference(entry, group))
        entry.problems += group.problems

    @api.model
    def _get_shared(self, entry, cells, company, lookup):
        """Return the :class:`Shared` that ``cells`` say; what they do not say well is noted on the row."""
        ask = self._ask
        customer = ask(
            entry, lookup.get_customer, entry["customer"], cells["email"], cells["customer_reference"], company
        )
        closed_on = ask(
            entry, self._get_closing_day, cells["state"].lower(), cells["closed_on"], lookup.get_today(company)
        )
        shared = Shared(
            customer=customer,
            company=company,
            currency=ask(entry, lookup.get_currency, cells["currency"], company),
            months=ask(entry, self._parse_months, cells["commitment_months"]),
            closed_on=closed_on,
            reason=ask(entry, self._get_close_reason, cells["close_reason"], closed_on, lookup),
            token=None,
        )
        if cells["token"] and customer:
            shared.token = ask(entry, lookup.get_token, cells["token"], customer, company)
        return shared

    @api.model
    def _get_closing_day(self, state, text, today):
        """Return the day on which the subscription was or will be closed, or None."""
        closed_on = self._parse_day("closed_on", text)
        if state not in ("", "running", "closed"):
            raise Refusal(self.env._('"state" says "%s". It must be "running" or "closed".', state))
        if state == "closed":
            return closed_on or today
        if state == "running" and closed_on and closed_on <= today:
            raise Refusal(
                self.env._('"state" says "running", and "closed_on" says %s.', format_date(self.env, closed_on))
            )
        return closed_on

    @api.model
    def _get_close_reason(self, name, closed_on, lookup):
        if not name:
            return None
        if not closed_on:
            raise Refusal(self.env._('There is a close reason "%s" without a day of closing.', name))
        return lookup.get_close_reason(name)

    @api.model
    def _describe_difference(self, entry, group):
        names = [name for name, value in vars(group.shared).items() if getattr(entry.shared, name) != value]
        labels = {
            "customer": "customer",
            "company": "company",
            "currency": "currency",
            "months": "commitment_months",
            "closed_on": "state, closed_on",
            "reason": "close_reason",
            "token": "token",
        }
        return self.env._(
            'Another row of reference "%(reference)s" says otherwise in: %(columns)s.',
            reference=group.reference,
            columns=", ".join(labels[name] for name in names),
        )

    # === THE ORDER ===#

    @api.model
    def _check_order(self, group, lookup):
        """Find the order of the reference, or what a new one needs.

        :raise Refusal: when rows cannot be added to the order, or it cannot be made
        """
        shared = group.shared
        group.order = lookup.orders.get((shared.company, group.reference), self.env["sale.order"])
        if not group.order:
            group.pricelist = lookup.get_pricelist(shared.customer, shared.currency, shared.company)
            return
        self._check_present_order(group.order, shared)
        self._check_status(group)

    @api.model
    def _check_present_order(self, order, shared):
        """Refuse what does not fit the order that is there."""
        expected = {
            "customer": shared.customer.partner == order.partner_id,
            "currency": shared.currency == order.currency_id,
        }
        wrong = [column for column, fits in expected.items() if not fits]
        if wrong:
            raise Refusal(
                self.env._(
                    "%(order)s was imported with this reference, and has another %(columns)s.",
                    order=order.name,
                    columns=", ".join(wrong),
                )
            )

    # === ONE LINE ===#

    @api.model
    def _check_line(self, entry, group, lookup):
        ask = self._ask
        company = group.shared.company
        entry.plan = ask(entry, lookup.get_plan, entry["plan"], company)
        entry.product = ask(entry, lookup.get_product, entry["product"], company)
        entry.quantity = ask(entry, self._parse_quantity, entry["quantity"])
        entry.price = ask(entry, self._parse_number, "price", entry["price"])
        entry.start = ask(entry, self._parse_day, "start_date", entry["start_date"])
        entry.bill_date = ask(entry, self._parse_day, "next_invoice_date", entry["next_invoice_date"])
        if entry.product and not entry.product.id and not entry["price"]:
            entry.problems.append(self.env._('The product "%s" is new: a price is needed.', entry["product"]))
        if not entry.problems:
            ask(entry, self._check_key, entry, group)
        if entry.problems or entry.is_present:
            return
        ask(entry, self._check_dates, entry, group)
        if not entry.problems:
            group.seen[entry.product, entry.plan] = entry

    @api.model
    def _check_key(self, entry, group):
        """Refuse a second row of the same line, unless it says the same again."""
        other = group.seen.get((entry.product, entry.plan))
        if other and not self._say_the_same(other, entry):
            raise Refusal(
                self.env._("Line %s has the same reference, product and plan, and says otherwise.", other.line)
            )
        entry.is_present = bool(other)

    @api.model
    def _say_the_same(self, one, other):
        return all(one[column] == other[column] for column in COLUMNS if column not in SHARED_COLUMNS)

    @api.model
    def _check_status(self, group):
        """Refuse to add a line to an order that is not what the file says."""
        order, closed = group.order, group.is_closed()
        if closed and order.subscription_status == "closed" and order.subscription_closed_on == group.shared.closed_on:
            return
        if not closed and order.subscription_status in ("scheduled", "progress"):
            return
        labels = dict(order._fields["subscription_status"]._description_selection(self.env))
        raise Refusal(
            self.env._(
                '%(order)s was imported with this reference, and is "%(status)s" now: nothing like this row can be '
                "added to it.",
                order=order.name,
                status=labels.get(order.subscription_status, ""),
            )
        )

    @api.model
    def _check_dates(self, entry, group):
        """Work out from which day the line goes on here."""
        plan, closed_on, today = entry.plan, group.shared.closed_on, group.today
        arrears = plan.billing_timing == "arrears"
        if group.is_closed():
            entry.bill_date = None
        if not entry.start:
            known = entry.bill_date or closed_on
            entry.start = find_start(plan._get_grid(today), known) if known else today
        start, bill_date = entry.start, entry.bill_date
        if closed_on and closed_on < start:
            raise Refusal(self.env._("It would be closed before it starts, on %s.", format_date(self.env, start)))
        if bill_date and (bill_date < start or (arrears and bill_date == start)):
            raise Refusal(
                self.env._("Its next invoice would come before it starts, on %s.", format_date(self.env, start))
            )
        if group.order.subscription_status == "scheduled" and start < group.order.subscription_start:
            raise Refusal(self.env._("It would start before its order %s.", group.order.name))
        grid = plan._get_grid(plan._get_anchor(start))
        entry.anchor, entry.hole = take_over(grid, start, bill_date, today, arrears)
        if group.is_closed():
            entry.anchor, entry.hole = grid.anchor, closed_on

    @api.model
    def _check_term(self, group):
        """Refuse running lines whose term is over and was not renewed: they would end tonight."""
        entries = group.get_new()
        if not entries or group.order or group.is_closed():
            return
        plan = entries[0].plan
        months = plan.commitment_months if group.shared.months is None else group.shared.months
        end = group.get_start() + relativedelta(months=months)
        if months and not plan.auto_renew and end <= group.today:
            for entry in entries:
                entry.problems.append(
                    self.env._(
                        'Its term ended before %(date)s, and the plan "%(plan)s" does not renew terms. Say that it is '
                        "closed, or write 0 into commitment_months.",
                        date=format_date(self.env, end),
                        plan=plan.name,
                    )
                )
