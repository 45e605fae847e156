from odoo.tests import tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import TODAY, SubscriptionCommon


@tagged("-at_install", "post_install")
class TestOnlinePayment(AccountPaymentCommon, SubscriptionCommon):
    """A quotation confirmed by paying online: the money meets the first invoice, and nothing is invoiced twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_today(TODAY)
        cls.amount_due = 21.0
        cls.env["ir.config_parameter"].sudo().set_param("sale.automatic_invoice", "True")

    def _pay(self, order, amount):
        transaction = self._create_transaction(
            "redirect",
            amount=amount,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[(6, 0, order.ids)],
            state="done",
        )
        transaction._post_process()
        return transaction

    def test_paying_in_full_confirms_and_pays_the_first_invoice_only_once(self):
        order = self._create_quotation([self._line(), self._line(self.poster)], require_payment=True)
        self.assertEqual(order.amount_total, 21.0)
        transaction = self._pay(order, 21.0)
        self.assertEqual(order.subscription_status, "progress")
        invoice = self._get_invoices(order)
        self.assertEqual(invoice.mapped("amount_total"), [21.0], "at once, each line once")
        recurring = invoice.invoice_line_ids.filtered("subscription_period_start")
        self.assertEqual(recurring.price_subtotal, 12.0)
        self.assertTrue(transaction.payment_id)
        self.assertEqual(invoice.amount_residual, 0.0)
        self._bill()
        self.assertEqual(self._get_invoices(order), invoice)

    def test_paying_a_part_does_not_make_a_down_payment(self):
        order = self._create_quotation(require_payment=True, prepayment_percent=0.5)
        self._pay(order, 6.0)
        self.assertEqual(order.subscription_status, "progress")
        self.assertFalse(order.order_line.filtered("is_downpayment"))
        self._bill()
        self.assertEqual(self._get_invoices(order).mapped("amount_total"), [12.0])

    def test_later_invoices_carry_no_old_transaction(self):
        order = self._create_quotation(require_payment=True)
        transaction = self._pay(order, 12.0)
        self._bill()
        self._bill("2026-02-01")
        first, second = self._get_invoices(order)
        self.assertEqual(first.transaction_ids, transaction)
        self.assertFalse(second.transaction_ids)
