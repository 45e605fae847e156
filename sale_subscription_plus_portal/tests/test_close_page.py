"""Customers close in the portal: when that is possible, what is still billed until then, and how they keep it."""

from datetime import date

from odoo.tests import tagged

from .self_service_common import SelfServiceCommon


@tagged("post_install", "-at_install")
class TestClosePage(SelfServiceCommon):
    def setUp(self):
        super().setUp()
        self._set_today("2026-01-12")

    def _close(self, **entered):
        return self._do("close", reason_id=self.reason.id, **entered)

    def _read_close(self, order, **entered):
        return self._read(self._post("/close/review", order=order, reason_id=self.reason.id, **entered))

    # === WHEN ===#

    def test_the_end_of_the_period_that_runs_is_the_earliest_day(self):
        page = self._get("/close")
        self.assertEqual(self._read(page)["earliest"], "01/31/2026")
        self.assertIn("the end of the period that runs", page.text)
        page = self._read(self._review("close", reason_id=self.reason.id))
        self.assertIn("The last day of your subscription is 01/31/2026", page["remarks"])
        self.assertIn("Nothing more is billed.", page["remarks"])
        self.assertEqual((page["now"], page["before"], page["after"]), ("Nothing", "$ 43.00 / month", "Nothing"))
        self.assertToldOnPage(self._close(), "close_planned")
        self.assertEqual(self.order.subscription_closed_on, date(2026, 2, 1))
        self._bill("2026-02-01")
        self.assertEqual(
            (self.order.subscription_status, self.order.subscription_close_reason_id), ("closed", self.reason)
        )
        self.assertEqual(len(self._get_invoices(self.order)), 1)
        self.assertTiled(self.order)

    def test_a_later_day_tells_to_the_cent_what_is_still_billed(self):
        page = self._read(self._review("close", reason_id=self.reason.id, last_day="2026-02-14"))
        # 14 of the 28 days of February: 6.00 and 15.50
        self.assertIn("Still billed on 02/01/2026: $ 21.50, taxes included.", page["remarks"])
        self._close(last_day="2026-02-14")
        self._bill("2026-02-01")
        self._bill("2026-02-15")
        self.assertEqual(self._get_invoices(self.order).mapped("amount_total"), [43.0, 21.5])
        self.assertEqual(self.order.subscription_status, "closed")

    def test_a_day_in_many_years_is_told_without_all_its_bills(self):
        page = self._read(self._review("close", reason_id=self.reason.id, last_day="2090-12-31"))
        self.assertIn("Until then it is billed as before.", page["remarks"])

    def test_a_day_before_the_earliest_is_refused(self):
        for day in ("2026-01-30", "2026-01-12", "2025-12-31", "1970-01-01"):
            self.assertRefused(self._review("close", reason_id=self.reason.id, last_day=day), "Choose a day from the")
        self.assertNothingAsked()

    def test_what_is_no_day_is_refused_and_kept(self):
        for day in ("2026-02-30", "soon", "9999-12-31", "3000-01-01", "2900-01-01", "<script>"):
            with self.subTest(day=day):
                response = self._review("close", reason_id=self.reason.id, last_day=day)
                self.assertTrue(self._read(response)["form_error"])
                self.assertEqual(self._get_forms(response)["close/review"]["last_day"], day)
        self.assertNothingAsked()

    def test_who_is_bound_leaves_at_the_end_of_the_term(self):
        bound = self._create_plan("Bound", commitment_months=12, notice_days=30, customer_close=True)
        self._set_recurring_price(self.paper, bound, 31.0)
        self._set_today("2026-01-01")
        order = self._create_running(lines=[self._line(self.paper)], plan=bound)
        self._set_today("2026-01-12")
        page = self._get("/close", order=order)
        self.assertEqual(self._read(page)["earliest"], "12/31/2026")
        self.assertIn("the end of the term that was agreed", page.text)
        remarks = self._read_close(order)["remarks"]
        self.assertIn("11 invoices are still to come, from 02/01/2026 to 12/01/2026: $ 341.00 in all", remarks)
        # Too late for this term
        self._set_today("2026-12-10")
        order._subscription_bill_due()
        self.assertEqual(self._read(self._get("/close", order=order))["earliest"], "12/31/2027")

    def test_the_31st_and_the_29th_of_february_come_back(self):
        self._set_today("2026-01-31")
        order = self._create_running(lines=[self._line(self.paper)])
        self._set_today("2026-02-05")
        self.assertEqual(self._read(self._get("/close", order=order))["earliest"], "02/27/2026")
        self._bill("2026-02-28")
        self.assertEqual(self._read(self._get("/close", order=order))["earliest"], "03/30/2026")
        self._set_today("2028-02-29")
        order = self._create_running(lines=[self._line(self.paper)], plan=self.yearly, subscription_customer_close=True)
        self.assertEqual(self._read(self._get("/close", order=order))["earliest"], "02/27/2029")

    def test_today_is_that_of_the_company(self):
        self.order.company_id.subscription_tz = "Pacific/Kiritimati"
        self._bill("2026-02-01")
        self._set_today("2026-02-28 11:00:00")
        self._bill()
        self.assertEqual(self._read(self._get("/close"))["earliest"], "03/31/2026")

    def test_in_arrears_the_period_that_runs_is_still_billed(self):
        late = self._create_plan("Late", billing_timing="arrears", customer_close=True)
        self._set_recurring_price(self.paper, late, 31.0)
        self._set_today("2026-01-01")
        order = self._create_subscription(lines=[self._line(self.paper)], plan=late).sudo()
        self._set_today("2026-01-12")
        remarks = self._read_close(order)["remarks"]
        self.assertIn("The last day of your subscription is 01/31/2026", remarks)
        self.assertIn("Still billed on 02/01/2026: $ 31.00", remarks)

    # === WHY ===#

    def test_a_reason_of_those_that_are_offered_is_needed(self):
        own = self.env.ref("sale_subscription_plus.close_reason_unpaid")
        removed = self.env.ref("sale_subscription_plus_portal.close_reason_removed")
        archived = self.env["subscription.close.reason"].create({"name": "Long ago", "active": False})
        page = self._get("/close").text
        for reason in (own, removed, archived):
            self.assertNotIn(reason.name, page)
        for reason_id in (own.id, removed.id, archived.id, "", "x", "0", "-1", "9" * 30):
            self.assertRefused(self._review("close", reason_id=reason_id), "choose a reason")
        self.assertNothingAsked()

    def test_what_the_customer_writes_stays_text(self):
        note = "<script>alert(1)</script> {{ 7*7 }} \0 – mère"
        review = self._review("close", reason_id=self.reason.id, note=note)
        self.assertNotIn("<script>alert", review.text)
        self._confirm(review, "close/confirm")
        request = self.order.subscription_request_ids
        self.assertEqual(request.note, "<script>alert(1)</script> {{ 7*7 }}  – mère")
        message = self.order.message_ids.filtered(lambda message: "mère" in message.body)
        self.assertIn("&lt;script&gt;alert", message.body)
        self.assertEqual(message.author_id, self.customer)

    def test_a_long_text_is_cut(self):
        self._close(note="x" * 5000)
        self.assertEqual(len(self.order.subscription_request_ids.note), 2000)

    # === RIGHTS ===#

    def test_without_the_right_nothing_closes(self):
        fields = self._get_forms(self._review("close", reason_id=self.reason.id))["close/confirm"]
        self.order.subscription_customer_close = False
        self.assertIn("cannot close", self._read(self._get("/close"))["form_problem"])
        self.assertIn("form_problem", self._read(self._post("/close/confirm", **fields)))
        self.assertNothingAsked()

    def test_the_customer_is_told_by_mail(self):
        self._close(last_day="2026-02-14")
        mail = self._get_mails()
        self.assertEqual((len(mail), mail.recipient_ids), (1, self.customer))
        self.assertIn("closes: Too expensive", mail.body_html)
        self.assertIn("02/15/2026", mail.body_html)

    def test_a_mail_that_fails_stops_nothing(self):
        template = self.env.ref("sale_subscription_plus_portal.mail_template_request")
        template.body_html = '<p t-out="object.nothing_of_this_name"/>'
        self.assertToldOnPage(self._close(), "close_planned")
        self.assertIn("could not be told by mail", "".join(self.order.message_ids.mapped("body")))

    # === TWICE, AND BACK ===#

    def test_a_button_pressed_twice_closes_once(self):
        fields = self._get_forms(self._review("close", reason_id=self.reason.id))["close/confirm"]
        for _press in range(2):
            self.assertToldOnPage(self._post("/close/confirm", **fields), "close_planned")
        self.assertEqual(len(self.order.subscription_request_ids), 1)
        self.assertEqual(len(self._get_mails()), 1)

    def test_who_changes_their_mind_keeps_the_subscription(self):
        self._close()
        page = self._get().text
        self.assertIn("Keep my subscription", page)
        for form in ("change", "pause"):
            self.assertIn("Keep it first", self._read(self._get(f"/{form}"))["form_problem"])
        self.assertIn("ends already", self._read(self._get("/close"))["form_problem"])
        change = self.order._get_withdrawable_changes()
        self.assertToldOnPage(self._post(f"/changes/{change.id}/withdraw"), "withdrawn")
        self.assertFalse(self.order.subscription_closed_on or self.order.subscription_close_reason_id)
        self._bill("2026-02-01")
        self.assertEqual(len(self._get_invoices(self.order)), 2)
        self.assertTiled(self.order)
        self.assertEventsSumToMRR(self.order)

    def test_after_that_it_can_be_closed_anew(self):
        self._close()
        self._post(f"/changes/{self.order._get_withdrawable_changes().id}/withdraw")
        self.assertToldOnPage(self._close(), "close_planned")
        self.assertEqual(self.order.subscription_closed_on, date(2026, 2, 1))

    def test_what_staff_closes_the_customer_does_not_keep(self):
        self.order._subscription_close(date(2026, 2, 1), self.reason)
        self.assertNotIn("Keep my subscription", self._get().text)
        change = self.order.subscription_change_ids
        self.assertToldOnPage(self._post(f"/changes/{change.id}/withdraw"), "not_withdrawn")
        self.assertEqual(self.order.subscription_closed_on, date(2026, 2, 1))

    def test_a_closed_subscription_has_no_forms(self):
        self._close()
        self._bill("2026-02-01")
        for form in ("change", "pause", "resume", "close"):
            self.assertTrue(self._read(self._get(f"/{form}"))["form_problem"])
        self.assertEqual(self.order._get_open_forms(), [])

    def test_a_paused_subscription_is_closed_today_at_the_earliest(self):
        self._do("pause")
        self._set_today("2026-03-10")
        self.assertEqual(self._read(self._get("/close"))["earliest"], "03/09/2026")
        remarks = self._read(self._review("close", reason_id=self.reason.id))["remarks"]
        self.assertIn("20 days that are billed wait for the end of your pause. They are not given back", remarks)
        self.assertToldOnPage(self._close(), "close_done")
        self.assertEqual(self.order.subscription_status, "closed")
        self.assertEqual(len(self._get_invoices(self.order)), 1)

    def test_what_has_not_begun_need_not_begin(self):
        order = self._create_subscription(subscription_start="2026-02-10").sudo()
        page = self._get("/close", order=order)
        self.assertEqual(self._read(page)["earliest"], "02/09/2026")
        self.assertIn("it does not begin then", page.text)
        review = self._post("/close/review", order=order, reason_id=self.reason.id)
        self.assertEqual(self._read(review)["remarks"], "Your subscription does not begin, and nothing is billed.")
        digest = review.text.split('name="digest" value="')[1].split('"')[0]
        self._post("/close/confirm", order=order, reason_id=self.reason.id, digest=digest)
        self._bill("2026-02-10")
        self.assertEqual(order.subscription_status, "closed")
        self.assertFalse(self._get_invoices(order))
