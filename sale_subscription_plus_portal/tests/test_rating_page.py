from odoo.tests import tagged

from .page_common import PageCommon

REQUEST = "subscription_rating_request"
ANSWERS = "subscription_rating_answers"


@tagged("-at_install", "post_install")
class TestRatingPage(PageCommon):
    """Customers find on the page of their subscription what they are asked and what they answered; nobody else does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order._subscription_request_rating()
        cls.rating = cls.order.rating_ids

    def _answer(self, rate=1, feedback="It rains in."):
        self.order.sudo().rating_apply(rate, rating=self.rating, feedback=feedback)

    def test_an_open_request_can_be_answered_from_the_page_without_login(self):
        page = self._open_by_link()
        links = self._get_links(page, REQUEST)
        self.assertEqual(links, [f"/rate/{self.rating.access_token}/{rate}" for rate in (5, 3, 1)])
        self.assertNotIn(ANSWERS, self._read(page))
        form = self.url_open(links[2])
        self.assertEqual(form.status_code, 200)
        csrf = form.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        self.url_open(
            f"/rate/{self.rating.access_token}/submit_feedback",
            data={"csrf_token": csrf, "rate": 1, "feedback": "Too late"},
        )
        self.env.invalidate_all()
        blocks = self._read(self._open_by_link())
        self.assertNotIn(REQUEST, blocks)
        self.assertIn("Unhappy", blocks[ANSWERS])
        self.assertIn("Too late", blocks[ANSWERS])

    def test_the_customer_who_is_logged_in_sees_and_answers(self):
        self._log_in(self.ada)
        self.assertIn("How happy are you", self._read(self._open())[REQUEST])
        self.assertNotIn("cannot rate this", self.url_open(f"/rate/{self.rating.access_token}/5").text)
        self._answer()
        self.assertIn("It rains in.", self._read(self._open())[ANSWERS])

    def test_a_colleague_of_the_customer_sees_and_answers(self):
        carl = self._create_colleague()
        self._log_in(carl)
        token = self._let_in("manage", carl.partner_id)
        self.assertIn(REQUEST, self._read(self._open(access_token=token)))

    def test_whom_the_customer_let_in_sees_neither_request_nor_answer(self):
        for level in ("see", "pay", "manage"):
            token = self._let_in(
                level, self.env["res.partner"].create({"name": level, "email": f"{level}@example.com"})
            )
            page = self._open(access_token=token)
            self.assertNotIn(REQUEST, self._read(page))
            self.assertNotIn(self.rating.access_token, page.text)
        self._answer()
        page = self._open(access_token=token)
        self.assertNotIn(ANSWERS, self._read(page))
        self.assertNotIn("It rains in.", page.text)

    def test_another_customer_finds_nothing(self):
        other = self._create_subscription(partner_id=self.eve.partner_id.id)
        self._answer()
        self._log_in(self.eve)
        self.assertSentHome(self._open())
        page = self._open(other)
        self.assertNotIn(ANSWERS, self._read(page))
        self.assertNotIn("It rains in.", page.text)
        self.assertIn("cannot rate this", self.url_open(f"/rate/{self.rating.access_token}/5").text)

    def test_staff_see_answers_and_are_not_asked(self):
        self.env.user.password = "staff-password"
        self.authenticate(self.env.user.login, "staff-password")
        self.assertNotIn(REQUEST, self._read(self._open()))
        self._answer()
        self.assertIn("It rains in.", self._read(self._open())[ANSWERS])

    def test_portal_users_neither_read_nor_write_ratings_over_the_network(self):
        self._answer()
        for user in (self.ada, self.eve):
            ratings, order = self.rating.with_user(user), self.order.with_user(user)
            self.assertFalse(ratings.has_access("read"))
            self.assertFalse(ratings.has_access("write"))
            self.assertFalse(order._has_field_access(order._fields["rating_ids"], "read"))
            self.assertFalse(order._has_field_access(order._fields["rating_last_value"], "read"))

    def test_who_only_looked_at_the_mail_asked_nobody(self):
        other = self._create_subscription()
        other._rating_get_access_token()
        self.assertNotIn(REQUEST, self._read(self._open_by_link(other)))
