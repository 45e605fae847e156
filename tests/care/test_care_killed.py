"""Care that is killed at any moment, or done by two at once, does everything once."""

import os
import random
import time

import pytest

from commands.shell import environment

from ..bills import ROOT, Watch, Worker, wait_for
from ..crowd import DAY
from ..outcome import select

COUNT = 800
KILLS = 4
SUMMARY = "Soon to be billed: see whether all is right"

pytestmark = pytest.mark.slow


class Care(Worker):
    """A process that looks after the subscriptions of a database."""

    def __init__(self, db):
        super().__init__(ROOT / "setup" / "manage.py", "care", "--db", db)


def switch_on(db):
    """Switch on a rule that fires for each subscription that is due, and one whose action fails."""
    with environment(db) as env:
        todo = env.ref("mail.mail_activity_data_todo")
        for name, code in (("Remind", None), ("Fail", "raise UserError('No')")):
            rule = env["base.automation"].create(
                {
                    "name": name,
                    "model_id": env["ir.model"]._get_id("sale.order"),
                    "trigger": "on_subscription_date",
                    "subscription_date_field": "subscription_next_invoice_date",
                    "subscription_date_mode": "before",
                    "subscription_date_days": 0,
                    "active": False,
                }
            )
            remind = {"state": "next_activity", "activity_type_id": todo.id, "activity_summary": SUMMARY}
            action = {"state": "code", "code": code} if code else remind
            env["ir.actions.server"].create(
                {
                    "name": name,
                    "model_id": rule.model_id.id,
                    "usage": "base_automation",
                    "base_automation_id": rule.id,
                    **action,
                }
            )
            rule.active = True
        # It counts what comes true from now on: let it be as if it had been switched on the day before.
        env["subscription.firing"].search([]).unlink()
        env.cr.commit()


def count_activities(db):
    """Return how many activities each subscription has that has one."""
    query = f"SELECT COUNT(*) FROM mail_activity WHERE summary = '{SUMMARY}' GROUP BY res_id"
    return [count for (count,) in select(db, query)]


def count_due(db):
    return select(
        db,
        f"""SELECT COUNT(*) FROM sale_order WHERE subscription_next_invoice_date = '{DAY}'
               AND subscription_status IN ('scheduled', 'progress', 'paused')""",
    )[0][0]


def count_judged(db):
    return select(db, "SELECT COUNT(*) FROM sale_order WHERE subscription_health IS NOT NULL")[0][0]


def kill_after(db, activities, seconds):
    """Start care, and kill it some time after so many activities are there."""
    with Watch(db) as watch:
        care = Care(db)
        query = "SELECT COUNT(*) FROM mail_activity WHERE summary = %s"
        wait_for(lambda: watch.select(query, SUMMARY)[0][0] >= activities or not care.is_running())
        time.sleep(seconds)
        care.kill(group=True)
        watch.wait_for_end_of_sessions()


def test_care_that_is_killed_again_and_again_does_everything_once(crowd_db, make_copy):
    seed = os.environ.get("SUBPLUS_SEED", random.randrange(10**6))
    print(f"SUBPLUS_SEED={seed}")
    rng, db = random.Random(str(seed)), make_copy(crowd_db)
    switch_on(db)
    due = count_due(db)
    assert due > COUNT / 2
    for number in range(KILLS):
        kill_after(db, number * due * 0.8 / KILLS, rng.random() * 0.2)
        counted = count_activities(db)
        print(f"killed: {len(counted)} of {due} have their activity")
        assert set(counted) <= {1}
        assert select(db, "SELECT COUNT(*) FROM subscription_firing WHERE state = 'done'")[0][0] == len(counted)
    assert len(counted) < due, "It was done before it could be killed for the last time."
    last = Care(db).finish()
    assert last.rc == 0, last.errors
    assert count_activities(db) == [1] * due
    assert count_judged(db) >= due
    assert not select(db, "SELECT 1 FROM subscription_care_task")


def test_two_at_once_do_everything_once(crowd_db, make_copy):
    db = make_copy(crowd_db)
    switch_on(db)
    both = [Care(db) for _number in range(2)]
    for care in both:
        done = care.finish()
        assert done.rc == 0, done.errors
    assert Care(db).finish().rc == 0
    assert count_activities(db) == [1] * count_due(db)
    parked = select(db, "SELECT subscription_parked_reason FROM base_automation WHERE name->>'en_US' = 'Fail'")
    assert parked == [("No",)]
