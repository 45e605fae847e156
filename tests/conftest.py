"""Fixtures of the tests that cross add-ons: databases of their own, and the commands on them."""

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from odoo import tools

import odoo.addons

from commands import databases
from commands.shell import environment

from .crowd import make_crowd
from .portal_security import report

ROOT = Path(__file__).resolve().parents[1]


def pytest_terminal_summary(terminalreporter):
    """Print the table of the attacks on the portal, if there were any."""
    for line in report.lines():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def dependency_db():
    """Name of a database with Odoo's add-ons that ours need, and none of ours; to copy from."""
    return _prepared("deps")


@pytest.fixture(scope="session")
def core_db():
    """Name of a test database with our add-ons installed; to copy from."""
    return _prepared("core")


@pytest.fixture(scope="session")
def shop_db():
    """Name of a test database with our add-ons beside a shop; to copy from."""
    return _prepared("shop")


def _prepared(kind):
    run = os.environ.get("SUBPLUS_TEST_RUN")
    assert run, "These tests need databases that setup/test.sh makes: run them with setup/test.sh tests/."
    return f"{run}_{kind}"


@pytest.fixture(scope="module", autouse=True)
def enable_odoo_test_flag():
    """Override of `pytest_odoo`: these tests load databases of their own, which must not run Odoo's tests."""


@contextmanager
def _copies():
    """A function that copies a database and returns the copy's name; the copies are dropped at the end."""
    names = []

    def copy(source):
        names.append(f"{os.environ['SUBPLUS_TEST_RUN']}_{uuid4().hex[:8]}")
        databases.copy(source, names[-1])
        return names[-1]

    yield copy
    for name in names:
        databases.drop(name)


@pytest.fixture
def copy_db(core_db):
    """A function that copies a database, core_db if not told otherwise, for one test."""
    with _copies() as copy:
        yield lambda source=core_db: copy(source)


@pytest.fixture(scope="module")
def make_copy():
    """A function that copies a database, for the tests of a module."""
    with _copies() as copy:
        yield copy


@pytest.fixture(scope="module")
def crowd_db(core_db, make_copy, request):
    """A database with as many due subscriptions as the module's ``COUNT`` tells."""
    name = make_copy(core_db)
    with environment(name) as env:
        make_crowd(env, request.module.COUNT)
    return name


@pytest.fixture(scope="session")
def make_session_copy():
    """A function that copies a database, for the whole run."""
    with _copies() as copy:
        yield copy


@pytest.fixture(scope="session")
def odoo_command():
    """A function that runs setup/odoo.sh with the given arguments, and fails where Odoo does."""

    def run(*arguments):
        command = [ROOT / "setup" / "odoo.sh", *map(str, arguments), "--log-level=warn"]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert not done.returncode, done.stderr

    return run


@pytest.fixture(scope="session")
def extra_addons_config(tmp_path_factory):
    """Odoo's configuration with the add-ons of tests/addons in its path; this process knows of them as well."""
    addons = str(ROOT / "tests" / "addons")
    odoo.addons.__path__.append(addons)
    path = tmp_path_factory.mktemp("addons") / "odoo.conf"
    lines = Path(tools.config["config"]).read_text().splitlines()
    path.write_text("\n".join(f"{line},{addons}" if line.startswith("addons_path") else line for line in lines))
    return path


@pytest.fixture
def manage(tmp_path):
    """A function that runs setup/manage.sh; returns its exit code ``rc``, ``json``, ``stdout`` and ``stderr``."""

    def run(*arguments, **options):
        result_file = tmp_path / f"{uuid4().hex}.json"
        command = [ROOT / "setup" / "manage.sh", *map(str, arguments), "--json", result_file]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, **options)
        written = result_file.exists() and result_file.read_text()
        result = json.loads(written) if written else None
        return SimpleNamespace(rc=done.returncode, json=result, stdout=done.stdout, stderr=done.stderr)

    return run
