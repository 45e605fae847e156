"""What the commands share: a database, a result in words and in JSON, an exit code."""

import functools
import json
import os
import sys
from contextlib import contextmanager

import click
import psycopg2
from click_odoo.env import OdooEnvironment
from tqdm import tqdm

from odoo import tools
from odoo.exceptions import UserError

from . import databases

LISTED = 20  # how many entries of a list are told in words; the JSON has them all


def configure(config=None, log_level="warn"):
    """Let Odoo read its configuration and set its log up."""
    options = ["--config", config] if config else []
    tools.config.parse_config([*options, "--log-level", log_level], setup_logging=True)


def _common_options(function):
    for option in reversed(
        [
            click.option("--db", "-d", required=True, envvar="PGDATABASE", help="Name of the database."),
            click.option("--json", "json_file", type=click.File("w"), help="Write the result here; - for stdout."),
            click.option("--config", "-c", envvar="ODOO_RC", type=click.Path(exists=True), help="Odoo's settings."),
            click.option("--log-level", default="warn", show_default=True, help="Of Odoo's log, on stderr."),
        ]
    ):
        function = option(function)
    return function


def plain_command(name, lines=None, **attributes):
    """Make a command of a function that takes the database's name.

    It returns what there is to tell, and whether all went well.

    :param lines: what makes lines for people of a result, if not :func:`lines_of`
    """

    def decorate(function):
        @click.command(name, **attributes)
        @_common_options
        @functools.wraps(function)
        def run(db, json_file, config, log_level, **arguments):
            with errors_as_sentences():
                configure(config, log_level)
                result, well = function(db, **arguments)
            tell(result, json_file, lines or lines_of)
            sys.exit(0 if well else 1)

        return run

    return decorate


def database_command(name, **attributes):
    """Make a command of a function that takes the environment of an existing database."""

    def decorate(function):
        @plain_command(name, **attributes)
        @functools.wraps(function)
        def run(db, **arguments):
            with environment(db) as env:
                return function(env, **arguments)

        return run

    return decorate


@contextmanager
def environment(db):
    """The superuser's environment on a database; committed at the end."""
    if not databases.exists(db):
        raise click.ClickException(f"There is no database named {db}: make one with setup/manage.sh init --db {db}.")
    if not databases.is_odoo(db):
        raise click.ClickException(f"The database {db} is not one of Odoo's.")
    with OdooEnvironment(db) as env:
        yield env


@contextmanager
def errors_as_sentences():
    """Tell expected errors in one sentence; the others keep their traceback."""
    try:
        yield
    except UserError as error:
        raise click.ClickException(str(error)) from error
    except psycopg2.OperationalError as error:
        raise click.ClickException(f"PostgreSQL does not do it: {str(error).strip()}") from error


def method(env, model, name, addon="sale_subscription_plus"):
    """The method of a model; a clear error where the add-on that brings it is not installed."""
    found = getattr(env[model], name, None) if model in env else None
    if found is None:
        option = "-u" if addon in env["ir.module.module"]._installed() else "-i"
        raise click.ClickException(
            f"The database {env.cr.dbname} has no {model}.{name}: install or upgrade the subscription add-ons in it, "
            f"setup/odoo.sh -d {env.cr.dbname} {option} {addon} --stop-after-init."
        )
    return found


@contextmanager
def progress_bar(unit):
    """A function ``progress(done, total)`` that moves a bar on stderr; no bar where nobody looks at one."""
    with tqdm(unit=f" {unit}", file=sys.stderr, disable=None) as bar:

        def progress(done, total):
            bar.total = total
            bar.update(done - bar.n)

        yield progress


def tell(result, json_file, lines):
    """Print a result for people, in ``lines(result)``, or write it as JSON."""
    if json_file:
        json.dump(result, json_file, indent=2, default=str)
        json_file.write(os.linesep)
        json_file.flush()
    if not json_file or json_file.name != "<stdout>":
        click.echo("\n".join(lines(result)))


def lines_of(result):
    """The lines that tell a result: one per entry, long lists cut."""
    for key, value in result.items():
        title = key.replace("_", " ")
        if isinstance(value, dict):
            yield f"{title}:"
            yield from (f"  {name}: {_in_line(entry)}" for name, entry in value.items())
        elif isinstance(value, (list, tuple)):
            yield f"{title}: {len(value)}"
            yield from (f"  {_in_line(entry)}" for entry in value[:LISTED])
            if len(value) > LISTED:
                yield f"  … and {len(value) - LISTED} more"
        else:
            yield f"{title}: {value}"


def _in_line(entry):
    return ", ".join(f"{key} {value}" for key, value in entry.items()) if isinstance(entry, dict) else str(entry)
