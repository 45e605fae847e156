from odoo import api, fields, models


class PaymentTransaction(models.Model):
    """A payment that signs up for a subscription, or saves the method that pays one from now on."""

    _inherit = "payment.transaction"

    subscription_enrol_order_ids = fields.Many2many(
        comodel_name="sale.order",
        relation="payment_transaction_subscription_enrol_rel",
        string="Saves the Method For",
        readonly=True,
        copy=False,
        help="Subscriptions that the method of this transaction pays from now on, once it is saved.",
    )

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `payment`: whoever pays a quotation that recurs, saves the method for it."""
        transactions = super().create(vals_list)
        for transaction in transactions.filtered("sale_order_ids"):
            # In sudo mode: who pays need not be allowed to read the order.
            transaction.sudo().subscription_enrol_order_ids |= transaction.sudo()._get_orders_to_enrol()
        return transactions

    def _get_orders_to_enrol(self):
        """Return the quotations that the method of this payment pays from now on, once it is saved.

        Where a plan asks for a method, that is any; where the customer pays by hand, the one that they choose to save.
        """
        return self.sale_order_ids.filtered(
            lambda order: order._is_subscription_signup() and (self.tokenize or order._is_method_required())
        )

    # === POST-PROCESSING ===#

    def _post_process(self):
        """Override of `sale` to save the method before the order is confirmed and its first invoice is made."""
        to_confirm = self.env["sale.order"].sudo()  # In sudo mode: the provider tells, with no rights at all
        for transaction in self:
            to_confirm |= transaction._subscription_save_method()
        super()._post_process()
        for order in to_confirm.filtered(lambda order: not order._has_to_be_signed()):
            order._validate_order()

    def _subscription_save_method(self):
        """Let the method of this transaction pay the orders that it was saved for; once.

        :return: the quotations that this confirms, for nothing was to be paid today
        """
        self.ensure_one()
        orders = self.sudo().subscription_enrol_order_ids  # In sudo mode: customers save their methods themselves
        states = ("done", "authorized") if self.operation == "validation" else ("done", "authorized", "pending")
        if not (orders and self.token_id and self.state in states):
            return orders.browse()
        owner = self.token_id.partner_id.commercial_partner_id
        own = orders.filtered(lambda order: order.partner_id.commercial_partner_id == owner)
        to_confirm = own.filtered(lambda order: order._has_to_save_method())
        # In sudo mode: as above; whose method and whose orders these are was compared.
        own._subscription_enrol(self.token_id.sudo(), self.partner_id)
        self.sudo().subscription_enrol_order_ids = False
        return to_confirm

    def _check_amount_and_confirm_order(self):
        """Override of `sale`: the first invoice is billed at once, so that the payment meets it."""
        orders = super()._check_amount_and_confirm_order()
        orders.filtered("subscription_status")._subscription_bill_signup()
        return orders

    def _invoice_sale_orders(self):
        """Override of `sale`: orders that recur are billed by their own engine, automatic invoices or not."""
        ordinary = self.filtered(lambda tx: not tx.sale_order_ids.filtered("subscription_status"))
        super(PaymentTransaction, ordinary)._invoice_sale_orders()

    def _send_invoice(self):
        """Override of `sale`: a subscription's invoices go out by its own invoicing mode, and once."""
        ordinary = self.filtered(lambda tx: not tx.invoice_ids._get_subscriptions())
        super(PaymentTransaction, ordinary)._send_invoice()

    # === FAILURES ===#

    def _update_state(self, allowed_states, target_state, state_message):
        """Override of `payment`: who has left the page hears of a payment that fails late."""
        awaited = self.filtered(lambda tx: tx.state == "pending")
        moved = super()._update_state(allowed_states, target_state, state_message)
        if target_state in ("error", "cancel"):
            # In sudo mode: the provider tells, with no rights at all.
            (moved & awaited).sudo().sale_order_ids._subscription_tell_signup_failed()
        return moved
