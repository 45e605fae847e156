"""``bill`` commands in processes of their own, that can be watched from outside, and killed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import psycopg2

ROOT = Path(__file__).resolve().parents[1]
# Often enough to see the beginning of a chunk, seldom enough to cost nothing.
INTERVAL = 0.01
PATIENCE = 180


def wait_for(condition):
    """Wait until ``condition()`` is true of something, and return that."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{condition.__name__} was in vain for {PATIENCE} seconds."
        time.sleep(INTERVAL)
    return found


class Worker:
    """A process that works on a database; the leader of a process group of its own."""

    def __init__(self, *command, **environ):
        """
        :param command: what runs, a command of Python's that takes ``--json``
        """
        self._files = tempfile.TemporaryDirectory(prefix="subplus-worker-")  # Deleted with this object.
        self._json, self._errors = (Path(self._files.name) / name for name in ("json", "errors"))
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *map(str, command), "--json", self._json],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                env=os.environ | environ,
            )

    def is_running(self):
        """Whether the process has not ended yet."""
        return self.process.poll() is None

    def kill(self, group=False):
        """End the process at once, or its whole group, without a chance to tidy up."""
        (os.killpg if group else os.kill)(self.process.pid, signal.SIGKILL)
        assert self.process.wait() == -signal.SIGKILL, "It ended before it could be killed."

    def finish(self):
        """Wait for the end; return its exit code ``rc``, its result ``json`` and what it told of ``errors``."""
        rc = self.process.wait(timeout=PATIENCE)
        written = self._json.exists() and self._json.read_text()
        return SimpleNamespace(rc=rc, json=json.loads(written) if written else None, errors=self._errors.read_text())


class Bill(Worker):
    """A process that bills a database as of a day."""

    def __init__(self, db, day, *options, **environ):
        # Not by setup/manage.sh: that would also see to the server that is installed, which need not be this one.
        command = [ROOT / "setup" / "manage.py", "bill", "--db", db, "--date", day.isoformat()]
        super().__init__(*command, *options, **environ)


class Watch:
    """A look at a database from outside: what is committed, and who works on what."""

    def __init__(self, db, **connection):
        self._connection = psycopg2.connect(dbname=db, application_name="watch", **connection)
        self._connection.autocommit = True

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._connection.close()

    def select(self, query, *args):
        """Return the rows of a query."""
        with closing(self._connection.cursor()) as cr:
            cr.execute(query, args)
            return cr.fetchall()

    def count_billed(self):
        """Return how many periods are in the ledger that were billed here."""
        return self.select("SELECT COUNT(*) FROM subscription_period WHERE kind != 'imported'")[0][0]

    def get_due(self, day):
        """Return the ids of the orders that are due on ``day``."""
        query = "SELECT id FROM sale_order WHERE subscription_next_invoice_date <= %s"
        return {order for (order,) in self.select(query, day)}

    def count_waiting(self):
        """Return how many sessions wait for a lock."""
        query = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return len(self.select(query))

    def get_chunks(self):
        """Return the lists of ids of those orders that a worker is billing together now."""
        rows = self.select("SELECT order_ids FROM subscription_billing_claim WHERE suspected IS NOT TRUE ORDER BY id")
        return [ids for (ids,) in rows if ids and len(ids) > 1]

    def get_chunk(self):
        """Return the ids of orders that a worker is billing together now, if any."""
        return next(iter(self.get_chunks()), None)

    def wait_for_next_chunk(self, bill, chunk=None):
        """Wait until ``bill`` works on another chunk than ``chunk``, and return that one."""

        def another_chunk():
            assert bill.is_running(), f"The run ended before it could be killed: {bill.finish()}"
            now = self.get_chunk()
            return now != chunk and now

        return wait_for(another_chunk)

    def wait_for_end_of_sessions(self):
        """Wait until the server has seen that the processes which were killed are gone."""
        query = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name != 'watch'"
        wait_for(lambda: not self.select(query))
