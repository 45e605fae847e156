from odoo import models

from odoo.addons.sale_subscription_plus.models.sale_order import RUNNING_STATUSES


class SaleOrder(models.Model):
    """The method that pays a subscription, as the customer sees to it in the portal."""

    _inherit = "sale.order"

    def _get_page_url_of(self, partner, suffix=""):
        """Return the URL, below the site's, of a page of this subscription for ``partner``, to be mailed to them.

        :param str suffix: path below the subscription's page
        """
        self.ensure_one()
        access = self.subscription_access_ids.filtered(lambda access: access.partner_id == partner)[:1]
        if access:
            return access._get_page_url(suffix)
        if partner != self.partner_id and partner.user_ids:
            # A colleague comes by their login: with the link of the subscription, they could do more than they may.
            return f"{self.access_url}{suffix}"
        return self.get_portal_url(suffix=suffix)

    def _get_payer_of(self, visitor):
        """Return whose method ``visitor``, who comes by a link, saves for this subscription.

        The link of the subscription itself says little of who has it: they save it for who gets the invoices.
        """
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        invoiced = self.partner_invoice_id
        return invoiced if visitor == self.partner_id and invoiced.commercial_partner_id == customer else visitor

    def _is_paid_by(self, partner):
        """Return whether a method of ``partner`` may pay this subscription by itself: only the customer's own."""
        return partner.commercial_partner_id == self.partner_id.commercial_partner_id

    def _get_others_paid_alike(self):
        """Return the customer's other running subscriptions that the same method pays, or none as this one."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        return self.search(
            [
                ("id", "!=", self.id),
                ("partner_id.commercial_partner_id", "=", customer.id),
                ("company_id", "=", self.company_id.id),
                ("subscription_status", "in", RUNNING_STATUSES),
                ("subscription_token_id", "=", self.subscription_token_id.id),
            ]
        )

    def _get_method_alert(self, named):
        """Return (Bootstrap's colour, sentence) where the method cannot be charged, or soon cannot be; else None.

        :param bool named: the customer is logged in: others are not told which of the customer's methods it is
        """
        token = self.subscription_token_id
        notice = token and token._get_notice(self.company_id._get_subscription_today())
        if not notice:
            return None
        gone = not token.active or token.subscription_blocked_reason or token._is_expired()
        if gone and not named:
            notice = self.env._("It cannot be charged any more.")
        return ("danger" if gone else "warning"), notice

    def _get_unpaid_note(self):
        """Return what a new method would pay at once; blank where nothing is open."""
        charges = self._get_unpaid_charges().filtered(lambda charge: charge.state != "given_up")
        open_now = charges.filtered(lambda charge: charge.state != "waiting" or charge.due_on <= charge._get_today())
        if not open_now:
            return ""
        names = ", ".join(open_now.move_id.mapped(lambda move: move.name or self.env._("Draft")))
        return self.env._("What is open (%s) is charged to it at once.", names)
