"""What customers are offered who are about to leave, what they answer, and what is counted."""

from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .self_service_common import SelfServiceCommon


@tagged("post_install", "-at_install")
class TestRetention(SelfServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason.write(
            {
                "retention_offer": "discount",
                "retention_discount": 20,
                "retention_periods": 3,
                "retention_message": "Please <b>stay</b>.",
            }
        )

    def setUp(self):
        super().setUp()
        self._set_today("2026-01-12")

    def _review_close(self, reason=None, **entered):
        return self._review("close", reason_id=(reason or self.reason).id, **entered)

    def _get_answers(self):
        return self.env["subscription.retention"].sudo().search([("order_id", "=", self.order.id)])

    # === THE OFFER ===#

    def test_the_offer_tells_its_figures_beside_a_close_that_is_one_click_away(self):
        review = self._review_close()
        page = self._read(review)
        self.assertIn("20 % off for the next 3 months", page["offer"])
        self.assertIn("Each period after $ 34.40 / month", page["offer"])
        self.assertIn("After that, the price of today counts again.", page["offer"])
        self.assertIn("Please <b>stay</b>.", page["offer_message"])
        self.assertNotIn("<b>stay", review.text)
        self.assertEqual(review.text.count('class="btn btn-primary"'), 2, "two buttons alike")
        self.assertToldOnPage(self._confirm(review, "close/confirm"), "close_planned")

    def test_who_stays_pays_less_for_as_many_periods(self):
        self.assertToldOnPage(self._confirm(self._review_close(), "close/stay"), "stay_planned")
        self.assertFalse(self.order.subscription_closed_on)
        for month in range(2, 7):
            self._bill(date(2026, month, 1))
        self.assertEqual(self._get_invoices(self.order).mapped("amount_total"), [43.0, 34.4, 34.4, 34.4, 43.0, 43.0])
        answer = self._get_answers()
        self.assertEqual((answer.outcome, answer.stayed, answer.mrr, answer.mrr_kept), ("taken", 100.0, 43.0, 43.0))
        self.assertEqual((answer.discount, answer.periods, answer.months), (20.0, 3, 0))
        self.assertEqual((answer.reason_id, answer.visitor_id), (self.reason, self.customer))
        self.assertEqual(answer.date, date(2026, 1, 12))
        self.assertEventsSumToMRR(self.order)

    def test_the_discount_comes_on_top_of_what_is_agreed(self):
        self.magazine_line.discount = 50
        self.assertIn("Each period after $ 29.60 / month", self._read(self._review_close())["offer"])
        self._confirm(self._review_close(), "close/stay")
        self._bill("2026-02-01")
        self.assertEqual(self.magazine_line.discount, 60)

    def test_who_leaves_is_counted_as_well(self):
        self._confirm(self._review_close(), "close/confirm")
        answer = self._get_answers()
        self.assertEqual((answer.outcome, answer.stayed, answer.mrr, answer.mrr_kept), ("declined", 0.0, 43.0, 0.0))

    def test_a_pause_is_offered_whatever_the_right_to_pause(self):
        unused = self.env.ref("sale_subscription_plus.close_reason_unused")
        unused.write({"retention_offer": "pause", "retention_months": 2})
        self.order.write({"subscription_customer_pause": False, "subscription_customer_changes": "restricted"})
        review = self._review_close(unused)
        offer = self._read(review)["offer"]
        self.assertIn("A pause of 2 months", offer)
        self.assertIn("Nothing is billed until it runs again by itself on 03/12/2026.", offer)
        self.assertToldOnPage(self._confirm(review, "close/stay"), "stay_done")
        self.assertEqual(self.order.subscription_status, "paused")
        self.assertEqual((self._get_answers().offer, self._get_answers().months), ("pause", 2))
        self._bill("2026-03-12")
        self.assertEqual(self.order.subscription_status, "progress")

    def test_a_pause_from_the_31st_ends_on_the_last_of_a_shorter_month(self):
        self.reason.write({"retention_offer": "pause", "retention_months": 1})
        self._set_today("2026-01-31")
        self.assertIn("runs again by itself on 02/28/2026", self._read(self._review_close())["offer"])

    # === WHEN THERE IS NONE ===#

    def test_a_reason_without_an_offer_has_none(self):
        review = self._review_close(self.other_reason)
        self.assertNotIn("offer", self._read(review))
        self._confirm(review, "close/confirm")
        self.assertFalse(self._get_answers())

    def test_nobody_is_asked_twice_within_a_year(self):
        self._confirm(self._review_close(), "close/stay")
        self.assertNotIn("offer", self._read(self._review_close()))
        self._set_today("2027-01-11")
        self.assertFalse(self.order._get_retention_items(self.reason))
        self._set_today("2027-01-12")
        self.assertTrue(self.order._get_retention_items(self.reason))

    def test_an_offer_that_was_not_made_cannot_be_taken(self):
        fields = self._get_forms(self._review_close())["close/stay"]
        response = self._post("/close/stay", **{**fields, "reason_id": self.other_reason.id})
        self.assertRefused(response, "not open any more")
        response = self._post("/close/stay", **{**fields, "digest": "0" * 64})
        self.assertIn("changed since", self._read(response)["review_warning"])
        self.reason.retention_discount = 5
        response = self._post("/close/stay", **fields)
        self.assertIn("5 % off", self._read(response)["offer"])
        self.order.subscription_customer_close = False
        self.assertIn("form_problem", self._read(self._post("/close/stay", **fields)))
        self.assertNothingAsked()
        self.assertFalse(self._get_answers())

    def test_an_offer_is_taken_once_however_often_the_button_is_pressed(self):
        fields = self._get_forms(self._review_close())["close/stay"]
        for _press in range(2):
            self.assertToldOnPage(self._post("/close/stay", **fields), "stay_planned")
        self.assertEqual(len(self._get_answers()), 1)
        self.assertEqual(len(self.order.subscription_request_ids), 1)

    def test_an_offer_that_cannot_be_kept_is_not_made(self):
        self.env["subscription.change"]._schedule(
            [{"order_id": self.order.id, "kind": "pause", "effective_on": date(2026, 3, 1)}]
        )
        self.reason.write({"retention_offer": "pause", "retention_months": 1})
        self.assertNotIn("offer", self._read(self._review_close()))

    # === CONFIGURATION AND NUMBERS ===#

    def test_offers_that_make_no_sense_are_refused(self):
        for values in (
            {"retention_discount": 0},
            {"retention_discount": 101},
            {"retention_discount": -5},
            {"retention_periods": 0},
            {"retention_offer": "pause", "retention_months": 0},
            {"retention_offer": "pause", "retention_months": 25},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError), self.cr.savepoint():
                self.reason.write(values)

    def test_customers_choose_all_reasons_but_those_of_the_engine(self):
        hidden = self.env["subscription.close.reason"].search([("portal_ok", "=", False)])
        own = ("sale_subscription_plus.close_reason_unpaid", "sale_subscription_plus.close_reason_term_ended")
        own += ("sale_subscription_plus_portal.close_reason_removed",)
        self.assertEqual(set(hidden), {self.env.ref(xmlid) for xmlid in own})
        self.assertTrue(self.env["subscription.close.reason"].create({"name": "New"}).portal_ok)
        self.reason.portal_ok = False
        self.reason.name = "Renamed"
        self.assertFalse(self.reason.portal_ok, "what staff says stays")

    def test_months_and_periods_are_named_as_people_say_it(self):
        quarterly = self._create_plan("Quarterly", interval_count=3)
        for plans, periods, label in (
            (self.monthly, 1, "20 % off for the next month"),
            (self.yearly, 2, "20 % off for the next 2 years"),
            (quarterly, 2, "20 % off for the next 6 months"),
            (self.monthly | self.yearly, 2, "20 % off for the next 2 periods"),
        ):
            self.reason.retention_periods = periods
            self.assertEqual(self.reason._get_retention_sentence(plans), label)

    def test_how_many_stayed_is_an_average(self):
        self._confirm(self._review_close(), "close/stay")
        other = self._create_running()
        review = self._post("/close/review", order=other, reason_id=self.reason.id)
        fields = {
            "reason_id": self.reason.id,
            "digest": other._quote_request(other._enter_form("close", {"reason_id": str(self.reason.id)}))["digest"],
        }
        self.assertEqual(review.status_code, 200)
        self._post("/close/confirm", order=other, **fields)
        ((stayed, kept, count),) = self.env["subscription.retention"]._read_group(
            [("order_id", "in", (self.order | other).ids)], [], ["stayed:avg", "mrr_kept:sum", "__count"]
        )
        self.assertEqual((stayed, kept, count), (50.0, 43.0, 2))

    def test_salespeople_see_their_own_managers_all_and_nobody_writes(self):
        self._confirm(self._review_close(), "close/stay")
        answer = self._get_answers().sudo(False)
        users = {
            name: new_test_user(self.env, f"{name}-stay", group, company_id=self.env.company.id)
            for name, group in {
                "mine": "sales_team.group_sale_salesman",
                "other": "sales_team.group_sale_salesman",
                "manager": "sales_team.group_sale_manager",
                "nobody": "base.group_user",
                "portal": "base.group_portal",
            }.items()
        }
        self.order.user_id = users["mine"]
        found = {name: self._finds(user, answer) for name, user in users.items()}
        self.assertEqual(found, {"mine": True, "other": False, "manager": True, "nobody": False, "portal": False})
        for user in users.values():
            for write in (lambda a: a.write({"outcome": "declined"}), lambda a: a.unlink(), lambda a: a.copy()):
                with self.assertRaises(AccessError), mute_logger("odoo.models", "odoo.addons.base.models.ir_rule"):
                    write(answer.with_user(user))

    def _finds(self, user, answer):
        try:
            return answer in answer.with_user(user).search([])
        except AccessError:
            return False
