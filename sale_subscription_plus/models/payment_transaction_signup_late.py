from datetime import timedelta

from odoo import api, fields, models

from .payment_transaction import CUSTOMER_PAYS
from .subscription_charge import BLOCKING

ONLINE = ("online_redirect", "online_direct", "online_token")
# How long another process may need to send a payment that was begun on our own page.
BEING_SENT = timedelta(minutes=1)


class PaymentTransaction(models.Model):
    """Sign-up payments that come late, twice or short: all money meets its invoice, or a person is told."""

    _inherit = "payment.transaction"

    subscription_is_replaced = fields.Boolean(
        string="Replaced",
        readonly=True,
        copy=False,
        help="The customer began another payment of the same quotation. If this one goes through, it still counts.",
    )
    subscription_begun_on = fields.Date(
        string="Begun On",
        readonly=True,
        copy=False,
        help="Day on which the customer began to pay a quotation: the subscription starts on it, once it is paid.",
    )

    # === ONE AT A TIME ===#

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `payment`: who begins to pay a quotation anew has left what they began before."""
        transactions = super().create(vals_list)
        # In sudo mode: who pays need not be allowed to read the order.
        for transaction in transactions.filtered("sale_order_ids").sudo():
            quotations = transaction.sale_order_ids.filtered(lambda order: order._is_subscription_signup())
            if quotations and transaction.operation in ONLINE:
                transaction.subscription_begun_on = transaction.company_id._get_subscription_today()
                transaction._subscription_replace_older(quotations)
        return transactions

    def _subscription_replace_older(self, quotations):
        """Cancel the payments of the same ``quotations`` that were begun before this one, and not answered."""
        older = (quotations.transaction_ids - self).filtered(lambda tx: tx._is_forsaken())
        if older:
            older.subscription_is_replaced = True
            older._set_canceled(state_message=self.env._("The customer began another payment instead."))

    def _is_forsaken(self):
        """Return whether nobody sends this payment to the provider right now.

        To change one beneath who sends it would have it sent again. A saved method is charged as soon as its payment
        is there, on our page a customer does it within moments, and with a redirect the provider alone does.
        """
        begun_before = fields.Datetime.now() - BEING_SENT
        return self.state == "draft" and (
            self.operation == "online_redirect"
            or (self.operation == "online_direct" and self.last_state_change <= begun_before)
        )

    def _update_state(self, allowed_states, target_state, state_message):
        """Override of `payment`: what was replaced may go through all the same; what comes late meets its invoice."""
        open_again = "draft" in allowed_states and target_state != "cancel"
        replaced = self.filtered("subscription_is_replaced") if open_again else self.browse()
        moved = super(PaymentTransaction, self - replaced)._update_state(allowed_states, target_state, state_message)
        if replaced:
            allowed_states = (*allowed_states, "cancel")
            moved |= super(PaymentTransaction, replaced)._update_state(allowed_states, target_state, state_message)
        if target_state in ("pending", "authorized", "done"):
            for transaction in moved.filtered(lambda tx: tx.operation in ONLINE):
                # In sudo mode: the provider tells, with no rights at all.
                transaction.sudo()._subscription_meet_first_invoice()
        return moved

    # === AFTER THE FIRST INVOICE ===#

    def _subscription_meet_first_invoice(self):
        """Let this payment pay the first invoice of its order, where that was confirmed and billed meanwhile."""
        if self.invoice_ids or self.payment_id or len(self.sale_order_ids) != 1:
            return
        invoice = self.sale_order_ids._get_open_first_invoice()
        self.invoice_ids = invoice
        charges = invoice._get_subscription_charges()
        charges._lock()
        for charge in charges.filtered(lambda charge: charge.state not in ("paid", "dropped")):
            if charge.state in BLOCKING:
                self.sale_order_ids._subscription_tell_paid_beside(self, charge.last_transaction_id)
            else:
                charge.held_until = fields.Datetime.now() + CUSTOMER_PAYS

    # === ON ANOTHER DAY ===#

    def _check_amount_and_confirm_order(self):
        """Extend: what was paid is what is billed, and what is paid is confirmed or told."""
        confirmed = self.env["sale.order"]
        others = self
        for transaction in self:
            order = transaction.sale_order_ids
            if len(order) == 1 and order.subscription_status == "quotation" and order._is_subscription_signup():
                others -= transaction
                confirmed |= transaction._confirm_signup(order)
        return confirmed | super(PaymentTransaction, others)._check_amount_and_confirm_order()

    def _confirm_signup(self, quotation):
        """Confirm ``quotation`` if this payment suffices, as it was when the payment began.

        :return: the order, if that worked
        """
        begun_on = not quotation.subscription_start and not self._is_paid_by_hand() and self.subscription_begun_on
        if begun_on:
            quotation.subscription_start = begun_on
        confirmed = quotation._subscription_try(super()._check_amount_and_confirm_order)
        if not confirmed:
            if begun_on:
                quotation.subscription_start = False
            if confirmed is not None:
                quotation._subscription_tell_underpaid(self)
        return confirmed or quotation.browse()

    def _is_paid_by_hand(self):
        """Return whether the customer sends this money by themself, when they like: it begins when it is there."""
        return self.provider_code == "custom"

    # === TOO MUCH ===#

    def _post_process(self):
        """Override of `payment`: money that no invoice asks for is told."""
        super()._post_process()
        for transaction in self.filtered(lambda tx: tx.state == "done" and tx.operation in ONLINE):
            # In sudo mode: the provider tells, with no rights at all.
            transaction.sudo()._subscription_tell_surplus()

    def _subscription_tell_surplus(self):
        if len(self.sale_order_ids) == 1 and self.payment_id:
            surplus = self.sale_order_ids._get_signup_surplus(self)
            if self.currency_id.compare_amounts(surplus, 0.0) > 0:
                self.sale_order_ids._subscription_tell_overpaid(self, surplus)

    def _get_unused_amount(self):
        """Return what of this payment has met no invoice."""
        payment = self.payment_id
        if not payment.move_id:
            return 0.0 if self.invoice_ids else self.amount
        lines = payment.move_id.line_ids.filtered(lambda line: line.account_id == payment.destination_account_id)
        return -sum(lines.mapped("amount_residual_currency"))
