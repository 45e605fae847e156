from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sale_subscription_plus.tests.trap import trap_charges

from .common import PortalCommon, Refused


@tagged("-at_install", "post_install")
class TestEnrolment(PortalCommon):
    """Ticking one box while paying lets the method pay the next invoices."""

    def _enrol(self, state="done", **params):
        return self._answer(self._begin_on_page(subscription_enrol=True, **params), state)

    def _assert_refused(self, **params):
        with self.assertRaises(Refused), mute_logger("odoo.http"):
            self._begin_on_page(subscription_enrol=True, **params)
        self.env.invalidate_all()
        self.assertFalse(self.order.subscription_token_id)

    def test_the_method_is_saved_and_pays_the_next_invoice(self):
        transaction = self._enrol()
        self.assertEqual(self.order.subscription_token_id, transaction.token_id)
        self.assertEqual(self.charge.state, "paid")
        self._bill("2026-02-01")
        self.assertTrue(self.order.subscription_charge_ids.sorted("id")[-1].is_automatic)
        with self._test_mode(), self.registry.cursor() as cr, trap_charges(self.env) as trap:
            self.env(cr=cr)["subscription.charging.run"].sudo()._run()
        self.assertEqual(trap.amounts, [12.0])
        self.assertEqual(sum(self._get_invoices(self.order).mapped("amount_residual")), 0.0)

    def test_saving_is_asked_of_the_provider_whatever_the_browser_says(self):
        self.assertTrue(self._begin_on_page(subscription_enrol=True, tokenization_requested=False).tokenize)

    def test_each_state_in_which_the_method_is_there(self):
        for state in ("pending", "authorized"):
            with self.subTest(state=state):
                invoice = self._bill_another()
                order = invoice.line_ids.sale_line_ids.order_id
                transaction = self._enrol(state, invoice=invoice)
                self.assertEqual(order.subscription_token_id, transaction.token_id)
                self.assertEqual(order.subscription_charge_ids.state, "pending", "and nothing is charged beside")

    def test_a_payment_that_failed_enrols_nothing(self):
        for state in ("error", "cancel"):
            with self.subTest(state=state):
                self._enrol(state)
                self.assertFalse(self.order.subscription_token_id)

    def test_other_subscriptions_only_with_the_second_box(self):
        other = self._bill_another().line_ids.sale_line_ids.order_id
        page = self._get_texts(self._get_page())
        self.assertIn("subscription_enrol_all", page)
        transaction = self._enrol()
        self.assertFalse(other.subscription_token_id)
        other_invoice = self._get_invoices(other)
        self.order.subscription_token_id = False
        transaction = self._enrol(invoice=other_invoice, subscription_enrol_all=True)
        self.assertEqual((self.order + other).subscription_token_id, transaction.token_id)

    def test_the_second_box_is_for_those_paid_as_this_one(self):
        other = self._bill_another(subscription_token_id=self._create_method(self.customer).id)
        other = other.line_ids.sale_line_ids.order_id
        self.assertNotIn("subscription_enrol_all", self._get_texts(self._get_page()))
        kept = other.subscription_token_id
        self._enrol(subscription_enrol_all=True)
        self.assertEqual(other.subscription_token_id, kept)

    def test_the_second_box_never_reaches_another_customer(self):
        colleague = self.env["res.partner"].create({"name": "Branch", "parent_id": self.customer.id})
        branch = self._bill_another(partner_id=colleague.id).line_ids.sale_line_ids.order_id
        eves = self._bill_another(partner_id=self.eve.partner_id.id).line_ids.sale_line_ids.order_id
        transaction = self._enrol(subscription_enrol_all=True)
        self.assertEqual(branch.subscription_token_id, transaction.token_id, "one customer, two addresses")
        self.assertFalse(eves.subscription_token_id)

    def test_a_method_that_cannot_be_saved_is_refused_and_pays_without_the_box(self):
        voucher = self._create_unsavable_method()
        self._assert_refused(payment_method_id=voucher.id)
        self.provider.allow_tokenization = False
        self._assert_refused()
        self.assertTrue(self._begin_on_page(payment_method_id=voucher.id))

    def test_the_customer_enrols_with_a_method_saved_before(self):
        method = self._create_method(self.customer)
        self._log_in(self.ada)
        with trap_charges(self.env):
            transaction = self._begin_on_page(
                subscription_enrol=True, flow="token", token_id=method.id, payment_method_id=None
            )
        transaction._post_process()
        self.assertEqual(self.order.subscription_token_id, method)
        self.assertEqual(self.charge.state, "paid")

    def test_nobody_uses_a_method_of_another_customer(self):
        adas, eves = self._create_method(self.customer), self._create_method(self.eve.partner_id)
        for visitor, method in ((None, adas), (None, eves), (self.eve, adas), (self.ada, eves)):
            if visitor:
                self._log_in(visitor)
            for enrol in (True, False):
                with (
                    self.subTest(visitor=visitor and visitor.name, method=method.partner_id.name, enrol=enrol),
                    trap_charges(self.env) as trap,
                    mute_logger("odoo.http"),
                ):
                    with self.assertRaises(Refused):
                        self._begin_on_page(
                            subscription_enrol=enrol, flow="token", token_id=method.id, payment_method_id=None
                        )
                    self.assertFalse(trap.sent)
        self.env.invalidate_all()
        self.assertFalse(self.order.subscription_token_id)

    def test_another_customer_with_the_link_may_pay_and_not_enrol(self):
        self._log_in(self.eve)
        page = self._get_page()
        self.assertNotIn('name="subscription_enrol"', page.text)
        self.assertIn("Only the customer can change", page.text)
        self._assert_refused()
        self._answer(self._begin_on_page(), "done")
        self.assertEqual(self.charge.state, "paid")
        self.assertFalse(self.order.subscription_token_id)

    def test_the_history_tells(self):
        self._enrol()
        told = self.order.message_ids.filtered(lambda message: "Automatic payment is on" in message.body)
        self.assertEqual(told.author_id, self.customer)
