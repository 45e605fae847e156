from datetime import timedelta

import requests

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .subscription_charge import BLOCKING

# How long nothing is charged beside a payment that the customer has begun by themself.
CUSTOMER_PAYS = timedelta(hours=24)
# Stripe and others keep an idempotency key for a day.
RESEND_WITHIN = timedelta(hours=23)


class PaymentTransaction(models.Model):
    """An attempt to collect an invoice: what the provider answered, and what that means."""

    _inherit = "payment.transaction"

    subscription_charge_id = fields.Many2one(
        comodel_name="subscription.charge",
        string="Collection",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )
    subscription_sent_on = fields.Datetime(
        string="Sent On", readonly=True, copy=False, help="When the provider was called, whatever became of the call."
    )
    subscription_failure_kind = fields.Selection(
        selection="_selection_failure_kind",
        string="Kind of Failure",
        readonly=True,
        copy=False,
        help="What the provider's answer means for the collection.",
    )
    subscription_http_status = fields.Integer(string="HTTP Status", readonly=True, copy=False)
    subscription_decline_code = fields.Char(
        string="Decline Code", readonly=True, copy=False, help="The provider's own code for the reason."
    )
    subscription_doubt = fields.Selection(
        selection=[("no_answer", "No answer"), ("mismatch", "Amount or currency differs")],
        string="Doubt",
        readonly=True,
        copy=False,
        help="Why it is not known whether the provider took the money.",
    )
    subscription_outcome = fields.Char(
        readonly=True, copy=False, help="Technical: the outcome that its collection knows of."
    )

    _subscription_token_idx = models.Index(
        "(token_id, subscription_sent_on) WHERE subscription_sent_on IS NOT NULL AND token_id IS NOT NULL"
    )

    _subscription_failure_idx = models.Index(
        "(last_state_change) WHERE subscription_failure_kind IN ('soft', 'hard', 'action')"
    )

    @api.model
    def _selection_failure_kind(self):
        return [
            ("pending", "Pending"),
            ("soft", "Declined for now"),
            ("hard", "Declined for good"),
            ("action", "Customer must confirm"),
            ("configuration", "Our set-up"),
            ("unknown", "Unknown"),
        ]

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `payment`: while a payment of an invoice may be under way, no other one begins.

        :raise UserError: it names the invoice
        """
        transactions = super().create(vals_list)
        for transaction in transactions.filtered(lambda tx: not tx.subscription_charge_id):
            transaction._subscription_hold_charges()
        return transactions

    def _subscription_hold_charges(self):
        """Let no saved method be charged beside this payment of the customer's own."""
        charges = self._get_paid_charges()
        if not charges:
            return
        charges._lock()
        for charge in charges:
            if charge.state == "paid":
                raise UserError(self.env._("%s is paid already.", charge.move_id.name or charge.display_name))
            if charge.state in BLOCKING:
                raise UserError(
                    self.env._(
                        "A payment of %s is under way. Please wait until its outcome is known.",
                        charge.move_id.name or charge.display_name,
                    )
                )
        charges.held_until = fields.Datetime.now() + CUSTOMER_PAYS

    def _get_paid_charges(self):
        """Return the collections of the invoices that this transaction pays."""
        # In sudo mode: what happens to a collection is written by no user.
        Charge = self.env["subscription.charge"].sudo()
        if self.operation not in ("online_redirect", "online_direct", "online_token", "offline"):
            return Charge
        return Charge.search([("move_id", "in", self.sudo().invoice_ids.ids)])

    # === ANSWERS ===#

    def _send_api_request(self, method, endpoint, **kwargs):
        """Override of `payment` to keep what a refused request was answered: Odoo keeps the words only."""
        try:
            return super()._send_api_request(method, endpoint, **kwargs)
        except ValidationError as error:
            response = getattr(error.__context__, "response", None)
            if response is None:
                self._subscription_keep_answer(0, {})
            else:
                self._subscription_keep_answer(response.status_code, self._subscription_parse_answer(response))
            raise

    @api.model
    def _subscription_parse_answer(self, response):
        try:
            body = response.json()
        except requests.exceptions.JSONDecodeError:
            return {}
        return body if isinstance(body, dict) else {}

    def _subscription_keep_answer(self, status, body):
        """Keep the answer to a refused request.

        Providers override this to keep their decline code.

        :param int status: HTTP status; 0 without any answer
        :param dict body: the parsed answer
        """
        self.subscription_http_status = status
        # Asked too often, in conflict with itself, or broken: none of these names a decline.
        if status == 0 or status in (408, 409, 425, 429) or status >= 500:
            self.subscription_doubt = "no_answer"
        elif status == 402:
            # A decline is an answer. Any other refusal says nothing about what was sent before under the same key.
            self.subscription_doubt = False

    def _process(self, provider_code, payment_data):
        """Override of `payment`: whoever answers is no longer in doubt."""
        transaction = self or self._search_by_reference(provider_code, payment_data)
        if transaction.subscription_doubt:
            transaction.subscription_doubt = False
        return super(PaymentTransaction, transaction)._process(provider_code, payment_data)

    def _validate_amount(self, payment_data):
        """Override of `payment`: an answer about another amount does not tell whether ours was taken."""
        was_error = self.state == "error"
        super()._validate_amount(payment_data)
        if self.state == "error" and not was_error and self.subscription_charge_id:
            self.subscription_doubt = "mismatch"

    def _get_failure_kind(self):
        """Return what the present state and answer mean for the collection; False when the money is there.

        Only an answer that names a decline is one. Providers override this for what their codes mean.

        :return: one of :meth:`_selection_failure_kind`, or False
        """
        self.ensure_one()
        if self.state == "done":
            return False
        if self.subscription_doubt or self.state == "draft":
            return "unknown"
        if self.state in ("pending", "authorized"):
            return "pending"
        if self.state == "cancel":
            return "hard"
        if self.subscription_http_status and self.subscription_http_status != 402:
            return "configuration"
        return "soft"

    # === DOUBTS ===#

    def _subscription_can_resend(self):
        """Return whether the provider, sent the same transaction again, charges at most once.

        Providers that honour an idempotency key override this.
        """
        return False

    def _subscription_look_up(self):
        """Ask the provider what became of this transaction.

        Providers override this; what they are told goes through :meth:`_process`.

        :return: True when the state is told now, False when the provider has no such payment, None when it
            cannot be told
        """
        return None

    def _subscription_may_resend(self):
        """Return whether this transaction of unknown outcome may be sent again, under the same key."""
        self.ensure_one()
        return (
            self.subscription_doubt != "mismatch"
            and self._subscription_can_resend()
            and self.subscription_sent_on
            and self.subscription_sent_on > fields.Datetime.now() - RESEND_WITHIN
        )

    def _subscription_set_in_doubt(self, message):
        """Nobody knows whether the provider took the money: the transaction is open, and stays so until told."""
        self.write({"state": "draft", "state_message": message, "subscription_doubt": "no_answer"})

    def _subscription_set_not_sent(self, message):
        """The provider has no such payment: end this attempt, and make another."""
        for transaction in self:
            transaction.subscription_doubt = False
            # Not cancelled: money that comes all the same must find its way into the books.
            transaction._set_error(message)
            transaction.write({"subscription_outcome": "not_sent", "subscription_failure_kind": False})
            charge = transaction.subscription_charge_id
            charge.write({"state": "waiting", "last_failure_message": message})
            charge._plan_attempt(charge._get_today())
            charge._trigger()

    # === OUTCOMES ===#

    def _post_process(self):
        """Override of `payment` to tell collections what became of their attempts, and of customers' own payments.

        It is called for each change of state, whoever brings it: the charging run, a webhook, Odoo's own action.
        """
        super()._post_process()
        for transaction in self:
            if transaction.subscription_charge_id and transaction._subscription_is_told():
                # In sudo mode: what happens to a collection is written by no user.
                transaction.subscription_charge_id.sudo()._apply_outcome(transaction.sudo())
            elif not transaction.subscription_charge_id:
                transaction._subscription_follow_own_payment()

    def _subscription_is_told(self):
        """Return whether the state tells an outcome.

        Odoo's own scheduled action looks at drafts, too: that one is about to be sent says nothing about its outcome.
        """
        return self.state != "draft" or self.env.context.get("subscription_booking")

    def _subscription_follow_own_payment(self):
        """A payment of the customer's own keeps its collection waiting as long as it is pending."""
        if self.state == "draft" or self.provider_code == "custom":
            return
        charges = self._get_paid_charges()
        if self.state in ("pending", "authorized"):
            for charge in charges.filtered(lambda charge: charge.state not in (*BLOCKING, "paid", "dropped")):
                charge.last_transaction_id = self
                charge._become_pending(self)
        elif self.state in ("error", "cancel"):
            charges.held_until = False
            charges.filtered(lambda charge: charge.state == "pending" and charge.last_transaction_id == self)._reopen()

    def _log_message_on_linked_documents(self, message):
        """Override of `payment`: an attempt is told on its collection and not on each document, thrice over."""
        if not self.subscription_charge_id:
            super()._log_message_on_linked_documents(message)

    # === ATTEMPTS ===#

    @api.model
    def _prepare_subscription_attempt(self, charge, token, amount):
        """Return the values of a transaction that charges ``amount`` to ``token``.

        It is linked to the invoice alone: linked to a confirmed order, Odoo would invoice that order once more.
        """
        prefix = charge.move_id.name or f"{charge.order_ids[:1].name}-{charge.id}"
        return {
            "provider_id": token.provider_id.id,
            "payment_method_id": token.payment_method_id.id,
            "reference": self._compute_reference(token.provider_code, prefix=prefix),
            "amount": amount,
            "currency_id": charge.currency_id.id,
            "partner_id": charge.partner_id.id,
            "token_id": token.id,
            "operation": "offline",
            "invoice_ids": [Command.set(charge.move_id.ids)],
            "subscription_charge_id": charge.id,
        }
