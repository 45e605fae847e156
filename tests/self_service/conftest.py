"""A server with customers' pages, and a browser; for the tests of a module."""

import pytest

from commands.shell import environment

from ..portal.page import running_browser
from ..race.screens import odoo_server
from .world import World, prepare


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
