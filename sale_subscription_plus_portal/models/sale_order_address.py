from datetime import timedelta

from odoo import fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from odoo.addons.sale_subscription_plus.models.sale_order import RUNNING_STATUSES

# Which field of the order is which address.
ADDRESS_FIELDS = {"invoice": "partner_invoice_id", "delivery": "partner_shipping_id"}
# Types of contacts that may be each address, beside the customer itself.
ADDRESS_TYPES = {"invoice": ("invoice", "other", "contact"), "delivery": ("delivery", "other", "contact")}
# So that nobody fills the address book with a script.
MOST_ADDRESSES_A_DAY = 10
LONGEST_PHONE = 40


class SaleOrder(models.Model):
    """Where the invoices of a subscription go, where it is delivered to, and how its contact is reached."""

    _inherit = "sale.order"

    # === ADDRESSES ===#

    def _get_address_choices(self, kind):
        """Return the customer's own addresses among which this subscription's is chosen.

        :param str kind: ``invoice`` or ``delivery``
        """
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        contacts = self.env["res.partner"].search(
            [("commercial_partner_id", "=", customer.id), ("type", "in", ADDRESS_TYPES[kind])], order="name, id"
        )
        return self[ADDRESS_FIELDS[kind]] | customer | self.partner_id | contacts

    def _set_address(self, kind, partner, author):
        """Let invoices go to ``partner``, or deliver there, from now on. What was billed stays as it is.

        :param str kind: ``invoice`` or ``delivery``
        :param author: ``res.partner`` in whose name it happens
        :raise UserError: when the subscription has ended
        """
        self.ensure_one()
        self._subscription_lock()
        if self.subscription_status not in RUNNING_STATUSES:
            raise UserError(self.env._("This subscription has ended: its addresses stay as they are."))
        former = self[ADDRESS_FIELDS[kind]]
        if partner == former:
            return
        values = {ADDRESS_FIELDS[kind]: partner.id}
        if not self.subscription_fiscal_auto:
            # Set by hand, it stays; else it follows the address, as it does at each billing.
            values["fiscal_position_id"] = self.fiscal_position_id.id
        # In sudo mode, and the salesperson's name: what the warehouse has to do about it is theirs to see to.
        staff = self.with_user(self.user_id or SUPERUSER_ID).sudo().with_context(tracking_disable=True)
        staff.write(values)
        self._tell_address(kind, partner._get_address_line(), former._get_address_line(), author)

    def _tell_address(self, kind, new, old, author):
        if kind == "invoice":
            sentence = self.env._("Invoices go to %(new)s from now on, instead of %(old)s.", new=new, old=old)
        else:
            sentence = self.env._("Delivered to %(new)s from now on, instead of %(old)s.", new=new, old=old)
        self.message_post(body=sentence, author_id=author.id)

    def _check_new_address(self):
        """Raise when enough addresses were given for one day."""
        since = fields.Datetime.now() - timedelta(days=1)
        count = self.env["res.partner"].search_count(
            [
                ("commercial_partner_id", "=", self.partner_id.commercial_partner_id.id),
                ("type", "in", ("invoice", "delivery")),
                ("create_date", ">=", since),
            ]
        )
        if count >= MOST_ADDRESSES_A_DAY:
            raise UserError(self.env._("Enough addresses for one day. Please try again tomorrow, or write to us."))

    # === THE CONTACT ===#

    def _is_contact_editable(self):
        """Return whether e-mail and phone of the contact may be changed here: only where they are of no other use.

        The e-mail of somebody with a login opens their account; that of a company, or of other subscriptions, is not
        for one link to change.
        """
        self.ensure_one()
        contact = self.partner_id
        shared = contact.is_company or contact.with_context(active_test=False).user_ids
        return self.subscription_status in RUNNING_STATUSES and not (
            shared or self.search_count([("partner_id", "=", contact.id), ("id", "!=", self.id)], limit=1)
        )

    def _set_contact(self, email, phone, author):
        """Reach the contact by ``email`` and ``phone`` from now on; the former address is told.

        :param author: ``res.partner`` in whose name it happens
        :raise UserError: with a sentence for the customer
        """
        self.ensure_one()
        self._subscription_lock()
        if not self._is_contact_editable():
            raise UserError(self.env._("This cannot be changed here. Please log in, or write to us."))
        email, phone = email_normalize(email.strip(), strict=True), phone.strip()
        if not email:
            raise UserError(self.env._("Enter your e-mail address."))
        if len(phone) > LONGEST_PHONE or not phone.isprintable():
            raise UserError(self.env._("Enter a phone number."))
        contact, former = self.partner_id, self.partner_id.email
        if (email, phone) == (contact.email_normalized, contact.phone or ""):
            return
        contact.write({"email": email, "phone": phone or False})
        self.message_post(
            body=self.env._("The contact is reached by %s from now on.", ", ".join(filter(None, (email, phone)))),
            author_id=author.id,
        )
        if former and email != email_normalize(former):
            self._tell_former_email(former)

    def _tell_former_email(self, email):
        # As the superuser: the mail comes from us, not from the visitor who happens to be on the page.
        template = self.env.ref("sale_subscription_plus_portal.mail_template_email_changed")
        template.with_env(self.env(user=SUPERUSER_ID, context={})).send_mail(self.id, email_values={"email_to": email})
