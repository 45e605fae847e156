from dataclasses import dataclass, field
from datetime import date
from itertools import islice, takewhile

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import clean_context
from odoo.tools.misc import format_date

# Orders that ended or pause may still owe days until their end.
BILLABLE_STATUSES = ("progress", "paused", "closed", "renewed")
# How many orders a button bills itself; more are left to the scheduled action.
BUTTON_LIMIT = 20


@dataclass
class OrderBill:
    """What one order puts on one invoice."""

    order: models.Model
    periods: list  # [(line, Period)]
    one_off_lines: models.Model
    fiscal_position: models.Model = None
    money: models.Model = ()  # subscription.period rows that charge or credit days billed before

    def has_quantity(self):
        return any(line._is_billable_quantity(period) for line, period in self.periods)


@dataclass
class Bill:
    """One invoice to come: one bill date of one billing group."""

    date: date
    parts: list = field(default_factory=list)  # [OrderBill]
    is_refund: bool = False

    @property
    def first_order(self):
        return self.parts[0].order

    def has_lines(self):
        """Whether anything is to be paid for: lines without a quantity make no invoice."""
        return any(part.one_off_lines or part.money or part.has_quantity() for part in self.parts)


class SaleOrder(models.Model):
    """Due periods become invoices, inside one transaction."""

    _inherit = "sale.order"

    # === ENTRY POINTS ===#

    def _subscription_run_billing(self, date=None, dry_run=False, progress=None):
        """Bill everything that is due in all companies: see :meth:`subscription.billing.run._run`."""
        return self.env["subscription.billing.run"]._run(date=date, dry_run=dry_run, progress=progress)

    def _subscription_play_day(self, rng):
        """Do what happens by itself on one day, for the simulation: billing, then charging.

        :param random.Random rng: decides what customers do; billing and charging ask it nothing
        """
        self._subscription_run_billing()
        self.env["subscription.charging.run"]._run()

    def _subscription_bill_from_button(self):
        if len(self) > BUTTON_LIMIT:
            return self._subscription_bill_by_cron()
        # In sudo mode: the right to bill was checked, and a bill also writes ledger, dates and events.
        orders = self.sudo()
        orders._subscription_lock()
        self.env["subscription.billing.run"].sudo()._turn_orders(orders)
        orders = orders.filtered(lambda order: order.subscription_status in BILLABLE_STATUSES)
        invoices = self.env["account.move"].sudo()
        for company, company_orders in orders.grouped("company_id").items():
            invoices |= company_orders._subscription_bill(company._get_subscription_today())
        if not invoices:
            raise UserError(self._get_nothing_due_message())
        return self.action_view_invoice(invoices=invoices.sudo(False))

    def _subscription_bill_due(self):
        """Bill what is due today on these orders, in this transaction.

        :raise UserError: when an order cannot be billed; it names the order and what to do
        """
        for company, orders in self.grouped("company_id").items():
            today = company._get_subscription_today()
            due = orders.filtered(
                lambda order, today=today: (
                    order.subscription_status in BILLABLE_STATUSES
                    and order.subscription_next_invoice_date
                    and order.subscription_next_invoice_date <= today
                )
            )
            due._subscription_bill(today)

    def _subscription_bill_by_cron(self):
        # In sudo mode: the right to bill was checked; users may not touch scheduled actions.
        cron = self.env.ref("sale_subscription_plus.ir_cron_subscription_billing").sudo()
        self.sudo().filtered("subscription_parked_reason").subscription_next_attempt = False
        cron._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "title": self.env._("Billing in the background"),
                "message": self.env._("What is due on these subscriptions is billed in the next minutes."),
            },
        }

    def _get_nothing_due_message(self):
        dates = [order.subscription_next_invoice_date for order in self if order.subscription_next_invoice_date]
        if not dates:
            return self.env._("Nothing is left to bill on these subscriptions.")
        return self.env._("Nothing is due yet: the next invoice is for %s.", format_date(self.env, min(dates)))

    def _subscription_bill(self, today):
        """Bill all periods due until ``today``, in one transaction that the caller commits.

        The orders are of one company and locked by the caller.

        :param date today: the company's date
        :return: the invoices, posted unless the order's mode leaves them in draft
        :raise UserError: when an order cannot be billed; it names the order and what to do
        """
        positions = self._get_billing_fiscal_positions()
        blockers = self._get_billing_blockers(today, positions)
        if blockers:
            raise UserError("\n".join(f"{order.name}: {reason}" for order, reason in blockers.items()))
        invoices, _odoo_way = self._subscription_bill_checked(today, positions)
        return invoices

    def _subscription_bill_checked(self, today, positions, until=None):
        """Bill orders that nothing speaks against; see :meth:`_subscription_bill`.

        :param dict positions: {order: fiscal position of the day}
        :param date until: bill what was due until that day, earlier than today
        :return: (the invoices, how many of them were created by Odoo's own way)
        """
        bills, capped = self._get_bills(until or today, positions)
        invoices, odoo_way = self._subscription_create_invoices(bills, today)
        self._subscription_write_ledger(bills, invoices)
        self._subscription_unpark()
        capped._subscription_postpone(today)
        self._subscription_post(bills, invoices)
        return invoices, odoo_way

    # === WHAT IS DUE ===#

    def _get_bills(self, today, positions, ahead=False):
        """Work out the invoices due until ``today``; reads only.

        :param dict positions: {order: fiscal position of the day}
        :param bool ahead: reckon with what is planned until then: for a preview
        :return: (list of :class:`Bill` by date, the orders that have more due than the company's limit)
        """
        lines = self.order_line._filter_timeline().filtered("subscription_next_bill_date")
        coverage = self.env["subscription.period"]._get_coverage_after(lines)
        terms = lines._get_terms_ahead()[0] if ahead else lines._get_terms_after()
        bills, capped = {}, self.browse()
        for order in self:
            due = order._get_due_by_date(today, coverage, terms)
            limit = order.company_id.subscription_max_periods
            capped |= order if len(due) > limit else self.browse()
            for number, (bill_date, periods) in enumerate(islice(sorted(due.items()), limit)):
                part = OrderBill(
                    order=order,
                    periods=periods,
                    one_off_lines=order._get_one_off_lines() if not number else order.order_line.browse(),
                    fiscal_position=positions[order],
                )
                key = (bill_date, *order._get_billing_group(part.fiscal_position))
                bills.setdefault(key, Bill(bill_date)).parts.append(part)

        def make_bill(order, rows, is_refund):
            part = OrderBill(order, [], order.order_line.browse(), positions[order], rows)
            return Bill(order.subscription_pending_on, [part], is_refund)

        bills = self._add_pending_money(list(bills.values()), make_bill)
        return sorted(bills, key=lambda bill: (bill.date, bill.first_order.id, bill.is_refund)), capped

    def _get_due_by_date(self, today, coverage, terms):
        due = {}
        for line in self.order_line.filtered("subscription_next_bill_date"):
            periods = line._get_due_periods(today, coverage.get(line.id, {}), terms.get(line.id, ()))
            for bill_date, period in periods:
                due.setdefault(bill_date, []).append((line, period))
        return due

    def _get_billing_group(self, fiscal_position):
        """Return what orders must share to stand on one invoice."""
        self.ensure_one()
        if not self.subscription_consolidate:
            return (self.id,)
        return (
            0,
            self.company_id.id,
            self.partner_invoice_id.id,
            self.currency_id.id,
            self.journal_id.id,
            self.payment_term_id.id,
            fiscal_position.id,
            self.subscription_invoicing_mode,
            self.subscription_token_id.id,
            self.subscription_dunning_policy_id.id,
        )

    def _get_one_off_lines(self):
        """Return the lines sold once that are still to be invoiced."""
        return self.order_line.filtered(
            lambda line: (
                not line.display_type
                and not line.subscription_plan_id
                and not line.is_downpayment
                and line.qty_to_invoice > 0
            )
        )

    # === INVOICES ===#

    def _subscription_create_invoices(self, bills, today):
        """Create the draft invoices of ``bills``, in one batch.

        :return: (the invoices, how many of them were created by Odoo's own way)
        """
        lines = self.order_line.filtered("subscription_plan_id")
        with lines._without_history():
            values = [self._prepare_subscription_invoice(bill, today) for bill in bills]
        values = [vals for vals in values if vals]
        if not values:
            return self.env["account.move"], 0
        # In sudo mode: who may bill a subscription need not be able to make any other invoice.
        # Without tracking: a new invoice has no history to track, and this is done by the thousand.
        # Without the defaults of whatever screen the button was pressed on: an invoice is the same from everywhere.
        Move = self.env["account.move"].sudo().with_context(clean_context(self.env.context))
        Move = Move.with_context(default_move_type="out_invoice", tracking_disable=True).with_company(self.company_id)
        refunds = [vals for vals in values if vals["move_type"] == "out_refund"]
        invoices, odoo_way = Move._subscription_create([vals for vals in values if vals["move_type"] != "out_refund"])
        if refunds:
            invoices += Move.with_context(default_move_type="out_refund").create(refunds)
        return invoices, odoo_way + len(refunds)

    def _prepare_subscription_invoice(self, bill, today):
        """Return the values of the invoice for ``bill``, or None where no line has a quantity."""
        if not bill.has_lines():
            return None
        values = None
        line_values = []
        for part in bill.parts:
            order = part.order._in_customer_language()
            order_values = order._prepare_invoice() | {"fiscal_position_id": part.fiscal_position.id}
            values = self._merge_invoice_values(values, order_values) if values else order_values
            if len(bill.parts) > 1:
                line_values.append({"display_type": "line_section", "name": order._get_consolidation_title()})
            line_values += order._prepare_bill_lines(part)
            sign = -1 if bill.is_refund else 1
            line_values += [
                row.with_env(order.env)._prepare_money_line(part.fiscal_position, sign) for row in part.money
            ]
        for sequence, vals in enumerate(line_values):
            vals["sequence"] = sequence
        if bill.is_refund:
            values["move_type"] = "out_refund"
            values["transaction_ids"] = []
        values.update(invoice_date=today, invoice_line_ids=[Command.create(vals) for vals in line_values])
        return values

    def _in_customer_language(self):
        self.ensure_one()
        order = self.with_company(self.company_id)
        return order.with_context(lang=self.partner_invoice_id.lang) if self.partner_invoice_id.lang else order

    def _get_consolidation_title(self):
        return f"{self.name} ({self.client_order_ref})" if self.client_order_ref else self.name

    def _merge_invoice_values(self, values, others):
        """Add the references of another order to the values of a consolidated invoice."""
        for name in ("ref", "invoice_origin"):
            names = dict.fromkeys([*(values[name] or "").split(", "), others[name] or ""])
            values[name] = ", ".join(filter(None, names))[:2000]
        if values["payment_reference"] != others["payment_reference"]:
            values["payment_reference"] = False
        return values

    def _prepare_invoice(self):
        """Override of `sale`: old transactions do not ride on the invoices of later periods."""
        values = super()._prepare_invoice()
        if any(line.subscription_next_start > line.subscription_start for line in self.order_line._filter_timeline()):
            values["transaction_ids"] = []
        return values

    def _prepare_bill_lines(self, part):
        """Return the values of the invoice lines of ``part``, with the sections and notes around them."""
        periods = {}
        for line, period in part.periods:
            if line._is_billable_quantity(period):
                periods.setdefault(line.id, []).append(period)
        billed = set(periods) | set(part.one_off_lines.ids)
        values = []
        for line in self._get_lines_with_headers(billed):
            if line.id in periods:
                values += [
                    line._prepare_period_invoice_line(period, part.fiscal_position) for period in periods[line.id]
                ]
            else:
                values.append(line._prepare_one_off_invoice_line(part.fiscal_position))
        return values

    def _get_lines_with_headers(self, billed):
        """Return the lines in ``billed`` (ids), the sections that hold one of them, and the notes beside them."""
        homes = self._get_headers_by_line()
        alive = {header for line, headers in homes.items() if line.id in billed for header in headers}
        return [
            line
            for line, headers in homes.items()
            if line.id in billed or line in alive or (line.display_type == "line_note" and alive.issuperset(headers))
        ]

    def _get_headers_by_line(self):
        """Return {line: the section and subsection above it}, in the order of the lines."""
        homes, section, subsection = {}, (), ()
        for line in self.order_line:
            if line.display_type == "line_section":
                section, subsection = (line,), ()
                homes[line] = ()
            elif line.display_type == "line_subsection":
                subsection = (line,)
                homes[line] = section
            else:
                homes[line] = section + subsection
        return homes

    # === LEDGER AND DATES ===#

    def _subscription_write_ledger(self, bills, invoices):
        """Write what was billed, and move each line on to its next period."""
        parts = [part for bill in bills for part in bill.parts if part.money]
        by_part = self._map_invoice_lines(invoices, [row.invoice_line_id.id for part in parts for row in part.money])
        rows, billed = [], {}
        for bill in bills:
            for part in bill.parts:
                for line, period in part.periods:
                    rows.append(line._prepare_period_row(period, by_part.get((line.id, period.start))))
                    billed.setdefault(line, {})[period.start] = period.end
        # In sudo mode: the ledger is written by no user, only by billing.
        self.env["subscription.period"].sudo().create(rows)
        self._subscription_move_lines_on(billed)
        for part in parts:
            part.order._subscription_update_pending()

    def _map_invoice_lines(self, invoices, taken):
        """Return {(line id, start): invoice line} of the periods that were billed; ``taken`` bill other rows."""
        mapped = {}
        for invoice_line in invoices.invoice_line_ids.filtered("subscription_period_start"):
            if invoice_line.id in taken:
                continue
            mapped[invoice_line.sale_line_ids.id, invoice_line.subscription_period_start] = invoice_line
        return mapped

    def _subscription_move_lines_on(self, billed):
        """Store the next period of each line.

        :param dict billed: {line: {start: end} of the periods just written}
        """
        lines = self.env["sale.order.line"].browse([line.id for line in billed])
        coverage = self.env["subscription.period"]._get_coverage_after(lines)
        terms = lines._get_terms_after()
        for line, spans in billed.items():
            if line.id in terms or coverage.get(line.id, {}).keys() > spans.keys():
                # Days further on were billed before, or under other terms: the next hole is not simply where
                # these periods end.
                line._subscription_update_next()
            else:
                line._subscription_move_on(max(spans.values()))

    def _subscription_postpone(self, today):
        """Leave what exceeds the limit of missed periods for tomorrow, and tell."""
        for order in self:
            order.subscription_next_attempt = order._get_day_after(today)
            order.message_post(
                body=self.env._(
                    "%(limit)s missed periods were billed today, the most that one day allows. "
                    "More are due and follow tomorrow.",
                    limit=order.company_id.subscription_max_periods,
                )
            )

    # === POSTING AND SENDING ===#

    def _subscription_post(self, bills, invoices):
        """Post the invoices and queue those that go to the customer; neither mails nor prints anything."""
        modes = {}
        for invoice in invoices:
            orders = invoice.invoice_line_ids.sale_line_ids.order_id
            mode = orders[:1]._get_invoicing_mode()
            # Nothing is charged for a credit note.
            mode = "send" if mode == "charge" and invoice.move_type == "out_refund" else mode
            modes.setdefault(mode, []).append(invoice.id)
        drafts = invoices.browse(modes.get("draft", []) + modes.get("charge", []))
        if to_post := invoices - drafts:
            to_post._subscription_post_together()
        to_post.browse(modes.get("send", ()))._subscription_queue_sending()
        invoices.browse(modes.get("charge", ()))._subscription_plan_charges()

    def _get_invoicing_mode(self):
        """Return what happens to this order's invoices: nothing can be charged first where no method is saved."""
        mode = self.subscription_invoicing_mode
        return "send" if mode == "charge" and not self.subscription_token_id else mode

    # === PREVIEW ===#

    def _convert_to_company(self, amount, day):
        return self.currency_id._convert(amount, self.company_id.currency_id, self.company_id, day)

    def _get_subscription_schedule(self, count=12):
        """Return the next ``count`` invoices of this order, without writing anything.

        :return: list of {date, part, untaxed, tax, total}, amounts in the order's currency under the taxes of today
        """
        self.ensure_one()
        return self._get_subscription_schedules(count)[self]

    def _get_subscription_schedules(self, count=1):
        """Return {order: its next ``count`` invoices}, as :meth:`_get_subscription_schedule` does."""
        billed = self.filtered("subscription_next_invoice_date")
        lines = billed.order_line._filter_timeline().filtered("subscription_next_bill_date")
        # In sudo mode: the ledger tells the same whoever asks.
        coverage = self.env["subscription.period"].sudo()._get_coverage_after(lines)
        terms, pauses = lines.sudo()._get_terms_ahead()
        due = {order: {} for order in self}
        for line in lines:
            periods = line._iter_periods(coverage.get(line.id, {}), terms.get(line.id, ()))
            if pause := pauses.get(line.id):
                periods = takewhile(lambda period, pause=pause: period.start < pause, periods)
            for period in islice(periods, count):
                due[line.order_id].setdefault(line._get_bill_date(period), []).append((line, period))
        positions = billed._get_billing_fiscal_positions()
        return {
            order: order._get_schedule(islice(sorted(by_date.items()), count), positions.get(order))
            for order, by_date in due.items()
        }

    def _get_schedule(self, periods_by_date, fiscal_position):
        schedule = []
        for bill_date, periods in periods_by_date:
            one_off = self.order_line.browse() if schedule else self._get_one_off_lines()
            part = OrderBill(self, periods, one_off, fiscal_position)
            schedule.append({"date": bill_date, **self._get_bill_amounts(part), "part": part})
        return schedule

    def _get_bill_amounts(self, part):
        """Return {untaxed, tax, total} of ``part``, by Odoo's own tax engine."""
        base_lines = [line._prepare_period_base_line(period, part.fiscal_position) for line, period in part.periods]
        base_lines += [line._prepare_one_off_base_line(part.fiscal_position) for line in part.one_off_lines]
        base_lines += [row._prepare_money_base_line(part.fiscal_position) for row in part.money]
        return self._get_base_line_totals(base_lines)

    def _get_base_line_totals(self, base_lines):
        Tax = self.env["account.tax"]
        Tax._add_tax_details_in_base_lines(base_lines, self.company_id)
        Tax._round_base_lines_tax_details(base_lines, self.company_id)
        totals = Tax._get_tax_totals_summary(base_lines, self.currency_id, self.company_id)
        return {
            "untaxed": totals["base_amount_currency"],
            "tax": totals["tax_amount_currency"],
            "total": totals["total_amount_currency"],
        }
