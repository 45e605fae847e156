from datetime import timedelta
from hashlib import sha256

from odoo import fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError, ValidationError

# How long an order of the shop may be paid, where the company's quotations do not expire
DAYS_TO_PAY = 30


class SaleOrder(models.Model):
    """The checkout of a cart that recurs: what is due today, and what must be right before money is taken."""

    _inherit = "sale.order"

    # === WHAT IS DUE ===#

    def _is_confirmed_unpaid(self):
        """Return whether this cart is confirmed without the payment form: nothing is due, and no method is saved."""
        self.ensure_one()
        if self._is_subscription_signup():
            return self._is_nothing_due_today() and not self._has_to_save_method()
        return not self.amount_total

    def _is_payment_mismatched(self, transaction):
        """Return whether ``transaction``, which went through, is not what this order costs."""
        self.ensure_one()
        if self.subscription_status:
            return self.state != "sale"
        return self.amount_total != transaction.amount

    def _get_payment_color(self, transaction):
        """Return Bootstrap's class of the alert that says what became of ``transaction``."""
        if transaction.state == "done" and self._is_payment_mismatched(transaction):
            return "alert-warning"
        colors = {"pending": "alert-info", "done": "alert-success", "authorized": "alert-success"}
        return colors.get(transaction.state, "alert-danger")

    def _recompute_cart(self):
        """Extend: what confirms a cart that recurs is its first invoice, paid whole."""
        self._require_first_invoice()
        return super()._recompute_cart()

    def _require_first_invoice(self):
        """Have the first invoice of these carts paid whole, whatever the company asks of quotations.

        A cart of long ago is one of today: its prices are computed anew.
        """
        for cart in self.filtered(lambda cart: cart._is_shop_signup()):
            if not cart.require_payment or cart.prepayment_percent != 1.0:
                cart.write({"require_payment": True, "prepayment_percent": 1.0})
            if cart.is_expired:
                days = cart.company_id.quotation_validity_days or DAYS_TO_PAY
                cart.validity_date = fields.Date.context_today(cart) + timedelta(days=days)
                # Odoo computes it once a request.
                cart.invalidate_recordset(["is_expired"])

    def _is_shop_signup(self):
        """Return whether this is a cart that recurs: it is ordered in the shop, at the prices of the day."""
        self.ensure_one()
        return bool(self.website_id) and self.state == "draft" and self._is_subscription_signup()

    def _get_agreement_digest(self):
        """Extend: who read the terms of one cart, agreed to no other."""
        digest = super()._get_agreement_digest()
        if not self.website_id:
            return digest
        return sha256(f"{self.id}/{self.partner_id.id}/{digest}".encode()).hexdigest()

    def _get_cart_recovery_url(self):
        """Return the link by which the visitor finds this cart again, below the site's."""
        return f"/shop/cart?id={self.id}&access_token={self._portal_ensure_token()}"

    # === BEFORE MONEY IS TAKEN ===#

    def _check_cart_is_ready_to_be_paid(self):
        """Extend: what confirmation or billing would refuse is refused before money is taken.

        :raise ValidationError: with a sentence for the visitor
        """
        self._require_first_invoice()
        super()._check_cart_is_ready_to_be_paid()
        if self._get_signup_obstacle():
            raise ValidationError(" ".join(self._get_obstacle_words()))

    def _get_signup_obstacle(self):
        """Return why this cart could not be confirmed, or billed, once it is paid, or False; in words for staff."""
        self.ensure_one()
        if not self._is_subscription_signup():
            return False
        if problem := self._confirmation_error_message():
            return problem
        try:
            self._check_company()
            self.order_line._check_company()
            self.order_line._validate_analytic_distribution()
        except UserError as error:
            return str(error)
        return self._get_billing_obstacle()

    def _get_billing_obstacle(self):
        """Return why the first invoice of this cart could not be made, or False; in words for staff."""
        today = self.company_id._get_subscription_today()
        positions = self._get_billing_fiscal_positions()
        taxes = self.env["account.tax"].union(*(line._get_billing_taxes(positions[self]) for line in self.order_line))
        problems = (self._get_tax_problem(tax) for tax in taxes.flatten_taxes_hierarchy())
        return self._get_billing_blockers(today, positions).get(self) or next(filter(None, problems), False)

    def _get_obstacle_words(self):
        """Return what a visitor is told who cannot sign up, and whose fault that is not: (title, message)."""
        company = self.company_id
        contact = " · ".join(filter(None, (company.email, company.phone)))
        return (
            self.env._("Sorry, we cannot take this order at the moment."),
            self.env._(
                "Your cart is kept, and you have not been charged. Please contact %(company)s: %(contact)s",
                company=company.name,
                contact=contact,
            )
            if contact
            else self.env._("Your cart is kept, and you have not been charged. Please contact %s.", company.name),
        )

    def _get_unsavable_words(self):
        """Return what a visitor is told where no method that can be saved is left: (title, message)."""
        _title, contact = self._get_obstacle_words()
        plans = self.order_line._filter_subscribed().subscription_plan_id.filtered("method_required")
        return (
            self.env._("No payment method can be saved for this order."),
            self.env._(
                "%(plans)s: the next invoices are paid by a saved payment method, and none of ours can be saved for "
                "your country, currency or amount. %(contact)s",
                plans=", ".join(plans.mapped("name")),
                contact=contact,
            ),
        )

    def _subscription_tell_obstacle(self, reason):
        """Ask the salesperson to look at this cart, which its visitor could not pay."""
        # As the superuser: it comes from us, not from the visitor.
        self.with_user(SUPERUSER_ID)._subscription_schedule_parked_activity(reason)

    # === AFTERWARDS ===#

    def _get_last_signup_transaction(self):
        """Return the last transaction that pays this order, or saves a method for it, in sudo mode."""
        self.ensure_one()
        # In sudo mode: visitors read no transaction; they have this order in their session.
        Transaction = self.env["payment.transaction"].sudo()
        domain = [
            "|",
            ("sale_order_ids", "in", self.ids),
            ("subscription_enrol_order_ids", "in", self.ids),
        ]
        return Transaction.search(domain, order="id desc", limit=1)
