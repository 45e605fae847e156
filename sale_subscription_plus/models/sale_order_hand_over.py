import base64

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

HANDED_OVER_STATUSES = ("progress", "paused")


class SaleOrder(models.Model):
    """Handing a running subscription over to another customer: the order goes on, with nothing of the former one."""

    _inherit = "sale.order"

    subscription_handed_over_on = fields.Date(
        string="Handed Over On",
        copy=False,
        readonly=True,
        help="Since when the subscription belongs to its present customer.",
    )

    # === ACTION METHODS ===#

    def action_subscription_hand_over(self):
        """Open the wizard that hands this subscription over to another customer.

        :raise UserError: when it cannot be handed over
        """
        self.ensure_one()
        self._subscription_check_right("sales_team.group_sale_salesman")
        self.check_access("write")
        self._check_subscription_hand_over()
        return {
            "name": self.env._("Hand Over %s", self.name),
            "type": "ir.actions.act_window",
            "res_model": "subscription.hand.over.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_view_subscription_charges(self):
        """Extend: collections from former customers are part of the history."""
        action = super().action_view_subscription_charges()
        action["domain"] = self._get_subscription_charge_domain()
        return action

    def _compute_subscription_charge_count(self):
        """Extend: collections from former customers count, too."""
        super()._compute_subscription_charge_count()
        for order in self.filtered("subscription_handed_over_on"):
            domain = order._get_subscription_charge_domain()
            order.subscription_charge_count = self.env["subscription.charge"].search_count(domain)

    def _get_subscription_charge_domain(self):
        return ["|", ("order_ids", "in", self.ids), ("former_order_ids", "in", self.ids)]

    # === WHAT SPEAKS AGAINST IT ===#

    def _check_subscription_hand_over(self):
        """Raise unless this subscription can be handed over today.

        :raise UserError: it says what to do
        """
        self.ensure_one()
        if self.subscription_status not in HANDED_OVER_STATUSES:
            raise UserError(self.env._("%s does not run: only a running subscription can be handed over.", self.name))
        if waiting := self.sudo()._get_orders_in_the_making():  # In sudo mode: they count whoever may see them
            raise UserError(
                self.env._(
                    "%(orders)s: what was offered to the present customer cannot be handed over. Cancel it, hand "
                    "%(order)s over, and offer it anew.",
                    orders=", ".join(waiting.mapped("name")),
                    order=self.name,
                )
            )

    def _get_orders_in_the_making(self):
        """Return the quotations that would change this subscription, and a renewal that has not begun yet."""
        quotations = self.subscription_renewal_ids | self.subscription_upsell_ids
        return quotations.filtered(lambda order: order.state in ("draft", "sent")) | self._get_coming_renewals()

    def _check_new_customer(self, partner):
        if partner.commercial_partner_id == self.partner_id.commercial_partner_id:
            raise UserError(
                self.env._(
                    "%(order)s is %(customer)s's already. To change its contact or addresses, change them on the "
                    "order.",
                    order=self.name,
                    customer=partner.display_name,
                )
            )
        if partner.company_id and partner.company_id != self.company_id:
            raise UserError(
                self.env._(
                    "%(customer)s belongs to company %(other)s, and %(order)s to %(company)s.",
                    customer=partner.display_name,
                    other=partner.company_id.name,
                    order=self.name,
                    company=self.company_id.name,
                )
            )

    def _check_nothing_missed(self, today):
        """Raise when more was missed than one day bills: it is the present customer's."""
        if self.subscription_next_invoice_date and self.subscription_next_invoice_date <= today:
            raise UserError(
                self.env._(
                    "More missed periods of %s are due than are billed in one day. Bill them first, or raise the limit "
                    "in the settings.",
                    self.name,
                )
            )

    # === HANDING OVER ===#

    def _subscription_hand_over(self, partner, invoice_partner, shipping_partner, note=False):
        """Give this running subscription to ``partner``, today; what is due until today is billed before.

        :param partner: ``res.partner``, the new customer
        :param invoice_partner: where invoices go from now on
        :param shipping_partner: where it is delivered to from now on
        :param str note: kept in the history
        :raise UserError: when it cannot be handed over, or what is due cannot be billed
        """
        self._subscription_lock()
        today = self.company_id._get_subscription_today()
        self.env["subscription.billing.run"]._turn(self, today)
        self._check_subscription_hand_over()
        self._check_new_customer(partner)
        self._subscription_bill(today)
        self._check_nothing_missed(today)
        former = self.partner_id
        self._subscription_leave_customer()
        self.write(
            {
                "partner_id": partner.id,
                "partner_invoice_id": invoice_partner.id,
                "partner_shipping_id": shipping_partner.id,
                "subscription_handed_over_on": today,
            }
        )
        self.fiscal_position_id = self._get_automatic_fiscal_position()
        self._subscription_tell_hand_over(former, note)

    def _subscription_leave_customer(self):
        """Leave behind what is the present customer's: debts, methods, links, and who follows."""
        self.subscription_charge_ids._subscription_leave(self)
        self.write({"subscription_token_id": False, "subscription_payment_status": "ok", "access_token": False})
        self.write({"subscription_last_payment_on": False, "subscription_last_failure_on": False})
        self._portal_ensure_token()
        # What was written to one customer is not for the eyes of another, who sees the order's page now.
        self.message_ids.filtered(lambda message: not message.is_internal).is_internal = True
        own = self.message_partner_ids.filtered(
            lambda partner: partner.commercial_partner_id == self.partner_id.commercial_partner_id
        )
        self.message_unsubscribe(own.ids)
        self._subscription_put_signature_by()

    def _subscription_put_signature_by(self):
        """Keep the signature in the history, and take it off the page that another customer sees."""
        if self.signature:
            self._message_log(
                body=self.env._("Signed by %s.", self.signed_by or ""),
                attachment_ids=self.env["ir.attachment"]
                .create({"name": "signature.png", "raw": base64.b64decode(self.signature)})
                .ids,
            )
            self.write({"signature": False, "signed_by": False, "signed_on": False})

    def _subscription_tell_hand_over(self, former, note):
        self.message_subscribe(self.partner_id.ids)
        self._message_log(
            body=plaintext2html(
                "\n".join(
                    filter(
                        None,
                        [
                            self.env._(
                                "Handed over from %(former)s to %(customer)s.",
                                former=former.display_name,
                                customer=self.partner_id.display_name,
                            ),
                            note,
                        ],
                    )
                )
            )
        )

    # === NOTHING CROSSES ===#

    def _get_open_signup_transactions(self):
        """Extend: what a former customer paid never pays an invoice of the present one."""
        transactions = super()._get_open_signup_transactions()
        handed_over = self.filtered("subscription_handed_over_on")
        return transactions.filtered(
            lambda tx: (
                not tx.sale_order_ids & handed_over
                or tx.partner_id.commercial_partner_id in handed_over.partner_id.commercial_partner_id
            )
        )

    def _prepare_invoice(self):
        """Extend: what a former customer paid never rides on an invoice of the present one."""
        values = super()._prepare_invoice()
        if self.subscription_handed_over_on:
            values["transaction_ids"] = []
        return values

    def _get_portal_invoices(self):
        """Return the invoices of this order that its customer sees on its page."""
        if not self.subscription_handed_over_on:
            return self.invoice_ids
        own = self.partner_invoice_id.commercial_partner_id
        return self.invoice_ids.filtered(lambda invoice: invoice.commercial_partner_id == own)

    def get_portal_last_transaction(self):
        """Extend: how a former customer paid is not for the eyes of the present one."""
        transaction = super().get_portal_last_transaction()
        if not self.subscription_handed_over_on:
            return transaction
        own = self.partner_id.commercial_partner_id
        return transaction.filtered(lambda tx: tx.partner_id.commercial_partner_id == own)
