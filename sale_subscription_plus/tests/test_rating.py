"""Rating requests: who is asked, when, with which mail, and what becomes of the answers."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import TODAY, SubscriptionCommon


class RatingCommon(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail = cls.quick_ref("sale_subscription_plus.mail_template_rating")

    def _get_requests(self, orders):
        return self.env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "in", orders.ids), ("subject", "like", "how happy are you")]
        )

    def _break(self, mail, body="<t t-out='object.no_such_field'/>"):
        """Let a mail be broken, as one is once a field that it speaks of is gone."""
        with patch.object(type(mail), "_check_can_be_rendered"):
            mail.body_html = body

    def _answer(self, order, rate=5, feedback=None):
        rating = order._get_open_rating()
        return order.sudo().rating_apply(rate, rating=rating, feedback=feedback)


@tagged("-at_install", "post_install")
class TestRatingRequest(RatingCommon):
    def test_a_request_is_a_mail_in_the_queue_with_links_of_its_own(self):
        order = self._create_subscription()
        self.assertEqual(order._subscription_request_rating(), order)
        mail, rating = self._get_requests(order), order.rating_ids
        self.assertEqual((mail.state, mail.recipient_ids), ("outgoing", self.customer))
        for rate in (1, 3, 5):
            self.assertIn(f"/rate/{rating.access_token}/{rate}", mail.body_html)
        self.assertEqual((rating.partner_id, rating.consumed), (self.customer, False))
        self.assertEqual(rating.rated_partner_id, order.user_id.partner_id)

    def test_each_request_has_links_of_its_own_and_old_ones_still_work(self):
        order = self._create_subscription()
        order._subscription_request_rating()
        first = order.rating_ids
        self._set_today("2026-02-01")
        order._subscription_request_rating()
        second = order.rating_ids - first
        self.assertEqual(len(second), 1)
        self.assertIn(second.access_token, self._get_requests(order).sorted("id")[-1].body_html)
        order.sudo().rating_apply(3, rating=first)
        self.assertEqual(order._get_open_rating(), second)
        self.assertEqual(order._get_rating_answers(), first)

    def test_nobody_is_asked_twice_in_14_days(self):
        order = self._create_subscription()
        order._subscription_request_rating()
        self._set_today("2026-01-14")
        self.assertFalse(order._subscription_request_rating())
        self._set_today("2026-01-15")
        self.assertEqual(order._subscription_request_rating(), order)

    def test_a_customer_of_several_subscriptions_is_asked_about_one_in_14_days(self):
        orders = self._create_subscription() | self._create_subscription() | self._create_subscription()
        self.assertEqual(orders[:2]._subscription_request_rating(), orders[0])
        self._set_today("2026-01-14")
        self.assertIn("asked on 01/01/2026 already", orders[2]._get_rating_obstacle())
        self._set_today("2026-01-15")
        self.assertFalse(orders[2]._get_rating_obstacle())

    def test_a_salesperson_is_told_of_requests_that_they_may_not_see(self):
        salesman = new_test_user(self.env, "asking_salesman", groups="sales_team.group_sale_salesman")
        own, other = self._create_subscription(user_id=salesman.id), self._create_subscription()
        other.user_id = self.env.user
        other._subscription_request_rating()
        with self.assertRaisesRegex(UserError, "asked on 01/01/2026 already"):
            own.with_user(salesman).action_subscription_request_rating()

    def test_nobody_is_asked_while_they_owe_money(self):
        order = self._create_subscription()
        order.sudo().subscription_payment_status = "retrying"
        self.assertFalse(order._subscription_request_rating())
        with self.assertRaisesRegex(UserError, "owe money"):
            order.action_subscription_request_rating()
        order.sudo().subscription_payment_status = "ok"
        self.assertTrue(order._subscription_request_rating())

    def test_a_mail_of_other_documents_is_refused(self):
        foreign = self.env["mail.template"].create(
            {"name": "Of contacts", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        for record, field in (
            (self.company, "subscription_rating_template_id"),
            (self.env["sale.order.template"].create({"name": "T"}), "subscription_rating_template_id"),
            (self.env["subscription.stage"].search([], limit=1), "mail_template_id"),
            (self.env["subscription.stage"].search([], limit=1), "rating_template_id"),
        ):
            with self.subTest(record), self.assertRaisesRegex(ValidationError, "no mail of sales orders"):
                record[field] = foreign
            record[field] = self.mail

    def test_who_has_no_address_or_no_subscription_is_left_out(self):
        unreachable = self._create_subscription(partner_id=self.env["res.partner"].create({"name": "No Mail"}).id)
        quotation = self._create_quotation()
        order = self._create_subscription()
        self.assertEqual((unreachable | quotation | order)._subscription_request_rating(), order)
        self.assertFalse(unreachable.rating_ids | quotation.rating_ids)

    def test_the_mail_is_that_of_the_template_then_of_the_company_then_ours(self):
        mine, ours, chosen = (self.mail.copy({"subject": subject}) for subject in ("Mine", "Ours", "Chosen"))
        template = self.env["sale.order.template"].create(
            {"name": "T", "subscription_own_ratings": True, "subscription_rating_template_id": mine.id}
        )
        order, from_template = self._create_subscription(), self._create_subscription()
        from_template.sale_order_template_id = template
        self.assertEqual(order._get_rating_mail(), self.mail)
        self.company.subscription_rating_template_id = ours
        self.assertEqual((order._get_rating_mail(), from_template._get_rating_mail()), (ours, mine))
        template.subscription_own_ratings = False
        self.assertEqual(from_template._get_rating_mail(), ours)
        order._subscription_request_rating(chosen)
        self.assertEqual(order.message_ids[0].subject, "Chosen")

    def test_a_broken_mail_asks_nobody_and_says_so(self):
        order = self._create_subscription()
        broken = self.mail.copy()
        self._break(broken)
        with self.assertRaisesRegex(UserError, "no_such_field"), self.env.cr.savepoint():
            order._subscription_request_rating(broken)
        self.assertFalse(order._get_open_rating() or order.subscription_rating_asked_on)

    def test_the_button_asks_and_tells_whom_it_left_out(self):
        bo = self.env["res.partner"].create({"name": "Bo", "email": "bo@example.com"})
        order, other = self._create_subscription(), self._create_subscription(partner_id=bo.id)
        other._subscription_request_rating()
        message = (order | other).action_subscription_request_rating()["params"]
        self.assertEqual(message["type"], "warning")
        self.assertIn("Customers asked: 1", message["message"])
        self.assertIn(other.name, message["message"])
        with self.assertRaisesRegex(UserError, "asked on 01/01/2026 already"):
            order.action_subscription_request_rating()

    def test_salespeople_ask_about_their_own_subscriptions_and_write_no_dates(self):
        salesman = new_test_user(self.env, "rating_salesman", groups="sales_team.group_sale_salesman")
        own, other = self._create_subscription(user_id=salesman.id), self._create_subscription()
        other.user_id = self.env.user
        own.with_user(salesman).action_subscription_request_rating()
        self.assertTrue(own.rating_ids)
        with self.assertRaises(AccessError):
            other.with_user(salesman).action_subscription_request_rating()
        for field in ("subscription_rating_asked_on", "subscription_next_rating_on"):
            with self.assertRaises(AccessError):
                own.with_user(salesman).write({field: "2026-01-01"})

    def test_the_language_is_the_customers(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.mail.with_context(lang="fr_FR").subject = "Content de votre abonnement ?"
        order = self._create_subscription()
        order._subscription_request_rating()
        self.assertEqual(order.message_ids[0].subject, "Content de votre abonnement ?")


@tagged("-at_install", "post_install")
class TestRatingSchedule(RatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "subscription_rating_template_id": cls.mail.id,
                "subscription_rating_first_days": 30,
                "subscription_rating_every_months": 3,
            }
        )
        cls.company.subscription_rating_replan = False

    def _assert_next(self, order, day):
        self.assertEqual(order.subscription_next_rating_on and str(order.subscription_next_rating_on), day)

    def test_the_first_request_then_every_so_many_months(self):
        order = self._create_subscription()
        self._assert_next(order, "2026-01-31")
        self._care("2026-01-30")
        self.assertFalse(order.rating_ids)
        self.assertEqual(self._care("2026-01-31")["ratings_requested"], 1)
        self.assertEqual(str(order.subscription_rating_asked_on), "2026-01-31")
        self._assert_next(order, "2026-04-30")
        self.assertFalse(self._care()["ratings_requested"], "Done twice, the second time does nothing.")
        self._care("2026-04-29")
        self.assertEqual(len(order.rating_ids), 1)
        self._care("2026-04-30")
        self.assertEqual(len(order.rating_ids), 2)
        self._assert_next(order, "2026-07-31")

    def test_once_is_once(self):
        self.company.subscription_rating_every_months = 0
        order = self._create_subscription()
        self._care("2026-01-31")
        self._assert_next(order, False)
        self._care("2027-01-31")
        self.assertEqual(len(order.rating_ids), 1)

    def test_a_run_that_comes_late_asks_once(self):
        order = self._create_subscription()
        self._assert_next(order, "2026-01-31")
        self._care("2027-01-01")
        self.assertEqual(len(order.rating_ids), 1)
        self._assert_next(order, "2027-01-31")

    def test_whoever_was_asked_lately_is_asked_at_the_next_turn(self):
        order = self._create_subscription()
        self._set_today("2026-01-20")
        order._subscription_request_rating()
        self._assert_next(order, "2026-04-30")

    def test_nobody_is_asked_while_paused_or_closed(self):
        paused, closed = self._create_subscription(), self._create_subscription()
        paused.sudo()._subscription_pause_unpaid(TODAY)
        closed.sudo()._subscription_close(TODAY, self.env["subscription.close.reason"].search([], limit=1))
        for order in (paused, closed):
            self._assert_next(order, False)
        self._care("2026-01-31")
        self.assertFalse((paused | closed).rating_ids)
        paused.sudo()._subscription_resume_paid()
        self._assert_next(paused, "2026-01-31")

    def test_nobody_is_asked_while_payment_fails_and_then_they_are(self):
        order = self._create_subscription()
        order.sudo().subscription_payment_status = "retrying"
        self._care("2026-01-31")
        self.assertFalse(order.rating_ids)
        order.sudo().subscription_payment_status = "ok"
        self._care("2026-02-03")
        self.assertEqual(len(order.rating_ids), 1)

    def test_who_has_several_subscriptions_is_asked_about_one(self):
        orders = self._create_subscription() | self._create_subscription()
        self._care("2026-01-31")
        self.assertEqual(len(orders.rating_ids), 1)
        self._care("2026-02-01")
        self.assertEqual(len(orders.rating_ids), 1, "The other one is asked about at its next turn.")
        self._care("2026-04-30")
        self.assertEqual(len(orders.rating_ids), 2)

    def test_without_an_address_it_is_told_once_a_turn(self):
        order = self._create_subscription(partner_id=self.env["res.partner"].create({"name": "No Mail"}).id)
        self._care("2026-01-31")
        self._care("2026-02-01")
        told = order.message_ids.filtered(lambda message: "not asked for a rating" in (message.body or ""))
        self.assertEqual(len(told), 1)
        self._assert_next(order, "2026-04-30")

    def test_a_template_with_a_schedule_of_its_own_goes_by_it(self):
        template = self.env["sale.order.template"].create(
            {
                "name": "T",
                "subscription_own_ratings": True,
                "subscription_rating_template_id": self.mail.id,
                "subscription_rating_first_days": 7,
            }
        )
        silent = self.env["sale.order.template"].create({"name": "Silent", "subscription_own_ratings": True})
        order, unasked, usual = (
            self._create_subscription(sale_order_template_id=own.id if own else False)
            for own in (template, silent, None)
        )
        self._assert_next(order, "2026-01-08")
        self._assert_next(unasked, False)
        self._assert_next(usual, "2026-01-31")

    def test_a_changed_schedule_moves_the_next_request_of_all(self):
        order = self._create_subscription()
        self._assert_next(order, "2026-01-31")
        self.company.subscription_rating_first_days = 10
        self._assert_next(order, "2026-01-31")
        self._care()
        self._assert_next(order, "2026-01-11")
        self.assertFalse(self.company.subscription_rating_replan)
        self.company.subscription_rating_template_id = False
        self._care()
        self._assert_next(order, False)

    def test_old_subscribers_are_asked_at_their_next_turn_when_the_schedule_is_switched_on(self):
        self.company.subscription_rating_template_id = False
        order = self._create_subscription("2026-01-01")
        self._set_today("2027-06-10")
        self.company.subscription_rating_template_id = self.mail
        self.assertFalse(self._care()["ratings_requested"])
        self._assert_next(order, "2027-07-31")
        self.company.subscription_rating_every_months = 0
        self._care()
        self._assert_next(order, False)

    def test_a_broken_mail_is_told_in_the_settings_and_tried_again_tomorrow(self):
        good = self.mail.body_html
        order = self._create_subscription()
        self._break(self.mail)
        self._care("2026-01-31")
        self.assertIn(order.name, self.company.subscription_mail_failure)
        self.assertFalse(order._get_open_rating() or order.subscription_rating_asked_on)
        self._assert_next(order, "2026-02-01")
        self._care()
        self._break(self.mail, good)
        self._care("2026-02-01")
        self.assertEqual(len(order.rating_ids), 1)
        self.assertFalse(self.company.subscription_mail_failure)

    def test_a_broken_mail_asks_an_administrator_once_to_repair_it(self):
        self._create_subscription()
        good = self.mail.body_html
        self._break(self.mail)
        self._care("2026-01-31")
        activity = self.company.subscription_mail_activity_id.sudo()
        self.assertIn(activity.user_id, self.env.ref("sale_subscription_plus.group_subscription_admin").all_user_ids)
        self.assertIn("no_such_field", activity.sudo().note)
        self._care("2026-02-01")
        self._create_subscription(partner_id=self.customer.copy().id)
        self._care("2026-02-02")
        self.assertEqual(self.env["mail.activity"].sudo().search([("summary", "=", activity.summary)]), activity)
        self._break(self.mail, good)
        self._care("2026-02-03")
        self.assertFalse(activity.exists(), "It went again.")

    def test_a_mail_that_fails_for_one_keeps_back_no_other(self):
        other = self.env["res.partner"].create({"name": "Bob", "email": "bob@example.com"})
        order, bad = self._create_subscription(), self._create_subscription(partner_id=other.id)
        bad.client_order_ref = "bad"
        self._break(self.mail, "<t t-if=\"object.client_order_ref == 'bad'\" t-out='object.no_such_field'/>")
        self.assertEqual(self._care("2026-01-31")["ratings_requested"], 1)
        self.assertTrue(order.rating_ids)
        self.assertFalse(bad.rating_ids)

    def test_once_the_mail_is_deleted_nobody_is_asked(self):
        order = self._create_subscription()
        self._assert_next(order, "2026-01-31")
        mail = self.mail.copy()
        self.company.subscription_rating_template_id = mail
        self._care()
        mail.unlink()
        self.env.invalidate_all()
        self._care("2026-01-31")
        self.assertFalse(order._get_open_rating() or self.company.subscription_mail_failure)
        self._assert_next(order, False)

    def test_each_company_has_its_schedule(self):
        other = self.setup_other_company(name="Elsewhere")["company"]
        order = self._create_subscription()
        foreign = self._create_quotation(company_id=other.id)
        self.assertFalse(foreign._get_rating_schedule().subscription_rating_template_id)
        self.assertEqual(order._get_rating_schedule(), self.company)

    def test_today_is_the_companys(self):
        self.company.subscription_tz = "Pacific/Auckland"
        order = self._create_subscription()
        self._assert_next(order, "2026-02-01")
        self._care("2026-01-31 10:00:00")
        self.assertFalse(order.rating_ids)
        self._care("2026-01-31 12:00:00")
        self.assertTrue(order.rating_ids)


@tagged("-at_install", "post_install")
class TestRatingAnswers(RatingCommon):
    def test_an_answer_is_on_the_order_and_has_its_health_looked_at(self):
        order = self._create_subscription()
        order._subscription_request_rating()
        self._care()
        self._answer(order, 1, "It rains in.")
        self.env.cr.flush()
        self.assertEqual((order.rating_last_value, order.rating_last_text), (1.0, "ko"))
        self.assertIn("It rains in.", order.message_ids[0].body)
        tasks = self.env["subscription.care.task"].sudo().search([("order_id", "=", order.id)])
        self.assertIn("health", tasks.mapped("kind"))
        self.assertFalse(order._get_open_rating())

    def test_what_a_former_customer_said_is_not_the_word_of_the_new_one(self):
        order = self._create_subscription()
        order._subscription_request_rating()
        self._answer(order, 1, "My number is 555")
        self._set_today("2026-02-01")
        order._subscription_request_rating()
        self.assertTrue(order._get_rating_answers() and order._get_open_rating())
        former = order._get_open_rating()
        bo = self.env["res.partner"].create({"name": "Bo", "email": "bo@example.com"})
        order.sudo().with_context(subscription_hand_over=True)._subscription_hand_over(bo, bo, bo)
        self.assertFalse(order._get_rating_answers() or order._get_open_rating() or order.rating_last_value)
        order.sudo().rating_apply(1, rating=former)
        self.assertFalse(order.rating_last_value)
        order._subscription_request_rating()
        self._answer(order, 5)
        self.assertEqual(order.rating_last_value, 5.0)

    def test_a_look_at_the_mail_asks_nobody(self):
        order = self._create_subscription()
        self.assertTrue(order._rating_get_access_token())
        self.assertFalse(order._get_open_rating() or order._get_rating_answers())
        self.assertFalse(self.env["rating.rating"].search(order.action_view_subscription_ratings()["domain"]))

    def test_ratings_of_other_documents_are_none_of_ours(self):
        product_model = self.env["ir.model"]._get_id("res.partner")
        self.env["rating.rating"].create(
            {"res_model_id": product_model, "res_id": self.customer.id, "rating": 1, "consumed": True}
        )
        self.env.cr.flush()
        self.assertFalse(self.env["subscription.care.task"].sudo().search([("kind", "=", "health")]))


@tagged("-at_install", "post_install")
class TestRatingPage(RatingCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.order = self._create_subscription()
        self.order._subscription_request_rating()
        self.rating = self.order.rating_ids
        self.env.flush_all()

    def _get(self, rate=5, token=None):
        return self.url_open(f"/rate/{token or self.rating.access_token}/{rate}")

    def _post(self, rate, feedback="", token=None):
        page = self._get(rate)
        csrf = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        self.env.invalidate_all()
        url = f"/rate/{token or self.rating.access_token}/submit_feedback"
        response = self.url_open(url, data={"csrf_token": csrf, "rate": rate, "feedback": feedback})
        self.env.invalidate_all()
        return response

    def test_to_look_at_the_page_answers_nothing(self):
        for rate in (1, 3, 5):
            self.assertEqual(self._get(rate).status_code, 200)
        self.env.invalidate_all()
        self.assertFalse(self.rating.consumed or self.order.rating_last_value)

    def test_an_answer_without_login(self):
        self.assertEqual(self._post(1, "Too dear").status_code, 200)
        self.assertEqual((self.rating.rating, self.rating.feedback, self.rating.consumed), (1.0, "Too dear", True))
        self.assertEqual(self.order.rating_last_value, 1.0)

    def test_an_answer_sent_twice_is_one_answer(self):
        self._post(5, "Fine")
        messages = self.order.message_ids
        self._post(5, "Fine")
        self.assertEqual(self.order.message_ids, messages)
        self.assertEqual(self.order._get_rating_answers(), self.rating)
        self._post(1, "Not any more")
        self.assertEqual((self.order.rating_last_value, len(self.order.rating_ids)), (1.0, 1))

    def test_a_guessed_token_finds_nothing(self):
        self.assertEqual(self._get(token="0" * 32).status_code, 404)

    def test_another_customer_who_is_logged_in_may_not_answer(self):
        new_test_user(self.env, "other_reader", password="other_reader", groups="base.group_portal")
        self.authenticate("other_reader", "other_reader")
        self.assertIn("cannot rate this", self._get().text)

    def test_the_page_speaks_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.env.ref("rating.rating_external_page_submit").with_context(lang="fr_FR").arch_db = self.env.ref(
            "rating.rating_external_page_submit"
        ).arch_db.replace("Send Feedback", "Envoyer l'avis")
        self.env.flush_all()
        self.assertIn("Envoyer l'avis", self._get().text)
