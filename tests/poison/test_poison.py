"""One bad order in a thousand: the others are billed, and somebody is told in words that help.

The bad orders take their turn in one database, a month each, billed by the command in a process of its own.
"""

from datetime import date

import pytest
from dateutil.relativedelta import relativedelta

from commands.shell import environment

from ..subscribers import make_subscriptions

COUNT = 1000
START = date(2024, 1, 1)
KILLED = (-9, 137)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def poisoned_db(core_db, odoo_command, make_copy, extra_addons_config):
    """A database with a thousand subscriptions and the add-on that breaks."""
    name = make_copy(core_db)
    odoo_command("-c", extra_addons_config, "-d", name, "-i", "subscription_poison", "--stop-after-init")
    with environment(name) as env:
        make_subscriptions(env, COUNT, START)
        env.company.subscription_tz = "UTC"
        env.cr.commit()
        env.cr.execute("ANALYZE")
    return name


def first_order(env):
    return env["sale.order"].search([("subscription_status", "=", "progress")], order="id", limit=1)


def archive_journal(env, order):
    order.journal_id = env["account.journal"].create({"name": "Old", "type": "sale", "code": "OLD", "active": False})


def use_currency(env, order, active, rate):
    currency = env["res.currency"].with_context(active_test=False).search([("name", "=", "CHF")])
    currency.active = True
    currency.rate_ids.unlink()
    if rate:
        env["res.currency.rate"].create({"currency_id": currency.id, "rate": 0.9, "name": "2020-01-01"})
    env.cr.execute("UPDATE sale_order SET currency_id = %s WHERE id = %s", [currency.id, order.id])
    env.cr.execute("UPDATE sale_order_line SET currency_id = %s WHERE order_id = %s", [currency.id, order.id])
    env.invalidate_all()
    currency.active = active


def inactive_currency(env, order):
    use_currency(env, order, active=False, rate=True)


def currency_without_rate(env, order):
    use_currency(env, order, active=True, rate=False)


def deleted_tax_account(env, order):
    tax = order.order_line.tax_ids.copy({"name": "Orphan 15%"})
    account = env["account.account"].create({"name": "Tax to be deleted", "code": "299999"})
    tax.invoice_repartition_line_ids.filtered(lambda rep: rep.repartition_type == "tax").account_id = account
    order.order_line.write({"tax_ids": tax.ids, "subscription_tax_auto": False})
    # Odoo refuses this in its screens; an uninstalled chart or a hand in the database does it all the same.
    env.flush_all()
    env.cr.execute("DELETE FROM account_account WHERE id = %s", [account.id])
    env.invalidate_all()


def raises_in_another_add_on(env, order):
    order.client_order_ref = "POISON RAISES"


# What is done to the order, and a word of the reason by which a salesperson knows what to mend.
POISONS = [
    (archive_journal, "journal"),
    (inactive_currency, "CHF"),
    (currency_without_rate, "exchange rate"),
    (deleted_tax_account, "Orphan 15%"),
    (raises_in_another_add_on, "administrator"),
]


def due_day(turn):
    return START + relativedelta(months=turn)


def poison(name, spoil):
    with environment(name) as env:
        order = first_order(env)
        spoil(env, order)
        env.cr.commit()
        return order.id


def assert_parked(name, order_id, word, day):
    with environment(name) as env:
        order = env["sale.order"].browse(order_id)
        assert word in order.subscription_parked_reason
        assert "Traceback" not in order.subscription_parked_reason
        assert order.subscription_next_attempt == day + relativedelta(days=1)
        activity = order.activity_ids.filtered(
            lambda a: a.activity_type_id == env.ref("sale_subscription_plus.mail_activity_type_parked")
        )
        assert len(activity) == 1
        assert activity.user_id == order.user_id


def replace(name, order_id, day):
    """Put a good order into the place of the bad one, so that the next turn has a thousand again."""
    with environment(name) as env:
        order = env["sale.order"].browse(order_id)
        reason = env["subscription.close.reason"].search([], limit=1)
        order._subscription_close(order.subscription_next_invoice_date, reason)
        assert not order.subscription_parked_reason, "nothing is left to bill"
        make_subscriptions(env, 1, day + relativedelta(months=1))
        env.cr.commit()


@pytest.mark.parametrize("turn", range(len(POISONS)), ids=[spoil.__name__ for spoil, _word in POISONS])
def test_one_bad_order_in_a_thousand_is_parked_and_the_others_are_billed(poisoned_db, poison_manage, turn):
    spoil, word = POISONS[turn]
    day = due_day(turn)
    order_id = poison(poisoned_db, spoil)
    try:
        billed = poison_manage("bill", "--db", poisoned_db, "--date", day)
        assert (billed.json["invoices"], billed.json["parked"], billed.json["left_due"]) == (COUNT - 1, 1, 0)
        assert billed.rc == 1, "a run that parked something has not gone all well"
        assert_parked(poisoned_db, order_id, word, day)

        again = poison_manage("bill", "--db", poisoned_db, "--date", day)
        assert (again.json["invoices"], again.json["parked"]) == (0, 0), "it waits for the next day"
        tomorrow = poison_manage("bill", "--db", poisoned_db, "--date", day + relativedelta(days=1))
        assert (tomorrow.json["invoices"], tomorrow.json["parked"]) == (0, 1), "it is tried again"
    finally:
        replace(poisoned_db, order_id, day)


def test_an_order_that_kills_its_worker_is_parked_and_the_others_are_billed(poisoned_db, poison_manage):
    day = due_day(len(POISONS))

    def spoil(env, order):
        order.client_order_ref = "POISON KILLS"

    order_id = poison(poisoned_db, spoil)
    for _night in range(2):
        died = poison_manage("bill", "--db", poisoned_db, "--date", day)
        assert died.rc in KILLED, died.stderr
    billed = poison_manage("bill", "--db", poisoned_db, "--date", day)
    assert billed.json["parked"] == 1
    assert billed.json["left_due"] == 0
    assert count_invoices(poisoned_db, day) == COUNT - 1
    assert_parked(poisoned_db, order_id, "worker", day)
    tomorrow = poison_manage("bill", "--db", poisoned_db, "--date", day + relativedelta(days=1))
    assert tomorrow.rc in KILLED, "it is tried again, alone"
    after = poison_manage("bill", "--db", poisoned_db, "--date", day + relativedelta(days=1))
    assert (after.json["invoices"], after.json["parked"]) == (0, 1)
    # Only what does not depend on the clock, which the turns above moved, and on the currencies they forged.
    checks = poison_manage("check", "--db", poisoned_db).json["checks"]
    assert not any(number for name, number in checks.items() if name not in ("due_or_parked", "companies")), checks


def count_invoices(name, day):
    with environment(name) as env:
        return env["account.move"].search_count([("invoice_date", "=", day), ("state", "=", "posted")])
