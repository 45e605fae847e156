from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine_context import Shared, get_shared
from .sale_order_charging import PAYMENT_STATUS

STATES = [
    ("active", "Active"),
    ("paid_until", "Paid Until"),
    ("in_grace", "In Grace"),
    ("suspended", "Suspended"),
    ("upcoming", "Upcoming"),
    ("ended", "Ended"),
]
# The customer may use it.
USABLE_STATES = ("active", "paid_until", "in_grace")
# How long it is shown that something ended.
DAYS_AFTER_END = 90


class SubscriptionEntitlement(models.Model):
    """What customers may use, line by line of their subscriptions, and why.

    Nothing is kept: what it says follows from the timelines, the changes and the collections. It is for support, which
    sees none of the money, so texts stand for the documents that only salespeople may open. The query and the reasons
    stand in files of their own.
    """

    _name = "subscription.entitlement"
    _description = "Entitlement"
    _auto = False
    _rec_name = "product_id"
    _order = "id desc"

    # Who
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    contact_id = fields.Many2one(
        comodel_name="res.partner", readonly=True, help="Who of the customer ordered it, or the customer."
    )
    # What
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    product_uom_id = fields.Many2one(comodel_name="uom.uom", string="Unit", readonly=True)
    plan_id = fields.Many2one(comodel_name="subscription.plan", readonly=True)
    # When, and whether
    date_from = fields.Date(string="From", readonly=True, help="First day.")
    date_to = fields.Date(string="Until", readonly=True, help="Last day. Empty: no end is known.")
    state = fields.Selection(
        selection=STATES,
        readonly=True,
        help="Active: runs on. Paid until: runs, and its end is known. In grace: something is not paid, and it may "
        "still be used. Suspended: not paid, or paused. Ended: until 90 days ago.",
    )
    is_usable = fields.Boolean(
        string="May Be Used", readonly=True, help="Whether the customer may use it: active, paid until, or in grace."
    )
    reason = fields.Char(compute="_compute_reason", compute_sudo=True)
    # Why
    payment_status = fields.Selection(selection=PAYMENT_STATUS, readonly=True)
    paused_on = fields.Date(readonly=True)
    resume_on = fields.Date(readonly=True)
    # Where it comes from
    order_id = fields.Many2one(
        comodel_name="sale.order",
        readonly=True,
        groups="sales_team.group_sale_salesman,account.group_account_invoice,account.group_account_readonly",
    )
    order_name = fields.Char(string="Subscription", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Salesperson", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)

    def action_view_order(self):
        """Open the subscription.

        :raise AccessError: for who may not read it
        """
        self.ensure_one()
        self.order_id.check_access("read")
        return self.order_id._get_records_action(name=self.order_name)

    # === ANY DAY ===#

    @api.model
    def _find(self, partners, day=None):
        """Return the entitlements of customers on a day, as far as the user may read them.

        They are read at once, for the same record tells something else of another day: use them, then
        ``invalidate_model()``.

        :param partners: ``res.partner``, commercial partners
        :param date day: of any year; none: the present day of each company
        """
        customers = partners.commercial_partner_id
        shared = Shared(day=day, order_ids=self._get_order_ids(customers))
        model = self.with_context(subscription_entitlement=shared)
        model.invalidate_model()
        domain = [("partner_id", "in", customers.ids), ("company_id", "in", self.env.companies.ids)]
        return model.search_fetch(domain, self._get_stored_names())

    @api.model
    def _get_stored_names(self):
        return [name for name, field in self._fields.items() if field.store and self._has_field_access(field, "read")]

    @api.model
    def _parse_day(self, day):
        """Return a date that came over the network, or None.

        :raise UserError: when it is no date
        """
        try:
            return fields.Date.to_date(day) or None
        except (TypeError, ValueError):
            raise UserError(self.env._('"%s" is no date. Write it as 2026-12-31.', day)) from None

    @api.model
    def _get_days(self):
        """Return [(company, day that is asked about, today)] of the selected companies."""
        shared = get_shared(self.env, "subscription_entitlement") or {}
        # In sudo mode: the time zone of a company is no secret.
        todays = [(company.id, company._get_subscription_today()) for company in self.env.companies.sudo()]
        return [(company_id, shared.get("day") or today, today) for company_id, today in todays]

    # === FOR SOFTWARE ===#

    def _prepare_entitlement(self):
        """Return what software is told, see ``res.partner._get_entitlements``."""
        self.ensure_one()
        # In sudo mode: names are told with what bears them.
        names = self.sudo()
        product = names.product_id
        return {
            "partner_id": self.partner_id.id,
            "partner": names.partner_id.display_name,
            "product_id": product.id,
            "product": product.name,
            "code": product.default_code or None,
            "variant": product.product_template_attribute_value_ids._get_combination_name(),
            "quantity": self.quantity,
            "uom": names.product_uom_id.name,
            "plan": names.plan_id.name,
            "date_from": self.date_from,
            "date_to": self.date_to or None,
            "state": self.state,
            "usable": self.is_usable,
            "reason": self.reason,
            "order": self.order_name,
            "company_id": self.company_id.id,
            "company": names.company_id.name,
        }
