"""The stages that an order goes through in a run; whenever the run dies, each order is at one of them."""

from odoo.tools import SQL

from commands.shell import environment

from ..bills import Bill
from ..crowd import DAY
from ..outcome import assert_same, by_unit, get_outcome

# What falls due once a change is done, is done in a round of its own: a pause that is over begins, then ends.
ROUNDS = 2


def turn_day(db):
    """Do what a run does first, each order once: what changes, starts and ends; in transactions of its own."""
    with environment(db) as env:
        run, done = env["subscription.billing.run"], []
        while ids := run._lock_turning(env.company, DAY, SQL("id != ALL(%s)", done)):
            run._turn(env["sale.order"].browse(ids), DAY)
            done += ids
            env.cr.commit()


class Stages:
    """What a database holds before a run, after each round of the turn of the day, and after a clean run."""

    def __init__(self, db, copy):
        """
        :param str db: the database with what is due
        :param copy: a function that copies it
        """
        self.before = get_outcome(db)
        self._clean_db = copy(db)
        self._clean_run = Bill(self._clean_db, DAY)
        turning, self.turned = copy(db), []
        for _round in range(ROUNDS):
            turn_day(turning)
            self.turned.append(get_outcome(turning))

    def finish(self):
        """Wait for the clean run; return its outcome."""
        done = self._clean_run.finish()
        assert done.rc == 0, done.errors
        self.invoices = done.json["invoices"]
        self.clean = get_outcome(self._clean_db)
        return self.clean

    def assert_nothing_half_done(self, outcome):
        """Fail where an order (those that share an invoice together) is between two stages."""
        outcome, *stages = (by_unit(rows, self.clean) for rows in (outcome, self.before, *self.turned, self.clean))
        strays = [unit for unit in stages[0] if not any(outcome.get(unit) == stage.get(unit) for stage in stages)]
        assert_same({unit: outcome.get(unit) for unit in strays}, {unit: stages[-1].get(unit) for unit in strays})
