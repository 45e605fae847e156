from datetime import timedelta

from odoo.tests import tagged

from .common import SurveyCommon


@tagged("-at_install", "post_install")
class TestAutomation(SurveyCommon):
    """The ready-made rule sends its survey, once for each subscription."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("sale_subscription_plus_survey.automation_first_survey").sudo()
        cls.rule.active = True

    def _play(self, days, start="2026-01-01"):
        """Look after subscriptions on each of the ``days`` after ``start``."""
        self._set_today(start)
        first = self.company._get_subscription_today()
        for number in days:
            self._care(first + timedelta(number))

    def test_one_month_after_the_start_the_survey_is_sent_once(self):
        self._play(range(30))
        self.assertFalse(self._get_inputs())
        self._play(range(30, 50))
        self.assertEqual(self._get_inputs().survey_id.title, "How is your subscription?")
        self.assertEqual(self.rule.subscription_fired_count, 1)

    def test_who_has_left_meanwhile_is_not_asked(self):
        self._play([0, 29])
        reason = self.env.ref("sale_subscription_plus.close_reason_other")
        self.order.sudo()._subscription_close(self.company._get_subscription_today(), reason)
        self.assertEqual(self.order.subscription_status, "closed")
        self._play([30, 31])
        self.assertFalse(self._get_inputs())

    def test_who_started_long_before_the_rule_was_switched_on_is_not_asked(self):
        self.rule.active = False
        self._play([0])
        self._set_today("2026-03-01")
        self.rule.active = True
        self._play(range(3), "2026-03-01")
        self.assertFalse(self._get_inputs())

    def test_a_closed_survey_fails_with_a_sentence(self):
        self.env.ref("sale_subscription_plus_survey.survey_satisfaction").sudo().active = False
        self._play([0, 30])
        self.assertFalse(self._get_inputs())
        firing = self.env["subscription.firing"].sudo().search([("automation_id", "=", self.rule.id)])
        self.assertEqual(firing.state, "failed")
        self.assertIn("is closed", firing.reason)
        self.env.ref("sale_subscription_plus_survey.survey_satisfaction").sudo().active = True
        self._play([31])
        self.assertEqual(len(self._get_inputs()), 1)
        self.assertEqual(firing.state, "done")
