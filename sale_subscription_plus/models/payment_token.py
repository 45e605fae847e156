from odoo import api, fields, models


class PaymentToken(models.Model):
    """A saved method, and the subscriptions that it pays."""

    _inherit = "payment.token"

    subscription_ids = fields.One2many(
        comodel_name="sale.order", inverse_name="subscription_token_id", string="Subscriptions"
    )
    subscription_count = fields.Integer(compute="_compute_subscription_count")
    subscription_expires_on = fields.Date(
        string="Valid Until",
        readonly=True,
        index="btree_not_null",
        help="Last day on which the method can be charged, where the provider tells it.",
    )
    subscription_blocked_reason = fields.Char(
        string="Refused Because",
        readonly=True,
        help="The provider declined this method for good; it is not charged again.",
    )
    subscription_expiry_told_on = fields.Date(
        readonly=True, help="When the customer was last told that the method expires."
    )

    def _compute_subscription_count(self):
        counts = dict(
            self.env["sale.order"]._read_group(
                [("subscription_token_id", "in", self.ids), ("state", "=", "sale")],
                ["subscription_token_id"],
                ["__count"],
            )
        )
        for token in self:
            token.subscription_count = counts.get(token, 0)

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `payment`: a new method, wherever it was saved, takes over from one that failed."""
        tokens = super().create(vals_list)
        for token in tokens:
            token._subscription_adopt()
        return tokens

    # === BUSINESS METHODS ===#

    def _subscription_adopt(self):
        """Pay with this method the customer's subscriptions whose own method failed; charge what is open at once."""
        self.ensure_one()
        # In sudo mode: customers save their methods themselves.
        charges = (
            self.env["subscription.charge"]
            .sudo()
            .search(
                [
                    ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "in", ("retrying", "exhausted", "method_needed", "action")),
                    ("is_automatic", "=", True),
                ]
            )
        )
        orders = charges.order_ids.filtered(
            lambda order: order.partner_id.commercial_partner_id == self.partner_id.commercial_partner_id
        )
        orders.subscription_token_id = self

    def _get_subscription_problem(self, charge):
        """Return why this method cannot be charged for ``charge``, as (kind, sentence), or None.

        :return: ``hard`` when the customer has to give another one, ``configuration`` when we have to act
        """
        self.ensure_one()
        provider, currency = self.provider_id, charge.currency_id
        if not self.active:
            return "hard", self.env._("The payment method %s is not in use any more.", self.display_name)
        if self.subscription_blocked_reason:
            return "hard", self.subscription_blocked_reason
        if self.subscription_expires_on and self.subscription_expires_on < charge._get_today():
            return "hard", self.env._("The payment method %s has expired.", self.display_name)
        if provider.state == "disabled":
            return "configuration", self.env._(
                "The payment provider %s is disabled. Enable it under Invoicing > Configuration > Payment Providers.",
                provider.name,
            )
        if provider.company_id != charge.company_id:
            return "configuration", self.env._(
                "The payment method %(method)s belongs to company %(company)s.",
                method=self.display_name,
                company=provider.company_id.name,
            )
        if provider.available_currency_ids and currency not in provider.available_currency_ids:
            return "configuration", self.env._(
                "The payment provider %(provider)s does not take %(currency)s. Add the currency to the provider, or "
                "ask the customer for another method.",
                provider=provider.name,
                currency=currency.name,
            )
        return None

    # === OVERRIDES ===#

    def _handle_archiving(self):
        """Override of `payment`: what this method was to be charged for needs another one."""
        super()._handle_archiving()
        # In sudo mode: customers archive their methods themselves.
        orders = self.sudo().subscription_ids
        charges = (
            self.env["subscription.charge"].sudo().search([("order_ids", "in", orders.ids), ("state", "=", "retrying")])
        )
        for charge in charges:
            charge._wake()

    def get_linked_records_info(self):
        """Override of `payment` to tell customers which subscriptions a method pays, before they delete it."""
        info = super().get_linked_records_info()
        # In sudo mode: customers need not be allowed to read the order, only to know of it.
        for order in self.sudo().subscription_ids.filtered(lambda order: order.state == "sale"):
            info.append(
                {
                    "description": self.env._("Subscription"),
                    "id": order.id,
                    "name": order.name,
                    "url": order.access_url,  # whoever asks is logged in: no link that opens it to anybody
                }
            )
        return info
