"""Moments at which a run is killed: some at random, some aimed."""

import time
from dataclasses import dataclass

from ..bills import Bill, Watch, wait_for
from ..crowd import DAY


@dataclass
class Moment:
    """A share of the time that a chunk takes, in the chunk after so many periods were billed."""

    billed: int
    share: float
    group: bool  # Kill the whole process group, not only the worker.

    def __str__(self):
        victim = "its process group" if self.group else "the process"
        return f"{victim} {self.share:.0%} into a chunk, after {self.billed} periods"


def choose_moments(rng, count, periods):
    """Spread ``count`` moments over a run that bills ``periods``; every other one is around a commit."""
    reach = int(periods * 0.8)  # The run must not end meanwhile.
    return [
        Moment(
            billed=rng.randrange(number * reach // count, (number + 1) * reach // count),
            share=rng.uniform(0.85, 1.05) if number % 2 else rng.random(),
            group=rng.random() < 0.5,
        )
        for number in range(count)
    ]


def kill_at(db, moment):
    """Start billing, and kill it; return how many periods had been billed by then."""
    with Watch(db) as watch:
        bill = Bill(db, DAY)
        wait_for(lambda: watch.count_billed() >= moment.billed or not bill.is_running())
        time.sleep(moment.share * _measure_chunk(watch, bill))
        bill.kill(moment.group)
        watch.wait_for_end_of_sessions()
        return watch.count_billed()


def _measure_chunk(watch, bill):
    """Return the seconds that a chunk took, when the next one has just begun."""
    chunk = watch.wait_for_next_chunk(bill, watch.get_chunk())
    started = time.monotonic()
    watch.wait_for_next_chunk(bill, chunk)
    return time.monotonic() - started
