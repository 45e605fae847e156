from math import isfinite

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from odoo.addons.sale_subscription_plus.models.sale_order import RUNNING_STATUSES


class AccountMove(models.Model):
    """What the customer's page says of a subscription's invoice: what is open, and who pays it when."""

    _inherit = "account.move"

    # === WHAT IT PAYS FOR ===#

    def _get_portal_subscriptions(self):
        """Return the subscriptions that this invoice bills."""
        return self._get_subscriptions().filtered(lambda order: order.state == "sale")

    def _get_portal_other_subscriptions(self):
        """Return the customer's other running subscriptions that are paid as this invoice's are."""
        orders = self._get_portal_subscriptions()
        customer = orders.partner_id.commercial_partner_id[:1]
        if not customer:
            return orders
        others = orders.search(
            [
                ("id", "not in", orders.ids),
                ("partner_id", "child_of", customer.id),
                ("company_id", "=", self.company_id.id),
                ("subscription_status", "in", RUNNING_STATUSES),
                ("subscription_token_id", "in", orders.subscription_token_id.ids or [False]),
            ]
        )
        return others.filtered(lambda order: order.partner_id.commercial_partner_id == customer)

    def _is_paid_automatically(self):
        """Return whether saved methods pay what this invoice bills from now on."""
        orders = self._get_portal_subscriptions()
        return bool(orders) and all(order.subscription_token_id.active for order in orders)

    def _get_portal_method(self, named):
        """Return how the page calls the saved methods.

        :param bool named: the customer is logged in; who has only the link is told the kind of the method
        """
        tokens = self._get_portal_subscriptions().subscription_token_id
        names = [token._get_subscription_label() if named else token.payment_method_id.name for token in tokens]
        return ", ".join(dict.fromkeys(names))

    # === WHAT THE PAGE SAYS ===#

    def _get_portal_notice(self, named):
        """Return what the page says about the money of this invoice: (Bootstrap's colour, sentence), or None.

        :param bool named: see :meth:`_get_portal_method`
        """
        charge = self._get_subscription_charges()[:1]
        if not charge or charge.state == "dropped":
            return None
        values = {
            "amount": format_amount(self.env, charge.amount_due, charge.currency_id),
            "method": self._get_portal_method(named) or self.env._("your payment method"),
            "day": format_date(self.env, charge.next_attempt_on or charge.due_on),
        }
        if charge.state == "waiting":
            return self._get_waiting_notice(charge, values)
        return {**self._get_notices_at_rest(values), **self._get_notices_of_failures(values)}[charge.state]

    def _get_waiting_notice(self, charge, values):
        if charge.next_attempt_on:
            return "info", self.env._(
                "%(amount)s will be charged to %(method)s on %(day)s. You need not do anything.", **values
            )
        if charge.due_on and charge.due_on < charge._get_today():
            return "warning", self.env._("%(amount)s was to be paid by %(day)s. Please pay it here.", **values)
        return "info", self.env._("%(amount)s is to be paid by %(day)s.", **values)

    def _get_notices_at_rest(self, values):
        """Return what to say where the customer need not do anything, by the collection's state."""
        return {
            "in_flight": (
                "info",
                self.env._("%(amount)s is being charged to %(method)s right now. You need not do anything.", **values),
            ),
            "pending": (
                "info",
                self.env._("Your payment of %(amount)s is being processed. You need not pay it again.", **values),
            ),
            "unknown": (
                "warning",
                self.env._(
                    "We do not know yet whether your payment of %(amount)s went through, and are finding out. "
                    "Please do not pay it again.",
                    **values,
                ),
            ),
            "configuration": (
                "info",
                self.env._(
                    "%(amount)s could not be charged, and the fault is ours. You need not do anything; you may pay it "
                    "here if you like.",
                    **values,
                ),
            ),
            "paid": ("success", self.env._("This invoice is paid. Thank you.")),
        }

    def _get_notices_of_failures(self, values):
        """Return what to say where the customer has to act, by the collection's state."""
        method_needed = self.env._(
            "%(amount)s could not be charged to %(method)s. Please pay it here with another method.", **values
        )
        return {
            "action": (
                "warning",
                self.env._(
                    "Your bank asks you to confirm the payment of %(amount)s yourself. Pay it here: that is the "
                    "confirmation.",
                    **values,
                ),
            ),
            "retrying": (
                "warning",
                self.env._(
                    "%(amount)s could not be charged to %(method)s. We try again on %(day)s. You may pay it here "
                    "before that, or save another payment method.",
                    **values,
                ),
            ),
            "exhausted": ("danger", method_needed),
            "method_needed": ("danger", method_needed),
            "given_up": ("danger", self.env._("%(amount)s is still open. Please pay it here.", **values)),
        }

    def _has_failed_own_payment(self):
        """Return whether the last thing that happened is a payment of the customer's own that failed."""
        last = self.get_portal_last_transaction()
        return last.state in ("error", "cancel") and not last.subscription_charge_id

    # === PAYING BY THEMSELF ===#

    def _get_portal_amounts(self, agreed=None):
        """Return the amounts that may be paid of this invoice.

        :param float agreed: amount of a payment link that staff made
        """
        values = self._get_invoice_next_payment_values(custom_amount=agreed)
        return [values["amount_due"], values["next_amount_to_pay"]] if values else []

    def _check_portal_payment(self, amount, agreed=None):
        """Raise unless a payment of ``amount``, as the customer's browser says, may begin.

        :raise UserError: with a sentence for the customer
        """
        self.ensure_one()
        # Two payments that begin at once: the second one looks at what the first has done.
        self._get_subscription_charges()._lock()
        if not self._has_to_be_paid():
            raise UserError(self._get_online_payment_error())
        if self.transaction_ids.filtered(lambda tx: tx.state == "done" and not tx.payment_id and tx.amount > 0):
            raise UserError(self.env._("A payment of this invoice is under way. You need not pay it again."))
        allowed = self._get_portal_amounts(agreed)
        if not any(
            amount and isfinite(amount) and self.currency_id.compare_amounts(amount, value) == 0 for value in allowed
        ):
            raise UserError(
                self.env._("What is to be paid of this invoice has changed. Please reload the page and try again.")
            )
