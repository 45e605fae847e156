"""What holds for every test: a warning or an error of ours in Odoo's log fails the test that caused it.

A test that expects one says so with ``mute_logger`` or ``assertLogs``, and it does not get here.
"""

import pytest

from commands.ourlog import OurLog

LOG = pytest.StashKey()


def pytest_configure(config):
    """Listen to the log from now on."""
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
