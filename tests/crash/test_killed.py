"""A run that is killed at any moment leaves nothing half done, and the next one goes on from there."""

import os
import random

import pytest

from ..bills import Bill
from ..crowd import DAY
from ..outcome import assert_same, get_faults, get_outcome, select
from .moments import choose_chunks, kill_at
from .stages import Stages

COUNT = 2000
KILLS = 5

pytestmark = pytest.mark.slow


def test_a_run_that_is_killed_again_and_again_comes_to_the_same_as_a_clean_one(crowd_db, make_copy, manage):
    seed = os.environ.get("SUBPLUS_SEED", random.randrange(10**6))
    print(f"SUBPLUS_SEED={seed}")
    rng = random.Random(str(seed))
    stages, db = Stages(crowd_db, make_copy), make_copy(crowd_db)
    outcomes = []
    for number, moment in enumerate(choose_chunks(rng, KILLS, COUNT)):
        billed = kill_at(db, moment, group=number % 2)
        print(f"killed {moment}: {billed} periods are billed")
        assert not get_faults(db)
        outcomes.append(get_outcome(db))
    last = Bill(db, DAY).finish()
    assert last.rc == 0, last.errors

    clean = stages.finish()
    for outcome in outcomes:
        stages.assert_nothing_half_done(outcome)
    assert_same(get_outcome(db), clean)
    assert not get_faults(db)
    assert not select(db, "SELECT 1 FROM subscription_billing_claim")
    assert manage("check", "--db", db).json["offenders"] == 0
