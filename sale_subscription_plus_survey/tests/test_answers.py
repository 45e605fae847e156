from odoo.tests import HttpCase, tagged

from .common import SurveyCommon


@tagged("-at_install", "post_install")
class TestAnswers(SurveyCommon):
    """What customers answer is on their subscription."""

    def setUp(self):
        super().setUp()
        self.order._subscription_send_survey(self.survey)

    def test_the_order_counts_what_was_sent(self):
        self.assertEqual(self.order.subscription_survey_count, 1)
        self.assertEqual(self.order.subscription_survey_answer_ids.state, "new")
        self.assertFalse(self.order.subscription_survey_answer_ids.answers)

    def test_what_was_answered_can_be_read(self):
        self._answer(self._get_inputs())
        answer = self.order.subscription_survey_answer_ids
        self.assertEqual((answer.state, answer.score), ("done", 100.0))
        self.assertEqual(answer.answers, "How is it?\n    Good")
        self.assertEqual(answer.answered_at, self._get_inputs().end_datetime)
        message = self.order.message_ids[0]
        self.assertIn("Ada Reader has answered the survey “Feedback”", str(message.body))
        self.assertEqual(message.author_id, self.customer)

    def test_the_last_answer_gives_the_score(self):
        self._answer(self._get_inputs())
        self.assertEqual(self.order.subscription_survey_score, 100.0)
        self.order._subscription_send_survey(self.survey)
        self.assertEqual(self.order.subscription_survey_score, 100.0, "it was sent, not answered")
        self._set_today("2026-01-02")
        self._answer(self._get_inputs()[1], "Bad")
        self.env.invalidate_all()
        self.assertEqual(self.order.subscription_survey_score, 0.0)
        self.assertEqual(len(self.order.subscription_survey_answer_ids.filtered("is_last_score")), 1)

    def test_a_survey_without_a_score_has_none(self):
        self.survey.sudo().scoring_type = "no_scoring"
        self._answer(self._get_inputs())
        self.assertFalse(self.order.subscription_survey_answer_ids.is_last_score)
        self.assertFalse(self.order.search([("subscription_survey_score", ">=", 0)]))

    def test_orders_are_found_by_their_score(self):
        unanswered = self._create_subscription()
        unanswered._subscription_send_survey(self.survey)
        self._answer(self._get_inputs(), "Bad")
        both = [("id", "in", (self.order + unanswered).ids)]

        def find(operator, value):
            return self.order.search([*both, ("subscription_survey_score", operator, value)])

        self.assertEqual(find("<", 50), self.order, "who has not answered has no score")
        self.assertEqual(find("=", 0), self.order)
        self.assertFalse(find(">", 0))

    def test_an_answer_has_health_looked_at(self):
        self.env["subscription.care.task"]._take("health")
        self._answer(self._get_inputs())
        self.env.cr.precommit.run()
        [(_stage, orders)] = self.env["subscription.care.task"]._take("health")
        self.assertIn(self.order, orders)

    def test_trying_a_survey_out_is_no_answer(self):
        self._get_inputs().test_entry = True
        self.assertFalse(self.order.subscription_survey_count)


@tagged("-at_install", "post_install")
class TestAnswerByLink(SurveyCommon, HttpCase):
    """The link in the mail is all that the customer needs."""

    def test_the_customer_answers_without_a_login(self):
        self.order._subscription_send_survey(self.survey)
        given = self._get_inputs()
        page = self.url_open(given.get_start_url())
        self.assertEqual(page.status_code, 200)
        self.assertIn("Feedback", page.text)
        tokens = f"{self.survey.sudo().access_token}/{given.access_token}"
        self.make_jsonrpc_request(f"/survey/begin/{tokens}", {})
        question = self.survey.sudo().question_ids
        values = {str(question.id): str(question.suggested_answer_ids[0].id)}
        _answers, page = self.make_jsonrpc_request(f"/survey/submit/{tokens}", values)
        self.assertIn("Thank you!", page["survey_content"])
        self.assertNotIn("You scored", page["survey_content"], "nobody fails at saying how happy they are")
        self.env.invalidate_all()
        self.assertEqual(given.state, "done")
        self.assertEqual(self.order.subscription_survey_answer_ids.answers, "How is it?\n    Good")

    def test_who_takes_a_survey_of_another_kind_sees_the_score(self):
        given = self.survey.sudo()._create_answer(email="bo@example.com")
        question = self.survey.sudo().question_ids
        tokens = f"{self.survey.sudo().access_token}/{given.access_token}"
        self.make_jsonrpc_request(f"/survey/begin/{tokens}", {})
        values = {str(question.id): str(question.suggested_answer_ids[0].id)}
        _answers, page = self.make_jsonrpc_request(f"/survey/submit/{tokens}", values)
        self.assertIn("You scored", page["survey_content"])

    def test_nobody_answers_with_a_wrong_link(self):
        self.order._subscription_send_survey(self.survey)
        self.url_open(f"{self.survey.sudo().get_start_url()}?answer_token=wrong")
        self.assertEqual(self._get_inputs().state, "new")
