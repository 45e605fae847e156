"""The databases of one test run; used by setup/test.sh only."""

import click

from odoo.modules.registry import Registry

from . import addons, databases
from .init import install, load_chart, prepare
from .ourlog import OurLog
from .shell import environment, plain_command

KEPT = "subplus_core"


@plain_command("testbed", hidden=True)
@click.option("--fast", is_flag=True, help="Upgrade the database of the last run, where that will do.")
def command(db, fast):
    """Make DB, which the tests of the add-ons run in, and DB_core and DB_deps, which others copy."""
    dependencies = prepare(glue=True)
    with databases.lock(KEPT):
        warnings = refresh(dependencies, fast)
        databases.copy(dependencies, f"{db}_deps")
        databases.copy(KEPT, f"{db}_core")
        databases.copy(KEPT, db)
    return {"database": db, "warnings_of_our_add_ons_while_installing": warnings}, not warnings


def refresh(dependencies, fast):
    """Bring the kept database up to date; return what our add-ons logged meanwhile."""
    needed, ours = addons.fingerprint_of_needed(True), addons.fingerprint_of_ours()
    kept_needed, _, kept_ours = (databases.note(KEPT) or "").partition(" ")
    if fast and (kept_needed, kept_ours) == (needed, ours):
        return []
    with OurLog() as log:
        if fast and kept_needed == needed:
            upgrade()
        else:
            make(dependencies)
    # With warnings it isn't worth keeping: the next run would not see them.
    databases.pin_note(KEPT, f"{needed} {'' if log.lines else ours}")
    return log.lines


def upgrade():
    """Upgrade our add-ons in the kept database, and install those that are new."""
    ours = addons.ours(with_glue=True)
    Registry.new(KEPT, update_module=True, install_modules=ours, upgrade_modules=ours)
    databases.close(KEPT)


def make(dependencies):
    """Install our add-ons into a copy of the prepared database."""
    databases.drop(KEPT)
    databases.copy(dependencies, KEPT)
    install(KEPT, addons.ours(with_glue=True))
    with environment(KEPT) as env:
        load_chart(env)
        env["ir.config_parameter"].set_param(databases.MARK, "1")
