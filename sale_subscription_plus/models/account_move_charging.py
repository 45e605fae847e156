from odoo import models
from odoo.fields import Command

from .subscription_charge import BLOCKING


class AccountMove(models.Model):
    """What a subscription's invoice has to do with the collection of its money."""

    _inherit = "account.move"

    # === PLANNING ===#

    def _subscription_plan_charges(self):
        """Plan the collection of those of these invoices that bill subscriptions; once for each."""
        invoices = self.filtered(lambda move: move.move_type == "out_invoice" and move._get_subscription_open_amount())
        # In sudo mode: whoever posts an invoice, its collection is written by no user.
        Charge = (
            self.env["subscription.charge"].sudo().with_context(tracking_disable=True, mail_create_nosubscribe=True)
        )
        known = {charge.move_id: charge for charge in Charge.search([("move_id", "in", invoices.ids)])}
        for invoice in invoices.filtered(lambda move: move in known):
            charge = known[invoice]
            if charge.state == "dropped":
                charge.due_on = invoice._get_subscription_due_date()
                charge._reopen()
        values = [invoice.sudo()._prepare_subscription_charge() for invoice in invoices if invoice not in known]
        values = [vals for vals in values if vals]
        if values:
            Charge.create(values)._plan_first_attempt()

    def _prepare_subscription_charge(self):
        """Return the values of this invoice's collection; None for one that bills no subscription."""
        orders = self.invoice_line_ids.sale_line_ids.order_id._filter_subscriptions()
        if not orders:
            return None
        order = orders[0]
        return {
            "move_id": self.id,
            "order_ids": [Command.set(orders.ids)],
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "user_id": order.user_id.id,
            "policy_id": order._get_dunning_policy().id,
            "due_on": self._get_subscription_due_date(),
            "is_automatic": bool(order.subscription_token_id),
        }

    def _get_subscription_open_amount(self):
        """Return what is to be paid of this invoice, in its currency, tax included; a draft counts in full."""
        self.ensure_one()
        if self.state == "cancel" or (
            self.state == "posted" and self.payment_state in ("paid", "in_payment", "reversed")
        ):
            return 0.0
        return max(self.amount_residual if self.state == "posted" else self.amount_total, 0.0)

    def _get_subscription_installments(self):
        """Return [(date, open amount)] of the instalments of this invoice, the earliest first."""
        terms = self.line_ids.filtered(
            lambda line: line.display_type == "payment_term" and not line.reconciled and line.amount_residual_currency
        )
        return sorted((line.date_maturity or self.invoice_date, line.amount_residual_currency) for line in terms)

    def _get_subscription_due_date(self):
        """Return when the next instalment is due."""
        installments = self._get_subscription_installments() if self.state == "posted" else []
        return installments[0][0] if installments else self.invoice_date_due or self.invoice_date

    def _get_subscription_amount_to_charge(self, today):
        """Return what is due until ``today``, in the invoice's currency."""
        open_amount = self._get_subscription_open_amount()
        if self.state != "posted":
            return open_amount
        due = sum(amount for day, amount in self._get_subscription_installments() if day <= today)
        return self.currency_id.round(min(due, open_amount))

    def _subscription_apply_credits(self):
        """Settle what the customer's open credit notes cover, before money is asked for."""
        receivable = self.line_ids.filtered(lambda line: line.display_type == "payment_term" and not line.reconciled)
        credits = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.commercial_partner_id.id),
                ("account_id", "in", receivable.account_id.ids),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                # Credit notes, and payments that were made for this very invoice and taken off it.
                "|",
                ("move_id.move_type", "=", "out_refund"),
                ("move_id.origin_payment_id.payment_transaction_id", "in", self.transaction_ids.ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual", "<", 0),
            ]
        )
        if receivable and credits:
            (receivable + credits).reconcile()

    # === WHAT HAPPENS TO THE INVOICE ===#

    def _post(self, soft=True):
        """Override of `account`: what is posted for a subscription is collected."""
        posted = super()._post(soft)
        posted._subscription_plan_charges()
        return posted

    def _invoice_paid_hook(self):
        """Override of `account`: a paid invoice is collected, whoever brought the money."""
        super()._invoice_paid_hook()
        self._get_subscription_charges()._become_paid()

    def button_cancel(self):
        """Override of `account`: nothing is collected for a cancelled invoice."""
        self._get_subscription_charges()._check_nothing_under_way()
        result = super().button_cancel()
        self._get_subscription_charges()._drop()
        return result

    def button_draft(self):
        """Override of `account`: an invoice that is being edited is not charged meanwhile."""
        self._get_subscription_charges()._check_nothing_under_way()
        result = super().button_draft()
        self._get_subscription_charges()._drop()
        return result

    def _get_subscription_charges(self):
        # In sudo mode: the collection follows the invoice whoever handles it.
        return self.env["subscription.charge"].sudo().search([("move_id", "in", self.ids)])

    def _has_to_be_paid(self):
        """Override of `account_payment`: nobody pays an invoice while a payment of it may be under way."""
        return super()._has_to_be_paid() and not self._is_subscription_payment_under_way()

    def _get_online_payment_error(self):
        """Override of `account_payment` to say that a payment may be under way."""
        if self._is_subscription_payment_under_way():
            return self.env._("A payment of this invoice is under way. You need not pay it again.")
        return super()._get_online_payment_error()

    def _is_subscription_payment_under_way(self):
        return any(charge.state in BLOCKING for charge in self._get_subscription_charges())
