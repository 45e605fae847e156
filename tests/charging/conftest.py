"""The provider of a module's tests, and a database of each test's own that charges there."""

import pytest

from commands.shell import environment

from ..race.screens import odoo_server
from .browser import Browser
from .provider import running_provider
from .world import Road, prepare, renew


@pytest.fixture(scope="module")
def running():
    """The provider, for the tests of a module."""
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running):
    """The provider; where all goes well again when a test has ended."""
    yield running
    running.disarm()


@pytest.fixture(scope="module")
def road_db(core_db, make_copy, odoo_command, extra_addons_config, running):
    """A database that charges at the provider, without subscribers."""
    name = make_copy(core_db)
    odoo_command("-c", extra_addons_config, "-d", name, "-i", "subscription_road", "--stop-after-init")
    with environment(name) as env:
        prepare(env, running)
        env.cr.commit()
    return name


@pytest.fixture
def road(road_db, copy_db, provider, extra_addons_config):
    """A database of the test's own, and what happens between it and the provider."""
    name = copy_db(road_db)
    with environment(name) as env:
        renew(env)
        env.cr.commit()
    return Road(name, provider, extra_addons_config)


@pytest.fixture
def browser(road):
    """The browser of a customer; Odoo serves it from a process of its own."""
    with odoo_server(road.db, "--config", road.config) as address:
        yield Browser(address, road.provider)
