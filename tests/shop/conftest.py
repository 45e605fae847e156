"""A server with a shop, and a browser; for the tests of a module."""

import pytest

from commands.shell import environment

from ..portal.page import running_browser
from ..race.screens import odoo_server
from .visitor import visitor
from .world import World, prepare


@pytest.fixture(scope="module")
def world(shop_db, make_copy):
    """A database with a shop that is open."""
    name = make_copy(shop_db)
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
def visit(world, browser, address):
    """A function that lets somebody come who has not been here before."""
    return lambda screen="desk", abroad=False: visitor(browser, abroad_of(address) if abroad else address, screen)


def abroad_of(address):
    """The other website of the same server: see :func:`.world.prepare`."""
    return address.replace("127.0.0.1", "localhost")
