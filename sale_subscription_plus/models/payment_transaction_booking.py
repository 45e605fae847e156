from odoo import models

from ..engine_context import Shared, get_shared
from ..proven_addons import is_untouched


class PaymentTransaction(models.Model):
    """Payments of many attempts, made together: the same records as Odoo makes of each, in fewer statements."""

    _inherit = "payment.transaction"

    def _subscription_book(self):
        """Let the books and the collections know what became of these attempts, of one company."""
        notes = Shared()
        attempts = self.with_context(subscription_notes=notes)
        plain = attempts.filtered(lambda tx: tx._subscription_is_plain())
        if plain and self._subscription_is_booking_proven():
            plain.with_context(tracking_disable=True)._subscription_create_payments()
        attempts._post_process()
        self.env["sale.order"]._subscription_write_notes(notes)

    def _subscription_is_booking_proven(self):
        """Return whether nothing in this database changes what Odoo makes of a paid transaction."""
        return (
            is_untouched(self, "_create_payment")
            and is_untouched(self.env["account.payment"], "_generate_journal_entry", "action_post")
            and self.env["account.move"]._subscription_is_proven()
        )

    def _subscription_is_plain(self):
        """Return whether this transaction paid one posted invoice, without anything else about it."""
        self.ensure_one()
        move = self.invoice_ids
        return bool(
            self.state == "done"
            and not self.payment_id
            and self.amount > 0
            and self.operation == "offline"
            and not self.source_transaction_id
            and not self.child_transaction_ids
            and len(move) == 1
            and move.state == "posted"
            and move.move_type == "out_invoice"
            and len(self._get_terms()) == 1
            and move._get_invoice_next_payment_values()["installment_state"] != "epd"
        )

    def _get_terms(self):
        return self.invoice_ids.line_ids.filtered(lambda line: line.display_type == "payment_term")

    def _subscription_create_payments(self):
        """Create and post the payments of these transactions, and reconcile each with its invoice."""
        Payment = self.env["account.payment"].with_context(
            subscription_payments_together=Shared(), subscription_number_formats=Shared()
        )
        payments = Payment.create([tx._prepare_subscription_payment() for tx in self])
        payments.action_post()
        payments = payments.with_env(self.env)
        plan = []
        for transaction, payment in zip(self, payments, strict=True):
            transaction.payment_id = payment
            lines = (payment.move_id.line_ids + transaction.invoice_ids.line_ids).filtered(
                lambda line, account=payment.destination_account_id: line.account_id == account and not line.reconciled
            )
            plan.append(lines)
        self.env["account.move.line"]._reconcile_plan(plan)

    def _prepare_subscription_payment(self):
        """Return the values of the payment, as Odoo's ``_create_payment`` has them."""
        self.ensure_one()
        provider = self.provider_id
        method_line = provider.journal_id.inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == provider
        )
        return {
            "amount": self.amount,
            "payment_type": "inbound",
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "partner_type": "customer",
            "journal_id": provider.journal_id.id,
            "company_id": provider.company_id.id,
            "payment_method_line_id": method_line.id,
            "payment_token_id": self.token_id.id,
            "payment_transaction_id": self.id,
            "memo": f"{self.reference} - {self.provider_reference or ''}",
            "invoice_ids": self.invoice_ids,
            "destination_account_id": self._get_terms().account_id.id,
        }

    # === NO MESSAGES THAT NOBODY SEES ===#

    def _log_sent_message(self):
        """Override of `payment`: attempts are told on their collection; no words are made for nothing."""
        super(PaymentTransaction, self.filtered(lambda tx: not tx.subscription_charge_id))._log_sent_message()

    def _log_received_message(self):
        """Override of `payment`: attempts are told on their collection; no words are made for nothing."""
        super(PaymentTransaction, self.filtered(lambda tx: not tx.subscription_charge_id))._log_received_message()


class SaleOrder(models.Model):
    """Sales' note on an order whose invoice is paid."""

    _inherit = "sale.order"

    def message_post(self, **kwargs):
        """Override of `mail`: while attempts are booked, notes are collected and written together."""
        notes = get_shared(self.env, "subscription_notes")
        if notes is None or set(kwargs) != {"body"}:
            return super().message_post(**kwargs)
        notes.setdefault(self.id, []).append(kwargs["body"])
        return self.env["mail.message"]

    def _subscription_write_notes(self, notes):
        """Write notes on orders, given as {id: [text]}: the first of each together, then the second."""
        while notes:
            bodies = {order_id: texts[0] for order_id, texts in notes.items()}
            self.browse(bodies)._message_log_batch(bodies)
            notes = {order_id: texts[1:] for order_id, texts in notes.items() if texts[1:]}
