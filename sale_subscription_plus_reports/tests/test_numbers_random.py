"""Random lives of subscriptions: every number is what an oracle says that looks at each customer on each day."""

import os
from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.fields import Date

from .numbers_oracle import DAY, EPSILON, FILTERS, GAINS, LOSSES, TYPES, get_kpis
from .numbers_world import FIRST_DAY, NumbersWorld

# By what balances are compared, and the field of a movement that tells it.
MARKS = {
    "order": "order_id",
    "company": "company_id",
    "partner": "partner_id",
    "product": "product_id",
    "plan": "plan_id",
    "user": "user_id",
    "team": "team_id",
}

# More of them, for those who look for bugs: SUBSCRIPTION_NUMBERS=100, from SUBSCRIPTION_NUMBER on
WALKS = int(os.environ.get("SUBSCRIPTION_NUMBERS", 2))
FIRST_WALK = int(os.environ.get("SUBSCRIPTION_NUMBER", 0))
STEPS = 60
# {interval: (first day of the one that a day is in, length)}
INTERVALS = {
    # In English, weeks begin on Sundays.
    "week": (lambda day: day - timedelta(days=day.isoweekday() % 7), timedelta(days=7)),
    "month": (lambda day: day.replace(day=1), relativedelta(months=1)),
    "quarter": (lambda day: day.replace(month=day.month - (day.month - 1) % 3, day=1), relativedelta(months=3)),
    "year": (lambda day: day.replace(month=1, day=1), relativedelta(years=1)),
}


class TestNumbersRandom(NumbersWorld):
    def test_walks(self):
        for seed in range(FIRST_WALK, FIRST_WALK + WALKS):
            undo = self.cr.savepoint()
            try:
                with self.subTest(seed=seed):
                    self._walk(seed)
                    self._assert_numbers_hold()
            finally:
                undo.close(rollback=True)
                self.env.transaction.clear()

    def _walk(self, seed):
        self._begin(FIRST_DAY, seed)
        actions = [name for name in dir(self) if name.startswith("_do_")]
        for _step in range(STEPS):
            action = self._pick(actions)
            try:
                with self.cr.savepoint():
                    getattr(self, action)()
                    self._see()
                self.log.append(f"{self.day} {action}")
            except UserError as error:
                self.env.invalidate_all()
                self.orders = self.orders.exists()
                self.log.append(f"{self.day} {action}: {error}")
            self._let_pass(self._pick([0, 1, 3, 10, 20]))

    def _assert_numbers_hold(self):
        try:
            self.assertEventsSumToMRR(self.orders)
            self._assert_movements_add_up_to_balances()
            for first, last in self._get_periods():
                self._assert_figures(first, last)
            self._assert_filters_add_up(first, last)
            self._assert_months_are_those_of_the_oracle()
            self._assert_salespeople(first, last)
            self._assert_a_salesman_sees_what_is_theirs(first, last)
            self._assert_reasons(first, last)
            self._assert_reports()
            self._assert_timeline()
            self._assert_forecast()
            self._assert_cohorts()
        except AssertionError as error:
            raise AssertionError(f"{error}\nafter\n" + "\n".join(self.log)) from error

    def _assert_movements_add_up_to_balances(self):
        """What was written until any day is what each order, customer, plan … brings at its end."""
        events = self.both["subscription.event"].search([("company_id", "in", self.companies.ids)], order="date, id")
        for mark, field in MARKS.items():
            balances = defaultdict(float)
            for day, of_day in events.grouped("date").items():
                for event in of_day:
                    balances[event[field].id] += event.amount_company
                self._assert_same(balances, self.oracle.get_balances(day, mark), f"{mark} on {day}")

    # === KEY FIGURES ===#

    def _get_periods(self):
        """Return some periods of the walk: the whole of it, and days from anywhere to anywhere."""
        length = (self.day - FIRST_DAY).days
        periods = [(FIRST_DAY, self.day), (FIRST_DAY + DAY, self.day + DAY)]
        for _number in range(4):
            start, end = sorted(self.rng.choices(range(length + 1), k=2))
            periods.append((FIRST_DAY + start * DAY, FIRST_DAY + end * DAY))
        return periods

    def _assert_figures(self, first, last):
        expected = {
            **self.oracle.get_figures(first, last, get_company_rate=self._get_company_rate),
            **self.oracle.count_customers(first, last),
            **self.oracle.count_contracts(first, last),
        }
        told = self.both["subscription.kpi"].get_kpis(first, last)
        self._assert_same({key: told["figures"][key] for key in expected}, expected, f"{first} to {last}")
        found = {kpi["key"]: kpi["value"] for kpi in told["kpis"]}
        for key, value in get_kpis({**expected, "months": told["figures"]["months"]}).items():
            self.assertAlmostEqual(found[key], value, 6, f"{first} to {last}: {key}")
        net, one_off = self._get_invoiced(first, last)
        self.assertAlmostEqual(found["net_revenue"], net, 2)
        self.assertAlmostEqual(found["non_recurring_revenue"], one_off, 2)

    def _assert_filters_add_up(self, first, last):
        """What any filter leaves is what the oracle says; all its choices, and what has none, are the whole."""
        whole = self.oracle.get_figures(first, last, get_company_rate=self._get_company_rate)
        for name in FILTERS:
            parts = defaultdict(float)
            for value in self.oracle.get_marks(name):
                filters = {name: [value]}
                figures = self.oracle.get_figures(first, last, filters, self._get_company_rate)
                if value:
                    found = self.both["subscription.kpi"].get_kpis(first, last, filters)["figures"]
                    self._assert_same({key: found[key] for key in figures}, figures, f"{first} to {last}, {filters}")
                for key, amount in figures.items():
                    parts[key] += amount
            self._assert_same(parts, whole, f"{first} to {last}, {name} together")

    def _assert_months_are_those_of_the_oracle(self):
        data = self.both["subscription.kpi"].get_movements(None, self.day)
        for number, month in enumerate(data["months"]):
            first = Date.to_date(month)
            last = min(first + relativedelta(months=1) - DAY, self.day)
            figures = self.oracle.get_figures(first, last, get_company_rate=self._get_company_rate)
            expected = {"mrr": figures["mrr_end"], **{kind: figures[kind] for kind in GAINS}}
            expected |= {kind: -figures[kind] for kind in LOSSES}
            found = {kind: amounts[number] for kind, amounts in data["types"].items() if kind in expected}
            self._assert_same({"mrr": data["mrr"][number], **found}, expected, month)

    # === REPORTS ===#

    def _assert_salespeople(self, first, last):
        """What each salesperson brought is what the oracle says, and together it is the whole."""
        told = self.both["subscription.kpi"].get_salespeople(first, last)
        parts = defaultdict(float)
        for person in told["people"]:
            figures = self.oracle.get_figures(first, last, {"user_ids": [person["id"]]}, self._get_company_rate)
            values = {key: person["values"][key] for key in (*TYPES, "mrr_start")}
            self._assert_same(values, {key: figures[key] for key in values}, f"{first} to {last}, {person['name']}")
            for key, amount in values.items():
                parts[key] += amount
        whole = self.oracle.get_figures(first, last, get_company_rate=self._get_company_rate)
        self._assert_same(parts, {key: whole[key] for key in parts}, f"{first} to {last}, salespeople together")

    def _assert_a_salesman_sees_what_is_theirs(self, first, last):
        """A plain salesperson's MRR is that of their own subscriptions, and of those that are nobody's."""
        for user in self.users:
            found = self.both["subscription.kpi"].with_user(user).get_kpis(first, self.day)["figures"]["mrr_end"]
            filters = {"user_ids": [user.id, False]}
            expected = self.oracle.get_figures(first, self.day, filters, self._get_company_rate)["mrr_end"]
            self.assertAlmostEqual(found, expected, 6, user.name)

    def _assert_reasons(self, first, last):
        """The reasons why customers left make up all that left."""
        reasons = self.both["subscription.kpi"].get_churn_reasons(first, last)
        figures = self.oracle.get_figures(first, last, get_company_rate=self._get_company_rate)
        lost = self.oracle.count_customers(first, last)["customers_lost"]
        self.assertEqual(sum(reason["customers"] for reason in reasons), lost, f"{first} to {last}")
        self.assertAlmostEqual(sum(reason["mrr"] for reason in reasons), figures["churn"], 6, f"{first} to {last}")

    def _assert_reports(self):
        """Movements by their type, and the revenue of what runs by all that it can be grouped by."""
        mine = [("company_id", "in", self.companies.ids)]
        groups = self.both["subscription.movement.report"]._read_group(mine, ["customer_type"], ["amount_company:sum"])
        figures = self.oracle.get_figures(FIRST_DAY, self.day, get_company_rate=self._get_company_rate)
        expected = {kind: -figures[kind] if kind in LOSSES else figures[kind] for kind in TYPES}
        self._assert_same(dict(groups), expected, "movements by type")
        for mark, field in MARKS.items():
            groups = self.both["subscription.report"]._read_group(mine, [field], ["mrr:sum"])
            balances = defaultdict(float)
            for (company, value), amount in self.oracle.get_balances(self.day, ("company", mark)).items():
                balances[value] += amount * self._get_company_rate(company)
            self._assert_same({record.id: amount for record, amount in groups}, balances, f"subscriptions by {field}")

    def _assert_timeline(self):
        """The line of each month ends at the balance, also where the first months are not shown."""
        Report = self.both["subscription.movement.report"].with_context(subscription_timeline=True)
        begin = FIRST_DAY + (self.day - FIRST_DAY) / 2
        domain = [("company_id", "in", self.companies.ids), ("date", ">=", begin), ("date", "<=", self.day)]
        for group in Report.formatted_read_group(domain, ["date:month"], ["amount_company:sum"]):
            first = Date.to_date(group["date:month"][0])
            last = min(first + relativedelta(months=1) - DAY, self.day)
            figures = self.oracle.get_figures(last, last, get_company_rate=self._get_company_rate)
            self.assertAlmostEqual(group["amount_company:sum"], figures["mrr_end"], 6, f"timeline until {last}")

    def _assert_forecast(self):
        """A year as the last 30 days were: their net new MRR, contracts and new customers, twelve times."""
        first = self.day - 29 * DAY
        forecast = self.both["subscription.forecast"].get_forecast(self.day)
        self.assertEqual(Date.to_date(forecast["window"]["date_from"]), first)
        figures = self.oracle.get_figures(first, self.day, get_company_rate=self._get_company_rate)
        contracts = self.oracle.count_contracts(first, self.day)
        expected = {
            "mrr": figures["net_new"] * 12,
            "contracts": (contracts["contracts_new"] - contracts["contracts_lost"]) * 12,
            "customers": self.oracle.count_customers(first, self.day)["customers_new"] * 12,
        }
        self._assert_same({row["key"]: row["value"] for row in forecast["yearly"]}, expected, "forecast")

    # === COHORTS ===#

    def _assert_cohorts(self):
        Report = self.both["subscription.customer.report"]
        for interval, (get_start, step) in INTERVALS.items():
            expected = self.oracle.get_cohorts(
                get_start, lambda start, step=step: start + step, self.day, self._get_company_rate
            )
            for measure in ("count", "mrr"):
                found = Report.get_cohort_data(interval=interval, measure=measure, date_to=self.day)
                self.assertEqual([Date.to_date(cohort["start"]) for cohort in found["cohorts"]], sorted(expected))
                for cohort in found["cohorts"]:
                    self._assert_cohort(cohort, measure, *expected[Date.to_date(cohort["start"])])
            self._assert_groups_add_up(interval, found)

    def _assert_groups_add_up(self, interval, whole):
        """The cohorts of all groups together are those of the whole; here by what customers started with."""
        Report = self.both["subscription.customer.report"]
        for field in ("plan_id", "product_id", "team_id", "user_id", "country_id", "company_id"):
            table = Report.get_cohort_data(interval=interval, measure="mrr", date_to=self.day, groupby=[field])
            sums = defaultdict(float)
            for group in table["groups"]:
                for cohort in group["cohorts"]:
                    for number, value in enumerate(cohort["values"]):
                        sums[cohort["start"], number] += value
            expected = {
                (cohort["start"], number): value
                for cohort in whole["cohorts"]
                for number, value in enumerate(cohort["values"])
            }
            self._assert_same(sums, expected, f"cohorts by {interval} and {field}")

    def _assert_cohort(self, cohort, measure, customers, counts, amounts):
        values = amounts if measure == "mrr" else counts
        base = amounts[0] if measure == "mrr" else customers
        what = f"cohort {cohort['start']}, {measure}"
        self.assertEqual(cohort["customers"], customers, what)
        self.assertAlmostEqual(cohort["value"], base, 6, what)
        self.assertEqual(len(cohort["values"]), len(values), what)
        for number, (found, rate, value) in enumerate(zip(cohort["values"], cohort["rates"], values, strict=True)):
            self.assertAlmostEqual(found, value, 6, f"{what}, column {number}")
            expected = value / base if abs(base) > EPSILON else None
            self.assertAlmostEqual(rate, expected, 6, f"{what}, column {number}")

    def _assert_same(self, found, expected, what):
        for key in found.keys() | expected.keys():
            self.assertAlmostEqual(found.get(key, 0.0), expected.get(key, 0.0), 6, f"{what}: {key}")
