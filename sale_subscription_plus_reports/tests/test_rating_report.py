from datetime import date

from .test_kpi import KpiCommon

MODEL = "subscription.rating.report"
MEASURES = ("rating:avg", "happy_share:avg", "answer_count:count_distinct", "request_count:count_distinct")


class TestRatingReport(KpiCommon):
    """How happy customers are: each rating counts once, whatever it is grouped by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.book = cls._create_recurring_product("Book", {cls.monthly: 20.0})
        cls.two_lines = cls._create_subscription("2026-01-10", lines=[cls._line(), cls._line(cls.book)])
        cls.one_line = cls._create_subscription("2026-01-10")

    def _ask(self, order, day="2026-01-20", rate=None):
        self._set_today(day)
        rating = self.env["rating.rating"].create(order._prepare_rating_request())
        if rate:
            order.sudo().rating_apply(rate, rating=rating)
        self.env.flush_all()
        return rating

    def _read(self, groupby=(), *aggregates, domain=()):
        return self.env[MODEL]._read_group(list(domain), groupby, aggregates or MEASURES)

    def test_an_answer_about_two_products_is_one_answer_about_each(self):
        self._ask(self.two_lines, rate=5)
        self._ask(self.one_line, rate=1)
        self.assertEqual(self._read(), [(3.0, 0.5, 2, 2)], "Not 3.67, the average of three lines.")
        by_product = {product: values for product, *values in self._read(["product_id"])}
        self.assertEqual(by_product[self.book], [5.0, 1.0, 1, 1])
        self.assertEqual(by_product[self.magazine], [3.0, 0.5, 2, 2])
        self.assertEqual(self._read(["plan_id"]), [(self.monthly, 3.0, 0.5, 2, 2)])

    def test_who_did_not_answer_counts_among_those_asked_only(self):
        self._ask(self.two_lines)
        self._ask(self.one_line, rate=3)
        self.assertEqual(self._read(), [(3.0, 0.0, 1, 2)])
        self.assertEqual(self._read([], "answer_rate:avg"), [(0.5,)])

    def test_nobody_answered(self):
        self._ask(self.one_line)
        self.assertEqual(self._read()[0][1:], (False, 0, 1))
        self.assertEqual(self._read([], "answer_rate:avg"), [(0.0,)])

    def test_several_answers_of_one_subscription_are_averaged(self):
        for rate in (5, 5, 3, 1):
            self._ask(self.two_lines, rate=rate)
        self.assertEqual(self._read(), [(3.5, 0.5, 4, 4)])

    def test_who_speaks_up_unasked_has_answered_and_was_not_asked(self):
        self.two_lines.sudo().message_post(body="Fine", rating_value=5)
        self.env.flush_all()
        self.assertEqual(self._read(), [(5.0, 1.0, 1, 0)])

    def test_who_only_looked_at_the_mail_asked_nobody(self):
        self.one_line._rating_get_access_token()
        self.env.flush_all()
        self.assertFalse(self.env[MODEL].search([]))

    def test_a_rating_is_about_what_ran_when_it_was_asked_for(self):
        self.two_lines.order_line[0].sudo().write({"subscription_end": "2026-02-01"})
        before, after = self._ask(self.two_lines, "2026-01-31", 5), self._ask(self.two_lines, "2026-02-01", 1)
        rows = self.env[MODEL].search([])
        self.assertEqual(
            rows.filtered(lambda row: row.request_count == before.id).product_id, self.magazine | self.book
        )
        self.assertEqual(rows.filtered(lambda row: row.request_count == after.id).product_id, self.book)

    def test_after_the_end_it_is_about_what_ended(self):
        reason = self.env["subscription.close.reason"].search([], limit=1)
        self._set_today("2026-02-10")
        self.one_line.sudo()._subscription_close(date(2026, 2, 10), reason)
        self._ask(self.one_line, "2026-02-20", 1)
        self.assertEqual(self.env[MODEL].search([]).product_id, self.magazine)

    def test_before_the_start_it_is_about_what_will_run(self):
        self._set_today("2026-01-10")
        order = self._create_quotation(subscription_start="2026-03-01")
        order.action_confirm()
        self._ask(order, "2026-01-12", 5)
        self.assertEqual(self.env[MODEL].search([]).product_id, self.magazine)

    def test_days_are_those_of_the_company(self):
        self.company.subscription_tz = "Pacific/Auckland"
        rating = self._ask(self.one_line, "2026-01-20 12:30:00", 5)
        row = self.env[MODEL].search([])
        self.assertEqual(rating.rated_on.day, 20)
        self.assertEqual((str(row.asked_on), str(row.answered_on)), ("2026-01-21", "2026-01-21"))

    def test_the_salesperson_is_whose_subscription_it_was(self):
        seller, heir = self.env.user, self.env.user.copy({"login": "heir"})
        self.one_line.user_id = seller
        self._ask(self.one_line, rate=5)
        self.one_line.user_id = heir
        self._ask(self.one_line, rate=1)
        self.assertEqual(dict(self._read(["user_id"], "rating:avg")), {seller: 5.0, heir: 1.0})
