"""One billing run in one process: transactions, restarts, blame. Rules of billing are not here."""

import logging
import random
import time

import psycopg2

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# How often a chunk starts anew when other transactions get in its way.
MAX_RESTARTS = 20
# The server is gone or full: no order is to blame. The run ends with the error; the next one goes on.
NOT_THE_ORDERS_FAULT = (psycopg2.OperationalError, psycopg2.InterfaceError)
# A statement that the database does not understand is the fault of the order that brings it, by what another
# add-on does with it. Where not one order could be billed after as many as these, code and database do not fit
# together: parking thousands would bury the reason, so the run ends with the error.
MAX_MISUNDERSTOOD = 5


class Worker:
    """Bills chunk by chunk; each chunk is one transaction that locks its orders first.

    * Serialization and lock failures restart the chunk and park nobody.
    * Any other failure halves the chunk until the bad order stands alone; that one is parked.
    * The ids of the chunk are committed as a *claim* beforehand: when the process dies, the next run bills the
      claimed orders one by one, and parks the one that kills again.
    """

    def __init__(self, run, result, progress=None):
        """
        :param run: the ``subscription.billing.run`` model, in sudo mode
        :param result: the :class:`RunResult` to add to
        :param progress: called with the number of orders handled and of all that are due
        """
        self.run = run
        self.env = run.env
        self.cr = run.env.cr
        self.result = result
        self.progress = progress
        self.handled = set()
        self.stuck = set()
        self.misunderstood = []
        self.total = 0
        self.out_of_time = False

    # === THE RUN ===#

    def bill_all(self, date=None):
        """Bill what is due in all companies, as of ``date`` or of each company's today."""
        self._commit()
        claims = self.env["subscription.billing.claim"]
        self.claim_id = claims._open()
        try:
            companies = self.env["res.company"].search([], order="id")
            days = {company: date or company._get_subscription_today() for company in companies}
            self.total = sum(self.run._count_due(*item) for item in days.items())
            suspects = claims._take_orphans()
            self._commit()
            for company, today in days.items():
                self.turn_day(company, today)
                self.bill_suspects(company, today, suspects)
                self.bill_company(company, today)
            self.park_misunderstood()
            self.cr.rollback()
            self.result.left_due = sum(self.run._count_due(*item) for item in days.items())
            if not self.out_of_time:
                self.env["ir.cron"]._commit_progress(remaining=0)
        finally:
            claims._close(self.claim_id)

    def turn_day(self, company, today):
        """Start and end what starts and ends until ``today``."""
        turned = set()

        def lock():
            return [order_id for order_id in self.run._lock_turning(company, today) if order_id not in turned]

        while not self.out_of_time:
            ids = self._work(lock, lambda orders: self.run._turn(orders, today), today)
            if not ids:
                break
            turned.update(ids)

    def bill_company(self, company, today):
        """Bill due orders: by chunks, then those that share invoices, then the parked ones one by one."""
        parked = SQL("subscription_parked_reason IS NOT NULL")
        alone = SQL("subscription_parked_reason IS NULL AND subscription_consolidate IS NOT TRUE")
        while self._bill_due(company, today, alone):
            pass
        groups = self.run._get_consolidated_groups(company, today)
        self._commit()
        for ids in groups:
            self._bill_due(company, today, SQL("id = ANY(%s)", ids), limit=len(ids))
        while self._bill_due(company, today, parked, limit=1):
            pass

    def bill_suspects(self, company, today, suspects):
        """Bill the orders over which a worker died, one by one; park the one that killed when it was alone."""
        for order_id, was_alone in suspects:
            condition = SQL("id = %s", order_id)
            if was_alone:
                self._work(
                    lambda condition=condition: self.run._lock_due(company, today, condition),
                    lambda orders: self._park(orders, self._get_killer_reason(), today),
                    today,
                )
            else:
                self._bill_due(company, today, condition)

    def park_misunderstood(self):
        """Park the orders that the database did not understand, now that others were billed or there are few."""
        for order_id, error, today in self.misunderstood:
            self._park_alone(order_id, error, today)

    def _bill_due(self, company, today, *conditions, **kwargs):
        """Bill one chunk of due orders; return the ids handled, none when there is nothing left."""
        if self.out_of_time:
            return []

        def lock():
            # What could neither be billed nor parked is still due, and must not hide what comes after it.
            others = [SQL("id != ALL(%s)", list(self.stuck))] if self.stuck else []
            ids = self.run._lock_due(company, today, *conditions, *others, **kwargs)
            return [order_id for order_id in ids if order_id not in self.handled]

        def bill(orders):
            return self.run._bill(orders, today)

        ids = self._work(lock, bill, today)
        self.handled.update(ids)
        self._tell(len(ids))
        return ids

    # === ONE CHUNK ===#

    def _work(self, lock, process, today, blame=True):
        """Lock, process and commit one chunk, with restarts; halve it where it fails.

        :param lock: locks orders and returns their ids; the first statement of the transaction
        :param process: does the work on the locked orders; may return a result to add
        :param bool blame: single out and park the order that fails, else only log it
        :return: the ids that were handled, whatever became of them
        """
        for attempt in range(MAX_RESTARTS):
            ids = []
            try:
                ids = lock()
                if not ids:
                    self.cr.rollback()
                    return []
                self.env["subscription.billing.claim"]._claim(self.claim_id, ids)
                result = process(self.env["sale.order"].browse(ids))
                self.env.flush_all()
                self._commit()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.cr.rollback()
                # Spread out workers that keep getting in each other's way.
                time.sleep(random.uniform(0, 0.05 * attempt))
            except NOT_THE_ORDERS_FAULT:
                self.cr.rollback()
                raise
            except Exception as error:
                self.cr.rollback()
                if not ids:
                    raise
                if not blame:
                    self.stuck.update(ids)
                    _logger.exception("Subscription orders %s can neither be billed nor parked.", ids)
                else:
                    self._divide(ids, process, today, error)
                return ids
            else:
                self._add(result)
                self.env.invalidate_all()
                return ids
        _logger.info("Other transactions keep changing due orders %s; they are left for the next run.", ids)
        return []

    def _divide(self, ids, process, today, error):
        """Process the halves of a chunk that failed; park the order that fails alone."""
        if len(ids) > 1:
            middle = len(ids) // 2
            for half in (ids[:middle], ids[middle:]):
                self._work(lambda half=half: self._lock_ids(half), process, today)
        elif isinstance(error, psycopg2.ProgrammingError):
            self._set_misunderstood_aside(ids[0], error, today)
        else:
            self._park_alone(ids[0], error, today)

    def _set_misunderstood_aside(self, order_id, error, today):
        self.stuck.add(order_id)
        self.misunderstood.append((order_id, error, today))
        if len(self.misunderstood) > MAX_MISUNDERSTOOD and not self.result.invoices:
            raise error

    def _park_alone(self, order_id, error, today):
        _logger.info("Subscription order %s is parked.", order_id, exc_info=error)

        def park(orders):
            return self._park(orders, orders._describe_failure(error), today)

        self._work(lambda: self._lock_ids([order_id]), park, today, blame=False)

    def _park(self, orders, reason, today):
        orders._subscription_park(reason, today)
        return type(self.result)(parked=len(orders))

    def _lock_ids(self, ids):
        return self.run._lock(SQL("SELECT id FROM sale_order WHERE id = ANY(%s) ORDER BY id", list(ids)))

    def _get_killer_reason(self):
        return self.env._(
            "Billing this subscription stopped the server's worker twice. Ask your administrator: the server log "
            "shows what happened at the time of the last attempts."
        )

    # === BOOKKEEPING ===#

    def _commit(self):
        """End a transaction; a run is many of them. Outside of a scheduled action, too."""
        self.env["ir.cron"]._commit_progress()

    def _add(self, result):
        if result is not None:
            for name, value in vars(result).items():
                setattr(self.result, name, getattr(self.result, name) + value)

    def _tell(self, count):
        """Tell the scheduled action how far the run is, and stop when its time is over."""
        remaining = max(self.total - len(self.handled), 0)
        if not self.env["ir.cron"]._commit_progress(count, remaining=remaining):
            self.out_of_time = True
        if self.progress:
            self.progress(len(self.handled), max(self.total, len(self.handled)))
