from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.base.models.ir_actions import ServerActionWithWarningsError

from .common import SurveyCommon


@tagged("-at_install", "post_install")
class TestSend(SurveyCommon):
    """Customers are sent a survey, once, or the reason why not is told."""

    def _create_action(self, survey=None):
        return (
            self.env["ir.actions.server"]
            .sudo()
            .create(
                {
                    "name": "Ask",
                    "model_id": self.env["ir.model"]._get("sale.order").id,
                    "state": "subscription_survey",
                    "subscription_survey_id": (self.survey if survey is None else survey).id,
                }
            )
        )

    def _run(self, action, orders=None):
        orders = orders or self.order
        action.with_context(active_model="sale.order", active_ids=orders.ids, active_id=orders[0].id).run()

    def test_the_customer_gets_a_link_of_their_own(self):
        self.assertEqual(self.order._subscription_send_survey(self.survey), self.order)
        given = self._get_inputs()
        self.assertEqual((given.survey_id, given.partner_id, given.state), (self.survey, self.customer, "new"))
        mail = self._get_mails()
        self.assertEqual(mail.state, "outgoing", "it is queued, not sent in the middle of this")
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn(given.get_start_url(), mail.body_html)
        self.assertIn(self.order.name, mail.body_html)
        self.assertIn("Feedback", str(self.order.message_ids[0].body))

    def test_the_mail_is_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        template = self.env.ref("sale_subscription_plus_survey.mail_template_survey")
        template.with_context(lang="fr_FR").sudo().subject = "Vous {{ object.partner_id.name }}"
        self.order._subscription_send_survey(self.survey)
        self.assertEqual(self._get_mails().subject, "Vous Ada Reader")

    def test_the_action_sends_to_all_at_once(self):
        other = self._create_subscription(partner_id=self.customer.copy({"email": "bo@example.com"}).id)
        action = self._create_action()
        self.assertEqual(action._generate_action_name(), "Send the survey “Feedback”")
        self._run(action, self.order + other)
        self.assertEqual(len(self._get_inputs()), 1)
        self.assertEqual(len(self._get_inputs(other)), 1)

    def test_orders_that_are_no_subscriptions_are_left_alone(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "order_line": [self._line(self.poster)]})
        self._run(self._create_action(), order)
        self.assertFalse(self._get_inputs(order))

    def test_it_is_not_sent_again_while_it_waits_for_an_answer(self):
        self.order._subscription_send_survey(self.survey)
        self._set_today(self.order.subscription_start + timedelta(13))
        self.assertFalse(self.order._subscription_send_survey(self.survey))
        self.assertEqual(len(self._get_inputs()), 1)

    def test_it_is_sent_again_after_two_weeks_or_an_answer(self):
        self.order._subscription_send_survey(self.survey)
        self._set_today(self.order.subscription_start + timedelta(14))
        self.assertTrue(self.order._subscription_send_survey(self.survey))
        self._answer(self._get_inputs()[1])
        self.assertTrue(self.order._subscription_send_survey(self.survey))
        self.assertEqual(len(self._get_inputs()), 3)

    def test_another_survey_or_another_subscription_does_not_wait(self):
        self.order._subscription_send_survey(self.survey)
        self.assertTrue(self.order._subscription_send_survey(self._create_survey(title="Another")))
        self.assertTrue(self._create_subscription()._subscription_send_survey(self.survey))

    def test_a_closed_survey_is_not_sent(self):
        action = self._create_action()
        self.survey.sudo().active = False
        with self.assertRaisesRegex(UserError, "“Feedback” is closed"):
            self._run(action)
        self.assertFalse(self._get_inputs())

    def test_a_survey_without_questions_is_not_sent(self):
        self.survey.sudo().question_ids.unlink()
        with self.assertRaisesRegex(UserError, "“Feedback” has no questions"):
            self.order._subscription_send_survey(self.survey)

    def test_a_survey_that_asks_for_a_login_is_not_sent_to_who_has_none(self):
        self.env["ir.config_parameter"].sudo().set_param("auth_signup.invitation_scope", "b2b")
        self.survey.sudo().users_login_required = True
        with self.assertRaisesRegex(UserError, "Ada Reader cannot answer the survey “Feedback”"):
            self.order._subscription_send_survey(self.survey)
        new_test_user(self.env, "ada", groups="base.group_portal", partner_id=self.customer.id)
        self.assertTrue(self.order._subscription_send_survey(self.survey))

    def test_nobody_is_asked_when_one_has_no_address(self):
        other = self._create_subscription(partner_id=self.customer.copy({"name": "Bo", "email": False}).id)
        with self.assertRaisesRegex(UserError, "Bo has no mail address"):
            (self.order + other)._subscription_send_survey(self.survey)
        self.assertFalse(self._get_inputs())
        self.assertFalse(self._get_mails())

    def test_an_action_without_a_survey_says_so(self):
        action = self._create_action(self.env["survey.survey"])
        self.assertIn("Choose the survey", action.warning)
        with self.assertRaises(ServerActionWithWarningsError):
            self._run(action)

    def test_the_action_is_for_subscriptions_only(self):
        action = self._create_action()
        self.assertEqual(action.available_model_ids.model, "sale.order")
        action.model_id = self.env["ir.model"]._get("res.partner")
        self.assertIn("for subscriptions", action.warning)
        action.state = "code"
        self.assertFalse(action.subscription_survey_id)

    def test_the_survey_to_begin_with_can_be_sent(self):
        survey = self.env.ref("sale_subscription_plus_survey.survey_satisfaction")
        survey.sudo().check_validity()
        self.assertEqual(self.order._subscription_send_survey(survey), self.order)
