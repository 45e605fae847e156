from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .quotation_common import QuotationCommon


class NewSubscriptionCommon(QuotationCommon):
    """A template that is open to self-service, with three plans and an option."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sale.order.template"].search([]).subscription_self_service = False
        cls.ada.write({"company_ids": [Command.set(cls.company.ids)], "company_id": cls.company.id})
        cls.eve.write({"company_ids": [Command.set(cls.company.ids)], "company_id": cls.company.id})
        cls.template = cls._create_template("Magazine for you")

    @classmethod
    def _create_template(cls, name, **values):
        return cls.env["sale.order.template"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "subscription_plan_id": cls.monthly.id,
                "subscription_offered_plan_ids": [Command.set(cls.plans.ids)],
                "subscription_self_service": True,
                "subscription_public_description": "News <b>each</b> week",
                "require_signature": False,
                "require_payment": True,
                "prepayment_percent": 1.0,
                "sale_order_template_line_ids": [
                    Command.create({"product_id": cls.magazine.id, "product_uom_qty": 2}),
                    Command.create({"product_id": cls.poster.id}),
                    *cls._option(),
                ],
                **values,
            }
        )

    def _get_new(self):
        self.env.flush_all()
        response = self.url_open("/my/subscriptions/new")
        self.env.invalidate_all()
        return response

    def _take(self, template=None, **values):
        """Press the button of ``template`` (record, or whatever a browser may send)."""
        template = self.template if template is None else template
        template_id = template.id if hasattr(template, "id") else template
        return self._post("/my/subscriptions/new/quotation", template_id=template_id, **values)

    def _get_taken(self, user=None):
        partner = (user or self.ada).partner_id
        domain = [("partner_id", "=", partner.id), ("subscription_self_service", "=", True)]
        return self.env["sale.order"].search(domain)


@tagged("-at_install", "post_install")
class TestNewSubscription(NewSubscriptionCommon):
    """Customers take a new subscription by themselves."""

    def test_the_page_shows_what_is_open_and_from_what_price(self):
        self._log_in(self.ada)
        response = self._get_new()
        card = self._read(response)["subscription_template"]
        self.assertIn("Magazine for you", card)
        self.assertIn("News <b>each</b> week", card)
        self.assertEqual(self._get_amounts(card), [20.0], "two magazines, 240 a year")
        self.assertIn("/my/subscriptions/new", self.url_open("/my/subscriptions").text)

    def test_taking_it_makes_a_quotation_and_leads_to_it(self):
        seller = new_test_user(self.env, "seller-self", "sales_team.group_sale_salesman")
        pricelist = self.env["product.pricelist"].create({"name": "Ada's", "company_id": self.company.id})
        self._set_recurring_price(self.magazine, self.monthly, 11.0, pricelist_id=pricelist.id)
        self.customer.with_company(self.company).write(
            {"user_id": seller.id, "property_product_pricelist": pricelist.id}
        )
        self._log_in(self.ada)
        response = self._take()
        order = self._get_taken()
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith(order.get_portal_url()))
        self.assertEqual(
            (order.state, order.subscription_status, order.company_id), ("sent", "quotation", self.company)
        )
        self.assertEqual((order.partner_id, order.user_id), (self.customer, seller))
        self.assertEqual(order.pricelist_id, pricelist)
        self.assertEqual(order.subscription_offered_plan_ids, self.plans)
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [2.0, 1.0, 0.0, 0.0])
        self.assertEqual(order.order_line[0].price_unit, 11.0)
        page = self._read(self.url_open(response.headers["Location"]))
        self.assertIn("subscription_plans", page)
        self.assertIn("First invoice: $ 33.20, taxes included.", page["subscription_terms"])

    def test_from_the_template_to_the_running_subscription(self):
        self._log_in(self.ada)
        self._take()
        order = self._get_taken()
        self._choose(order, self.yearly)
        self._set_option(order, order.order_line[3], 1)
        self._answer(self._begin_on_page(order), "done")
        self.assertEqual(order.subscription_status, "progress")
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [264.0 + 9.0 + 50.0])
        self.assertEqual(self._get_invoices(order).amount_residual, 0.0)
        self.assertEqual(order.subscription_consent_ids.kind, "payment")

    def test_many_clicks_make_one_quotation(self):
        self._log_in(self.ada)
        places = {self._take().headers["Location"] for _click in range(4)}
        self.assertEqual(len(places), 1)
        self.assertEqual(len(self._get_taken()), 1)

    def test_after_it_was_accepted_another_one_may_be_taken(self):
        self._log_in(self.ada)
        self._take()
        self._get_taken().action_confirm()
        self._take()
        self.assertEqual(len(self._get_taken()), 2)

    def test_at_most_five_are_open(self):
        self._log_in(self.ada)
        for number in range(6):
            response = self._take(self._create_template(f"Template {number}"))
        self.assertEqual(len(self._get_taken()), 5)
        self.assertIn("You have 5 open quotations", self._read(response)["subscription_problem"])
        self._get_taken()[0].action_cancel()
        self._take(self._create_template("Once more"))
        self.assertEqual(len(self._get_taken().filtered(lambda order: order.state == "sent")), 5)

    def test_taking_and_rejecting_comes_to_an_end(self):
        self._log_in(self.ada)
        for _day in range(20):
            self._take()
            self._get_taken().filtered(lambda order: order.state == "sent").action_cancel()
        self.assertIn("tomorrow", self._read(self._take())["subscription_problem"])
        self.assertEqual(len(self._get_taken()), 20)

    def test_one_way_to_accept_there_is_always(self):
        self._log_in(self.ada)
        self._take(self._create_template("Trust", require_payment=False, require_signature=False))
        self.assertTrue(self._get_taken().require_signature)

    # === WHAT IS REFUSED ===#

    def _assert_refused(self, template, **values):
        before = self.env["sale.order"].search_count([])
        response = self._take(template, **values)
        self.assertLess(response.status_code, 500)
        self.assertEqual(self.env["sale.order"].search_count([]), before)

    def test_what_is_not_open_is_not_taken(self):
        closed = self._create_template("Closed", subscription_self_service=False)
        archived = self._create_template("Archived", active=False)
        other = self.env["res.company"].create({"name": "Other"})
        lines = [Command.create({"product_id": self.archive.id})]
        foreign = self._create_template(
            "Foreign",
            company_id=other.id,
            sale_order_template_line_ids=lines,
        )
        self._log_in(self.ada)
        page = self._get_new().text
        for template in (closed, archived, foreign):
            self._assert_refused(template)
            self.assertNotIn(template.name, page)
        for template in ("", "0", "-1", "1e3", "<b>", "nan", str(10**30), f" {self.template.id}"):
            self._assert_refused(template)
        self._assert_refused(self.template, csrf_token="forged")

    def test_customers_of_another_company_take_nothing_here(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.ada.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self._log_in(self.ada)
        self._assert_refused(self.template)
        self.assertIn("nothing to choose", self._get_new().text)

    def test_without_a_login_there_is_nothing(self):
        self._log_in(None)
        response = self._take()
        self.assertIn("/web/login", response.headers["Location"])
        self.assertFalse(self._get_taken())

    def test_the_quotation_is_that_of_who_took_it(self):
        self._log_in(self.ada)
        self._take(partner_id=self.eve.partner_id.id, company_id=99, order_line="x")
        order = self._get_taken()
        self.assertEqual(order.partner_id, self.customer)
        self._log_in(self.eve)
        self.env.flush_all()
        response = self.url_open(f"/my/orders/{order.id}", allow_redirects=False)
        self.assertTrue(response.headers["Location"].endswith("/my"))

    def test_looking_makes_nothing(self):
        self._log_in(self.ada)
        before = self.env["sale.order"].search_count([])
        self._get_new()
        response = self.url_open(f"/my/subscriptions/new/quotation?template_id={self.template.id}")
        self.assertIn(response.status_code, (404, 405))
        self.assertEqual(self.env["sale.order"].search_count([]), before)

    def test_a_template_of_which_nothing_recurs_is_not_opened(self):
        with self.assertRaises(ValidationError):
            self._create_template(
                "Posters", sale_order_template_line_ids=[Command.create({"product_id": self.poster.id})]
            )

    def test_the_page_costs_few_statements(self):
        for number in range(2):
            self._create_template(f"Template {number}")
        self._log_in(self.ada)
        self._get_new()
        before = self.env.cr.sql_log_count
        self._get_new()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 60)


@tagged("-at_install", "post_install")
class TestRenewalInPortal(QuotationCommon):
    """Customers renew a subscription whose term ends soon."""

    def setUp(self):
        super().setUp()
        self.order = self._create_subscription(plan=self.yearly, subscription_notice_days=30)
        self.order._subscription_bill_signup()

    def _get_subscription_page(self, order=None, **params):
        order = order or self.order
        self.env.flush_all()
        response = self.url_open(
            f"/my/subscriptions/{order.id}", params={"access_token": order._portal_ensure_token(), **params}
        )
        self.env.invalidate_all()
        return response

    def _renew(self, **values):
        values = {"access_token": self.order._portal_ensure_token(), **values}
        return self._post(f"/my/subscriptions/{self.order.id}/renew", **values)

    def test_the_button_is_there_when_it_is_time(self):
        for day, shown in (("2026-10-01", False), ("2026-10-02", True), ("2026-12-30", True)):
            self._set_today(day)
            with self.subTest(day=day):
                self.assertEqual("subscription_renew" in self._read(self._get_subscription_page()), shown)

    def test_what_renews_by_itself_has_no_button(self):
        self.order.subscription_auto_renew = True
        self._set_today("2026-12-01")
        self.assertNotIn("subscription_renew", self._read(self._get_subscription_page()))

    def test_the_customer_renews_and_signs(self):
        self._set_today("2026-12-01")
        places = {self._renew().headers["Location"] for _click in range(3)}
        renewal = self.order.subscription_renewal_ids
        self.assertEqual(len(renewal), 1)
        self.assertEqual(len(places), 1)
        self.assertTrue(places.pop().endswith(renewal.get_portal_url()))
        self.assertEqual((renewal.state, str(renewal.subscription_start)), ("sent", "2027-01-01"))
        self.assertIn("See and accept", self._read(self._get_subscription_page())["subscription_renewal"])
        self.assertIn("It starts on 01/01/2027.", self._read(self._get_page(renewal))["subscription_terms"])
        renewal.write({"require_signature": True, "require_payment": False})
        self._sign(renewal)
        self.assertEqual(renewal.subscription_status, "scheduled")
        self.assertEqual(renewal.subscription_consent_ids.kind, "signature")

    def test_a_draft_is_left_to_who_works_on_it(self):
        self._set_today("2026-12-01")
        renewal = self.order.sudo()._subscription_renew()
        page = self._read(self._get_subscription_page())
        self.assertNotIn("subscription_renew", page)
        self.assertNotIn("subscription_renewal", page)
        response = self._renew()
        self.assertIn("message=renewal_refused", response.headers["Location"])
        self.assertEqual(self.order.subscription_renewal_ids, renewal)

    def test_nobody_else_renews(self):
        self._set_today("2026-12-01")
        guest = self.env["res.partner"].create({"name": "Guest", "email": "guest@example.com"})
        access = self.env["subscription.access"].sudo()
        access = access.create({"order_id": self.order.id, "partner_id": guest.id, "level": "manage"})
        for token in ("", "wrong", "é", access.access_token):
            self.assertLess(self._renew(access_token=token).status_code, 400)
        self.assertNotIn(
            "subscription_renew", self._read(self._get_subscription_page(access_token=access.access_token))
        )
        self._renew(csrf_token="forged")
        self._log_in(self.eve)
        self._renew(access_token="")
        self.assertFalse(self.order.subscription_renewal_ids)

    def test_too_early_and_too_late(self):
        self._renew()
        self.assertFalse(self.order.subscription_renewal_ids)
        self._bill("2027-01-02")
        self.assertEqual(self.order.subscription_status, "closed")
        self._renew()
        self.assertFalse(self.order.subscription_renewal_ids)
