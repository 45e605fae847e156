from uuid import uuid4

from odoo import api, fields, models
from odoo.tools import consteq

from odoo.addons.sale_subscription_plus.models.sale_order import RUNNING_STATUSES

# What somebody may do with a subscription in the portal; each includes those before it.
LEVELS = ("see", "pay", "manage")
# Subscriptions that have a page; quotations have Sales' own.
PAGE_STATUSES = (*RUNNING_STATUSES, "closed", "renewed")


def _is_same(secret, told):
    """Return whether a visitor told the ``secret``; what they tell may be anything."""
    return bool(secret and isinstance(told, str) and told.isascii() and consteq(secret, told))


class SubscriptionAccess(models.Model):
    """Somebody whom a customer lets see, pay or manage one subscription; by a link of their own, or their login."""

    _name = "subscription.access"
    _description = "Access to a Subscription"
    _order = "id"
    _rec_name = "partner_id"

    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Person", required=True, ondelete="cascade", index=True
    )
    level = fields.Selection(
        selection=[("see", "See it"), ("pay", "See and pay it"), ("manage", "Manage it")],
        string="May",
        required=True,
        default="see",
    )
    # Whoever holds it has what was granted, so it is read for the page and the mail only.
    access_token = fields.Char(required=True, default=lambda self: str(uuid4()), copy=False, groups=fields.NO_ACCESS)
    active = fields.Boolean(default=True)
    invited_by_id = fields.Many2one(comodel_name="res.partner", readonly=True)

    _person_uniq = models.UniqueIndex("(order_id, partner_id) WHERE active", "This person has access already.")


class SaleOrder(models.Model):
    """Who may do what with a subscription in the portal."""

    _inherit = "sale.order"

    subscription_access_ids = fields.One2many(
        comodel_name="subscription.access", inverse_name="order_id", string="People", copy=False
    )

    def _compute_access_url(self):
        """Override of `sale`: the link in each mail leads to the subscription's own page, once it has one."""
        super()._compute_access_url()
        for order in self.filtered(lambda order: order.subscription_status in PAGE_STATUSES):
            order.access_url = f"/my/subscriptions/{order.id}"

    # === THE LINK ===#

    def _has_field_access(self, field, operation):
        """Extend: colleagues may read an order, and never its link, with which everything can be done."""
        hidden = field.name == "access_token" and self.env.user.share and not self.env.su
        return not hidden and super()._has_field_access(field, operation)

    def _portal_ensure_token(self):
        """Override of `portal`: whoever makes a document's link, nobody is shown it by that."""
        # In sudo mode: see above.
        return super(SaleOrder, self.sudo())._portal_ensure_token()

    def _sign_token(self, pid):
        """Override of `portal`: signed for somebody, the link's key is told to nobody."""
        return super(SaleOrder, self.sudo())._sign_token(pid)  # In sudo mode: see above

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):
        """Override of `portal`: whom the chatter lets in goes on without a look at the key of their own."""
        thread = super()._get_thread_with_access(thread_id, hash=hash, pid=pid, token=token, **kwargs)
        return thread.sudo() if self.env.user.share else thread  # In sudo mode: see above

    def get_portal_url(self, suffix=None, report_type=None, download=None, query_string=None, anchor=None):
        """Override of `portal`: asked for by a customer over the network, the link holds no key."""
        # In sudo mode: see above; the key is taken off again.
        url = super(SaleOrder, self.sudo()).get_portal_url(
            suffix=suffix, report_type=report_type, download=download, query_string=query_string, anchor=anchor
        )
        if self.env.su or not self.env.user.share:
            return url
        self.check_access("read")
        return url.replace(f"access_token={self.sudo().access_token}", "", 1)

    # === LEVELS ===#

    @api.model
    def _get_subscription_page_domain(self, partner):
        """Return the domain of the subscriptions that ``partner`` sees in the portal with a login."""
        return [
            ("subscription_status", "in", PAGE_STATUSES),
            "|",
            ("partner_id.commercial_partner_id", "=", partner.commercial_partner_id.id),
            ("subscription_access_ids.partner_id", "=", partner.id),
        ]

    def _get_portal_level(self, user, access_token=None):
        """Return what ``user``, with or without the link, may do with this subscription: one of LEVELS, or None.

        :param user: ``res.users``; the public user without a login
        :param str access_token: the subscription's own, or that of somebody who was let in
        """
        self.ensure_one()
        levels = {self._get_level_by_link(access_token), self._get_level_by_login(user)}
        return next((level for level in reversed(LEVELS) if level in levels), None)

    def _get_level_by_link(self, access_token):
        if _is_same(self.access_token, access_token):
            return "manage"
        return self._get_access_by_link(access_token).level or None

    def _get_access_by_link(self, access_token):
        """Return the ``subscription.access`` that a link belongs to, if that was not taken back."""
        return self.subscription_access_ids.filtered(
            lambda access: access.partner_id.active and _is_same(access.access_token, access_token)
        )

    def _get_level_by_login(self, user):
        """Return what a login gives: all to the contact of the subscription, colleagues see and pay it."""
        if user._is_public():
            return None
        if user._is_internal():
            return "see" if self.with_user(user)._filtered_access("read") else None
        person, contact = user.partner_id, self.partner_id
        granted = self.subscription_access_ids.filtered(lambda access: access.partner_id == person).level
        if person.commercial_partner_id != contact.commercial_partner_id:
            return granted or None
        if person == contact or contact == contact.commercial_partner_id or granted == "manage":
            return "manage"
        return "pay"

    def _get_visitor(self, user, access_token=None):
        """Return the ``res.partner`` in whose name a visitor of the page acts."""
        self.ensure_one()
        if not user._is_public():
            return user.partner_id
        return self._get_access_by_link(access_token).partner_id or self.partner_id
