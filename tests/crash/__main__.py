"""Command line of the crash test: ``tests/crash/run.sh``."""

import random
import time
from contextlib import ExitStack

import click

from commands.shell import configure, environment

from ..bench.common import copied_database, machine, new_database
from ..bills import Bill, Watch, wait_for
from ..crowd import DAY, MOULDS, make_crowd
from ..outcome import assert_same, get_faults, get_outcome, select
from .moments import choose_chunks, choose_seconds, kill_at
from .stages import Stages


@click.command()
@click.option("--kills", type=click.IntRange(2), default=20, show_default=True, help="Half of them at random in time.")
@click.option("--subscriptions", type=click.IntRange(10 * MOULDS), default=2000, show_default=True)
@click.option("--seed", type=int, help="Choose the same moments as a run before, which told this number.")
def main(kills, subscriptions, seed):
    """Kill a run at chosen moments, run again, and compare with a clean run: order by order, column by column."""
    configure(log_level="error")
    seed = random.randrange(10**6) if seed is None else seed
    click.echo(f"{machine()}\n--seed {seed}")
    rng = random.Random(seed)
    with new_database() as source, ExitStack() as copies:
        with environment(source) as env:
            make_crowd(env, subscriptions)
        seconds = _measure(source)
        stages = Stages(source, lambda db: copies.enter_context(copied_database(db)))
        stages.finish()
        click.echo(f"A clean run makes {stages.invoices} invoices, in {seconds:.1f} s after its first chunk.")
        moments = choose_seconds(rng, kills // 2, seconds) + choose_chunks(rng, kills - kills // 2, subscriptions)
        for number, moment in enumerate(moments):
            with copied_database(source) as db:
                _prove(db, stages, moment, group=number % 2)
    click.echo(f"{len(moments)} kills, and each time the same as if there had been none.")


def _measure(source):
    """Return how long a run goes on after its first chunk."""
    with copied_database(source) as db, Watch(db) as watch:
        bill = Bill(db, DAY)
        wait_for(watch.count_billed)
        started = time.monotonic()
        bill.finish()
        return time.monotonic() - started


def _prove(db, stages, moment, group):
    """Kill a run at a moment, and run again; fail where this is not the same as a clean run."""
    billed = kill_at(db, moment, group)
    stages.assert_nothing_half_done(get_outcome(db))
    assert not get_faults(db)
    again = Bill(db, DAY).finish()
    assert (again.rc, again.json["parked"], again.json["left_due"]) == (0, 0, 0), again.errors
    assert_same(get_outcome(db), stages.clean)
    assert not get_faults(db)
    assert not select(db, "SELECT 1 FROM subscription_billing_claim")
    with environment(db) as env:
        assert not env["subscription.check"]._run()["offenders"]
    victim = "group" if group else "process"
    click.echo(
        f"{victim} killed {moment}: {billed} periods billed, {again.json['invoices']} invoices made by the next."
    )


if __name__ == "__main__":
    main(prog_name="tests/crash/run.sh")
