"""Databases as a whole: look, copy, rename, drop, each with its filestore."""

import os
import shutil
from contextlib import closing, contextmanager, suppress

import click
import psycopg2

from odoo import sql_db, tools
from odoo.modules.registry import Registry
from odoo.service.db import _create_empty_database
from odoo.tools import SQL

MARK = "sale_subscription_plus.test_database"


@contextmanager
def server():
    """A cursor on the server itself, outside of any transaction, as creating databases demands."""
    with closing(sql_db.db_connect("postgres").cursor()) as cr:
        cr._cnx.autocommit = True
        yield cr


def exists(name):
    """Whether the server has a database of this name."""
    with server() as cr:
        cr.execute(SQL("SELECT 1 FROM pg_database WHERE datname = %s", name))
        return bool(cr.rowcount)


def is_odoo(name):
    """Whether Odoo was installed in the database."""
    with closing(sql_db.db_connect(name).cursor()) as cr:
        cr.execute("SELECT to_regclass('ir_module_module') IS NOT NULL")
        return cr.fetchone()[0]


def refuse_existing(name):
    """End the command when there is such a database already."""
    if exists(name):
        raise click.ClickException(f"There is a database named {name} already: take another name, or drop it first.")


def create(name):
    """Make an empty database, with the extensions that Odoo wants."""
    refuse_existing(name)
    _create_empty_database(name)


def copy(source, target):
    """Copy a database and its filestore; files there never change, so links will do."""
    refuse_existing(target)
    close(source)
    with server() as cr:
        try:
            cr.execute(
                SQL("CREATE DATABASE %s TEMPLATE %s", SQL.identifier(target), SQL.identifier(source)),
                log_exceptions=False,
            )
        except psycopg2.errors.ObjectInUse as error:
            raise click.ClickException(f"Somebody works on the database {source}: stop Odoo there first.") from error
    copy_files(source, target)


def copy_files(source, target):
    """Copy the filestore alone."""
    files = tools.config.filestore(source)
    if os.path.isdir(files):
        shutil.copytree(files, tools.config.filestore(target), copy_function=_link, dirs_exist_ok=True)


def drop_files(name):
    """Remove a filestore, if there is one."""
    shutil.rmtree(tools.config.filestore(name), ignore_errors=True)


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def rename(old, new):
    """Give a database and its filestore another name."""
    close(old)
    with server() as cr:
        cr.execute(SQL("ALTER DATABASE %s RENAME TO %s", SQL.identifier(old), SQL.identifier(new)))
    # One that bears the name already belongs to a database that is gone: dropped by other means than ours.
    drop_files(new)
    with suppress(FileNotFoundError):
        os.replace(tools.config.filestore(old), tools.config.filestore(new))


def drop(name):
    """Drop a database, if there is one, whoever is connected; and its filestore."""
    close(name)
    with server() as cr:
        cr.execute(SQL("DROP DATABASE IF EXISTS %s WITH (FORCE)", SQL.identifier(name)))
    drop_files(name)


def close(name):
    """Close this process's own connections."""
    Registry.delete(name)
    sql_db.close_db(name)


def note(name):
    """The note pinned on a database: what it was made from; None without note or database."""
    with server() as cr:
        cr.execute(SQL("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", name))
        return (cr.fetchone() or [None])[0]


def pin_note(name, text):
    """Pin a note on a database."""
    with server() as cr:
        cr.execute(SQL("COMMENT ON DATABASE %s IS %s", SQL.identifier(name), text))


@contextmanager
def lock(name):
    """Let only one process on this server do something at a time."""
    with server() as cr:
        cr.execute(SQL("SELECT pg_advisory_lock(hashtext(%s))", f"subscriptions plus {name}"))
        yield
