"""A server with numbers to look at, and a browser; for the tests of a module."""

import pytest

from commands.shell import environment

from ..portal.page import running_browser
from ..race.screens import odoo_server
from .world import prepare


@pytest.fixture(scope="module")
def numbers_db(core_db, make_copy):
    """A database whose subscriptions have a history."""
    name = make_copy(core_db)
    with environment(name) as env:
        prepare(env)
        env.cr.commit()
    return name


@pytest.fixture(scope="module")
def address(numbers_db):
    """Where that database is served."""
    with odoo_server(numbers_db) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """The system's browser."""
    with running_browser() as browser:
        yield browser
