"""A server, a browser, and a salesperson who is logged in; for the tests of a module."""

import pytest

from commands.shell import environment

from ..portal.page import running_browser
from ..race.screens import odoo_server
from .screen import logged_in
from .world import CLERK, MANAGER, SELLER, World, prepare


@pytest.fixture(scope="module")
def world(core_db, make_copy):
    """A database with something to sell."""
    name = make_copy(core_db)
    with environment(name) as env:
        prepare(env)
        env.cr.commit()
    return World(name)


@pytest.fixture(scope="module")
def address(world):
    """Where the database is served."""
    with odoo_server(world.db) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """The system's browser."""
    with running_browser() as browser:
        yield browser


@pytest.fixture
def seller(browser, address):
    """A plain salesperson."""
    with logged_in(browser, address, SELLER) as screen:
        yield screen


@pytest.fixture
def clerk(browser, address):
    """Somebody who sells and invoices."""
    with logged_in(browser, address, CLERK) as screen:
        yield screen


@pytest.fixture
def manager(browser, address):
    """A sales manager."""
    with logged_in(browser, address, MANAGER) as screen:
        yield screen
