"""What tests of signing up and of enrolment share: a provider that saves methods, and payments of each outcome."""

from odoo.fields import Command

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import TODAY, SubscriptionCommon


class SignupCommon(AccountPaymentCommon, SubscriptionCommon):
    """A provider of the company that saves methods, and customers who pay online."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_today(TODAY)
        cls.customer.property_payment_term_id = False
        cls.provider.allow_tokenization = True

    def _set_automatic_invoice(self, on):
        self.env["ir.config_parameter"].sudo().set_param("sale.automatic_invoice", str(on))

    def _begin_payment(self, order, amount, **values):
        """Create the transaction by which the customer of ``order`` pays ``amount`` of it."""
        values = {
            "reference": f"{order.name}-{len(order.transaction_ids)}",
            "partner_id": order.partner_id.id,
            "tokenize": True,
            **values,
        }
        return self._create_transaction(
            "redirect",
            amount=amount,
            currency_id=order.currency_id.id,
            sale_order_ids=[Command.set(order.ids)],
            **values,
        )

    def _answer(self, transaction, state, save=True):
        """Let the provider answer, and Odoo handle it: the method is saved, the state set, and what follows done."""
        if save and transaction.tokenize and state in ("pending", "authorized", "done"):
            transaction.write({"token_id": self._create_method(transaction.partner_id).id, "tokenize": False})
        if state == "authorized":
            transaction.provider_id.support_manual_capture = "full_only"
        method = {
            "pending": transaction._set_pending,
            "authorized": transaction._set_authorized,
            "done": transaction._set_done,
            "cancel": transaction._set_canceled,
        }.get(state)
        method() if method else transaction._set_error("Your card was declined")
        # It comes with a request of its own, which has read nothing before.
        transaction.sale_order_ids.invalidate_recordset(["amount_paid"])
        transaction._post_process()
        return transaction

    def _pay(self, order, amount, state="done", **values):
        return self._answer(self._begin_payment(order, amount, **values), state)

    def _create_method(self, partner):
        return self._create_token(partner_id=partner.id, payment_details="4242")
