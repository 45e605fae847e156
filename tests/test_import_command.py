"""The command that imports: what it says, what it leaves when it is killed."""

import csv
import os
import signal
import subprocess
import time

import pytest

from commands.shell import environment

from .conftest import ROOT

HEADER = "reference,customer,plan,product,price,start_date,next_invoice_date\n"
ROWS = 600


@pytest.fixture
def write_csv(tmp_path):
    """A function that writes a file for the import and returns its path."""

    def write(text):
        path = tmp_path / "subscriptions.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def row(number, price="9.90"):
    return f"R{number},Customer {number},Monthly,Magazine,{price},2025-01-01,2099-01-01\n"


def test_good_rows_go_in_and_refused_ones_are_written_with_their_reason(copy_db, manage, write_csv, tmp_path):
    name = copy_db()
    file = write_csv(HEADER + row(1) + row(2, price="abc") + row(3))
    refused = tmp_path / "refused.csv"
    done = manage("import-subscriptions", "--db", name, "--create-missing", "--refused", refused, file)
    assert done.rc == 1, done.stderr
    assert (done.json["imported"], done.json["refused"]) == (2, 1)
    [line] = csv.DictReader(refused.open(encoding="utf-8", newline=""))
    assert (line["line"], line["reference"]) == ("3", "R2")
    assert "no number" in line["reason"]

    refused.write_text(refused.read_text().replace("abc", "9.90"))
    again = manage("import-subscriptions", "--db", name, refused)
    assert again.rc == 0, again.stderr
    assert (again.json["imported"], again.json["refused"]) == (1, 0)

    again = manage("import-subscriptions", "--db", name, file)
    assert (again.rc, again.json["imported"], again.json["already_there"]) == (0, 0, 3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xff\xfe" + "reference".encode("utf-16-le"), "UTF-8"),
        (b"reference,customer\n", "missing: plan, product"),
        (b"\x7fELF\0\0\0", "zero byte"),
        ((HEADER + '"R1').encode(), "quote"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence(core_db, manage, write_csv, content, sentence):
    done = manage("import-subscriptions", "--db", core_db, write_csv(content))
    assert done.rc == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_killed_import_goes_on_where_it_stopped(copy_db, manage, write_csv):
    name = copy_db()
    file = write_csv(HEADER + "".join(row(number) for number in range(ROWS)))
    command = [ROOT / "setup" / "manage.sh", "import-subscriptions", "--db", name, "--create-missing", file]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    with environment(name) as env:
        while not count(env) and process.poll() is None:
            time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with environment(name) as env:
        before = count(env)
    assert 0 < before < ROWS
    done = manage("import-subscriptions", "--db", name, file)
    assert done.rc == 0, done.stderr
    assert (done.json["imported"], done.json["already_there"]) == (ROWS - before, before)
    with environment(name) as env:
        assert count(env) == ROWS
        assert len(set(env["sale.order"].search([]).mapped("subscription_import_ref"))) == ROWS
        assert env["res.partner"].search_count([("name", "like", "Customer ")]) == ROWS
        assert env["subscription.check"]._run()["offenders"] == 0


def count(env):
    env.cr.rollback()
    return env["sale.order"].search_count([("subscription_import_ref", "!=", False)])
