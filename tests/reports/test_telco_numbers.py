"""The telecom company's numbers: 7,043 subscribers are imported, and each figure is what pandas makes of their file.

Both are printed side by side; ``pytest -s`` shows them.
"""

import subprocess
from datetime import date

import pytest

from commands import kpi as kpi_command
from commands.shell import environment
from commands.tables import NOTHING, aligned

from ..conftest import ROOT
from ..data import convert_telco
from . import telco

pytestmark = pytest.mark.slow

# What is neither a count nor money.
RATIOS = {"logo_churn", "gross_churn", "net_churn", "quick_ratio", "months"}


@pytest.fixture(scope="module")
def imported_db(core_db, make_copy, tmp_path_factory):
    """A database with all subscribers, started through 2018; who is there still was billed on 2025-01-01."""
    path = tmp_path_factory.mktemp("telco") / "telco.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        convert_telco.write_staggered(file)
    name = make_copy(core_db)
    run("import-subscriptions", "--db", name, "--create-missing", path)
    run("bill", "--db", name, "--date", telco.SEEN_ON.date())
    return name


def run(*arguments):
    command = [ROOT / "setup" / "manage.sh", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def engine(imported_db):
    """The environment that the add-ons reckon in."""
    with environment(imported_db) as env:
        yield kpi_command.all_companies(env)


@pytest.fixture(scope="module")
def subscribers():
    """The same subscribers, in pandas."""
    return telco.read()


def show(title, expected, found):
    """Print what pandas and the add-ons have, side by side."""
    rows = [(str(key), as_text(key, value), as_text(key, found.get(key))) for key, value in expected.items()]
    print("", title, *aligned([("", "pandas", "add-ons"), *rows]), sep="\n")


def as_text(key, value):
    if isinstance(value, tuple):
        return "  ".join(as_text(key, part) for part in value)
    if isinstance(value, float):
        return f"{value:.6f}" if key in RATIOS else f"{value:,.2f}"
    return NOTHING if value is None else f"{value:,}"


def same(key, expected, found):
    """Whether two figures are the same: counts exactly, money to the cent, ratios to what a float can tell."""
    if expected is None or found is None:
        return expected is found
    if key in RATIOS:
        return found == pytest.approx(expected, rel=1e-12)
    return round(found, 2) == round(expected, 2)


def assert_same(title, expected, found):
    show(title, expected, found)
    different = {
        key: (value, found.get(key)) for key, value in expected.items() if not same(key, value, found.get(key))
    }
    assert not different, f"{title}: {different}"


@pytest.mark.parametrize(("first", "last"), telco.PERIODS.values(), ids=telco.PERIODS)
def test_each_key_figure_of_a_period_and_of_the_one_before_is_that_of_pandas(engine, subscribers, first, last):
    told = engine["subscription.kpi"].get_kpis(first, last)
    before_first, before_last = telco.period_before(first, last)
    assert (told["before_from"], told["before_to"]) == (str(before_first), str(before_last))
    now = {kpi["key"]: kpi["value"] for kpi in told["kpis"]}
    before = {kpi["key"]: kpi["before"] for kpi in told["kpis"]}
    assert_same(f"{first} to {last}", telco.kpis(subscribers, first, last), now)
    assert_same(f"{before_first} to {before_last}", telco.kpis(subscribers, before_first, before_last), before)
    assert_figures(subscribers, first, last, told["figures"])
    assert_figures(subscribers, before_first, before_last, told["figures_before"])


def assert_figures(subscribers, first, last, found):
    assert_same(f"made of, {first} to {last}", telco.figures(subscribers, first, last), found)


@pytest.mark.parametrize("mode", ["retention", "churn"])
@pytest.mark.parametrize("measure", ["count", "mrr"])
@pytest.mark.parametrize("interval", telco.INTERVALS)
def test_each_cohort_is_that_of_pandas(engine, subscribers, interval, measure, mode):
    found = engine["subscription.customer.report"].get_cohort_data(
        interval=interval, measure=measure, mode=mode, date_to=telco.SEEN_ON.date()
    )
    expected = telco.cohorts(subscribers, interval, measure, mode)
    assert found["seen_on"] == "2025-01-01"
    assert_same_cohorts(expected, found)


def test_each_cohort_of_each_product_is_that_of_pandas(engine, subscribers):
    report = engine["subscription.customer.report"]
    [name] = [name for name, field in report._fields.items() if field.comodel_name == "product.product"]
    found = report.get_cohort_data(interval="quarter", groupby=[name], date_to=telco.SEEN_ON.date())
    assert {group["name"] for group in found["groups"]} == set(telco.PRODUCTS.values())
    for group in found["groups"]:
        of_product = subscribers[subscribers["product"] == group["name"]]
        print(f"\n{group['name']}")
        assert_same_cohorts(telco.cohorts(of_product, "quarter", "count"), {**found, **group})


def assert_same_cohorts(expected, found):
    show_cohorts(expected, found)
    assert [cohort["start"] for cohort in found["cohorts"]] == list(expected)
    for cohort in found["cohorts"]:
        first, customers, values, rates = expected[cohort["start"]]
        assert cohort["customers"] == customers
        assert [round(value, 2) for value in (cohort["value"], *cohort["values"])] == [first, *values]
        assert cohort["rates"] == pytest.approx(rates, rel=1e-9, abs=1e-12)
    assert found["average"] == pytest.approx(telco.average(expected), rel=1e-9, abs=1e-12)


def show_cohorts(expected, found):
    """Print each cohort's rates in per cent, as pandas and as the add-ons have them, one below the other."""
    print(f"\n{found['mode']}, {found['measure']} by {found['interval']}")
    for cohort in found["cohorts"]:
        for who, rates in (("pandas", expected[cohort["start"]][3]), ("add-ons", cohort["rates"])):
            print(f"{cohort['start']} {who:>8}", *(f"{100 * rate:6.2f}" for rate in rates))


def test_the_churn_table_is_that_of_pandas(engine, subscribers):
    report = engine["subscription.movement.report"]
    groups = report._read_group(
        [("customer_type", "=", "churn")],
        ["close_reason_id", "plan_id", "product_id", "age"],
        ["customer_count:count_distinct", "amount_lost:sum"],
    )
    assert {(reason.name, plan.name) for reason, plan, *_rest in groups} == {("Other", "Monthly")}
    found = {(product.name, age): (customers, round(lost, 2)) for _r, _p, product, age, customers, lost in groups}
    expected = telco.churn_table(subscribers)
    show("churn by product and age in months: customers, MRR", expected, found)
    assert found == expected


def test_the_churn_reasons_are_those_of_pandas(engine, subscribers):
    first, last = date(2018, 1, 1), date(2025, 1, 1)
    [reason] = engine["subscription.kpi"].get_churn_reasons(first, last)
    left = subscribers[subscribers["end"].notna()]
    assert (reason["name"], reason["customers"]) == ("Other", len(left)) == ("Other", 1869)
    assert round(reason["mrr"], 2) == left["cents"].sum() / 100 == 139_130.85


def test_the_commands_tell_the_same(engine, imported_db, manage, subscribers):
    done = manage("kpi", "--db", imported_db, "--from", "2018-10-01", "--to", "2018-12-31")
    assert done.rc == 0, done.stderr
    print(done.stdout)
    assert (done.json["from"], done.json["to"], done.json["currency"]) == ("2018-10-01", "2018-12-31", "USD")
    expected = telco.kpis(subscribers, date(2018, 10, 1), date(2018, 12, 31))
    assert_same("kpi", expected, done.json["kpis"])
    assert expected.keys() <= done.json["formulas"].keys()

    done = manage("cohort", "--db", imported_db, "--interval", "month", "--measure", "mrr", "--to", "2025-01-01")
    assert done.rc == 0, done.stderr
    print(done.stdout)
    expected = telco.cohorts(subscribers, "month", "mrr")
    found = {cohort["start"]: [round(value, 2) for value in cohort["values"]] for cohort in done.json["cohorts"]}
    assert found == {start: values for start, (_first, _customers, values, _rates) in expected.items()}
