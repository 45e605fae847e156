"""Moments at which a run is killed: at random in time, or aimed at a chunk."""

import time
from dataclasses import dataclass

from ..bills import Bill, Watch, wait_for
from ..crowd import DAY


@dataclass
class InChunk:
    """When a share of the time that a chunk takes is over, in a chunk after so many periods were billed."""

    billed: int
    share: float

    def __str__(self):
        return f"{self.share:.0%} into a chunk, after {self.billed} periods"

    def wait(self, watch, bill):
        """Wait until then."""
        wait_for(lambda: watch.count_billed() >= self.billed or not bill.is_running())
        chunk = watch.wait_for_next_chunk(bill, watch.get_chunk())
        started = time.monotonic()
        watch.wait_for_next_chunk(bill, chunk)
        time.sleep(self.share * (time.monotonic() - started))


@dataclass
class AfterSeconds:
    """Some seconds after the first chunk was committed."""

    seconds: float

    def __str__(self):
        return f"{self.seconds:.2f} s after the first chunk"

    def wait(self, watch, bill):
        """Wait until then."""
        wait_for(lambda: watch.count_billed() or not bill.is_running())
        time.sleep(self.seconds)


def choose_chunks(rng, count, periods):
    """Aim ``count`` moments at chunks of a run that bills ``periods``; every other one at the end of a chunk."""
    reach = int(periods * 0.8)  # The run must not end meanwhile.
    return [
        InChunk(
            billed=rng.randrange(number * reach // count, (number + 1) * reach // count),
            share=rng.uniform(0.85, 1.05) if number % 2 else rng.random(),
        )
        for number in range(count)
    ]


def choose_seconds(rng, count, seconds):
    """Spread ``count`` moments over a run that goes on for ``seconds`` after its first chunk."""
    share = 0.9 * seconds / count
    return [AfterSeconds(rng.uniform(number * share, (number + 1) * share)) for number in range(count)]


def kill_at(db, moment, group):
    """Start billing, and kill it; return how many periods had been billed by then.

    :param bool group: kill the whole process group, not only the worker
    """
    with Watch(db) as watch:
        bill = Bill(db, DAY)
        moment.wait(watch, bill)
        bill.kill(group)
        watch.wait_for_end_of_sessions()
        return watch.count_billed()
