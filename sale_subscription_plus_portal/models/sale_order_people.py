import re
from uuid import uuid4

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import clean_context, email_normalize

from .subscription_access_people import MOST_PEOPLE

LONGEST_NAME = 60
LONGEST_EMAIL = 254
# A name is no place for links or markup: it stands in a mail that goes out in our name.
NO_NAME = re.compile(r"[<>@/\\:{}]|\w\.\w{2,}")


class SaleOrder(models.Model):
    """People whom the customer lets see, pay or manage one subscription."""

    _inherit = "sale.order"

    # === LETTING IN ===#

    def _let_in(self, email, name, level, author):
        """Let somebody in to this subscription, and mail them their link.

        :param str email: their address, as it was typed
        :param str name: their name
        :param str level: what they may do
        :param author: ``res.partner`` in whose name it happens
        :return: ``subscription.access``
        :raise UserError: with a sentence for the customer
        """
        self.ensure_one()
        self._subscription_lock()
        Access = self.env["subscription.access"]
        Access._check_level(level)
        email, name = self._read_email(email), self._read_name(name)
        if email == self.partner_id.email_normalized:
            raise UserError(self.env._("%s manages this subscription already.", self.partner_id.name))
        if len(self.subscription_access_ids) >= MOST_PEOPLE:
            raise UserError(self.env._("%s people have access: take it back from somebody first.", MOST_PEOPLE))
        person = self._find_person(email) or self._create_person(email, name)
        access = Access.with_context(active_test=False).search(
            [("order_id", "=", self.id), ("partner_id", "=", person.id)], limit=1
        )
        if access.active:
            raise UserError(self.env._("%s has access already. You can change it in the list.", person.name))
        values = {"active": True, "level": level, "access_token": str(uuid4()), "invited_by_id": author.id}
        if access:
            access.write(values)
        else:
            access = Access.create({"order_id": self.id, "partner_id": person.id, **values})
        access._send_link()
        access._tell(self.env._("Access given"), author)
        return access

    def _read_email(self, email):
        email = email_normalize(email.strip(), strict=True) if len(email) <= LONGEST_EMAIL else False
        if not email:
            raise UserError(self.env._("Enter the e-mail address of one person."))
        return email

    def _read_name(self, name):
        name = " ".join(name.split())
        if not name:
            raise UserError(self.env._("Enter the name of this person."))
        if len(name) > LONGEST_NAME or NO_NAME.search(name) or not name.isprintable():
            raise UserError(
                self.env._("Enter the name only: %s letters at most, and no web or e-mail address.", LONGEST_NAME)
            )
        return name

    def _find_person(self, email):
        """Return the customer's own contact, or somebody whom the customer let in before, with this address.

        Nobody else who happens to be known under it: a guessed address tells nothing, and links nobody.
        """
        customer = self.partner_id.commercial_partner_id
        own = self.env["res.partner"].search(
            [("commercial_partner_id", "=", customer.id), ("email_normalized", "=", email)]
        )
        known = self.env["subscription.access"].with_context(active_test=False)
        known = known.search(
            [
                ("order_id.partner_id.commercial_partner_id", "=", customer.id),
                ("partner_id.email_normalized", "=", email),
                ("partner_id.active", "=", True),
            ]
        )
        own = own.sorted(lambda partner: (not partner.user_ids, partner.type != "contact", partner.id))
        return own[:1] or known.partner_id.sorted("id")[:1]

    def _create_person(self, email, name):
        """Return a contact for somebody who is let in.

        It does not belong to the customer: with a login, it would see all that the customer has, and not this one
        subscription.
        """
        customer = self.partner_id.commercial_partner_id
        Partner = self.env["res.partner"].with_context(
            clean_context(self.env.context), tracking_disable=True, mail_create_nosubscribe=True
        )
        return Partner.create(
            {"name": name, "email": email, "lang": self.partner_id.lang, "company_id": customer.company_id.id}
        )

    # === WHO IS IN ===#

    def _get_login_colleagues(self):
        """Return the customer's people who come to this subscription by their own login."""
        self.ensure_one()
        users = self.env["res.users"].search(
            [("partner_id.commercial_partner_id", "=", self.partner_id.commercial_partner_id.id)]
        )
        return users.partner_id

    def _is_keepable(self, access, user):
        """Return whether ``user``, who came by the link of ``access``, may take it into their account."""
        self.ensure_one()
        person = user.partner_id
        return (
            bool(access)
            and user._is_portal()
            # Somebody else's account has it: the link was passed on.
            and not access.partner_id.user_ids
            and person.commercial_partner_id != self.partner_id.commercial_partner_id
            and person not in self.subscription_access_ids.partner_id
        )

    def _keep_access(self, access, user):
        """Let ``user`` see this subscription with their login from now on; return whether that is so."""
        if not self._is_keepable(access, user):
            return False
        access.partner_id = user.partner_id
        access._tell(self.env._("Kept in an account"), user.partner_id)
        return True

    # === OVERRIDES ===#

    def _subscription_start(self):
        """Extend: whoever was let in to what is renewed, is let in to what goes on, by the same link."""
        result = super()._subscription_start()
        for renewal in self.filtered("subscription_renews_id"):
            # In sudo mode: access is given by no user, whoever confirms.
            for access in renewal.sudo().subscription_renews_id.subscription_access_ids:
                access.copy({"order_id": renewal.id, "access_token": access.access_token})
        return result

    def _subscription_leave_customer(self):
        """Extend: whom the former customer let in, is not let in by the new one."""
        # In sudo mode: as the rest of what the former customer leaves behind.
        self.sudo().subscription_access_ids._revoke(self.env.user.partner_id)
        return super()._subscription_leave_customer()
