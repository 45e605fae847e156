from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sale_subscription_plus.tests.trap import trap_charges

from .common import PortalCommon, Refused


@tagged("-at_install", "post_install")
class TestSavedMethod(PortalCommon):
    """A method is saved, changed and removed on the page of an invoice, without paying."""

    def _assert_refused(self, action, *args, **params):
        with self.assertRaises(Refused), mute_logger("odoo.http"):
            action(*args, **params)
        self.env.invalidate_all()

    def test_a_method_is_saved_with_the_link_alone(self):
        self.assertEqual(self._get_page(suffix="/payment_method").status_code, 200)
        transaction = self._save_on_page()
        self.assertEqual((transaction.operation, transaction.amount, transaction.tokenize), ("validation", 0.0, True))
        self.assertEqual(transaction.landing_route, self.invoice.get_portal_url())
        self._answer(transaction, "done")
        self.assertEqual(self.order.subscription_token_id, transaction.token_id)
        self.assertEqual(self.invoice.amount_residual, 12.0, "nothing was paid")

    def test_what_is_open_is_charged_to_it(self):
        self._answer(self._save_on_page(), "done")
        with self._test_mode(), self.registry.cursor() as cr, trap_charges(self.env) as trap:
            self.env(cr=cr)["subscription.charging.run"].sudo()._run()
        self.assertEqual(trap.amounts, [12.0])

    def test_it_can_be_saved_while_a_payment_is_under_way(self):
        self.charge.sudo().state = "unknown"
        self._answer(self._save_on_page(), "done")
        self.assertTrue(self.order.subscription_token_id)
        self.assertEqual(self.charge.state, "unknown")

    def test_it_can_be_saved_for_an_invoice_that_is_paid_or_a_draft(self):
        self._answer(self._begin_on_page(), "done")
        self._answer(self._save_on_page(), "done")
        self.assertTrue(self.order.subscription_token_id)
        plan = self._create_plan("Draft", invoicing_mode="draft")
        self._set_recurring_price(self.magazine, plan, 12.0)
        draft = self._bill_another(plan=plan)
        self.assertEqual(draft.state, "draft")
        self._answer(self._save_on_page(draft), "done")
        self.assertTrue(draft.line_ids.sale_line_ids.order_id.subscription_token_id)

    def test_a_method_that_could_not_be_saved_changes_nothing(self):
        for state in ("pending", "error", "cancel"):
            with self.subTest(state=state):
                self._answer(self._save_on_page(), state)
                self.assertFalse(self.order.subscription_token_id)

    def test_the_customer_chooses_a_method_saved_before(self):
        method = self._create_method(self.customer)
        other = self._bill_another().line_ids.sale_line_ids.order_id
        self._log_in(self.ada)
        self._assign_on_page(method)
        self.assertEqual(self.order.subscription_token_id, method)
        self.assertFalse(other.subscription_token_id)
        self.order.subscription_token_id = False
        self._assign_on_page(method, suffix="assign_all")
        self.assertEqual(other.subscription_token_id, method)

    def test_nobody_assigns_what_is_not_their_own(self):
        adas, eves = self._create_method(self.customer), self._create_method(self.eve.partner_id)
        gone = self._create_method(self.customer)
        gone.active = False
        foreign = self._create_method_elsewhere()
        for visitor, methods in ((None, adas + eves), (self.eve, adas + eves), (self.ada, eves + gone + foreign)):
            if visitor:
                self._log_in(visitor)
            for method in methods:
                for suffix in ("assign", "assign_all"):
                    with self.subTest(visitor=visitor and visitor.name, method=method.id, path=suffix):
                        self._assert_refused(self._assign_on_page, method, suffix=suffix)
        self.assertFalse(self.order.subscription_token_id)

    def _create_method_elsewhere(self):
        """Return a method that Ada saved with another company."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        provider = self.provider.copy({"company_id": company.id, "journal_id": False})
        return self._create_token(partner_id=self.customer.id, provider_id=provider.id)

    def test_another_customer_saves_nothing_here(self):
        self._log_in(self.eve)
        self._assert_refused(self._save_on_page)
        with mute_logger("odoo.http"):
            self.assertEqual(self._get_page(suffix="/payment_method").status_code, 403)

    def test_automatic_payment_is_turned_off_with_a_login_or_the_link(self):
        for visitor in (None, self.ada):
            with self.subTest(visitor=visitor and visitor.name):
                if visitor:
                    self._log_in(visitor)
                self.order.subscription_token_id = self._create_method(self.customer)
                self.assertEqual(self._turn_off_on_page().status_code, 303)
                self.assertFalse(self.order.subscription_token_id)
                self.assertFalse(self.charge.is_automatic)
        told = self.order.message_ids.filtered(lambda message: "Automatic payment is off" in message.body)
        self.assertEqual(told.author_id, self.customer)

    @mute_logger("odoo.http")
    def test_it_is_turned_off_by_nobody_else_and_by_no_mere_link(self):
        method = self._create_method(self.customer)
        self.order.subscription_token_id = method
        self.assertEqual(self._get_page(suffix="/payment_method/remove").status_code, 405, "no mail scanner does it")
        self.assertEqual(self._turn_off_on_page(csrf_token="forged").status_code, 400)
        self._log_in(self.eve)
        self.assertEqual(self._turn_off_on_page().status_code, 403)
        self._turn_off_on_page(access_token="wrong")
        self.assertEqual(self.order.subscription_token_id, method)

    def test_a_method_saved_in_odoos_own_page_wakes_what_failed(self):
        self.order.subscription_token_id = self._create_method(self.customer)
        self.charge.sudo()._need_method("Lost card")
        fresh = self._create_method(self.customer)
        self.assertEqual(self.order.subscription_token_id, fresh)
        self.assertEqual(self.charge.state, "waiting")
