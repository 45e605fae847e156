"""Customers change, pause and resume in the portal: what they are told, and what is done."""

from datetime import date

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .self_service_common import SelfServiceCommon

NO_QUANTITIES = (
    "abc",
    "-1",
    "0",
    "1e400",
    "nan",
    "inf",
    "999999999999",
    "1.5",
    "1,5",
    "<b>2</b>",
    "٣x",
    "2; DROP TABLE",
)


@tagged("post_install", "-at_install")
class TestChangePage(SelfServiceCommon):
    def setUp(self):
        super().setUp()
        self._set_today("2026-01-12")

    def test_more_is_told_to_the_cent_and_waits_for_its_payment(self):
        review = self._review("change", **self._quantities(paper=2))
        page = self._read(review)
        self.assertEqual(page["step"], "From today Quantity of Paper: 1 → 2")
        self.assertEqual(page["now"], "$ 20.00", "20 of the 31 days of January, 1.00 each")
        self.assertEqual((page["before"], page["after"]), ("$ 43.00 / month", "$ 74.00 / month"))
        self.assertEqual(page["next"], "02/01/2026")
        response = self._confirm(review, "change/confirm")
        request = self.order.subscription_request_ids
        self.assertEqual((request.state, request.amount, self.paper_line.product_uom_qty), ("awaiting", 20.0, 1))
        self.assertEqual(response.status_code, 303)
        self.assertIn(f"/requests/{request.id}?", response.headers["Location"])

    def test_looking_at_forms_and_reviews_changes_nothing(self):
        for form in ("/change", "/pause", "/close", "/resume"):
            self._get(form)
        self._review("change", **self._quantities(paper=2))
        self._review("pause")
        self._review("close", reason_id=self.reason.id)
        self.assertNothingAsked()
        self.assertEqual(self.order.subscription_status, "progress")

    def test_less_is_planned_for_the_end_of_the_period_and_told_by_mail(self):
        self._ask_for_more()
        review = self._review("change", **self._quantities(paper=1))
        page = self._read(review)
        self.assertEqual(page["step"], "From 02/01/2026 Quantity of Paper: 3 → 1")
        self.assertEqual((page["now"], page["after"]), ("Nothing", "$ 43.00 / month"))
        self.assertToldOnPage(self._confirm(review, "change/confirm"), "change_planned")
        change = self.order.subscription_change_ids.filtered(lambda change: change.state == "planned")
        self.assertEqual((change.effective_on, change.quantity), (date(2026, 2, 1), 1))
        self.assertIn("Take back: Quantity of Paper: 3 → 1", " ".join(self._get().text.split()))
        mail = self._get_mails()
        self.assertEqual(mail.recipient_ids, self.customer)
        for text in ("Quantity of Paper: 3 → 1", "02/01/2026", "$ 43.00 / month", self.order._portal_ensure_token()):
            self.assertIn(text, mail.body_html.replace("\xa0", " ").replace("&nbsp;", " "))

    def _ask_for_more(self):
        """Let staff raise the paper to three, so that there is something to lower."""
        self.env["subscription.change"]._schedule(
            [{"order_id": self.order.id, "line_id": self.paper_line.id, "kind": "quantity", "quantity": 3}]
        )

    def test_an_option_is_added_and_another_one_removed(self):
        self.paper_line.subscription_option_access = "both"
        (option,) = self.order._get_portal_options()
        form = self._get_forms(self._get("/change"))["change/review"]
        self.assertIn(f"add_{option.key}", form)
        self.assertIn(f"remove_{self.paper_line.id}", form)
        entered = self._quantities(**{f"add_{option.key}": "1", f"remove_{self.paper_line.id}": "1"})
        review = self._review("change", **entered)
        page = self._read(review)
        self.assertEqual(page["now"], "$ 4.00", "20 of 31 days of 6.20")
        self.assertEqual(page["after"], "$ 18.20 / month")
        self.assertIn("From 02/01/2026 Paper is removed", page["review"])
        self._confirm(review, "change/confirm")
        self._pay_request(self.order.subscription_request_ids)
        self.assertTrue(self._get_line(self.order, self.archive))
        self.assertEqual(self.paper_line.subscription_end, date(2026, 2, 1))

    def test_an_option_that_is_not_wanted_is_not_added(self):
        (option,) = self.order._get_portal_options()
        for nothing in ("0", "", "0.0"):
            response = self._review("change", **self._quantities(**{f"add_{option.key}": nothing}))
            self.assertRefused(response, "Nothing differs")

    def test_each_plan_tells_its_price_and_what_it_saves(self):
        self.order.subscription_offered_plan_ids = self.monthly | self.yearly
        page = self._read(self._get("/change"))
        self.assertIn("Monthly Your plan now $ 43.00 every month", page["plans"])
        # 485.00 a year instead of 516.00
        self.assertIn("Yearly You save 6 % $ 485.00 every year $ 40.42 a month: $ 31.00 less every year", page["plans"])

    def test_another_plan_is_told_and_done(self):
        self.order.subscription_offered_plan_ids = self.monthly | self.yearly
        review = self._review("change", part="plan", plan_id=self.yearly.id)
        page = self._read(review)
        self.assertEqual(page["after"], "$ 485.00 / year")
        self.assertEqual(page["step"].count("Monthly → Yearly"), 2)
        self._confirm(review, "change/confirm")
        self.assertEqual(self.order.subscription_request_ids.change_ids.plan_id, self.yearly)

    def test_only_plans_that_are_offered_can_be_had(self):
        other = self._create_plan("Weekly", interval_unit="week")
        for plan_id in (other.id, self.yearly.id, 0, "x", "", "-1", "99999999999999999999"):
            response = self._review("change", part="plan", plan_id=plan_id)
            self.assertTrue(self._read(response)["form_error"])
        self.assertRefused(self._review("change", part="plan", plan_id=self.monthly.id), "Nothing differs")
        self.assertNothingAsked()

    # === RIGHTS ===#

    def test_restricted_shows_nothing_to_fill_in_and_says_what_to_do(self):
        self.order.subscription_customer_changes = "restricted"
        page = self._get("/change")
        self.assertIn("Write to us", self._read(page)["form_problem"])
        self.assertFalse(self._get_forms(page))
        self.assertNotIn("/change", self._read_actions())
        self.assertIn("form_problem", self._read(self._review("change", **self._quantities(paper=2))))
        self._post("/change/confirm", digest="x", **self._quantities(paper=2))
        self.assertNothingAsked()

    def _read_actions(self):
        return self._get().text.split('name="subscription_actions"')[1].split('name="subscription_documents"')[0]

    def test_upgrade_only_lets_take_more_and_says_who_lowers(self):
        self.order.subscription_customer_changes = "upgrade"
        self._ask_for_more()
        self.assertIn("For smaller quantities, write to us", self._read(self._get("/change"))["more_only"])
        self.assertRefused(self._review("change", **self._quantities(paper=2)), "cannot be changed online")
        self.assertEqual(self._read(self._review("change", **self._quantities(paper=4)))["now"], "$ 20.00")
        self.assertFalse(self.order.subscription_request_ids)

    def test_buttons_are_those_of_the_rights(self):
        actions = self._read_actions()
        for form in ("change", "pause", "close"):
            self.assertIn(f"/{form}?", actions)
        self.assertNotIn("/resume?", actions)
        self.order.write({"subscription_customer_changes": "restricted", "subscription_customer_pause": False})
        self.order.subscription_customer_close = False
        self.assertNotIn("href", self._read_actions())

    def test_whoever_may_not_manage_comes_to_no_form(self):
        friend = self.env["res.partner"].create({"name": "Frida", "email": "frida@example.com"})
        access = (
            self.env["subscription.access"]
            .sudo()
            .create({"order_id": self.order.id, "partner_id": friend.id, "level": "pay"})
        )
        links = [access.access_token, self._create_running()._portal_ensure_token(), "", "é"]
        entered = self._quantities(paper=2, reason_id=self.reason.id)
        for link in links:
            for form in ("change", "pause", "close", "resume"):
                self.assertSentHome(self._get(f"/{form}", access_token=link))
                self.assertSentHome(self._post(f"/{form}/confirm", access_token=link, **entered))
            for suffix in ("/change/review", "/pause/review", "/close/review", "/close/stay", "/changes/1/withdraw"):
                self.assertSentHome(self._post(suffix, access_token=link, **entered))
        self.assertNothingAsked()

    def test_a_stranger_who_is_logged_in_comes_to_no_form(self):
        eve = new_test_user(self.env, "eve-portal", "base.group_portal", name="Eve", email="eve@example.com")
        self.authenticate(eve.login, eve.login)
        for form in ("change", "pause", "close", "resume"):
            self.assertSentHome(self._get(f"/{form}", access_token=""))
            self.assertSentHome(self._post(f"/{form}/confirm", access_token=""))

    def test_who_is_logged_in_needs_no_link_and_is_named(self):
        ada = new_test_user(self.env, "ada-portal", "base.group_portal", partner_id=self.customer.id)
        self.authenticate(ada.login, ada.login)
        entered = self._quantities(paper=2, access_token="")
        fields = self._get_forms(self._review("change", **entered))["change/confirm"]
        response = self._post("/change/confirm", **{**fields, "access_token": ""})
        self.assertNotIn("access_token", response.headers["Location"])
        self.assertEqual(self.order.subscription_request_ids.partner_id, self.customer)

    def assertSentHome(self, response):
        self.assertEqual(response.status_code, 303)
        self.assertURLEqual(response.headers["Location"], "/my")

    # === WHAT IS NOT BELIEVED ===#

    def test_what_is_no_quantity_is_refused_and_kept_in_the_form(self):
        for text in NO_QUANTITIES:
            with self.subTest(text=text):
                response = self._review("change", **self._quantities(paper=text))
                self.assertRefused(response, "Paper: enter a number")
                form = self._get_forms(response)["change/review"]
                self.assertEqual(form[f"quantity_{self.paper_line.id}"], text)
                self.assertNotIn("<b>2", response.text)
        self.assertNothingAsked()

    def test_lines_and_options_of_others_are_none(self):
        other = self._create_running()
        entered = {f"quantity_{other.order_line[0].id}": "9", f"remove_{other.order_line[1].id}": "1"}
        response = self._review("change", part="lines", add_x="1", **{"add_template-0": "1"}, **entered)
        self.assertRefused(response, "Nothing differs")
        response = self._review("change", part="lines", **{f"remove_{self.paper_line.id}": "1"})
        self.assertRefused(response, "cannot be removed online")

    def test_a_confirmation_of_something_else_is_shown_again(self):
        fields = self._get_forms(self._review("change", **self._quantities(paper=2)))["change/confirm"]
        for changed in (self._quantities(paper=9), {"digest": "0" * 64}, {"digest": ""}, {"digest": "é"}):
            response = self._post("/change/confirm", **{**fields, **changed})
            self.assertIn("This has changed since you saw it", self._read(response)["review_warning"])
        self.assertNothingAsked()

    def test_what_costs_something_else_by_now_is_shown_again_with_the_new_figures(self):
        review = self._review("change", **self._quantities(paper=2))
        self._set_today("2026-01-22")
        again = self._confirm(review, "change/confirm")
        page = self._read(again)
        self.assertIn("This has changed since you saw it", page["review_warning"])
        self.assertEqual(page["now"], "$ 10.00")
        self.assertNothingAsked()
        self._confirm(again, "change/confirm")
        self.assertEqual(self.order.subscription_request_ids.amount, 10.0)

    def test_a_button_pressed_twice_does_it_once(self):
        self._ask_for_more()
        fields = self._get_forms(self._review("change", **self._quantities(paper=1)))["change/confirm"]
        for _press in range(2):
            self.assertToldOnPage(self._post("/change/confirm", **fields), "change_planned")
        self.assertEqual(len(self.order.subscription_request_ids), 1)
        self.assertEqual(len(self._get_mails()), 1)

    def test_back_keeps_what_was_entered(self):
        review = self._review("change", **self._quantities(paper=7))
        form = self._get_forms(self._confirm(review, "change"))["change/review"]
        self.assertEqual(form[f"quantity_{self.paper_line.id}"], "7")

    def test_nothing_is_done_by_opening_an_address_or_without_the_secret_of_the_form(self):
        for suffix in ("/change/confirm", "/change/review", "/close/stay", "/resume/confirm"):
            self.assertEqual(self._get(suffix).status_code, 405)
            self.assertEqual(self._post(suffix, csrf_token="").status_code, 400)
        self.assertNothingAsked()

    def test_other_forms_there_are_none(self):
        self.assertEqual(self._get("/explode").status_code, 404)

    # === DAYS ===#

    def test_today_is_that_of_the_company(self):
        self.order.company_id.subscription_tz = "Pacific/Kiritimati"
        self._set_today("2026-01-11 11:00:00")
        self.assertEqual(self._read(self._review("change", **self._quantities(paper=2)))["now"], "$ 20.00")

    def test_a_change_on_the_last_of_february_costs_its_days(self):
        self._set_today("2028-01-31")
        order = self._create_running(lines=[self._line(self.paper)])
        self._bill("2028-02-29")
        self.assertEqual(order.subscription_next_invoice_date, date(2028, 3, 31))
        review = self._post("/change/review", order=order, **{f"quantity_{order.order_line.id}": "2"})
        self.assertEqual(self._read(review)["now"], "$ 31.00", "29 February to 31 March, whole")

    def test_taxes_are_in_what_is_paid_and_told(self):
        tax = self.company_data["default_tax_sale"].copy({"name": "VAT", "amount": 20})
        self.paper.taxes_id = [Command.set(tax.ids)]
        order = self._create_running(lines=[self._line(self.paper)])
        review = self._post("/change/review", order=order, **{f"quantity_{order.order_line.id}": "2"})
        page = self._read(review)
        self.assertEqual(page["now"], "$ 37.20, of this $ 6.20 taxes")
        self.assertEqual((page["before"], page["after"]), ("$ 37.20 / month", "$ 74.40 / month"))


@tagged("post_install", "-at_install")
class TestPausePage(SelfServiceCommon):
    def setUp(self):
        super().setUp()
        self._set_today("2026-01-12")

    def test_a_pause_keeps_the_days_that_are_paid(self):
        page = self._read(self._review("pause"))
        self.assertIn("20 days that are billed count after the pause", page["remarks"])
        self.assertIn("until you let it run again", page["remarks"])
        self.assertEqual((page["now"], page["after"]), ("Nothing", "Nothing"))
        self.assertToldOnPage(self._do("pause"), "pause_done")
        self.assertEqual(self.order.subscription_status, "paused")
        self._set_today("2026-03-01")
        review = self._get("/resume")
        self.assertEqual(self._read(review)["next"], "03/21/2026")
        self.assertToldOnPage(self._confirm(review, "resume/confirm"), "resume_done")
        self.assertEqual(self.order.subscription_status, "progress")
        self.assertEqual(self.order.subscription_next_invoice_date, date(2026, 3, 21))
        self.assertTiled(self.order)

    def test_a_pause_from_the_end_of_the_period_until_a_day_is_planned(self):
        self.assertIn("Choose 02/01/2026", self._read(self._get("/pause"))["period_hint"])
        entered = {"from": "2026-02-01", "resume_on": "2026-04-01"}
        page = self._read(self._review("pause", **entered))
        self.assertEqual(page["remarks"], "Nothing is billed until it runs again by itself on 04/01/2026.")
        self.assertToldOnPage(self._do("pause", **entered), "pause_planned")
        self.assertNotIn("pause", self.order._get_open_forms(), "one pause at a time")
        self._bill("2026-02-01")
        self.assertEqual(self.order.subscription_status, "paused")
        self._bill("2026-04-01")
        self.assertEqual(self.order.subscription_status, "progress")
        self.assertTiled(self.order)

    def test_the_longest_pause_is_kept(self):
        self.order.subscription_customer_pause_days = 30
        self.assertIn("A pause lasts 30 days at most", self._get("/pause").text)
        for resume_on in ("", "2026-02-12"):
            self.assertRefused(self._review("pause", resume_on=resume_on), "A pause lasts 30 days at most")
        self.assertToldOnPage(self._do("pause", resume_on="2026-02-11"), "pause_done")

    def test_what_is_no_day_is_refused(self):
        days = ("31/01/2026", "2026-02-30", "2026-13-01", "soon", "<i>", "0", "2026-01-11", "9999-12-31", "2200-01-01")
        for day in days:
            for name in ("from", "resume_on"):
                with self.subTest(day=day, name=name):
                    response = self._review("pause", **{name: day})
                    self.assertTrue(self._read(response)["form_error"])
        self.assertNothingAsked()

    def test_without_the_right_nothing_pauses_or_resumes(self):
        self.order.subscription_customer_pause = False
        self.assertIn("cannot pause", self._read(self._get("/pause"))["form_problem"])
        self.assertIn("form_problem", self._read(self._review("pause")))
        self.assertIn("form_problem", self._read(self._post("/pause/confirm", digest="x")))
        self.env["subscription.change"]._schedule([{"order_id": self.order.id, "kind": "pause"}])
        self.assertIn("cannot be changed online", self._read(self._get("/resume"))["form_problem"])
        self.assertFalse(self.order.subscription_request_ids)

    def test_a_paused_subscription_says_that_it_runs_again_first(self):
        self._do("pause")
        for form in ("change", "pause"):
            self.assertIn("Let it run again first", self._read(self._get(f"/{form}"))["form_problem"])
        self.assertEqual(self.order._get_open_forms(), ["resume", "close"])

    def test_a_pause_that_is_planned_is_taken_back(self):
        self._do("pause", **{"from": "2026-02-01", "resume_on": "2026-04-01"})
        change = self.order._get_withdrawable_changes()
        self.assertIn("Take back", self._get().text)
        self.assertToldOnPage(self._post(f"/changes/{change.id}/withdraw"), "withdrawn")
        self.assertEqual((change.state, change.request_id.state), ("cancelled", "cancelled"))
        self.assertIn("taken back", self._get_mails()[-1].subject)
        self.assertToldOnPage(self._post(f"/changes/{change.id}/withdraw"), "not_withdrawn")
        # The same wish once more is a wish of its own.
        self.assertToldOnPage(self._do("pause", **{"from": "2026-02-01", "resume_on": "2026-04-01"}), "pause_planned")
        self.assertEqual(len(self.order._get_withdrawable_changes()), 1)

    def test_what_is_added_and_paid_stays_when_the_rest_is_taken_back(self):
        self.paper_line.subscription_option_access = "both"
        (option,) = self.order._get_portal_options()
        self._do("change", **self._quantities(**{f"add_{option.key}": "1", f"remove_{self.paper_line.id}": "1"}))
        request = self.order.subscription_request_ids
        self._pay_request(request)
        change = self.order._get_withdrawable_changes()
        self.assertToldOnPage(self._post(f"/changes/{change.id}/withdraw"), "withdrawn")
        self.assertEqual((change.state, request.state), ("cancelled", "done"))
        self.assertFalse(self.paper_line.subscription_end)
        self.assertTrue(self._get_line(self.order, self.archive))
        self.assertEqual(["taken back" in mail.subject for mail in self._get_mails()], [False, True])

    def test_the_end_of_a_pause_is_not_taken_back(self):
        self._do("pause", resume_on="2026-02-11")
        resume = self.order.subscription_change_ids.filtered(lambda change: change.kind == "resume")
        self.assertEqual(resume.state, "planned")
        self.assertToldOnPage(self._post(f"/changes/{resume.id}/withdraw"), "not_withdrawn")
        self.assertEqual(resume.state, "planned")

    def test_what_staff_has_planned_is_not_taken_back(self):
        change = self.env["subscription.change"]._schedule(
            [{"order_id": self.order.id, "kind": "pause", "effective_on": date(2026, 2, 1)}]
        )
        self.assertNotIn("Take back", self._get().text)
        self.assertToldOnPage(self._post(f"/changes/{change.id}/withdraw"), "not_withdrawn")
        self.assertEqual(change.state, "planned")
