"""Orders that somebody has in hand when a run comes by: they keep no other from being billed, and are waited for."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from unittest.mock import patch

import psycopg2
import pytest
from dateutil.relativedelta import relativedelta

from odoo.service.model import retrying

from odoo.addons.sale_subscription_plus import worker

from commands.shell import environment

from ..bills import PATIENCE, Bill, Watch, wait_for
from ..crowd import DAY, get_plain_orders
from ..outcome import get_faults

COUNT = 40

pytestmark = pytest.mark.slow


@pytest.fixture
def db(crowd_db, make_copy):
    return make_copy(crowd_db)


@contextmanager
def user_at_work(db, table, record):
    """The transaction of a user who has changed a record and is not done yet."""
    with closing(psycopg2.connect(dbname=db)) as user, user.cursor() as cr:
        cr.execute(f"UPDATE {table} SET write_date = write_date WHERE id = %s", [record])
        yield user


def test_an_order_that_a_user_has_in_hand_is_billed_last(db):
    order, _line = get_plain_orders(db)[0]
    with user_at_work(db, "sale_order", order) as user, Watch(db) as watch:
        bill = Bill(db, DAY)
        wait_for(lambda: watch.get_due(DAY) == {order} or not bill.is_running())
        assert bill.is_running(), "It does not wait for the user."
        user.commit()
        done = bill.finish()
        assert (done.rc, done.json["parked"], done.json["left_due"]) == (0, 0, 0), done
        assert not watch.get_due(DAY)


def bill_impatiently(db):
    with patch.object(worker, "PATIENCE", 1), environment(db) as env:
        return env["subscription.billing.run"]._run(date=DAY)


def test_an_order_that_a_user_keeps_in_hand_is_left_for_the_next_run(db):
    order, _line = get_plain_orders(db)[0]
    with ThreadPoolExecutor() as threads, user_at_work(db, "sale_order", order):
        result = threads.submit(bill_impatiently, db).result(timeout=PATIENCE)
    assert (result["parked"], result["left_due"]) == (0, 1)
    assert Bill(db, DAY).finish().json["invoices"] == 1


def close(db, order):
    """Close an order as a screen does: what other transactions get in the way of is tried again."""
    with environment(db) as env:
        orders = env["sale.order"].browse(order)
        reason = env["subscription.close.reason"].search([], limit=1)
        retrying(lambda: orders._subscription_close(DAY + relativedelta(years=1), reason), env)


def test_a_user_who_closes_an_order_that_is_being_billed_waits_for_that(db):
    (_other, line), (order, _line), *_ = get_plain_orders(db)
    with Watch(db) as watch, ThreadPoolExecutor() as threads:
        with user_at_work(db, "sale_order_line", line):
            bill = Bill(db, DAY)
            wait_for(lambda: watch.count_waiting() == 1)
            closing_order = threads.submit(close, db, order)
            wait_for(lambda: watch.count_waiting() == 2 or closing_order.done())
        closing_order.result()
        assert bill.finish().rc == 0
        query = (
            "SELECT subscription_closed_on IS NOT NULL, subscription_next_invoice_date FROM sale_order WHERE id = %s"
        )
        assert watch.select(query, order) == [(True, DAY + relativedelta(months=1))]


def test_a_worker_takes_over_from_another_that_is_killed(db):
    _order, line = get_plain_orders(db)[0]
    with user_at_work(db, "sale_order_line", line), Watch(db) as watch:
        first = Bill(db, DAY)
        wait_for(lambda: watch.count_waiting() == 1)
        second = Bill(db, DAY)
        wait_for(lambda: watch.count_waiting() == 2)
        first.kill()
    done = second.finish()
    assert (done.rc, done.json["parked"], done.json["left_due"]) == (0, 0, 0), done
    with Watch(db) as watch:
        assert not watch.get_due(DAY)
    assert not get_faults(db)
