"""One billing run in one process: transactions, restarts, blame. Rules of billing are not here."""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import psycopg2

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# How often a chunk starts anew when other transactions get in its way.
MAX_RESTARTS = 20
# How often a run works on the same order.
MAX_ROUNDS = 3
# How many seconds a run waits, at its end, for somebody else to let go of an order that is due.
PATIENCE = 30
# The server is gone or full: no order is to blame. The run ends with the error; the next one goes on.
NOT_THE_ORDERS_FAULT = (psycopg2.OperationalError, psycopg2.InterfaceError)
# A statement that the database does not understand is the fault of the order that brings it, by what another
# add-on does with it. Where not one order could be billed after as many as these, code and database do not fit
# together: parking thousands would bury the reason, so the run ends with the error.
MAX_MISUNDERSTOOD = 5
# Orders that share no invoice with others.
APART = SQL("subscription_consolidate IS NOT TRUE")


@dataclass
class Task:
    """One kind of work of a run: which orders need it, and what is done with them."""

    find: Callable  # (*conditions, **options) -> ids of orders in need of it, locked; first in a transaction
    process: Callable  # (orders) -> RunResult or None
    today: date
    apart: SQL | None = None  # Condition of those that come to the same one by one; all of them, without one.
    blame: bool = True  # Single out and park the order that fails, else only log it.
    counts: bool = True  # What it handles is what the run was started for.
    done: Counter = field(default_factory=Counter)  # How often this run has had each order in hand.
    aside: set = field(default_factory=set)  # In need of it still, after this run has done what it could.

    def lock(self, *conditions, **options):
        """Lock orders that need it; return their ids.

        Somebody may add to an order that was billed, and it needs billing again; one that still does after a few
        times is set aside.
        """
        while True:
            # Those set aside must not hide what comes after them.
            others = [SQL("id != ALL(%s)", list(self.aside))] if self.aside else []
            ids = self.find(*conditions, *others, **options)
            hopeless = [order_id for order_id in ids if self.done[order_id] == MAX_ROUNDS]
            if not hopeless:
                return ids
            self.aside.update(hopeless)


class Worker:
    """Bills chunk by chunk; each chunk is one transaction that locks its orders first.

    * Serialization and lock failures restart the chunk and park nobody. A chunk that never gets through is
      halved; the order that is always in the way is left for the next run.
    * Any other failure halves the chunk until the bad order stands alone; that one is parked.
    * The ids of the chunk are committed as a *claim* beforehand: when the process dies, the next run bills the
      claimed orders one by one, and parks the one that kills again. Those that share an invoice are tried together
      once more before.
    * Orders that somebody else has locked are passed by. At the end of the run they are waited for: another run
      that bills them has done the work, and one that dies over them leaves it to this run.
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
        self.suspects = {}
        self.misunderstood = []
        self.handled = 0
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
            self.take_suspects()
            billings = {day: self.bill_day(*day) for day in days.items()}
            for day, billing in billings.items():
                self.bill_held(*day, billing)
            self.park_misunderstood()
            self._rollback()
            self.result.left_due = sum(self.run._count_due(*item) for item in days.items())
            if not self.out_of_time:
                self.env["ir.cron"]._commit_progress(remaining=0)
        finally:
            # When the server is gone, so is the session: the claim is that of a dead worker.
            with suppress(psycopg2.Error):
                claims._close(self.claim_id)

    def bill_day(self, company, today):
        """Play the turn of the day in a company, then bill it; return the task of billing."""
        run = self.run
        turn = partial(run._turn, today=today)
        turning = Task(partial(run._lock_turning, company, today), turn, today, counts=False)
        self.work_on_suspects(turning)
        while self._work_in_time(turning):
            pass
        bill = partial(run._bill, today=today)
        billing = Task(partial(run._lock_due, company, today), bill, today, apart=APART)
        self.work_on_suspects(billing)
        self.bill_company(company, today, billing)
        return billing

    def bill_company(self, company, today, billing):
        """Bill due orders: by chunks, then those that share invoices, then the parked ones one by one."""
        while self._work_in_time(billing, APART, SQL("subscription_parked_reason IS NULL")):
            pass
        groups = self.run._get_consolidated_groups(company, today)
        self._commit()
        for ids in groups:
            suspected = not self.suspects.keys().isdisjoint(ids)
            self._work_in_time(billing, SQL("id = ANY(%s)", ids), limit=len(ids), together=True, suspected=suspected)
        while self._work_in_time(billing, SQL("subscription_parked_reason IS NOT NULL"), limit=1, suspected=True):
            pass

    def bill_held(self, company, today, billing):
        """Bill what others had locked when this run came by, unless they do it themselves."""
        patient = True
        while patient and not self.out_of_time and self._is_any_due(billing):
            patient = self._wait_for_release(billing)
            self.take_suspects()
            self.work_on_suspects(billing)
            self.bill_company(company, today, billing)

    def take_suspects(self):
        """Take over the orders of workers that died."""
        self.suspects.update(self.env["subscription.billing.claim"]._take_orphans())
        self._commit()

    def work_on_suspects(self, task):
        """Work on the orders over which a worker died, one by one; park the one that killed when it was alone."""
        for order_id, (suspected, alone) in self.suspects.items():
            if task.done[order_id] or order_id in task.aside:
                continue
            if suspected and alone:
                self._park(task, order_id, lambda orders: self._get_killer_reason())
            else:
                apart = [task.apart] if task.apart and not suspected else []
                self._work_in_time(task, SQL("id = %s", order_id), *apart, suspected=True)

    def park_misunderstood(self):
        """Park the orders that the database did not understand, now that others were billed or there are few."""
        for task, order_id, error in self.misunderstood:
            self._park_failed(task, order_id, error)

    def _is_any_due(self, billing):
        """Return whether an order is due that this run can still do something about, whoever has it locked."""
        due = billing.lock(limit=1, held="look")
        self._rollback()
        return bool(due)

    def _wait_for_release(self, billing):
        """Wait until nobody has the first of the due orders locked; return False when it takes too long."""
        try:
            self.cr.execute("SET LOCAL lock_timeout = %s", [f"{PATIENCE}s"])
            billing.lock(limit=1, held="wait")
            return True
        except psycopg2.errors.LockNotAvailable:
            return False
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            return True  # Released, and changed.
        finally:
            self._rollback()

    # === ONE CHUNK ===#

    def _work_in_time(self, task, *conditions, **options):
        """Work on one chunk, unless time is over; return the ids handled, none when there is nothing left."""
        if self.out_of_time:
            return []
        ids = self._work(task, *conditions, **options)
        self._tell(len(ids) if task.counts else 0)
        return ids

    def _work(self, task, *conditions, suspected=False, together=False, **options):
        """Lock, process and commit one chunk, with restarts; halve it where it fails.

        :param bool suspected: whether these orders may be what killed a worker
        :param bool together: whether they share an invoice: only all of them, or none
        :return: the ids that were handled, whatever became of them
        """
        if together:
            options["held"] = "all_or_none"
        for attempt in range(MAX_RESTARTS):
            ids = []
            try:
                ids = task.lock(*conditions, **options)
                if not ids:
                    self._rollback()
                    return []
                self.env["subscription.billing.claim"]._claim(self.claim_id, ids, suspected)
                result = task.process(self.env["sale.order"].browse(ids))
                self.env.flush_all()
                self._commit()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self._rollback()
                # Spread out workers that keep getting in each other's way.
                time.sleep(random.uniform(0, 0.05 * attempt))
            except NOT_THE_ORDERS_FAULT:
                self._rollback()
                raise
            except Exception as error:
                self._rollback()
                if not ids:
                    raise
                self._handle_failure(task, ids, error)
                break
            else:
                self._add(result)
                self.env.invalidate_all()
                break
        else:
            self._give_way(task, ids, together)
        task.done.update(ids)
        return ids

    def _give_way(self, task, ids, together):
        """Leave the order that others keep changing for the next run; try the others again."""
        if len(ids) > 1 and not together:
            self._divide(task, ids)
        else:
            task.aside.update(ids)
            _logger.info("Other transactions keep changing subscription orders %s: left for the next run.", ids)

    def _handle_failure(self, task, ids, error):
        if not task.blame:
            _logger.exception("Subscription orders %s can neither be billed nor parked.", ids)
        elif len(ids) > 1:
            self._divide(task, ids)
        elif isinstance(error, psycopg2.ProgrammingError):
            self._set_misunderstood_aside(task, ids[0], error)
        else:
            self._park_failed(task, ids[0], error)

    def _divide(self, task, ids):
        """Process the halves of a chunk, as far as they still need it."""
        middle = len(ids) // 2
        for half in (ids[:middle], ids[middle:]):
            self._work(task, SQL("id = ANY(%s)", half), limit=len(half))

    def _set_misunderstood_aside(self, task, order_id, error):
        task.aside.add(order_id)
        self.misunderstood.append((task, order_id, error))
        if len(self.misunderstood) > MAX_MISUNDERSTOOD and not self.result.invoices:
            raise error

    def _park_failed(self, task, order_id, error):
        _logger.info("Subscription order %s is parked.", order_id, exc_info=error)
        self._park(task, order_id, lambda orders: orders._describe_failure(error))

    def _park(self, task, order_id, describe):
        """Park an order with the reason that ``describe`` gives, if it still needs what could not be done."""

        def park(orders):
            orders._subscription_park(describe(orders), task.today)
            return type(self.result)(parked=len(orders))

        self._work(Task(task.find, park, task.today, blame=False), SQL("id = %s", order_id))
        task.aside.add(order_id)

    def _get_killer_reason(self):
        return self.env._(
            "Billing this subscription stopped the server's worker twice. Ask your administrator: the server log "
            "shows what happened at the time of the last attempts."
        )

    # === BOOKKEEPING ===#

    def _commit(self):
        """End a transaction; a run is many of them. Outside of a scheduled action, too."""
        self.env["ir.cron"]._commit_progress()

    def _rollback(self):
        """Undo the transaction.

        :raise OperationalError: when the connection is lost, however the failure showed itself
        """
        try:
            self.cr.rollback()
        except psycopg2.Error as error:
            raise psycopg2.OperationalError("the connection to the database is lost.") from error

    def _add(self, result):
        if result is not None:
            self.result.add(result)

    def _tell(self, count):
        """Tell the scheduled action how far the run is, and stop when its time is over."""
        self.handled += count
        remaining = max(self.total - self.handled, 0)
        if not self.env["ir.cron"]._commit_progress(count, remaining=remaining):
            self.out_of_time = True
        if self.progress:
            self.progress(self.handled, max(self.total, self.handled))
