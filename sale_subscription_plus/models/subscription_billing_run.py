from dataclasses import asdict, dataclass

from psycopg2.errors import LockNotAvailable

from odoo import api, models
from odoo.tools import SQL

from ..worker import Worker

CHUNK_SIZE = 100
# An order is worth a look when it has a due period; closed ones may still owe days until their end.
BILLABLE = SQL(
    "subscription_next_invoice_date IS NOT NULL AND subscription_status IN ('progress', 'paused', 'closed', 'renewed')"
)
# For a preview, those that start until then count too.
BILLABLE_SOON = SQL(
    "subscription_next_invoice_date IS NOT NULL "
    "AND subscription_status IN ('scheduled', 'progress', 'paused', 'closed', 'renewed')"
)
# What a chunk does about orders that other workers or users have locked.
HELD = {
    "skip": SQL("FOR UPDATE SKIP LOCKED"),
    "all_or_none": SQL("FOR UPDATE NOWAIT"),  # Orders that share an invoice: none when one of them is held.
    "wait": SQL("FOR UPDATE"),
    "look": SQL(),  # Locks nothing.
}


@dataclass
class RunResult:
    """What a run did. Money is untaxed, in the companies' currencies."""

    invoices: int = 0
    untaxed_total: float = 0.0
    parked: int = 0
    left_due: int = 0
    # Invoices made by Odoo's own way of creating them, because of their shape or of other add-ons.
    odoo_way: int = 0

    def add(self, other):
        """Add what another part of the run did."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


class SubscriptionBillingRun(models.AbstractModel):
    """The nightly run: which orders, in which transaction.

    The scheduled action and the command share :meth:`_run`; a button bills its own orders in one transaction
    (:meth:`sale.order._subscription_bill`), which is also what a chunk of a run does.
    """

    _name = "subscription.billing.run"
    _description = "Subscription Billing Run"

    # === ENTRY POINTS ===#

    @api.model
    def _cron_run(self):
        self._run()

    @api.model
    def _run(self, date=None, dry_run=False, progress=None):
        """Bill everything that is due, company by company; commits after each chunk.

        :param date date: bill as of that day (default: each company's today)
        :param bool dry_run: work out what would be billed, and write nothing
        :param progress: called with the number of orders handled so far and in all
        :return: dict of :class:`RunResult`; ``left_due`` counts the orders that are due, not parked, and were
            not reached (out of time, over the limit of missed periods, or held by others to the end); what another
            run bills meanwhile is waited for and not counted
        """
        run = self.sudo()  # In sudo mode: a run bills for all, and writes ledger, dates and events
        if dry_run:
            return run._preview(date)
        worker = Worker(run, RunResult(), progress)
        worker.bill_all(date)
        return asdict(worker.result)

    # === WORK ON LOCKED ORDERS, IN ONE TRANSACTION ===#

    @api.model
    def _bill(self, orders, today, until=None):
        """Bill ``orders`` (locked, of one company) and park those that must not be billed as they are.

        :param date until: bill what was due until that day, earlier than today
        :return: :class:`RunResult` of these orders
        """
        positions = orders._get_billing_fiscal_positions()
        blockers = orders._get_billing_blockers(today, positions)
        for order, reason in blockers.items():
            order._subscription_park(reason, today)
        billable = orders.filtered(lambda order: order not in blockers)
        invoices, odoo_way = billable._subscription_bill_checked(today, positions, until)
        return RunResult(
            invoices=len(invoices),
            untaxed_total=sum(invoices.mapped("amount_untaxed_signed")),
            parked=len(blockers),
            odoo_way=odoo_way,
        )

    @api.model
    def _turn_orders(self, orders):
        """Play the turn of the day for ``orders`` of any company."""
        for company, company_orders in orders.grouped("company_id").items():
            self._turn(company_orders, company._get_subscription_today())

    @api.model
    def _turn(self, orders, today):
        """Play what happens by itself on ``orders`` until ``today``: changes, starts, ends, terms.

        Day by day: what is due before a change is billed first, under what was agreed then.

        :return: :class:`RunResult` of what was billed before changes
        """
        result = RunResult()
        changes = self.env["subscription.change"]._get_due(orders, today)
        for day, due in sorted(changes.grouped("effective_on").items()):
            result.add(due.filtered(lambda change: change.state == "planned")._play(day, today))
        self._start_and_end(orders, today)
        return result

    @api.model
    def _start_and_end(self, orders, today):
        """Start and end the lines of ``orders`` that start and end until ``today``; roll their terms on."""
        orders.filtered(
            lambda order: order.subscription_status == "scheduled" and order.subscription_start <= today
        )._subscription_set_status("progress")
        running = orders.filtered(lambda order: order.subscription_status in ("progress", "paused"))
        running.order_line._subscription_begin(today)
        ended = running.order_line.filtered(
            lambda line: (
                line.subscription_phase in ("running", "paused")
                and line.subscription_end
                and line.subscription_end <= today
            )
        )
        for day, lines in sorted(ended.grouped("subscription_end").items()):
            lines._subscription_finish(day)
        running.filtered(
            lambda order: (
                order.subscription_auto_renew and order.subscription_term_end and order.subscription_term_end < today
            )
        )._subscription_roll_term(today)

    # === QUERIES: the first statement of a chunk's transaction ===#

    @api.model
    def _lock_due(self, company, today, *conditions, limit=CHUNK_SIZE, held="skip"):
        """Lock due orders and return their ids.

        :param str held: what to do about those that others have locked, see ``HELD``
        """
        query = SQL(
            "SELECT id FROM sale_order WHERE %s ORDER BY subscription_next_invoice_date, id LIMIT %s",
            SQL(" AND ").join([self._get_due_condition(company, today), *conditions]),
            limit,
        )
        return self._lock(query, held)

    @api.model
    def _lock(self, query, held="skip"):
        cr = self.env.cr
        try:
            cr.execute(SQL("%s %s", query, HELD[held]), log_exceptions=False)
        except LockNotAvailable:
            if held != "all_or_none":
                raise
            cr.rollback()
            return []
        ids = [order_id for (order_id,) in cr.fetchall()]
        self.env.invalidate_all(flush=False)
        return ids

    @api.model
    def _get_due_condition(self, company, today):
        return SQL(
            "company_id = %s AND subscription_next_invoice_date <= %s AND %s "
            "AND (subscription_next_attempt IS NULL OR subscription_next_attempt <= %s)",
            company.id,
            today,
            BILLABLE,
            today,
        )

    @api.model
    def _get_consolidated_groups(self, company, today):
        """Return the due orders that may share an invoice, as lists of ids: one invoice address each."""
        rows = self.env.execute_query(
            SQL(
                "SELECT array_agg(id ORDER BY id) FROM sale_order WHERE %s AND subscription_consolidate "
                "AND subscription_parked_reason IS NULL GROUP BY partner_invoice_id ORDER BY partner_invoice_id",
                self._get_due_condition(company, today),
            )
        )
        return [ids for (ids,) in rows]

    @api.model
    def _lock_turning(self, company, today, *conditions, limit=CHUNK_SIZE):
        """Lock the orders with a line that starts or ends until ``today``, or with a term that is over."""
        return self._lock(
            SQL(
                """
                SELECT id FROM sale_order
                 WHERE company_id = %(company)s AND subscription_status IN ('scheduled', 'progress', 'paused')
                   AND (subscription_next_attempt IS NULL OR subscription_next_attempt <= %(today)s)
                   -- As an array: the few there are, are looked up one by one, and no list of all orders is read.
                   AND id = ANY(ARRAY(
                       SELECT order_id FROM sale_order_line
                        WHERE subscription_phase IN ('running', 'paused') AND subscription_end <= %(today)s
                        UNION
                       SELECT order_id FROM subscription_change
                        WHERE state = 'planned' AND effective_on <= %(today)s
                        UNION
                       SELECT order_id FROM sale_order_line
                        WHERE subscription_phase = 'waiting' AND subscription_start <= %(today)s
                        UNION
                       SELECT id FROM sale_order
                        WHERE company_id = %(company)s AND subscription_status = 'progress'
                          AND subscription_auto_renew AND subscription_term_end < %(today)s))
                   AND %(conditions)s
                 ORDER BY id LIMIT %(limit)s
                """,
                company=company.id,
                today=today,
                conditions=SQL(" AND ").join([SQL("TRUE"), *conditions]),
                limit=limit,
            )
        )

    @api.model
    def _count_due(self, company, today):
        """Return how many orders are due and not parked, whoever they wait for."""
        condition = SQL(
            "company_id = %s AND subscription_next_invoice_date <= %s AND %s AND subscription_parked_reason IS NULL",
            company.id,
            today,
            BILLABLE,
        )
        return self.env.execute_query(SQL("SELECT COUNT(*) FROM sale_order WHERE %s", condition))[0][0]

    # === DRY RUN ===#

    @api.model
    def _preview(self, date=None):
        """Return what a run would, with ``details`` (a dict an order and bill date), and write nothing."""
        self.env["sale.order"].flush_model()
        result, details = RunResult(), []
        for company in self.env["res.company"].search([], order="id"):
            today = date or company._get_subscription_today()
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM sale_order WHERE company_id = %s AND subscription_next_invoice_date <= %s "
                    "AND %s ORDER BY subscription_next_invoice_date, id",
                    company.id,
                    today,
                    BILLABLE_SOON,
                )
            )
            ids = [order_id for (order_id,) in rows]
            for number in range(0, len(ids), CHUNK_SIZE):
                self._preview_chunk(ids[number : number + CHUNK_SIZE], today, result, details)
        return {**asdict(result), "details": details}

    @api.model
    def _preview_chunk(self, ids, today, result, details):
        orders = self.env["sale.order"].browse(ids)
        positions = orders._get_billing_fiscal_positions()
        blockers = orders._get_billing_blockers(today, positions)
        details += [self._get_preview_detail(order, today, blocker=reason) for order, reason in blockers.items()]
        bills, capped = orders.filtered(lambda order: order not in blockers)._get_bills(today, positions, ahead=True)
        result.parked += len(blockers)
        result.left_due += len(capped)
        result.invoices += sum(bill.has_lines() for bill in bills)
        for bill in bills:
            for part in bill.parts:
                amounts = part.order._get_bill_amounts(part)
                details.append(self._get_preview_detail(part.order, bill.date, amounts))
                result.untaxed_total += part.order._convert_to_company(amounts["untaxed"], today)

    @api.model
    def _get_preview_detail(self, order, date, amounts=None, blocker=False):
        amounts = amounts or {"untaxed": 0.0, "total": 0.0}
        return {
            "order_id": order.id,
            "date": date,
            "untaxed": amounts["untaxed"],
            "total": amounts["total"],
            "blocker": blocker,
        }
