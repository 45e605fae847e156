from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from .sale_order import RUNNING_STATUSES

# A method that expires within this time is told to staff; the customer was told by then.
SOON = timedelta(days=30)


class PaymentToken(models.Model):
    """What mails to customers, and screens, say of saved methods."""

    _inherit = "payment.token"

    def _get_method_name(self):
        """Return the method as customers know it, e.g. "Card •••• 4242"; empty for no method."""
        return f"{self.payment_method_id.name} {self.display_name}" if self else self.env._("payment method")

    # === ACTION METHODS ===#

    def action_subscription_ask_new(self):
        """Mail the customers whose methods expire, or have expired, and ask them for another one.

        :raise UserError: for a method that does not expire, or an address that is missing
        """
        self.env["subscription.charge"]._check_collector()
        self.check_access("read")
        for token in self:
            if not token.subscription_expires_on:
                raise UserError(self.env._("%s does not expire, as far as the provider tells.", token.display_name))
            if not token.partner_id.email:
                raise UserError(self.env._("%s has no e-mail address. Set it first.", token.partner_id.display_name))
        # In sudo mode: users may not write methods.
        for token in self.sudo():
            token._subscription_ask_new()
        message = self.env._("%s customers are asked for a new payment method.", len(self.partner_id))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }

    # === BUSINESS METHODS ===#

    def _subscription_ask_new(self):
        """Put the mail into Odoo's queue, and keep the day."""
        self.ensure_one()
        self.env.ref("sale_subscription_plus.mail_template_method_expiring").send_mail(self.id)
        self.subscription_expiry_told_on = self.company_id._get_subscription_today()

    def _is_expired(self):
        self.ensure_one()
        today = self.company_id._get_subscription_today()
        return bool(self.subscription_expires_on) and self.subscription_expires_on < today

    def _get_notice(self, today):
        """Return why this method cannot be charged, or soon cannot be; False when all is well."""
        self.ensure_one()
        expires_on = self.subscription_expires_on
        if not self.active:
            return self.env._("It is not in use any more.")
        if self.subscription_blocked_reason:
            return self.env._("It was refused: %s", self.subscription_blocked_reason)
        if expires_on and expires_on < today:
            return self.env._("It expired on %s.", format_date(self.env, expires_on))
        if expires_on and expires_on <= today + SOON:
            return self.env._("It expires on %s.", format_date(self.env, expires_on))
        return False

    def _get_paid_subscriptions(self):
        """Return the running subscriptions that this method pays."""
        return self.subscription_ids.filtered(lambda order: order.subscription_status in RUNNING_STATUSES)

    def _get_subscription_names(self):
        """Return the running subscriptions that this method pays, by name."""
        self.ensure_one()
        return ", ".join(self._get_paid_subscriptions().mapped("name"))

    def _get_subscription_method_link(self):
        """Return the absolute URL where the customer sees to the payment method of a subscription.

        It holds the access token of that subscription, so the customer need not log in. Add-ons with a page of
        their own for it override this.
        """
        self.ensure_one()
        order = self._get_paid_subscriptions()[:1].sudo()  # In sudo mode: the link goes to the customer only
        return order.get_base_url() + order.get_portal_url() if order else self.get_base_url() + "/my/payment_method"
