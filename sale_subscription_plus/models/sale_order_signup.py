from math import isfinite

from odoo import models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..worker import NOT_THE_ORDERS_FAULT
from .sale_order_billing import Bill, OrderBill


class SaleOrder(models.Model):
    """Signing up: what is paid to confirm a quotation, and the first invoice that it pays."""

    _inherit = "sale.order"

    # === WHAT IS TO BE PAID ===#

    def _is_subscription_signup(self):
        """Return whether this is a quotation that becomes a subscription once it is confirmed."""
        self.ensure_one()
        return self.subscription_status == "quotation" and bool(self.order_line._filter_subscribed())

    def _get_first_invoice_amount(self):
        """Return the total of the first invoice, in the order's currency: what is paid to sign up.

        It bills the first period, or its part, of what is billed in advance, and all that is sold once. What is
        billed in arrears comes later.
        """
        self.ensure_one()
        # Where discounts take all of it off, a rest far below a cent is nothing.
        return self.currency_id.round(self._get_base_line_totals(self._get_first_base_lines())["total"]) or 0.0

    def _get_first_base_lines(self):
        """Return what Odoo's tax engine needs to know of the lines of the first invoice."""
        start = self.subscription_start or self.company_id._get_subscription_today()
        position = self.fiscal_position_id
        base_lines = [
            line._prepare_period_base_line(line._get_first_period(start), position)
            for line in self.order_line._filter_billed_first(start)
        ]
        for line in self.order_line._filter_sold_once():
            base_lines.append(line._prepare_one_off_base_line(position) | {"quantity": line.product_uom_qty})
        return base_lines

    def _get_signup_amount(self, is_down_payment=False, suggested=None):
        """Return what is to be paid now, of what the first invoice leaves open.

        :param bool is_down_payment: only the part that confirms the quotation
        :param float suggested: amount of a payment link, within the same bounds
        """
        self.ensure_one()
        least, most = self._get_signup_bounds()
        if suggested:
            return min(max(suggested, least), most)
        return least if is_down_payment and least else most

    def _get_signup_bounds(self):
        """Return the least that confirms this quotation and the most that its first invoice needs."""
        paid = self.amount_paid
        bounds = (self._get_prepayment_required_amount() - paid, self._get_first_invoice_amount() - paid)
        return tuple(max(self.currency_id.round(amount), 0.0) for amount in bounds)

    def _check_signup_payment(self, amount):
        """Raise unless a payment of ``amount``, as the customer's browser says, may begin.

        :raise UserError: with a sentence for the customer
        """
        self.ensure_one()
        # Two payments that begin at once: the second one looks at what the first has done.
        self._subscription_lock()
        if self._get_signup_payment_under_way():
            raise UserError(
                self.env._("A payment of %s is being processed. Please wait until its outcome is known.", self.name)
            )
        least, most = self._get_signup_bounds()
        compare = self.currency_id.compare_amounts
        if not amount or not isfinite(amount) or compare(amount, least) < 0 or compare(amount, most) > 0:
            raise UserError(
                self.env._("What is to be paid for %s has changed. Please reload the page and try again.", self.name)
            )

    def _get_signup_payment_under_way(self):
        """Return the payments of this quotation whose outcome a provider has not told yet."""
        # In sudo mode: customers ask, too.
        return self.sudo().transaction_ids.filtered(
            lambda tx: tx.state in ("pending", "authorized") and tx.provider_code != "custom"
        )

    def _is_method_required(self):
        """Return whether who signs up online saves the method that pays the next invoices: a plan asks for it."""
        self.ensure_one()
        return any(self.order_line._filter_subscribed().subscription_plan_id.mapped("method_required"))

    def _has_to_save_method(self):
        """Return whether a payment method confirms this quotation: it is to be paid online, and not today."""
        self.ensure_one()
        return (
            self.require_payment
            and self._is_method_required()
            and not self.is_expired
            and not self.subscription_token_id
            and self._is_subscription_signup()
            # By what recurs, not by the total: a discount may pay the first invoice and none of the next.
            and sum(self.order_line._filter_subscribed().mapped("price_total")) > 0
            and self._is_nothing_due_today()
        )

    def _is_nothing_due_today(self):
        """Return whether the first invoice asks for no money, or is made later."""
        self.ensure_one()
        return self.currency_id.compare_amounts(self._get_first_invoice_amount(), 0.0) <= 0

    def _get_signup_payer(self, user):
        """Return whose method ``user`` saves: their own, or without a login that of who gets the invoices.

        The user is told: the portal hands orders out in the superuser's name.
        """
        self.ensure_one()
        return self.partner_invoice_id if user._is_public() else user.partner_id

    def _is_paid_by_owner(self, user):
        """Return whether a method that ``user`` saves may pay this order: nobody else's method ever does."""
        return self._get_signup_payer(user).commercial_partner_id == self.partner_id.commercial_partner_id

    def _is_method_saved_by(self, user):
        """Return whether ``user``, who pays this quotation, must save the method that they pay it with."""
        return self._is_method_required() and self._is_paid_by_owner(user)

    # === WHAT SALES ASKS ===#

    def _get_prepayment_required_amount(self):
        """Override of `sale`: the share is one of the first invoice."""
        if not (self.require_payment and self._is_subscription_signup()):
            return super()._get_prepayment_required_amount()
        return self.currency_id.round(max(self._get_first_invoice_amount(), 0.0) * self.prepayment_percent)

    def _is_paid(self):
        """Override of `sale`: an order that recurs is paid with its first invoice; the others follow."""
        if not self.subscription_status:
            return super()._is_paid()
        return self.currency_id.compare_amounts(self.amount_paid, self._get_first_invoice_amount()) >= 0

    def _has_to_be_paid(self):
        """Override of `sale`: where nothing is to be paid today, the payment form saves a method."""
        return super()._has_to_be_paid() or self._has_to_save_method()

    def _has_to_be_signed(self):
        """Override of `sale`: where nothing is to be paid today, and later by hand, the customer signs instead."""
        return super()._has_to_be_signed() or (
            self.require_payment
            and not self.signature
            and not self.is_expired
            and self._is_subscription_signup()
            and not self._is_method_required()
            and self._is_nothing_due_today()
        )

    def _get_default_payment_link_values(self):
        """Override of `sale`: a link asks for the first invoice; later ones have links of their own."""
        values = super()._get_default_payment_link_values()
        if self._is_subscription_signup():
            least, most = self._get_signup_bounds()
            values |= {"amount": least if self.require_payment else most, "amount_max": most}
        elif self.subscription_status:
            values |= {"amount": 0.0, "amount_max": 0.0}
        return values

    # === THE METHOD ===#

    def _subscription_enrol(self, token, author=None):
        """Pay these orders with ``token`` from now on.

        :param author: ``res.partner`` in whose name it is told
        :raise AccessError: when an order is not of the token's owner
        """
        self._check_subscription_owner(token.partner_id)
        for order in self.filtered(lambda order: order.subscription_token_id != token):
            order.subscription_token_id = token
            order.message_post(
                body=self.env._(
                    "Automatic payment is on: %(method)s pays this subscription from now on.",
                    method=token._get_subscription_label(),
                ),
                author_id=author.id if author else None,
            )

    def _subscription_unenrol(self, author=None):
        """Let no saved method pay these orders any more; the customer pays each invoice.

        :param author: ``res.partner`` in whose name it is told
        """
        for order in self.filtered("subscription_token_id"):
            label = order.subscription_token_id._get_subscription_label()
            order.subscription_token_id = False
            order.message_post(
                body=self.env._("Automatic payment is off: %(method)s does not pay this any more.", method=label),
                author_id=author.id if author else None,
            )

    def _check_subscription_owner(self, partner):
        """Raise unless all these orders are of ``partner``, whose method is to pay them."""
        for order in self:
            if order.partner_id.commercial_partner_id != partner.commercial_partner_id:
                raise AccessError(
                    self.env._(
                        "A payment method of %(payer)s cannot pay %(order)s by itself: that is another customer's. "
                        "Log in as that customer, or log out and use the link that you were sent.",
                        payer=partner.display_name,
                        order=order.name,
                    )
                )

    # === THE FIRST INVOICE ===#

    def _subscription_bill_signup(self):
        """Bill at once what is due on orders that a payment has just confirmed, so that it meets its invoice.

        What cannot be billed is parked, and its payment waits with it: the money is there, and must not be lost.
        """
        # As the superuser: an invoice is billed and sent alike whoever paid, with or without a login.
        for order in self.with_env(self.env(user=SUPERUSER_ID, context={})):
            today = order.company_id._get_subscription_today()
            order._subscription_lock()
            try:
                with self.env.cr.savepoint():
                    order._subscription_bill_first(today)
            except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, *NOT_THE_ORDERS_FAULT):
                raise
            except Exception as error:  # whatever another add-on may raise: the payment goes on
                order._subscription_park(order._describe_failure(error), today)

    def _subscription_bill_first(self, today):
        self.ensure_one()
        # It is paid, so it is invoiced whether or not it is delivered yet, as Sales does.
        self._force_lines_to_invoice_policy_order()
        self.env["subscription.billing.run"]._bill(self, today)
        one_off = self._get_one_off_lines()
        if not one_off or self.subscription_parked_reason or self.subscription_status != "progress":
            return
        # No period is due yet: what is sold once does not wait for it.
        bill = Bill(today, [OrderBill(self, [], one_off, self._get_billing_fiscal_positions()[self])])
        invoices, _odoo_way = self._subscription_create_invoices([bill], today)
        self._subscription_post([bill], invoices)

    def _prepare_subscription_invoice(self, bill, today):
        """Extend: what was paid to sign up rides on the first invoice alone, and never on a renewal."""
        values = super()._prepare_subscription_invoice(bill, today)
        if values:
            orders = self.browse().concat(*(part.order for part in bill.parts if self._is_first_bill(part)))
            paid_with = orders._get_open_signup_transactions()
            values["transaction_ids"] = [Command.set(paid_with.ids)] if paid_with else []
        return values

    def _is_first_bill(self, part):
        return bool(part.one_off_lines) or any(period.start == line.subscription_start for line, period in part.periods)

    def _get_open_signup_transactions(self):
        """Return the payments of these orders that wait for an invoice, or for more of one."""
        # In sudo mode: whoever bills, the payment meets its invoice.
        return self.sudo().transaction_ids.filtered(
            lambda tx: (
                tx.operation != "validation"
                and (tx.state in ("pending", "authorized") or (tx.state == "done" and not tx.payment_id.is_reconciled))
            )
        )

    # === A PAYMENT THAT FAILED ===#

    def _subscription_tell_signup_failed(self):
        """Mail customers whose payment failed after they had left that nothing is lost, with the link to pay."""
        template = self.env.ref("sale_subscription_plus.mail_template_signup_failed", raise_if_not_found=False)
        signups = self.filtered(lambda order: order._is_subscription_signup() and order.partner_id.email)
        # As the superuser: the mail comes from us, not from the visitor who happens to be on the page.
        for order in signups.with_user(SUPERUSER_ID) if template else ():
            order.message_post_with_source(
                template,
                email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
                subtype_xmlid="mail.mt_comment",
            )
