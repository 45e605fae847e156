from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.sale_subscription_plus.engine_context import get_shared

# How long an offer that is to be paid is kept: its figures are those of a day.
HOURS_TO_PAY = 24
UNDER_WAY = ("pending", "authorized")


class SubscriptionRequest(models.Model):
    """What a customer asked for in the portal, as they were told what it costs; done at once, or once it is paid."""

    _name = "subscription.request"
    _description = "Customer Request"
    _order = "id desc"
    _rec_name = "sentence"

    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    customer_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Asked By", required=True, index="btree_not_null", ondelete="restrict"
    )
    items = fields.Json(required=True)
    sentence = fields.Text(string="What", required=True)
    note = fields.Text()
    digest = fields.Char(required=True, groups=fields.NO_ACCESS)
    state = fields.Selection(
        selection=[
            ("awaiting", "Awaiting Payment"),
            ("paid", "Paid"),
            ("done", "Done"),
            ("failed", "Paid, Not Done"),
            ("lapsed", "Lapsed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="awaiting",
        index=True,
    )
    amount = fields.Monetary(string="To Pay", help="What the customer was told to pay now, taxes included.")
    effective_on = fields.Date(string="From", required=True)
    expires_on = fields.Datetime(help="Until then it can be paid.")
    failure = fields.Text(help="Why it could not be done although it is paid.")
    transaction_ids = fields.One2many(
        comodel_name="payment.transaction", inverse_name="subscription_request_id", string="Payments"
    )
    change_ids = fields.One2many(comodel_name="subscription.change", inverse_name="request_id", string="Changes")
    upsell_id = fields.Many2one(comodel_name="sale.order", index="btree_not_null", ondelete="set null")
    move_ids = fields.Many2many(comodel_name="account.move", string="Documents", copy=False)

    # One offer at a time waits for its payment.
    _awaiting_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'awaiting'", "Another change of this subscription waits for its payment."
    )

    # === LIFE ===#

    def _is_under_way(self):
        """Return whether a payment was begun whose outcome is not known yet."""
        return bool(self.transaction_ids.filtered(lambda tx: tx.state in UNDER_WAY))

    def _cancel(self):
        """Take back requests that wait for their payment.

        :raise UserError: where a payment is under way
        """
        for request in self.filtered(lambda request: request.state == "awaiting"):
            if request._is_under_way():
                raise UserError(
                    self.env._(
                        "A payment for %s is being processed. Please wait until its outcome is known.",
                        request.order_id.name,
                    )
                )
            request.state = "cancelled"

    @api.model
    def _cron_lapse(self):
        """Let offers lapse that were not paid in time; one whose payment is under way waits for its outcome."""
        overdue = self.search([("state", "=", "awaiting"), ("expires_on", "<", fields.Datetime.now())])
        overdue.filtered(lambda request: not request._is_under_way()).state = "lapsed"

    def _get_notice(self):
        """Return what the customer's pages say of it: (Bootstrap's colour, sentence)."""
        self.ensure_one()
        if self.state == "awaiting" and self._is_under_way():
            return "info", self.env._("Your payment is being processed. Your change is made as soon as it has come.")
        if self.state == "awaiting" and not self._is_payable():
            return "warning", self.env._("This offer has expired: nothing was changed, and nothing is to be paid.")
        return {
            "awaiting": ("info", self.env._("Your change is made once it is paid.")),
            "paid": ("info", self.env._("Thank you for your payment. Your change is being made.")),
            "done": ("success", self.env._("Your change is made. Thank you.")),
            "failed": (
                "warning",
                self.env._("You have paid, and we could not make your change yet. We were told, and will contact you."),
            ),
            "lapsed": (
                "warning",
                self.env._("This offer has expired: nothing was changed, and nothing is to be paid."),
            ),
            "cancelled": ("info", self.env._("You have taken this back: nothing was changed.")),
        }[self.state]

    def _get_expiry(self):
        return fields.Datetime.now() + timedelta(hours=HOURS_TO_PAY)

    def _is_payable(self):
        """Return whether this can be paid now, in Odoo's payment form."""
        self.ensure_one()
        in_time = self.expires_on and self.expires_on > fields.Datetime.now()
        paid = self.transaction_ids.filtered(lambda tx: tx.state == "done")
        open_still = self.state == "awaiting" and in_time and not paid and not self._is_under_way()
        return bool(open_still and self._costs_what_was_told())

    def _costs_what_was_told(self):
        """Return whether doing this now costs what the customer was told: another day has another share."""
        try:
            now = self.order_id._quote_request(self.items)["now"]["total"]
        except UserError:
            return False
        return self.currency_id.compare_amounts(now, self.amount) == 0


class SubscriptionChange(models.Model):
    """Changes that customers asked for themselves."""

    _inherit = "subscription.change"

    request_id = fields.Many2one(
        comodel_name="subscription.request",
        string="Asked For",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    def _get_planned_twins(self):
        """Extend: what a customer asked for gives way to what they ask for now, see ``_replace_planned``."""
        twins = super()._get_planned_twins()
        asked = get_shared(self.env, "subscription_request") is not None
        return twins.filtered(lambda change: not change.request_id) if asked else twins


class SaleOrder(models.Model):
    """What customers asked for on a subscription."""

    _inherit = "sale.order"

    subscription_request_ids = fields.One2many(
        comodel_name="subscription.request", inverse_name="order_id", string="Customer Requests", copy=False
    )
    subscription_request_count = fields.Integer(
        compute="_compute_subscription_request_count",
        groups="sales_team.group_sale_salesman,account.group_account_invoice",
    )

    def _compute_subscription_request_count(self):
        groups = self.env["subscription.request"]._read_group([("order_id", "in", self.ids)], ["order_id"], ["__count"])
        counts = dict(groups)
        for order in self:
            order.subscription_request_count = counts.get(order, 0)

    def action_view_subscription_requests(self):
        """Open what the customer of this subscription asked for."""
        self.ensure_one()
        return self._get_subscription_history_action("sale_subscription_plus_portal.subscription_request_action")
