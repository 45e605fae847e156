"""The database server goes down in the middle of a run: the run says so and ends, the next one goes on."""

import pytest

from commands.shell import environment

from ..bills import Bill, Watch
from ..crowd import DAY, make_crowd
from ..outcome import assert_same, get_faults, get_outcome
from .cluster import Cluster

COUNT = 400

pytestmark = pytest.mark.slow


@pytest.fixture
def cluster():
    cluster = Cluster()
    yield cluster
    cluster.remove()


@pytest.fixture
def bill(cluster, copy_db):
    """A function that starts billing a database of the cluster; ``crowd`` is one, of subscriptions that are due."""
    source = copy_db()
    with environment(source) as env:
        make_crowd(env, COUNT)
    cluster.bring(source, "crowd")
    config = cluster.write_config()
    return lambda db: Bill(db, DAY, "--config", config, **cluster.environ)


def start_and_interrupt(cluster, bill, interrupt):
    """Start billing; when it is in its second chunk, do ``interrupt``; return how the run ended."""
    run = bill("interrupted")
    with Watch("interrupted", **cluster.connection) as watch:
        chunk = watch.wait_for_next_chunk(run, watch.get_chunk())
        watch.wait_for_next_chunk(run, chunk)
        interrupt()
    return run.finish()


def assert_told(ended):
    assert ended.rc == 1
    assert ended.json is None
    assert ended.errors.splitlines()[-1].startswith("Error: PostgreSQL does not do it: "), ended.errors
    assert "Traceback" not in ended.errors


def test_a_run_ends_when_the_server_does_and_the_next_one_comes_to_the_same_as_a_clean_one(cluster, bill):
    cluster.create("interrupted", "crowd")
    assert bill("crowd").finish().rc == 0
    clean = get_outcome("crowd", **cluster.connection)

    assert_told(start_and_interrupt(cluster, bill, cluster.stop_at_once))
    cluster.start()
    assert_told(start_and_interrupt(cluster, bill, cluster.restart_at_once))
    again = bill("interrupted").finish()

    assert (again.rc, again.json["parked"], again.json["left_due"]) == (0, 0, 0), again.errors
    assert_same(get_outcome("interrupted", **cluster.connection), clean)
    assert not get_faults("interrupted", **cluster.connection)
