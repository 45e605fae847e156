"""The prepared database: Odoo's own add-ons that ours need, installed once and copied ever after."""

import click

from . import databases
from .init import prepare
from .shell import plain_command


@plain_command("prepare")
@click.option("--glue", is_flag=True, help="With what the glue add-ons need too.")
def command(db, glue):
    """Make or refresh the prepared database that init and the tests copy, and copy it to DB."""
    databases.refuse_existing(db)
    source = prepare(glue)
    databases.copy(source, db)
    return {"prepared": source, "database": db}, True
