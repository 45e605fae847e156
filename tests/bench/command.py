"""``setup/manage.sh bill`` in processes of their own, watched from outside."""

import json
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from odoo import sql_db

from commands import databases
from commands.addons import ROOT

# Often enough to see what takes a hundredth of a run, seldom enough to cost nothing.
INTERVAL = 0.05


class BillCommand:
    """A process that bills a database as of a day."""

    def __init__(self, db, day):
        self._output = Path(tempfile.mkstemp(suffix=".json")[1])
        command = [ROOT / "setup" / "manage.sh", "bill", "--db", db, "--date", day.isoformat(), "--json", self._output]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.peak_mb = 0.0

    def is_running(self):
        """Whether it still runs; looks at its memory meanwhile."""
        if self._process.poll() is not None:
            return False
        # Not from `getrusage`: that also counts this process, of which the other one began as a copy.
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                self.peak_mb = int(line.split()[1]) / 1024
        return True

    def finish(self):
        """Wait for the end; return what the command told."""
        while self.is_running():
            time.sleep(INTERVAL)
        errors = self._process.stderr.read()
        text = self._output.read_text()
        self._output.unlink()
        assert text, f"The command failed: {errors[-2000:]}"
        return json.loads(text)


def start_bills(db, day, count):
    """Start ``count`` commands that bill together: all are held at their first statement, and let go at once.

    By then they have loaded Odoo: what comes after is billing.
    """
    with sql_db.db_connect(db).cursor() as cr:
        cr.execute("LOCK TABLE subscription_billing_claim IN ACCESS EXCLUSIVE MODE")
        commands = [BillCommand(db, day) for _number in range(count)]
        while all(command.is_running() for command in commands) and len(_get_waits(db)) < count:
            time.sleep(INTERVAL)
    return commands


def watch(db, commands):
    """Wait for ``commands``; return the share of their time that they waited for locks, and for which most.

    :return: {statement that waited: share}
    """
    looks, waits = 0, Counter()
    while any(command.is_running() for command in commands):
        waits.update(_get_waits(db))
        looks += 1
        time.sleep(INTERVAL)
    return {statement: number / looks / len(commands) for statement, number in waits.most_common()}


def _get_waits(db):
    """The statements on ``db`` that wait for a lock just now."""
    with databases.server() as cr:
        cr.execute(
            """
            SELECT wait_event || ': ' || left(regexp_replace(query, '\\s+', ' ', 'g'), 70) FROM pg_stat_activity
             WHERE datname = %s AND wait_event_type = 'Lock'
            """,
            [db],
        )
        return [statement for (statement,) in cr.fetchall()]
