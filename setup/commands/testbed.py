"""The databases of one test run; used by setup/test.sh only."""

import click

from odoo.modules.registry import Registry

from . import addons, databases
from .init import install, load_chart, prepare
from .ourlog import OurLog
from .shell import environment, plain_command

KEPT = {addons.GLUE: "subplus_core", addons.SHOP: "subplus_shop"}


@plain_command("testbed", hidden=True)
@click.option("--fast", is_flag=True, help="Upgrade the databases of the last run, where that will do.")
def command(db, fast):
    """Make DB and DB_shop, which the tests of the add-ons run in, and DB_core and DB_deps, which others copy."""
    warnings = make_ready(addons.GLUE, fast, f"{db}_core", db) + make_ready(addons.SHOP, fast, f"{db}_shop")
    databases.copy(prepare(addons.GLUE), f"{db}_deps")
    return {"database": db, "warnings_of_our_add_ons_while_installing": warnings}, not warnings


def make_ready(extent, fast, *names):
    """Copy the database of one extent to the ``names`` of this run; return what our add-ons logged meanwhile."""
    dependencies = prepare(extent)
    with databases.lock(KEPT[extent]):
        warnings = refresh(extent, dependencies, fast)
        for name in names:
            databases.copy(KEPT[extent], name)
    return warnings


def refresh(extent, dependencies, fast):
    """Bring the kept database up to date; return what our add-ons logged meanwhile."""
    kept = KEPT[extent]
    needed, ours = addons.fingerprint_of_needed(extent), addons.fingerprint_of_ours()
    kept_needed, _, kept_ours = (databases.note(kept) or "").partition(" ")
    if fast and (kept_needed, kept_ours) == (needed, ours):
        return []
    with OurLog() as log:
        if fast and kept_needed == needed:
            upgrade(extent)
        else:
            make(extent, dependencies)
    # With warnings it isn't worth keeping: the next run would not see them.
    databases.pin_note(kept, f"{needed} {'' if log.lines else ours}")
    return log.lines


def upgrade(extent):
    """Upgrade our add-ons in the kept database, and install those that are new."""
    ours = addons.ours(extent)
    Registry.new(KEPT[extent], update_module=True, install_modules=ours, upgrade_modules=ours)
    databases.close(KEPT[extent])


def make(extent, dependencies):
    """Install our add-ons into a copy of the prepared database."""
    kept = KEPT[extent]
    databases.drop(kept)
    databases.copy(dependencies, kept)
    install(kept, addons.ours(extent))
    with environment(kept) as env:
        load_chart(env)
        env["ir.config_parameter"].set_param(databases.MARK, "1")
