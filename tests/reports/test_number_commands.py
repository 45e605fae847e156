"""The commands that tell numbers: on a database without subscriptions, and asked for what makes no sense."""

import doctest

import pytest

from commands import tables


@pytest.fixture(scope="module")
def empty_db(core_db, make_copy):
    """A database in which nothing was sold."""
    return make_copy(core_db)


def test_without_subscriptions_all_is_zero_and_no_ratio_is_made_up(manage, empty_db):
    done = manage("kpi", "--db", empty_db, "--from", "2026-01-01", "--to", "2026-01-31")
    assert done.rc == 0, done.stderr
    kpis = done.json["kpis"]
    none = {"logo_churn", "gross_churn", "net_churn", "revenue_per_contract", "lifetime_value", "quick_ratio"}
    assert {key for key, value in kpis.items() if value is None} == none
    assert {value for key, value in kpis.items() if key not in none} == {0}
    assert done.json["before"] == kpis
    assert done.json["formulas"].keys() == kpis.keys()
    [line] = [line for line in done.stdout.splitlines() if line.startswith("Lifetime Value ")]
    assert line.split() == ["Lifetime", "Value", "–", "–", "–"]


def test_without_subscriptions_there_is_no_cohort(manage, empty_db):
    done = manage("cohort", "--db", empty_db, "--interval", "month", "--measure", "count")
    assert done.rc == 0, done.stderr
    assert (done.json["measure"], done.json["cohorts"], done.json["average"]) == ("count", [], [])
    assert "Retention of customers" in done.stdout


@pytest.mark.parametrize("command", ["kpi", "cohort"])
def test_a_period_that_ends_before_it_begins_is_refused_in_a_sentence(manage, empty_db, command):
    done = manage(command, "--db", empty_db, "--from", "2026-02-01", "--to", "2026-01-31")
    assert done.rc == 2
    assert "would end before it begins" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_without_the_add_on_is_told_what_to_install(manage, dependency_db):
    done = manage("kpi", "--db", dependency_db, "--from", "2026-01-01", "--to", "2026-01-31")
    assert done.rc == 1
    assert "-i sale_subscription_plus_reports" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_examples_in_the_tables_module_are_right():
    assert not doctest.testmod(tables).failed
