from odoo.tests import tagged

from .common import SurveyCommon


@tagged("-at_install", "post_install")
class TestStage(SurveyCommon):
    """A stage sends its survey to the customers whose subscriptions come to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage = cls.env["subscription.stage"].create(
            {"name": "Feedback", "sequence": 90, "subscription_survey_id": cls.survey.id}
        )

    def _come(self, order=None):
        (order or self.order).subscription_stage_id = self.stage
        return self._care()

    def test_who_comes_is_asked_once(self):
        self.assertEqual(self._come()["stage_mails"], 1)
        self.assertEqual(self._get_inputs().survey_id, self.survey)
        self.assertFalse(self._care()["stage_mails"])
        self.assertEqual(len(self._get_inputs()), 1)

    def test_who_is_elsewhere_is_not_asked(self):
        other = self._create_subscription()
        self._come()
        self.assertFalse(self._get_inputs(other))

    def test_a_closed_survey_is_told_on_the_stage_and_the_order(self):
        self.survey.sudo().active = False
        self._come()
        self.assertFalse(self._get_inputs())
        self.assertIn("is closed", self.stage.subscription_mail_failure)
        self.assertIn("is closed", str(self.order.message_ids[0].body))
        self.survey.sudo().active = True
        other = self._create_subscription()
        self._come(other)
        self.assertTrue(self._get_inputs(other))
        self.assertFalse(self.stage.subscription_mail_failure)

    def test_one_who_cannot_answer_keeps_nobody_else_back(self):
        self.customer.email = False
        other = self._create_subscription(partner_id=self.customer.copy({"email": "bo@example.com"}).id)
        (self.order + other).subscription_stage_id = self.stage
        self._care()
        self.assertFalse(self._get_inputs())
        self.assertTrue(self._get_inputs(other))
        self.assertIn("no e-mail address", str(self.order.message_ids[0].body))
