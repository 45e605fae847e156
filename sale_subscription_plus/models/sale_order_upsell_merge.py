from odoo import models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError

from .sale_order_billing import Bill, OrderBill


class SaleOrder(models.Model):
    """A confirmed upsell becomes part of its subscription.

    What recurs runs there from today on. What is sold once stays on the upsell, where it is delivered, and is
    invoiced together with the subscription.
    """

    _inherit = "sale.order"

    def _subscription_follow_state(self, state, cancelled):
        """Extend: confirmed, an upsell is merged."""
        upsells = self.filtered(lambda order: order.subscription_status == "upsell") if state == "sale" else ()
        super()._subscription_follow_state(state, cancelled)
        for upsell in upsells:
            upsell._in_own_name()._subscription_merge()

    def _in_own_name(self):
        """Return these records as staff confirms them, or for a customer as the superuser; with no screen's context."""
        if self.env.user._is_internal():
            return self._with_plain_context()
        return self.with_env(self.env(user=SUPERUSER_ID, context={}))

    def _get_merged_upsells(self):
        return self.subscription_upsell_ids.filtered(lambda upsell: upsell.subscription_status == "merged")

    # === MERGE ===#

    def _subscription_merge(self):
        """Add what this upsell sold to its subscription, and bill what is due of it today.

        :raise UserError: when it cannot be added as it stands, or the subscription cannot be billed
        """
        self.ensure_one()
        origin = self.subscription_origin_id
        origin._subscription_lock()
        origin._subscription_bill_before_merge()
        if problem := self._get_upsell_problem():
            message = f"{self.name}: {problem}"
            raise UserError(message)
        today = origin.company_id._get_subscription_today()
        changes = self.order_line._filter_raises()._subscription_raise(today)
        added = self.order_line._filter_added()._subscription_add_to_origin()
        self._subscription_set_status("merged")
        self._subscription_hand_over_method()
        if self._get_open_signup_transactions():
            # It is paid, so it is invoiced whether or not it is delivered yet, as Sales does.
            self._force_lines_to_invoice_policy_order()
        origin._subscription_bill_added(today)
        self._subscription_tell_merged(changes, added)

    def _subscription_bill_before_merge(self):
        """Bill what is due on this subscription already, as it was agreed before.

        :raise UserError: when that cannot be billed, or not all of it today
        """
        self.env["subscription.billing.run"]._turn_orders(self)
        self._subscription_bill_due()
        day = self.subscription_next_invoice_date
        if day and day <= self.company_id._get_subscription_today():
            raise UserError(
                self.env._(
                    "%s has more periods to bill than one day allows: the others follow tomorrow, and nothing can be "
                    "added before.",
                    self.name,
                )
            )

    def _subscription_tell_merged(self, changes, added):
        """Write in the history of both orders what became of the upsell."""
        origin = self.subscription_origin_id
        sold = [change._get_sentence() for change in changes]
        sold += [line._describe_added() for line in added]
        summary = ", ".join(sold) or self.env._("nothing that recurs")
        self.message_post(
            body=self.env._("Merged into %(order)s: %(summary)s", order=origin._get_html_link(), summary=summary)
        )
        origin.message_post(
            body=self.env._("Added by %(upsell)s: %(summary)s", upsell=self._get_html_link(), summary=summary)
        )

    # === INVOICE ===#

    def _subscription_bill_added(self, today):
        """Bill what was just added to this subscription, all of it on one invoice, and post that."""
        positions = self._get_billing_fiscal_positions()
        bills, _capped = self._get_bills(today, positions)
        one_off = self._get_one_off_lines()
        if one_off and not any(part.one_off_lines for bill in bills for part in bill.parts):
            # No period is due today: what is sold once does not wait for one.
            if not bills:
                bills = [Bill(today, [OrderBill(self, [], one_off, positions[self])])]
            bills[0].parts[0].one_off_lines = one_off
        invoices, _odoo_way = self._subscription_create_invoices(bills, today)
        self._subscription_write_ledger(bills, invoices)
        self._subscription_post(bills, invoices)

    def _get_one_off_lines(self):
        """Extend: what merged upsells sold once is invoiced with their subscription."""
        lines = super()._get_one_off_lines()
        for upsell in self._get_merged_upsells():
            lines |= super(SaleOrder, upsell)._get_one_off_lines()
        return lines

    def _prepare_bill_lines(self, part):
        values = super()._prepare_bill_lines(part)
        for upsell, lines in part.one_off_lines.grouped("order_id").items():
            if upsell != part.order:
                upsell_part = OrderBill(upsell, [], lines, part.fiscal_position)
                values += upsell.with_env(self.env)._prepare_bill_lines(upsell_part)
        return values

    def _get_invoicing_mode(self):
        """Extend: what was sold once with an upsell is invoiced as its subscription is."""
        merged = self.subscription_status == "merged"
        return super(SaleOrder, self.subscription_origin_id if merged else self)._get_invoicing_mode()

    def _filter_subscriptions(self):
        """Return the subscriptions among these orders, and those that merged upsells among them were added to."""
        merged = self.filtered(lambda order: order.subscription_status == "merged")
        return (self - merged).filtered("subscription_status") | merged.subscription_origin_id
