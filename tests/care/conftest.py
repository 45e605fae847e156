"""A server with subscribers, and a browser; for the tests of a module."""

import pytest

from commands.shell import environment

from ..portal.page import running_browser
from ..race.screens import odoo_server
from .world import World, prepare


@pytest.fixture(scope="module")
def care_db(core_db, make_copy):
    """A database with something to sell, and people who look after those who buy it."""
    name = make_copy(core_db)
    with environment(name) as env:
        prepare(env)
        env.cr.commit()
    return name


@pytest.fixture
def world(care_db, manage):
    """What happens in that database."""
    return World(care_db, manage)


@pytest.fixture(scope="module")
def address(care_db):
    """Where that database is served."""
    with odoo_server(care_db) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """The system's browser."""
    with running_browser() as browser:
        yield browser
