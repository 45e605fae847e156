import doctest
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user

from ..models import base_cohort
from ..tools import cohort


class TestCohortTables(TransactionCase):
    """The table itself, from what came and went."""

    def _build(self, *changes, interval="month", seen_on=date(2026, 3, 15), mode="retention"):
        return cohort.build_table([cohort.Change(*change) for change in changes], interval, seen_on, mode)

    def test_the_examples_of_the_documentation_hold(self):
        self.assertFalse(doctest.testmod(cohort).failed)

    def test_a_column_is_there_for_each_interval_that_has_begun(self):
        january, march = date(2026, 1, 1), date(2026, 3, 1)
        table = self._build((january, january, 4, 4, 4), (january, march, 0, 0, -1), (march, march, 2, 2, 2))
        self.assertEqual([row["values"] for row in table["cohorts"]], [[4, 4, 3], [2]])
        self.assertEqual([row["rates"] for row in table["cohorts"]], [[1, 1, 0.75], [1]])

    def test_the_average_weighs_each_cohort_by_its_size(self):
        january, february = date(2026, 1, 1), date(2026, 2, 1)
        table = self._build(
            (january, january, 9, 9, 9), (february, february, 1, 1, 1), (february, date(2026, 3, 1), 0, 0, -1)
        )
        self.assertEqual(table["average"], [1, 0.9, 1])

    def test_churn_is_what_retention_leaves(self):
        january, march = date(2026, 1, 1), date(2026, 3, 1)
        table = self._build((january, january, 4, 4, 4), (january, march, 0, 0, -1), mode="churn")
        self.assertEqual(table["cohorts"][0]["values"], [0, 0, 1])
        self.assertEqual(table["cohorts"][0]["rates"], [0, 0, 0.25])
        self.assertEqual(table["average"], [0, 0, 0.25])

    def test_a_cohort_that_begins_with_nothing_has_no_rates(self):
        january = date(2026, 1, 1)
        for mode in cohort.MODES:
            table = self._build((january, january, 1, 0, 0), (january, date(2026, 2, 1), 0, 0, 5), mode=mode)
            self.assertEqual(table["cohorts"][0]["rates"], [None] * 3)
            self.assertEqual(table["average"], [None] * 3)


class TestCohortOfAnyModel(TransactionCase):
    """Any model with a start and a stop has cohorts; here: prices of a vendor, from a day until a day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vendor, cls.other_vendor = cls.env["res.partner"].create([{"name": "Paper Mill"}, {"name": "Ink Works"}])
        cls.Price = cls.env["product.supplierinfo"]
        cls.product = cls.env["product.template"].create({"name": "Paper"})
        cls.prices = cls._create_prices(
            ("2026-01-05", False, 10), ("2026-01-31", "2026-02-28", 20), ("2026-02-01", "2026-03-01", 5)
        )

    @classmethod
    def _create_prices(cls, *rows, vendor=None):
        return cls.Price.create(
            [
                {
                    "partner_id": (vendor or cls.vendor).id,
                    "product_tmpl_id": cls.product.id,
                    "date_start": start,
                    "date_end": stop,
                    "price": price,
                }
                for start, stop, price in rows
            ]
        )

    def _get(self, interval="month", domain=None, **kwargs):
        vendors = (self.vendor | self.other_vendor).ids
        domain = [("partner_id", "in", vendors)] if domain is None else domain
        return self.Price.get_cohort_data(
            domain, "date_start", "date_end", interval, **{"date_to": "2026-03-31", **kwargs}
        )

    def assertTable(self, table, expected):
        self.assertEqual([(row["start"], row["values"]) for row in table["cohorts"]], expected)

    def test_records_count_from_their_start_until_their_stop(self):
        self.assertTable(self._get(), [("2026-01-01", [2, 1, 1]), ("2026-02-01", [1, 0])])

    def test_a_record_that_stops_on_the_last_day_of_an_interval_is_gone_at_its_end(self):
        self.assertTable(
            self._get(domain=[("id", "=", self.prices[1].id)], date_to="2026-02-27"), [("2026-01-01", [1, 1])]
        )
        self.assertTable(
            self._get(domain=[("id", "=", self.prices[1].id)], date_to="2026-02-28"), [("2026-01-01", [1, 0])]
        )

    def test_a_number_can_be_summed_up_instead(self):
        table = self._get(measure="price")
        self.assertTable(table, [("2026-01-01", [30, 10, 10]), ("2026-02-01", [5, 0])])
        self.assertEqual([(row["value"], row["customers"]) for row in table["cohorts"]], [(30, 2), (5, 1)])

    def test_every_interval_has_its_own_cohorts_and_labels(self):
        for interval, labels, columns in (
            ("year", ["2026"], 1),
            ("quarter", ["Q1 2026"], 1),
            ("month", ["January 2026", "February 2026"], 3),
            ("day", ["05 Jan 2026", "31 Jan 2026", "01 Feb 2026"], 86),
        ):
            with self.subTest(interval):
                table = self._get(interval)
                self.assertEqual([row["label"] for row in table["cohorts"]], labels)
                self.assertEqual((table["column_count"], len(table["average"])), (columns, columns))

    def test_weeks_begin_on_the_day_that_the_language_says(self):
        language = self.env["res.lang"]._lang_get(self.env.user.lang)
        # Friday, Saturday and Sunday, the last day of January 2026 being a Saturday.
        for week_start, starts in (
            ("1", ["2026-01-05", "2026-01-26"]),
            ("7", ["2026-01-04", "2026-01-25", "2026-02-01"]),
        ):
            language.week_start = week_start
            with self.subTest(week_start):
                table = self._get("week", date_to="2026-02-06")
                self.assertEqual([row["start"] for row in table["cohorts"]], starts)
                self.assertEqual(table["partial"], True)

    def test_starts_can_be_limited_to_a_span_of_days(self):
        self.assertTable(self._get(date_from="2026-01-06"), [("2026-01-01", [1, 0, 0]), ("2026-02-01", [1, 0])])
        self.assertTable(self._get(date_to="2026-01-31"), [("2026-01-01", [2])])

    def test_without_a_last_day_it_is_today(self):
        self.assertEqual(self._get(date_to=None)["seen_on"], str(self.env.cr.now().date()))

    def test_the_last_interval_is_partial_until_it_ends(self):
        self.assertFalse(self._get()["partial"])
        self.assertTrue(self._get(date_to="2026-03-30")["partial"])

    def test_a_limit_keeps_the_latest_cohorts_and_the_first_columns(self):
        table = self._get(limit=1)
        self.assertTable(table, [("2026-02-01", [1])])
        self.assertEqual((table["cohort_count"], table["column_count"], table["average"]), (2, 3, [1]))

    def test_groups_have_a_table_each_and_add_up(self):
        self._create_prices(("2026-01-10", "2026-02-10", 1), vendor=self.other_vendor)
        table = self._get(groupby=["partner_id"])
        self.assertEqual(table["group_count"], 2)
        first, second = table["groups"]
        self.assertEqual((first["name"], second["name"]), ("Paper Mill", "Ink Works"))
        self.assertEqual(second["domain"], [("partner_id", "=", self.other_vendor.id)])
        self.assertTable(first, [("2026-01-01", [2, 1, 1]), ("2026-02-01", [1, 0])])
        self.assertTable(second, [("2026-01-01", [1, 0, 0])])
        self.assertTable(table, [("2026-01-01", [3, 1, 1]), ("2026-02-01", [1, 0])])

    def test_who_is_in_two_groups_counts_once_in_the_whole(self):
        tags = self.env["res.partner.category"].create([{"name": "Local"}, {"name": "Organic"}])
        self.vendor.category_id = tags
        table = self._get(groupby=["partner_id.category_id"])
        self.assertEqual({group["name"] for group in table["groups"]}, {"Local", "Organic"})
        self.assertEqual([group["customers"] for group in table["groups"]], [3, 3])
        self.assertEqual(table["customers"], 3)

    def _find(self, **kwargs):
        domain = self.Price.get_cohort_domain("date_start", "date_end", date_to="2026-03-31", **kwargs)
        return self.prices.filtered_domain(domain)

    def test_the_domain_of_a_cell_finds_its_records(self):
        find, january, both = self._find, ["2026-01-01"], ["2026-01-01", "2026-02-01"]
        self.assertEqual(find(starts=january), self.prices[:2])
        self.assertEqual(find(starts=january, column=0), self.prices[:2])
        self.assertEqual(find(starts=january, column=1), self.prices[0])
        self.assertEqual(find(starts=january, column=1, mode="churn"), self.prices[1])
        self.assertEqual(find(starts=both, column=1), self.prices[0])
        self.assertEqual(find(starts=both, column=1, mode="churn"), self.prices[1:])
        self.assertEqual(find(starts=january, date_from="2026-01-06"), self.prices[1])

    def test_date_times_count_in_the_time_zone_of_the_user(self):
        Rule = self.env["product.pricelist.item"].with_context(tz="Asia/Tokyo")
        pricelist = self.env["product.pricelist"].create({"name": "Spring"})
        rules = Rule.create(
            {"pricelist_id": pricelist.id, "date_start": "2026-01-31 16:00:00", "date_end": "2026-02-28 14:59:59"}
        )
        domain = [("id", "in", rules.ids)]
        table = Rule.get_cohort_data(domain, "date_start", "date_end", date_to="2026-03-31")
        self.assertTable(table, [("2026-02-01", [0, 0])])
        self.assertEqual(table["cohorts"][0]["label"], "February 2026")
        cell = Rule.get_cohort_domain("date_start", "date_end", date_to="2026-03-31", starts=["2026-02-01"])
        self.assertEqual(rules.filtered_domain(cell), rules)

    def test_what_makes_no_sense_is_refused(self):
        for arguments in (
            ("name", "date_end"),
            ("date_start", "partner_id"),
            ("date_start", "date_end", "decade"),
            ("date_start", "date_end", "month", "product_code"),
            ("date_start", "date_end", "month", "__count", "sideways"),
        ):
            with self.subTest(arguments), self.assertRaises(UserError):
                self.Price.get_cohort_data([], *arguments)

    def test_days_that_are_none_are_refused_with_a_sentence(self):
        for day in ("soon", 2026, "9990-01-01", "9999-12-31", "0001-01-01"):
            for call in (
                lambda day=day: self._get(date_to=day),
                lambda day=day: self._get(date_from=day),
                lambda day=day: self._find(starts=[day]),
                lambda day=day: self._find(starts=["2026-01-01"], date_from=day),
            ):
                with self.subTest(day), self.assertRaisesRegex(UserError, "is no day to count from"):
                    call()

    def test_a_column_that_is_none_is_refused(self):
        for column in (-1, 10**9, "1", True):
            with self.subTest(column), self.assertRaisesRegex(UserError, "no column"):
                self._find(starts=["2026-01-01"], column=column)

    def test_a_table_that_would_be_too_wide_or_too_large_asks_for_a_longer_interval(self):
        self._create_prices(("1950-01-01", False, 1), vendor=self.other_vendor)
        with self.assertRaisesRegex(UserError, "longer interval"):
            self._get("day", date_to="2026-03-31")
        self.assertEqual(self._get("month", date_to="2026-03-31")["column_count"], 76 * 12 + 3)
        self.patch(base_cohort, "MAX_CELLS", 5)
        self.assertTrue(self._get("quarter", date_to="2026-03-31", domain=[("partner_id", "=", self.vendor.id)]))
        with self.assertRaisesRegex(UserError, "longer interval"):
            self._get("week", date_to="2026-03-31", domain=[("partner_id", "=", self.vendor.id)])

    def test_groups_may_be_date_times(self):
        Rule = self.env["product.pricelist.item"]
        pricelist = self.env["product.pricelist"].create({"name": "Spring"})
        values = {"pricelist_id": pricelist.id, "date_start": "2026-01-31 16:00:00"}
        rules = Rule.create([{**values, "date_end": end} for end in ("2026-02-28 14:59:59", False)])
        table = Rule.get_cohort_data(
            [("id", "in", rules.ids)],
            *("date_start", "date_end"),
            date_to="2026-03-31",
            groupby=["date_end:month", "date_start:day"],
        )
        self.assertEqual(
            [group["name"] for group in table["groups"]], ["February 2026 / 31 Jan 2026", "None / 31 Jan 2026"]
        )
        self.assertEqual([rules.filtered_domain(group["domain"]) for group in table["groups"]], [rules[0], rules[1]])

    def test_who_may_not_read_the_records_gets_no_table(self):
        stranger = new_test_user(self.env, "cohort_stranger", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.Price.with_user(stranger).get_cohort_data([], "date_start", "date_end")
