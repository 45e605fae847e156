from odoo import fields, models

from odoo.addons.sale_subscription_plus.models.sale_order import RUNNING_STATUSES

from .subscription_rights import CHANGES

YES_NO = [("yes", "Yes"), ("no", "No")]


class ResPartner(models.Model):
    """What this customer looks after itself, whatever its plans say."""

    _inherit = "res.partner"

    subscription_customer_changes = fields.Selection(
        selection=CHANGES,
        string="Changes Subscriptions",
        groups="sales_team.group_sale_salesman",
        help="Set, it counts for all subscriptions of this customer, and is written to those that run; a single one "
        "may be set otherwise after that. Empty: as their templates and plans say.",
    )
    subscription_customer_pause = fields.Selection(
        selection=YES_NO, string="Pauses Subscriptions", groups="sales_team.group_sale_salesman"
    )
    subscription_customer_close = fields.Selection(
        selection=YES_NO, string="Closes Subscriptions", groups="sales_team.group_sale_salesman"
    )

    def write(self, vals):
        """Override of `base`: rights set for a customer reach the subscriptions that run."""
        result = super().write(vals)
        names = {"subscription_customer_changes", "subscription_customer_pause", "subscription_customer_close"}
        if names & vals.keys():
            for partner in self:
                partner._subscription_spread_rights(names & vals.keys())
        return result

    def _get_subscription_rights(self):
        """Return {field of an order: value} of the rights that are set for this customer."""
        partner = self.sudo()  # In sudo mode: who quotes need not be in Sales (the shop, the portal)
        rights = {}
        if partner.subscription_customer_changes:
            rights["subscription_customer_changes"] = partner.subscription_customer_changes
        for name in ("subscription_customer_pause", "subscription_customer_close"):
            if partner[name]:
                rights[name] = partner[name] == "yes"
        return rights

    def _subscription_spread_rights(self, names):
        rights = {name: value for name, value in self._get_subscription_rights().items() if name in names}
        if not rights:
            return
        # In sudo mode: they count for the customer's subscriptions whoever is their salesperson, in each company.
        orders = (
            self.env["sale.order"]
            .sudo()
            .search([("partner_id", "child_of", self.ids), ("subscription_status", "in", RUNNING_STATUSES)])
        )
        orders.filtered(lambda order: order.partner_id.commercial_partner_id == self).write(rights)
