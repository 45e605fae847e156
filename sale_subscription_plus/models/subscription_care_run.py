import logging
from collections import Counter

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

MAX_RESTARTS = 5


class SubscriptionCareRun(models.AbstractModel):
    """What looks after subscriptions by itself, apart from money: health, mails of stages, automated actions, ratings.

    It follows billing and charging in transactions of its own, so nothing that goes wrong here keeps anybody from
    being billed.
    """

    _name = "subscription.care.run"
    _description = "Subscription Care Run"

    @api.model
    def _cron_run(self):
        self._run()

    @api.model
    def _run(self):
        """Take each step of care; commits as it goes, and done twice it does nothing the second time.

        :return: Counter of what was done
        """
        # What is being written says first which orders have to be looked at.
        self.env.cr.flush()
        self.env["ir.cron"]._commit_progress()
        run = self.sudo()  # In sudo mode: a run looks after all
        result = Counter()
        for step in run._get_steps():
            result.update(run._take_step(step))
        self.env["ir.cron"]._commit_progress(remaining=0)
        return result

    @api.model
    def _get_steps(self):
        """Return the steps in their order; each is called without arguments and returns a Counter."""
        return []

    @api.model
    def _take_step(self, step):
        """Return what ``step`` did; one that fails keeps no other one from being taken."""
        try:
            return step()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Others keep getting in the way of %s: left for the next run.", step.__name__)
        except Exception:
            _logger.exception("%s failed; the other steps of care go on.", step.__name__)
        self.env.cr.rollback()
        self.env.invalidate_all()
        return {}

    @api.model
    def _in_transaction(self, function, *args):
        """Return what ``function`` returns, committed. What it did is undone when it raises, and that alone.

        :raise Exception: what ``function`` raises; when others get in its way it is repeated before
        """
        for attempt in range(MAX_RESTARTS):
            try:
                with self.env.cr.savepoint():
                    result = function(*args)
                    # What is left to the end of a transaction fails here, where it is undone.
                    self.env.cr.flush()
                self.env["ir.cron"]._commit_progress()
                self.env.invalidate_all()
                return result
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                self.env.invalidate_all()
                if attempt == MAX_RESTARTS - 1:
                    raise
        return None

    @api.model
    def _trigger(self):
        """Have the run start as soon as this transaction is committed."""
        # In sudo mode: users may not touch scheduled actions.
        self.env.ref("sale_subscription_plus.ir_cron_subscription_care").sudo()._trigger()
