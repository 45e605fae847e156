from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

STATES = [
    ("waiting", "Waiting"),
    ("in_flight", "Being Charged"),
    ("pending", "Pending at the Provider"),
    ("unknown", "Outcome Unknown"),
    ("action", "Customer Must Confirm"),
    ("retrying", "Declined, Tried Again"),
    ("exhausted", "Retries Used Up"),
    ("method_needed", "New Method Needed"),
    ("configuration", "Set-up Problem"),
    ("paid", "Paid"),
    ("given_up", "Given Up"),
    ("dropped", "Nothing to Collect"),
]
# Nothing is left to be done.
FINISHED = ("paid", "given_up", "dropped")
# A payment may be on its way: nothing new is charged, by nobody, until its outcome is known.
BLOCKING = ("in_flight", "pending", "unknown")
# The customer is asked, reminded and warned.
DUNNED = ("waiting", "retrying", "exhausted", "method_needed", "action")


class SubscriptionCharge(models.Model):
    """The collection of one invoice. Its attempts are payment transactions."""

    _name = "subscription.charge"
    _description = "Collection"
    _inherit = ["mail.thread", "mail.activity.mixin", "subscription.guard.mixin"]
    _order = "id desc"
    _check_company_auto = True

    # A person chooses who follows up; all the rest is what happened.
    _subscription_guarded = frozenset(
        {
            "move_id",
            "order_ids",
            "former_order_ids",
            "former_token_id",
            "company_id",
            "currency_id",
            "partner_id",
            "policy_id",
            "state",
            "is_automatic",
            "due_on",
            "next_attempt_on",
            "next_step_on",
            "last_step_on",
            "warned_on",
            "first_failure_on",
            "method_failure_on",
            "failure_count",
            "last_transaction_id",
            "last_failure_kind",
            "last_failure_message",
            "held_until",
            "pending_mail",
            "final_order_ids",
        }
    )

    # What is collected
    move_id = fields.Many2one(
        comodel_name="account.move", string="Invoice", required=True, ondelete="cascade", readonly=True
    )
    order_ids = fields.Many2many(
        comodel_name="sale.order", relation="subscription_charge_order_rel", string="Subscriptions", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", required=True, readonly=True, index=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Follow-up", index="btree_not_null", help="Who sees to it that it is paid."
    )
    policy_id = fields.Many2one(
        comodel_name="subscription.dunning.policy",
        string="Dunning Policy",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    token_id = fields.Many2one(
        comodel_name="payment.token",
        string="Payment Method",
        compute="_compute_token_id",
        compute_sudo=True,
        help="The saved method of the subscription, with which the next attempt is made.",
    )
    amount_due = fields.Monetary(compute="_compute_amount_due", compute_sudo=True, help="What is still to be paid.")
    amount_total = fields.Monetary(related="move_id.amount_total", string="Invoice Total")
    due_on = fields.Date(readonly=True, help="When the invoice is due; a saved method is first tried on that day.")

    # Where it stands
    state = fields.Selection(selection=STATES, required=True, default="waiting", readonly=True)
    is_automatic = fields.Boolean(
        string="Automatic", readonly=True, help="Collected by a saved method. Otherwise the customer pays by themself."
    )
    next_attempt_on = fields.Date(readonly=True, help="When the saved method is charged next.")
    next_step_on = fields.Date(
        readonly=True, help="When the customer is reminded or warned next, or the final action takes place."
    )
    last_step_on = fields.Date(readonly=True, help="Technical: all steps until this day have been taken.")
    warned_on = fields.Date(readonly=True, help="When the customer was warned of the final action.")
    held_until = fields.Datetime(
        readonly=True, help="The customer is paying by themself: nothing is charged beside it until then."
    )

    # What happened
    transaction_ids = fields.One2many(
        comodel_name="payment.transaction",
        inverse_name="subscription_charge_id",
        string="Attempts",
        groups="account.group_account_invoice",
    )
    attempt_count = fields.Integer(compute="_compute_attempt_count", compute_sudo=True)
    last_transaction_id = fields.Many2one(
        comodel_name="payment.transaction", string="Last Attempt", readonly=True, groups="base.group_user"
    )
    first_failure_on = fields.Date(
        readonly=True, help="Day of the first failure: grace and final action count from it."
    )
    method_failure_on = fields.Date(
        readonly=True, help="Day of the first failure with the present method: retries count from it."
    )
    failure_count = fields.Integer(readonly=True, help="Failed attempts with the present method.")
    last_failure_kind = fields.Selection(
        selection=lambda self: self.env["payment.transaction"]._selection_failure_kind(), readonly=True
    )
    last_failure_message = fields.Char(readonly=True)
    final_order_ids = fields.Many2many(
        comodel_name="sale.order",
        relation="subscription_charge_final_order_rel",
        string="Closed or Paused for It",
        readonly=True,
    )
    pending_mail = fields.Char(readonly=True, help="Technical: the mail that is to go to the customer.")

    _move_uniq = models.UniqueIndex("(move_id)", "An invoice is collected once.")
    _attempt_idx = models.Index("(company_id, next_attempt_on) WHERE next_attempt_on IS NOT NULL")
    _step_idx = models.Index("(company_id, next_step_on) WHERE next_step_on IS NOT NULL")
    _mail_idx = models.Index("(id) WHERE pending_mail IS NOT NULL")
    _open_idx = models.Index("(state, company_id) WHERE state NOT IN ('paid', 'dropped')")

    # === COMPUTE METHODS ===#

    @api.depends("move_id.name", "partner_id")
    def _compute_display_name(self):
        for charge in self:
            name = charge.move_id.name or self.env._("Draft invoice")
            charge.display_name = f"{name} ({charge.partner_id.display_name})"

    @api.depends("order_ids.subscription_token_id")
    def _compute_token_id(self):
        for charge in self:
            charge.token_id = charge.order_ids.subscription_token_id[:1]

    @api.depends("move_id.amount_residual", "move_id.amount_total", "move_id.state", "move_id.payment_state")
    def _compute_amount_due(self):
        for charge in self:
            charge.amount_due = charge.move_id._get_subscription_open_amount()

    @api.depends("transaction_ids")
    def _compute_attempt_count(self):
        counts = dict(
            self.env["payment.transaction"]._read_group(
                [("subscription_charge_id", "in", self.ids)], ["subscription_charge_id"], ["__count"]
            )
        )
        for charge in self:
            charge.attempt_count = counts.get(charge, 0)

    # === ACTION METHODS ===#

    def action_retry(self):
        """Have the saved method charged as soon as possible, whatever the schedule says.

        :raise UserError: for a collection that is finished, has no method or may have a payment under way
        """
        self._check_collector()
        for charge in self:
            charge._check_retry()
        # In sudo mode: what happens to a collection is written by no user.
        self.sudo()._subscription_charge_now()
        return self._notify(self.env._("The payment is tried within a minute."))

    def action_mark_paid(self):
        """Say that the provider took the money of an attempt whose outcome is unknown.

        :raise UserError: when the outcome is known
        """
        self._check_resolver()
        for charge in self.sudo():  # In sudo mode: an accountant need not be allowed to write transactions
            charge.last_transaction_id._set_done(state_message=self._get_said_by())
            charge.last_transaction_id._post_process()
        return True

    def action_mark_not_paid(self):
        """Say that the provider did not take the money of an attempt whose outcome is unknown; it is tried again.

        :raise UserError: when the outcome is known
        """
        self._check_resolver()
        for charge in self.sudo():  # In sudo mode: an accountant need not be allowed to write transactions
            charge.last_transaction_id._subscription_set_not_sent(self._get_said_by())
        return True

    def action_send_link(self):
        """Mail the customer the link by which they pay, confirm a payment or give a new method.

        :raise UserError: when nothing is left to be paid
        """
        self._check_collector()
        for charge in self:
            if charge.state in FINISHED and charge.state != "given_up":
                raise UserError(self.env._("%s: nothing is left to be paid.", charge.display_name))
            if not charge.partner_id.email:
                raise UserError(self.env._("%s has no e-mail address. Set it first.", charge.partner_id.display_name))
        # In sudo mode: what happens to a collection is written by no user.
        for charge in self.sudo():
            charge._queue_mail(charge._get_link_mail())
        self._trigger()
        return self._notify(self.env._("The link is sent within a minute."))

    def action_close_subscriptions(self):
        """Open the wizard that closes the subscriptions of these collections."""
        return self.order_ids.action_subscription_close()

    def action_view_invoice(self):
        """Open the invoice that is collected."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "view_mode": "form",
            "views": [(self.env.ref("account.view_move_form").id, "form")],
            "res_id": self.move_id.id,
        }

    def action_view_transactions(self):
        """Open the attempts."""
        action = self.env["ir.actions.act_window"]._for_xml_id("payment.action_payment_transaction")
        action["domain"] = [("subscription_charge_id", "in", self.ids)]
        action["context"] = {}
        return action

    def action_view_subscriptions(self):
        """Open the subscriptions that the invoice bills."""
        return self.move_id.action_view_subscriptions()

    # === CHECKS OF THE BUTTONS ===#

    def _check_collector(self):
        self.check_access("read")
        if not self.env.user.has_group("account.group_account_invoice"):
            self.env["sale.order"]._subscription_check_right("sales_team.group_sale_salesman")

    def _check_retry(self):
        if self.state in ("paid", "dropped"):
            raise UserError(self.env._("%s: nothing is left to be paid.", self.display_name))
        if self.state in BLOCKING:
            raise UserError(
                self.env._("%s: a payment may be under way. Wait until its outcome is known.", self.display_name)
            )
        if not self.sudo().token_id:  # In sudo mode: whether there is one, whoever asks
            raise UserError(
                self.env._("%s: no payment method is saved. Send the customer the link instead.", self.display_name)
            )

    def _check_resolver(self):
        self.check_access("read")
        self.env["sale.order"]._subscription_check_right("account.group_account_invoice")
        for charge in self:
            if charge.state != "unknown":
                raise UserError(self.env._("%s: the outcome is known, nothing is to be said.", charge.display_name))

    def _get_said_by(self):
        return self.env._("As told by %s", self.env.user.name)

    def _notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }

    # === BUSINESS METHODS ===#

    def _trigger(self):
        # In sudo mode: users may not touch scheduled actions.
        self.env.ref("sale_subscription_plus.ir_cron_subscription_charging").sudo()._trigger()

    def _get_today(self):
        self.ensure_one()
        return self.company_id._get_subscription_today()

    def _get_payment_link(self):
        """Return the absolute URL, with its access token, where the customer pays or gives a new method."""
        self.ensure_one()
        move = self.move_id.sudo()  # In sudo mode: the link goes to the customer only
        return move.get_base_url() + move.get_portal_url()

    def _get_method_link(self):
        """Return the absolute URL, with its access token, where the customer gives a new method.

        Add-ons with a page of their own for it override this.
        """
        return self._get_payment_link()

    def _lock(self):
        """Lock these collections until the transaction ends, and look at them anew.

        Raises a serialization failure when somebody changed one meanwhile: the caller starts anew.
        """
        self.flush_recordset()
        self.env.cr.execute(SQL("SELECT id FROM subscription_charge WHERE id = ANY(%s) FOR UPDATE", list(self.ids)))
        self.invalidate_recordset()
