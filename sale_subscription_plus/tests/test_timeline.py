"""The picture of a subscription's life: what is drawn, for whom, and at what cost."""

from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import SubscriptionCommon


@tagged("-at_install", "post_install")
class TestTimeline(SubscriptionCommon):
    def setUp(self):
        super().setUp()
        self.order = self._create_subscription(lines=[self._line(), self._line(subscription_plan_id=self.yearly.id)])

    def _schedule(self, **values):
        return self.env["subscription.change"].sudo()._schedule([{"order_id": self.order.id, **values}])

    def _get_bars(self, number=0, order=None):
        """Return (kind, start, end, amount) of the bars of a row."""
        row = (order or self.order).get_subscription_timeline()["rows"][number]
        return [
            (item["kind"], item["start"], item["end"], item["amount"].replace("\xa0", " ")) for item in row["items"]
        ]

    def test_each_line_has_a_row_of_what_was_billed_and_of_what_comes(self):
        self._bill()
        picture = self.order.get_subscription_timeline()
        self.assertEqual([row["plan"] for row in picture["rows"]], ["Monthly", "Yearly"])
        self.assertEqual((picture["today"], picture["end"]), ("2026-01-01", "2027-01-01"))
        self.assertEqual(
            self._get_bars()[:3],
            [
                ("billed", "2026-01-01", "2026-02-01", "$ 12.00"),
                ("future", "2026-02-01", "2026-03-01", "$ 12.00"),
                ("future", "2026-03-01", "2026-04-01", "$ 12.00"),
            ],
        )
        self.assertEqual(self._get_bars(1), [("billed", "2026-01-01", "2027-01-01", "$ 120.00")])
        self.assertEqual([entry["kind"] for entry in picture["legend"]], ["billed", "future"])

    def test_a_bar_tells_its_document_and_leads_to_it(self):
        self._bill()
        invoice = self._get_invoices(self.order)
        item = self.order.get_subscription_timeline()["rows"][0]["items"][0]
        self.assertEqual((item["res_model"], item["res_id"]), ("account.move", invoice.id))
        for words in ("Billed", "01/01/2026 – 01/31/2026", invoice.name, "not paid"):
            self.assertIn(words, item["label"])
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {}
        )._create_payments()
        self.assertEqual(self._get_bars()[0][0], "paid")

    def test_a_pause_a_credit_and_carried_days_each_have_their_bar(self):
        self._bill()
        self._set_today("2026-01-16")
        self._schedule(kind="pause", compensation="carry")
        self.assertEqual(self._get_bars()[1], ("paused", "2026-01-16", "2027-01-16", ""))
        self._set_today("2026-02-01")
        self._schedule(kind="resume")
        self.assertEqual(
            [bar[:3] for bar in self._get_bars()[:4]],
            [
                ("billed", "2026-01-01", "2026-01-16"),
                ("paused", "2026-01-16", "2026-02-01"),
                ("carried", "2026-02-01", "2026-02-17"),
                ("future", "2026-02-17", "2026-03-17"),
            ],
        )
        self._bill("2026-02-17")
        # 12.00 less 14 of 28 days
        self._set_today("2026-03-03")
        self._schedule(kind="quantity", line_id=self.order.order_line[0].id, quantity=0)
        self.assertIn(("credit", "2026-03-03", "2026-03-17", "$ -6.00"), self._get_bars())

    def test_what_is_planned_is_marked_and_reckoned_with(self):
        self._bill()
        line = self.order.order_line[0]
        self._schedule(kind="price", line_id=line.id, price_unit=20.0, effective_on=date(2026, 3, 1))
        self._schedule(kind="pause", effective_on=date(2026, 5, 1), resume_on=date(2026, 7, 1))
        self.assertEqual(
            self._get_bars()[1:],
            [
                ("future", "2026-02-01", "2026-03-01", "$ 12.00"),
                ("future", "2026-03-01", "2026-04-01", "$ 20.00"),
                ("future", "2026-04-01", "2026-05-01", "$ 20.00"),
                ("paused", "2026-05-01", "2026-07-01", ""),
            ],
        )
        marks = self.order.get_subscription_timeline()["marks"]
        self.assertEqual(
            [(mark["kind"], mark["start"]) for mark in marks], [("planned", "2026-03-01"), ("planned", "2026-05-01")]
        )
        self.assertIn("12.00 → ", marks[0]["label"].replace("$\xa0", ""))
        self.assertEqual(marks[0]["res_model"], "subscription.change")

    def test_changes_of_one_day_share_a_mark(self):
        for line in self.order.order_line:
            self._schedule(kind="quantity", line_id=line.id, quantity=2, effective_on=date(2026, 3, 1))
        (mark,) = self.order.get_subscription_timeline()["marks"]
        self.assertEqual(len(mark["details"]), 2)

    def test_days_that_are_due_or_parked_say_so(self):
        self.assertEqual(self._get_bars()[0][0], "due")
        self.order.sudo().subscription_parked_reason = "The journal is archived."
        item = self.order.get_subscription_timeline()["rows"][0]["items"][0]
        self.assertEqual(item["kind"], "parked")
        self.assertIn("The journal is archived.", item["details"])

    def test_days_that_were_skipped_say_why(self):
        self._bill()
        self._get_invoices(self.order).button_cancel()
        item = self.order.get_subscription_timeline()["rows"][0]["items"][0]
        self.assertEqual(item["kind"], "skipped")
        self.assertTrue(item["details"])

    def test_the_end_and_the_term_are_marked(self):
        order = self._create_subscription(subscription_commitment_months=3)
        (mark,) = order.get_subscription_timeline()["marks"]
        self.assertEqual((mark["kind"], mark["start"]), ("term", "2026-03-31"))
        order.sudo()._subscription_close(date(2026, 2, 1), self.env.ref("sale_subscription_plus.close_reason_other"))
        (mark,) = order.get_subscription_timeline()["marks"]
        self.assertEqual(mark["start"], "2026-02-01")
        self.assertEqual([bar[1:3] for bar in self._get_bars(order=order)], [("2026-01-01", "2026-02-01")])

    def test_a_long_life_is_shown_in_part_until_earlier_is_asked_for(self):
        order = self._create_subscription("2020-01-01", subscription_start="2020-01-01")
        order.company_id.subscription_max_periods = 100
        self._bill("2026-01-01")
        picture = order.get_subscription_timeline()
        self.assertEqual((picture["start"], picture["has_earlier"]), ("2024-01-01", True))
        self.assertEqual(picture["rows"][0]["items"][0]["start"], "2024-01-01")
        picture = order.get_subscription_timeline(months=96)
        self.assertEqual((picture["start"], picture["has_earlier"]), ("2020-01-01", False))

    def _count_queries(self):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.order.get_subscription_timeline()
        return self.env.cr.sql_log_count - before

    def test_a_long_history_costs_no_more_queries(self):
        self._bill()
        self._count_queries()
        first = self._count_queries()
        for month in range(2, 13):
            self._bill(f"2026-{month:02}-01")
            self._schedule(kind="quantity", line_id=self.order.order_line[0].id, quantity=month)
        self.assertLessEqual(self._count_queries(), first + 3)

    def test_quotations_have_nothing_to_draw(self):
        self.assertFalse(self._create_quotation().get_subscription_timeline()["rows"])

    def test_who_may_not_see_the_books_sees_no_picture(self):
        values = {"company_id": self.company.id, "company_ids": self.company.ids}
        salesman = new_test_user(self.env, "salesman_timeline", "sales_team.group_sale_salesman", **values)
        nobody = new_test_user(self.env, "nobody_timeline", "base.group_user", **values)
        portal = new_test_user(self.env, "portal_timeline", "base.group_portal", **values)
        portal.partner_id.parent_id = self.customer
        self.order.user_id = salesman
        self.assertTrue(self.order.with_user(salesman).get_subscription_timeline()["rows"])
        foreign = self._create_subscription(user_id=self.env.user.id)
        for user, order in ((salesman, foreign), (nobody, self.order), (portal, self.order)):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                order.with_user(user).get_subscription_timeline()
