from .test_kpi import KpiCommon

MODEL = "subscription.movement.report"
MRR = "amount_company:sum"


class TestTimeline(KpiCommon):
    """What the MRR was at the end of each interval, from the first movement on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_subscription("2026-01-20")
        cls.other = cls._create_subscription("2026-02-10", plan=cls.yearly, partner_id=cls.bo.id)

    def setUp(self):
        super().setUp()
        self._set_today("2026-02-20")
        self.order.order_line.product_uom_qty = 3
        self._close(self.other, "2026-04-10")
        self._set_today("2026-05-15")

    def _read(self, domain=(), groupby=("date:month",), aggregates=(MRR,)):
        report = self.env[MODEL].with_context(subscription_timeline=True, fill_temporal=True)
        return report.formatted_read_group(list(domain), list(groupby), list(aggregates))

    def _get_line(self, domain=(), groupby="date:month"):
        return {group[groupby][0]: group[MRR] for group in self._read(domain, [groupby])}

    def test_each_interval_ends_with_the_balance_until_today(self):
        self.assertEqual(
            self._get_line(),
            {"2026-01-01": 12, "2026-02-01": 46, "2026-03-01": 46, "2026-04-01": 36, "2026-05-01": 36},
        )
        self.assertEqual(self._get_line(groupby="date:quarter"), {"2026-01-01": 46, "2026-04-01": 36})
        self.assertEqual(self._get_line(groupby="date:year"), {"2026-01-01": 36})
        self.assertEqual(len(self._get_line(groupby="date:day")), 12 + 28 + 31 + 30 + 15)

    def test_what_happened_before_the_first_day_shown_is_in_the_opening(self):
        # In the middle of a month: what moved earlier in it is neither shown nor lost.
        for day in ("2026-02-11", "2026-02-20", "2026-02-28"):
            with self.subTest(day=day):
                self.assertEqual(self._get_line([("date", ">=", day)])["2026-02-01"], 46)
        self.assertEqual(self._get_line([("date", ">", "2026-04-30")]), {"2026-05-01": 36})

    def test_what_happened_after_the_last_day_shown_is_not_in_the_last_balance(self):
        self.assertEqual(self._get_line([("date", "<=", "2026-02-15")]), {"2026-01-01": 12, "2026-02-01": 22})
        self.assertEqual(
            self._get_line([("date", ">=", "2026-03-01"), ("date", "<", "2026-04-10")]),
            {"2026-03-01": 46, "2026-04-01": 46},
        )

    def test_a_gap_between_the_days_shown_is_not_left_out(self):
        january, april = [("date", ">=", "2026-01-01"), ("date", "<=", "2026-01-31")], [("date", "=", "2026-04-10")]
        self.assertEqual(list(self._get_line(["|", "&", *january, *april]).values()), [12, 46, 46, 36])

    def test_a_condition_turned_round_is_understood(self):
        self.assertEqual(self._get_line(["!", ("date", "<", "2026-04-01")]), {"2026-04-01": 36, "2026-05-01": 36})

    def test_dates_may_be_told_from_today(self):
        self.assertEqual(self._get_line([("date", ">", "-1m")]), {"2026-04-01": 36, "2026-05-01": 36})

    def test_series_that_do_not_move_in_the_days_shown_are_there(self):
        groups = self._read([("date", ">=", "2026-03-01")], ["date:month", "plan_id"])
        self.assertEqual(
            [(group["date:month"][0], group["plan_id"][1], group[MRR]) for group in groups],
            [
                ("2026-03-01", "Monthly", 36),
                ("2026-03-01", "Yearly", 10),
                ("2026-04-01", "Monthly", 36),
                ("2026-04-01", "Yearly", 0),
                ("2026-05-01", "Monthly", 36),
                ("2026-05-01", "Yearly", 0),
            ],
        )

    def test_series_that_ended_before_the_days_shown_are_not(self):
        groups = self._read([("date", ">=", "2026-05-01")], ["date:month", "plan_id"])
        self.assertEqual([group["plan_id"][1] for group in groups], ["Monthly"])

    def test_filters_on_anything_else_than_the_date_hold_for_the_opening_too(self):
        domain = [("plan_id", "=", self.yearly.id), ("date", ">=", "2026-03-01")]
        self.assertEqual(self._get_line(domain), {"2026-03-01": 10, "2026-04-01": 0, "2026-05-01": 0})

    def test_the_date_may_stand_in_second_place_or_nowhere(self):
        groups = self._read([("date", ">=", "2026-04-01")], ["partner_id", "date:month"])
        self.assertEqual(
            [(group["partner_id"][1], group["date:month"][0], group[MRR]) for group in groups],
            [("Ada Reader", "2026-04-01", 36), ("Ada Reader", "2026-05-01", 36)],
        )
        groups = self._read([("date", "<=", "2026-03-31")], ["partner_id"])
        self.assertEqual([(group["partner_id"][1], group[MRR]) for group in groups], [("Ada Reader", 36), ("Bo", 10)])

    def test_nothing_at_all_is_no_group(self):
        for domain in ([("date", "<", "2020-01-01")], [("partner_id", "=", self.cy.id)]):
            self.assertEqual(self._read(domain), [])

    def test_a_point_opens_the_movements_of_its_interval(self):
        groups = self._read([], ["date:month", "plan_id"], ["__count", MRR])
        found = self.env[MODEL].search([*groups[2]["__extra_domain"]])
        self.assertEqual((groups[2]["date:month"][0], groups[2]["plan_id"][1]), ("2026-02-01", "Monthly"))
        self.assertEqual(found.mapped("amount_company"), [24.0])

    def test_amounts_come_with_their_currency_where_nothing_moved_yet(self):
        groups = self._read([], ["date:month", "plan_id"], ["company_currency_id:array_agg_distinct", MRR])
        for group in groups:
            self.assertEqual(group["company_currency_id:array_agg_distinct"], self.company.currency_id.ids)

    def test_elsewhere_groups_are_movements(self):
        groups = self.env[MODEL].formatted_read_group([("date", ">=", "2026-02-01")], ["date:month"], [MRR])
        self.assertEqual([group[MRR] for group in groups], [34, -10])
