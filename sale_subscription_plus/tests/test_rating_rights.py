"""Whose ratings one may read, and that nobody but the customer says how happy they are."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .test_rating import RatingCommon


@tagged("-at_install", "post_install")
class TestRatingRights(RatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {
            "nobody": "base.group_user",
            "salesman": "sales_team.group_sale_salesman",
            "other_salesman": "sales_team.group_sale_salesman",
            "sales_manager": "sales_team.group_sale_salesman_all_leads",
            "accountant": "account.group_account_invoice",
            "portal": "base.group_portal",
            "settings": "base.group_system,sales_team.group_sale_manager",
        }
        cls.users = {name: new_test_user(cls.env, f"rating_{name}", groups=each) for name, each in groups.items()}
        cls.order = cls._create_subscription(user_id=cls.users["salesman"].id)
        cls.order._subscription_request_rating()
        cls.rating = cls.order.rating_ids
        cls.order.sudo().rating_apply(3, rating=cls.rating, feedback="So so")
        cls.contact_rating = cls.env["rating.rating"].create(cls._prepare_rating(cls.customer, rating=4))
        cls.env.flush_all()

    @classmethod
    def _prepare_rating(cls, record, **values):
        model_id = cls.env["ir.model"]._get_id(record._name)
        return {"res_model_id": model_id, "res_id": record.id, "consumed": True, **values}

    def _as(self, name, record=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (self.rating if record is None else record).with_user(self.users[name])

    def _assert_denied(self, function):
        muted = mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.models")
        with muted, self.assertRaises(AccessError), self.env.cr.savepoint():
            function()

    def test_who_may_read_the_order_reads_what_was_said_of_it(self):
        for name in ("salesman", "sales_manager", "accountant", "settings"):
            rating = self._as(name)
            with self.subTest(name):
                self.assertEqual(rating.search([("res_model", "=", "sale.order")]), self.rating)
                self.assertEqual(rating.read(["feedback"])[0]["feedback"], "So so")
                self.assertEqual(
                    rating.formatted_read_group([("id", "=", rating.id)], [], ["__count"])[0]["__count"], 1
                )

    def test_nobody_else_does(self):
        for name in ("nobody", "other_salesman", "portal"):
            rating = self._as(name)
            with self.subTest(name):
                self._assert_denied(lambda rating=rating: rating.read(["feedback"]))
                if name == "portal":
                    self._assert_denied(lambda rating=rating: rating.search([]))
                    continue
                self.assertFalse(rating.search([("res_model", "=", "sale.order")]))
                self.assertFalse(rating.search_count([("feedback", "=", "So so")]))
                self.assertEqual(
                    rating.search([("id", "in", (self.rating | self.contact_rating).ids)]), self.contact_rating
                )

    def test_an_order_of_nobody_is_everybodys(self):
        self.order.user_id = False
        self.assertTrue(self._as("other_salesman").read(["feedback"]))
        self._assert_denied(lambda: self._as("nobody").read(["feedback"]))

    def test_another_company_reads_nothing(self):
        other = self.setup_other_company(name="Elsewhere")["company"]
        user = new_test_user(
            self.env,
            "rating_elsewhere",
            groups="sales_team.group_sale_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        rating = self.rating.with_user(user)
        self.assertFalse(rating.search([("res_model", "=", "sale.order")]))
        self._assert_denied(lambda: rating.read(["rating"]))

    def test_nobody_answers_for_the_customer(self):
        values = self._prepare_rating(self.order, rating=1)
        for name in ("nobody", "salesman", "other_salesman", "sales_manager", "accountant", "portal"):
            rating, order = self._as(name), self._as(name, self.order)
            contact_rating = self._as(name, self.contact_rating)
            with self.subTest(name):
                for function in (
                    lambda rating=rating: rating.write({"rating": 1}),
                    lambda rating=rating: rating.reset(),
                    lambda rating=rating: rating.unlink(),
                    lambda rating=rating: rating.create(values),
                    lambda rating=contact_rating: rating.write({"res_id": self.order.id, "res_model": "sale.order"}),
                    lambda rating=contact_rating: rating.write(values),
                    lambda order=order: order.write({"rating_ids": [Command.create(values)]}),
                    lambda order=order: order.write({"rating_ids": [Command.update(self.rating.id, {"rating": 1})]}),
                    lambda order=order: order.write({"rating_ids": [Command.clear()]}),
                ):
                    self._assert_denied(function)
        self.assertEqual((self.order.rating_last_value, self.order.rating_ids), (3.0, self.rating))

    def test_a_message_rates_nothing(self):
        self._as("salesman", self.order).message_post(body="Bad", rating_value=1)
        self.assertEqual((self.order.rating_last_value, self.order.rating_ids), (3.0, self.rating))
        self.assertNotIn("rating_value", self.order._get_allowed_message_params())
        self.assertIn("message_type", self.order._get_allowed_message_params())

    def test_the_token_is_found_by_nobody_who_could_answer_with_it(self):
        token = self.rating.access_token
        for name in ("nobody", "salesman", "sales_manager", "accountant"):
            rating, order = self._as(name), self._as(name, self.order)
            with self.subTest(name):
                for function in (
                    lambda rating=rating: rating.read(["access_token"]),
                    lambda rating=rating: rating.search([("access_token", "=like", f"{token[:2]}%")]),
                    lambda rating=rating: rating.search([], order="access_token"),
                    lambda rating=rating: rating.formatted_read_group([], ["access_token"], ["__count"]),
                    lambda rating=rating: rating.formatted_read_group([], [], ["access_token:max"]),
                    lambda order=order: order.search([("rating_ids.access_token", "=", token)]),
                    lambda order=order: order.rating_apply(1, token=token),
                ):
                    self._assert_denied(function)
                self.assertNotIn("access_token", rating.fields_get())

    def test_mails_and_chatter_work_for_the_salesperson(self):
        self._set_today("2026-02-01")
        order = self._as("salesman", self.order)
        order.action_subscription_request_rating()
        request = order._get_open_rating()
        self.assertIn(request.sudo().access_token, self._get_requests(order).sorted("id")[-1].body_html)
        self.assertTrue(order._rating_get_access_token())
        message = order.message_ids.filtered("rating_ids")
        self.assertEqual((message.rating_id, message.rating_value), (self.rating.with_user(order.env.user), 3.0))
        self.assertEqual((order.rating_count, order.rating_get_stats()["total"]), (1, 1))

    def test_ratings_of_other_documents_are_as_they_were(self):
        rating = self._as("nobody", self.contact_rating)
        rating.write({"rating": 2, "feedback": "Changed"})
        self.assertEqual((rating.rating, self.customer.rating_ids), (2.0, self.contact_rating))
        created = rating.create(self._prepare_rating(self.customer, rating=5))
        self.assertTrue(created.sudo().access_token)
        token = created.sudo().access_token
        created.reset()
        self.assertNotEqual(created.sudo().access_token, token)
        self.assertEqual(rating.search([("id", "in", created.ids)]), created)
        self._assert_denied(created.unlink)

    def test_an_order_is_deleted_with_its_ratings(self):
        quotation = self._create_quotation()
        quotation._rating_get_access_token()
        rating = quotation.rating_ids
        quotation.with_user(self.users["settings"]).unlink()
        self.assertFalse(rating.exists())
