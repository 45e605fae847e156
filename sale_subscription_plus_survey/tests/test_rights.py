import inspect

from odoo import models
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import SurveyCommon

ADDON = "sale_subscription_plus_survey"


@tagged("-at_install", "post_install")
class TestRights(SurveyCommon):
    """Salespeople see the answers of their own customers, and nothing else of the Surveys app."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            login: new_test_user(cls.env, login, groups=f"base.group_user,{group}", company_id=cls.company.id)
            for login, group in (
                ("seller", "sales_team.group_sale_salesman"),
                ("other_seller", "sales_team.group_sale_salesman"),
                ("manager", "sales_team.group_sale_manager"),
                ("subscription_admin", "sale_subscription_plus.group_subscription_admin"),
                ("accountant", "account.group_account_invoice"),
                ("nobody", "base.group_user"),
            )
        }
        cls.people["portal"] = new_test_user(cls.env, "portal_user", groups="base.group_portal")
        cls.order.user_id = cls.people["seller"]
        cls.order._subscription_send_survey(cls.survey)

    def _as(self, login, record):
        return record.with_user(self.people[login])

    def test_answers_are_read_by_the_salesperson_and_managers(self):
        answer = self.order.subscription_survey_answer_ids
        self.env.invalidate_all()
        for login in ("seller", "manager"):
            self.assertEqual(self._as(login, answer).read(["survey_id"])[0]["survey_id"][1], "Feedback")
            self.assertEqual(self._as(login, answer).read(["display_name"])[0]["display_name"], "Feedback")
            self.assertEqual(self._as(login, self.order).subscription_survey_count, 1)
            self.assertTrue(self._as(login, self.order).action_view_subscription_surveys())
        for login in ("other_seller", "accountant", "nobody", "portal"):
            with self.assertRaises(AccessError):
                self._as(login, answer).read(["survey_id", "answers"])

    def test_answers_are_grouped_by_survey_without_a_right_to_surveys(self):
        Answer = self._as("seller", self.env["subscription.survey.answer"])
        groups = Answer.web_read_group([], ["survey_id"], ["__count"])["groups"]
        self.assertEqual([group["survey_id"][1] for group in groups], ["Feedback"])

    def test_answers_of_another_company_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        manager = self.people["manager"]
        manager.write({"company_ids": [(4, other.id)]})
        Answer = self._as("manager", self.env["subscription.survey.answer"])
        self.assertTrue(Answer.with_context(allowed_company_ids=self.company.ids).search_count([]))
        self.assertFalse(Answer.with_context(allowed_company_ids=other.ids).search_count([]))

    def test_nobody_writes_answers(self):
        answer = self.order.subscription_survey_answer_ids
        for login in ("seller", "manager", "subscription_admin"):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self._as(login, answer).has_access(operation))

    def test_the_link_of_the_customer_is_not_read(self):
        for login in ("seller", "manager", "subscription_admin", "nobody", "portal"):
            with self.assertRaises(AccessError):
                self._as(login, self._get_inputs()).sudo(False).read(["access_token"])

    def test_who_sets_stages_up_may_choose_a_survey_that_is_not_restricted(self):
        survey = self._as("subscription_admin", self.survey)
        self.assertEqual(survey.read(["title"])[0]["title"], "Feedback")
        for operation in ("write", "unlink"):
            self.assertFalse(survey.has_access(operation))
        self.survey.sudo().restrict_user_ids = self.env.ref("base.user_admin")
        self.assertFalse(survey.search([("id", "=", survey.id)]))
        with self.assertRaises(AccessError):
            self._as("seller", self.survey).read(["title"])

    def test_all_public_methods_are_known(self):
        public = {
            (model._name, name)
            for model in self.env.values()
            for base in type(model).__mro__
            if issubclass(base, models.BaseModel) and f".{ADDON}." in f"{base.__module__}."
            for name, member in vars(base).items()
            if inspect.isfunction(member) and not name.startswith("_")
        }
        self.assertEqual(public, {("sale.order", "action_view_subscription_surveys")})
