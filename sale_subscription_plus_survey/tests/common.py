"""What tests of surveys share: a survey with a score, and a way to answer it."""

from odoo.fields import Command

from odoo.addons.sale_subscription_plus.tests.common import SubscriptionCommon


class SurveyCommon(SubscriptionCommon):
    """A subscription, and a survey with one question: good gives 10 points, bad none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_subscription("2026-01-01")
        cls.survey = cls._create_survey()

    @classmethod
    def _create_survey(cls, **values):
        """Create a survey that anybody can answer who has a link of their own."""
        answers = [("Good", 10, True), ("Bad", 0, False)]
        question = {
            "title": "How is it?",
            "question_type": "simple_choice",
            "constr_mandatory": True,
            "suggested_answer_ids": [
                Command.create({"value": value, "answer_score": score, "is_correct": correct})
                for value, score, correct in answers
            ],
        }
        return (
            cls.env["survey.survey"]
            .sudo()
            .create(
                {
                    "title": "Feedback",
                    "user_id": False,
                    "access_mode": "token",
                    "scoring_type": "scoring_without_answers",
                    "questions_layout": "one_page",
                    "question_and_page_ids": [Command.create(question)],
                    **values,
                }
            )
            .sudo(False)
        )

    def _get_inputs(self, order=None):
        """Return the surveys that the customer of an order was sent, in their order."""
        domain = [("subscription_order_id", "=", (order or self.order).id)]
        return self.env["survey.user_input"].sudo().search(domain, order="id")

    def _get_mails(self):
        """Return the survey mails that are queued or sent, in their order."""
        return self.env["mail.mail"].sudo().search([("model", "=", "survey.user_input")], order="id")

    def _answer(self, given, value="Good"):
        """Let the customer choose an answer and submit the survey."""
        question = given.survey_id.question_ids[0]
        chosen = question.suggested_answer_ids.filtered(lambda answer: answer.value == value)
        given._save_lines(question, str(chosen.id))
        given._mark_done()
