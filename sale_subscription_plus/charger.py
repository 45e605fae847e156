"""One charging run in one process: its transactions, and what is committed before what. Rules are not here."""

import logging
from contextlib import contextmanager

import psycopg2

from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Collections whose attempts are written together before the provider is called for each.
CHUNK = 50
# Namespace of the advisory locks that tell whether the worker of an attempt lives ("subc").
LOCKS = 0x73756263
MAX_RESTARTS = 20


class Charger:
    """Charges what is due, chunk by chunk.

    * *Plan* commits the transaction rows of a chunk. An advisory lock of the database session on each collection
      tells other workers that this one is alive; it ends with the session, however that ends.
    * *Send* commits that the provider is about to be called, then locks the rows, calls, and commits the answer. This
      is the only place where a provider is called, one call a transaction, and that transaction is never repeated.
    * *Book* lets the books and the collections know. It may be repeated as often as needed.

    A worker that dies leaves its collections in flight. The next one books what was answered, sends what was not
    sent, and has doubts about what was sent and not answered.
    """

    def __init__(self, run, result, progress=None):
        """
        :param run: the ``subscription.charging.run`` model, in sudo mode
        :param Counter result: what was done, to add to
        :param progress: called with the number of attempts made and of all that are due
        """
        self.run = run
        self.env = run.env
        self.cr = run.env.cr
        self.result = result
        self.progress = progress
        self.done = 0
        self.out_of_time = False

    # === THE RUN ===#

    def charge_all(self, date=None):
        """Charge what is due in all companies, as of ``date`` or each company's today, and take the steps due."""
        self.commit()
        try:
            for company in self.env["res.company"].search([], order="id"):
                today = date or company._get_subscription_today()
                self.recover(company)
                self.resolve(company)
                self.charge_company(company, today)
                self.take_steps(company, today)
            self.send_mails()
            if not self.out_of_time:
                self.env["ir.cron"]._commit_progress(remaining=0)
        finally:
            self.unlock_workers()

    def charge_company(self, company, today):
        """Make the attempts that are due."""
        while not self.out_of_time:
            planned = self.plan(company, today)
            if not planned.found:
                return
            for charge_id, transaction_id in planned.attempts:
                self.send(charge_id, transaction_id)
            self.book([transaction_id for _charge_id, transaction_id in planned.attempts])
            self.unlock_workers()
            self.tell(len(planned.attempts))

    def plan(self, company, today):
        """Write the transactions of a chunk; of a single collection, where one of the chunk cannot be planned."""
        limit = CHUNK
        while True:
            try:
                return self.repeat(self.run._plan_attempts, company, today, limit)
            except psycopg2.OperationalError:
                raise
            except Exception as error:
                self.unlock_workers()
                if limit == 1:
                    _logger.info("An attempt cannot be planned.", exc_info=True)
                    self.in_transaction(self.run._park_due, company, today, self.run._describe(error))
                    self.unlock_workers()
                limit = 1

    def recover(self, company):
        """Go on with what a worker that died left in flight."""
        self.commit()
        for charge_id, transaction_id, sent, state in self.run._get_abandoned(company):
            if not sent:
                self.send(charge_id, transaction_id)
            elif state == "draft":
                self.doubt(transaction_id, self.env._("The server stopped while the provider was asked."))
            self.book([transaction_id])
        self.unlock_workers()

    def resolve(self, company):
        """Find out what became of attempts whose outcome is unknown."""
        self.commit()
        for charge_id, transaction_id in self.run._get_unknown(company):
            transaction = self.env["payment.transaction"].browse(transaction_id)
            # Looked up first: some providers answer what is sent again with the error of the first time.
            if transaction.state == "draft":
                self.look_up(charge_id, transaction_id)
            if (
                transaction.state == "draft"
                and transaction.subscription_doubt
                and transaction._subscription_may_resend()
            ):
                self.send(charge_id, transaction_id, again=True)
            self.book([transaction_id])
            self.in_transaction(self.run._ask_about, charge_id)
        self.unlock_workers()

    def take_steps(self, company, today):
        """Remind, warn and take final actions, one collection a transaction."""
        for charge_id in self.in_transaction(self.run._get_stepping, company, today) or ():
            self.alone("subscription.charge", charge_id, self.run._take_steps, charge_id, today)
            self.result["given_up"] += self.env["subscription.charge"].browse(charge_id).state == "given_up"

    def send_mails(self):
        """Put what customers are to be told into the queue of mails, one collection a transaction."""
        for charge_id in self.in_transaction(self.run._get_mailing) or ():
            self.alone("subscription.charge", charge_id, self.run._send_mail, charge_id)
            self.result["mails"] += 1
        for token_id in self.in_transaction(self.run._get_expiring) or ():
            self.alone("payment.token", token_id, self.run._tell_expiry, token_id)

    # === SEND: the provider is called here and nowhere else ===#

    def send(self, charge_id, transaction_id, again=False):
        """Call the provider for one attempt, once.

        :param bool again: the same transaction was sent before, and the provider charges it at most once
        """
        if not self.in_transaction(self.run._mark_sent, charge_id, transaction_id, again):
            return
        try:
            if self.run._lock_attempt(charge_id, transaction_id):
                self.env["payment.transaction"].browse(transaction_id)._charge_with_token()
                self.env.flush_all()
            self.commit()
            self.result["attempts"] += 1
        except Exception as error:
            self.rollback()
            _logger.warning("Charging transaction %s failed on our side.", transaction_id, exc_info=error)
            self.doubt(transaction_id, self.run._describe(error))

    def look_up(self, charge_id, transaction_id):
        """Ask the provider what became of an attempt; it takes no money by that."""
        try:
            if self.run._lock_attempt(charge_id, transaction_id):
                self.run._look_up(transaction_id)
                self.env.flush_all()
            self.commit()
        except Exception as error:
            self.rollback()
            _logger.warning("Looking up transaction %s failed.", transaction_id, exc_info=error)

    def doubt(self, transaction_id, message):
        self.in_transaction(self.run._doubt, transaction_id, message)

    # === BOOK ===#

    def book(self, transaction_ids):
        """Let the books and the collections know what was answered: together, else one by one."""
        if not transaction_ids:
            return
        try:
            self.repeat(self.run._book, transaction_ids)
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            if len(transaction_ids) > 1:
                for transaction_id in transaction_ids:
                    self.book([transaction_id])
            else:
                self.park(transaction_ids[0], error)
        else:
            self.result.update(self.run._get_outcomes(transaction_ids))

    def park(self, transaction_id, error):
        """Money may have been taken, and the books refuse it: a person has to see to it."""
        level = logging.INFO if isinstance(error, UserError) else logging.ERROR
        _logger.log(level, "Transaction %s cannot be booked.", transaction_id, exc_info=error)
        self.in_transaction(self.run._park, transaction_id, self.run._describe(error))

    # === TRANSACTIONS ===#

    def in_transaction(self, function, *args):
        """Return what ``function`` returns, in a committed transaction that is repeated when others get in its way."""
        try:
            return self.repeat(function, *args)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Other transactions keep getting in the way: left for the next run.")
            return None

    def repeat(self, function, *args):
        for attempt in range(MAX_RESTARTS):
            try:
                with self.rolled_back_on_error():
                    result = function(*args)
                    self.env.flush_all()
                    self.commit()
                    return result
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if attempt == MAX_RESTARTS - 1:
                    raise
        return None

    def alone(self, model, record_id, function, *args):
        """Run ``function`` in a transaction of its own; one that fails stops no other."""
        try:
            self.in_transaction(function, *args)
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            _logger.exception("%s %s: this step failed.", model, record_id)
            self.in_transaction(self.run._tell_failed_step, model, record_id, self.run._describe(error))

    @contextmanager
    def rolled_back_on_error(self):
        try:
            yield
        except Exception:
            self.rollback()
            raise

    def commit(self):
        self.env["ir.cron"]._commit_progress()
        self.env.invalidate_all()

    def rollback(self):
        self.cr.rollback()
        self.env.invalidate_all()

    def unlock_workers(self):
        self.cr.execute(SQL("SELECT pg_advisory_unlock_all()"))
        self.commit()

    def tell(self, count):
        """Tell the scheduled action how far the run is, and stop when its time is over."""
        self.done += count
        if not self.env["ir.cron"]._commit_progress(count, remaining=1):
            self.out_of_time = True
        if self.progress:
            self.progress(self.done, self.done)
