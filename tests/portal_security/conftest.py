"""A world that is served by a real server, which can be asked by two at once, and whose log is read."""

import pytest

from commands.shell import environment

from ..race.screens import odoo_server
from .log import ServerLog
from .routes import find_routes
from .watch import Watch
from .world import World, archive_user, prepare


@pytest.fixture(scope="class")
def world(core_db, make_copy, tmp_path_factory):
    """What is attacked."""
    name = make_copy(core_db)
    log = ServerLog(tmp_path_factory.mktemp("log") / "server.log")
    with environment(name) as env:
        made = prepare(env)
        routes = find_routes(env)
        env.cr.commit()
    with odoo_server(name, *log.options) as address:
        world = World(address, made)
        archive_user(name)
        for visitor in (world.nobody, world.ada):
            # Odoo notes on a quotation who reads it for the first time.
            visitor.open(
                f"/my/orders/{world.victim.ids['quotation_id']}", access_token=world.victim.tokens["quotation"]
            )
        world.routes, world.log, world.watch = routes, log, Watch(name)
        try:
            yield world
        finally:
            world.watch.close()
