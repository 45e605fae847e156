"""Fixtures of the tests that cross add-ons: databases of their own, and the commands on them."""

import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from commands import databases

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def dependency_db():
    """Name of a database with Odoo's add-ons that ours need, and none of ours; to copy from."""
    return _prepared("deps")


@pytest.fixture(scope="session")
def core_db():
    """Name of a test database with our add-ons installed; to copy from."""
    return _prepared("core")


def _prepared(kind):
    run = os.environ.get("SUBPLUS_TEST_RUN")
    assert run, "These tests need databases that setup/test.sh makes: run them with setup/test.sh tests/."
    return f"{run}_{kind}"


@pytest.fixture
def copy_db(core_db):
    """A function that copies a database, core_db if not told otherwise, and returns the copy's name.

    The copies are dropped when the test is over.
    """
    copies = []

    def copy(source=core_db):
        name = f"{os.environ['SUBPLUS_TEST_RUN']}_{uuid4().hex[:8]}"
        copies.append(name)
        databases.copy(source, name)
        return name

    yield copy
    for name in copies:
        databases.drop(name)


@pytest.fixture(scope="module")
def make_copy():
    """Like ``copy_db``, for databases that the tests of a module share."""
    copies = []

    def copy(source):
        name = f"{os.environ['SUBPLUS_TEST_RUN']}_{uuid4().hex[:8]}"
        copies.append(name)
        databases.copy(source, name)
        return name

    yield copy
    for name in copies:
        databases.drop(name)


@pytest.fixture(scope="session")
def odoo_command():
    """A function that runs setup/odoo.sh with the given arguments, and fails where Odoo does."""

    def run(*arguments):
        command = [ROOT / "setup" / "odoo.sh", *map(str, arguments), "--log-level=warn"]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert not done.returncode, done.stderr

    return run


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
