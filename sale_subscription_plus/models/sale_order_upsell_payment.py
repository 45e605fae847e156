from odoo import models
from odoo.api import SUPERUSER_ID
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..worker import NOT_THE_ORDERS_FAULT


class SaleOrder(models.Model):
    """What is signed and paid to confirm an upsell."""

    _inherit = "sale.order"

    # === WHAT IS DUE ===#

    def _is_subscription_signup(self):
        """Extend: an upsell is paid like a new subscription, with its part of the next invoice."""
        if self.subscription_status != "upsell":
            return super()._is_subscription_signup()
        return bool(self.order_line._filter_subscribed() | self.order_line._filter_sold_once())

    def _get_first_base_lines(self):
        """Extend: an upsell costs the rest of the period that runs on each line's plan, and what is sold once."""
        if self.subscription_status != "upsell":
            return super()._get_first_base_lines()
        origin = self.subscription_origin_id.sudo()  # In sudo mode: amounts do not depend on who looks
        today = origin.company_id._get_subscription_today()
        position = origin._get_billing_fiscal_positions()[origin]
        lines = self.order_line
        base_lines = [
            line._prepare_period_base_line(line._get_first_period(today), position)
            for line in lines._filter_added()._filter_billed_first(today)
        ]
        base_lines += [line._prepare_raise_base_line(today, position) for line in lines._filter_raises()]
        for line in lines._filter_sold_once():
            base_lines.append(line._prepare_one_off_base_line(position) | {"quantity": line.product_uom_qty})
        return base_lines

    # === WHAT THE CUSTOMER IS ASKED ===#

    def _has_to_be_signed(self):
        """Override of `sale`: where nothing is to be paid online today, the customer signs instead."""
        if self.subscription_status != "upsell":
            return super()._has_to_be_signed()
        asked = super()._has_to_be_signed() or (
            self.require_payment
            and not self.require_signature
            and not self.signature
            and self.state in ("draft", "sent")
            and not self.is_expired
            and not self._has_to_be_paid()
        )
        return asked and not self._get_upsell_problem()

    def _has_to_be_paid(self):
        """Override of `sale`: nothing is asked for an upsell that cannot be confirmed."""
        asked = super()._has_to_be_paid()
        return asked and not (self.subscription_status == "upsell" and self._get_upsell_problem())

    def _has_to_save_method(self):
        """Extend: an upsell is paid as its subscription is; it asks for no method where nothing is due today."""
        return self.subscription_status != "upsell" and super()._has_to_save_method()

    # === THE METHOD ===#

    def _is_upsell_with_method(self):
        """Return whether this adds to a subscription that a saved method pays already; that one stays."""
        self.ensure_one()
        return bool(self.sudo().subscription_origin_id.subscription_token_id)  # In sudo mode: customers ask, too

    def _is_paid_by_owner(self, user):
        """Extend: the method that pays an upsell is saved where its subscription has none."""
        return super()._is_paid_by_owner(user) and not self._is_upsell_with_method()

    def _subscription_enrol(self, token, author=None):
        """Extend: an upsell takes no method away from its subscription."""
        return super(SaleOrder, self.filtered(lambda order: not order._is_upsell_with_method()))._subscription_enrol(
            token, author
        )

    def _subscription_hand_over_method(self):
        """Let the method that was saved with this upsell pay its subscription, which has none."""
        token, origin = self.subscription_token_id, self.subscription_origin_id
        self.subscription_token_id = False
        if token.active and not origin.subscription_token_id:
            origin._subscription_enrol(token)

    # === THE FIRST INVOICE ===#

    def _subscription_bill_signup(self):
        """Extend: what is due of a merged upsell was billed as it was merged."""
        return super(
            SaleOrder, self.filtered(lambda order: order.subscription_status != "merged")
        )._subscription_bill_signup()

    def _is_first_bill(self, part):
        return super()._is_first_bill(part) or any(row.change_id.upsell_line_id for row in part.money)

    def _get_open_signup_transactions(self):
        """Extend: what was paid for an upsell waits for an invoice of its subscription."""
        return super(SaleOrder, self | self._get_merged_upsells())._get_open_signup_transactions()

    # === WHEN IT CANNOT BE MERGED ===#

    def _validate_order(self):
        """Override of `sale`: who signs an upsell that cannot be merged is not to blame; staff is told."""
        upsells = self.filtered(lambda order: order.subscription_status == "upsell")
        for upsell in upsells:
            upsell._subscription_try(super(SaleOrder, upsell)._validate_order)
        if self - upsells:
            super(SaleOrder, self - upsells)._validate_order()

    def _subscription_try(self, confirm):
        """Call ``confirm``; if that fails, keep this quotation as it was signed or paid and tell its salesperson.

        :return: what ``confirm`` returned; None if it failed
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                return confirm()
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, *NOT_THE_ORDERS_FAULT):
            raise
        except Exception as error:  # whatever another add-on may raise: the payment goes on
            self._subscription_tell_not_merged(self._describe_failure(error))
        return None

    def _subscription_tell_not_merged(self, reason):
        """Ask the salesperson to look at this upsell, which the customer signed or paid."""
        upsell = self.with_user(SUPERUSER_ID)  # the note comes from us, not from the customer
        upsell.message_post(
            body=self.env._("Accepted by the customer, but it cannot be confirmed yet: %s", reason),
        )
        upsell._subscription_schedule_parked_activity(reason)
