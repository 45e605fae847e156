"""What holds for every test: a warning or an error of ours in Odoo's log fails the test that caused it.

A test that expects one says so with ``mute_logger`` or ``assertLogs``, and it does not get here.
"""

from contextlib import contextmanager

import pytest
import pytest_odoo

from commands import databases
from commands.ourlog import OurLog

LOG = pytest.StashKey()


@contextmanager
def _own_filestore(source, name):
    """Give each of pytest-xdist's processes a copy of the files.

    pytest_odoo lets them share one filestore, for every database they open; but after each class Odoo's tests remove
    the files that their own database does not know, so one process removes what the other has just written.
    """
    if source == name:
        yield
        return
    databases.drop_files(name)
    databases.copy_files(source, name)
    try:
        yield
    finally:
        databases.drop_files(name)


def pytest_configure(config):
    """Listen to the log from now on."""
    pytest_odoo._shared_filestore = _own_filestore
    config.stash[LOG] = OurLog().__enter__()


def pytest_unconfigure(config):
    """Stop listening."""
    config.stash[LOG].__exit__()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Fail the phase of a test in which something of ours was logged."""
    outcome = yield
    report = outcome.get_result()
    lines = item.config.stash[LOG].take()
    if lines and report.passed:
        report.outcome = "failed"
        report.longrepr = "Our add-ons logged:\n" + "\n".join(lines)
