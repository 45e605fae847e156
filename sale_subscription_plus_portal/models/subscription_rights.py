from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.sale_subscription_plus.models.sale_order import RUNNING_STATUSES

CHANGES = [
    ("restricted", "Nothing"),
    ("upgrade", "More only"),
    ("both", "More and less"),
]
# Rights of an order: the names of the same rights on a plan.
RIGHTS = {
    "subscription_customer_changes": "customer_changes",
    "subscription_customer_pause": "customer_pause",
    "subscription_customer_pause_days": "customer_pause_days",
    "subscription_customer_close": "customer_close",
}
CHANGES_HELP = (
    "What customers change themselves in the portal: quantities, options, and the plan where several are offered. "
    "More counts, and is paid, at once; less counts from the end of the period that was billed."
)
PAUSE_HELP = "Customers pause and resume themselves in the portal."
PAUSE_DAYS_HELP = "The longest pause that customers may take themselves. 0: as long as they like."
CLOSE_HELP = "Customers close themselves in the portal, as early as what was billed and their commitment allow."


class SubscriptionPlan(models.Model):
    """What customers on this plan look after themselves."""

    _inherit = "subscription.plan"

    customer_changes = fields.Selection(
        selection=CHANGES,
        string="Customers Change",
        required=True,
        default="restricted",
        tracking=True,
        help=CHANGES_HELP,
    )
    customer_pause = fields.Boolean(string="Customers Pause", tracking=True, help=PAUSE_HELP)
    customer_pause_days = fields.Integer(string="Longest Pause (Days)", help=PAUSE_DAYS_HELP)
    customer_close = fields.Boolean(string="Customers Close", tracking=True, help=CLOSE_HELP)

    _customer_pause_positive = models.Constraint("CHECK(customer_pause_days >= 0)", "A pause lasts some days.")

    def action_spread_customer_rights(self):
        """Give the rights of this plan to the customers of all subscriptions that run on it.

        :raise UserError: when none runs on it
        """
        self.ensure_one()
        self.env["sale.order"]._subscription_check_right("sale_subscription_plus.group_subscription_admin")
        self.check_access("write")
        # In sudo mode: they count whoever is the salesperson. One note here in place of one on each of them.
        Order = self.env["sale.order"].sudo().with_context(tracking_disable=True)
        orders = Order.search([("subscription_plan_id", "=", self.id), ("subscription_status", "in", RUNNING_STATUSES)])
        if not orders:
            raise UserError(self.env._('No subscription runs on plan "%s".', self.name))
        orders.write({name: self[plan_name] for name, plan_name in RIGHTS.items()})
        message = self.env._("The rights of customers were set on %s running subscriptions.", len(orders))
        self.message_post(body=message)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message},
        }


class SaleOrderTemplate(models.Model):
    """What customers of this template's orders look after themselves, where it has terms of its own."""

    _inherit = "sale.order.template"

    subscription_customer_changes = fields.Selection(
        selection=CHANGES, string="Customers Change", default="restricted", help=CHANGES_HELP
    )
    subscription_customer_pause = fields.Boolean(string="Customers Pause", help=PAUSE_HELP)
    subscription_customer_pause_days = fields.Integer(string="Longest Pause (Days)", help=PAUSE_DAYS_HELP)
    subscription_customer_close = fields.Boolean(string="Customers Close", help=CLOSE_HELP)

    _subscription_customer_pause_positive = models.Constraint(
        "CHECK(subscription_customer_pause_days >= 0)", "A pause lasts some days."
    )


class SaleOrder(models.Model):
    """What the customer of this subscription looks after; the single truth, staff may set it otherwise at any time."""

    _inherit = "sale.order"

    subscription_customer_changes = fields.Selection(
        selection=CHANGES,
        string="Customer Changes",
        compute="_compute_subscription_customer_rights",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help=CHANGES_HELP,
    )
    subscription_customer_pause = fields.Boolean(
        string="Customer Pauses",
        compute="_compute_subscription_customer_rights",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help=PAUSE_HELP,
    )
    subscription_customer_pause_days = fields.Integer(
        string="Longest Pause (Days)",
        compute="_compute_subscription_customer_rights",
        store=True,
        readonly=False,
        precompute=True,
        help=PAUSE_DAYS_HELP,
    )
    subscription_customer_close = fields.Boolean(
        string="Customer Closes",
        compute="_compute_subscription_customer_rights",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help=CLOSE_HELP,
    )

    _subscription_customer_pause_positive = models.Constraint(
        "CHECK(subscription_customer_pause_days >= 0)", "A pause lasts some days."
    )

    @api.depends("sale_order_template_id", "subscription_plan_id", "partner_id")
    def _compute_subscription_customer_rights(self):
        """Quotations take the rights of their customer, else of their template, else of their plan."""
        for order in self:
            rights = order._get_customer_rights() if order.state in ("draft", "sent") else {}
            order.update({name: rights.get(name, order[name]) for name in RIGHTS})

    def _get_customer_rights(self):
        template = self.sale_order_template_id
        if template.subscription_own_terms:
            rights = {name: template[name] for name in RIGHTS}
        else:
            rights = {name: self.subscription_plan_id[plan_name] for name, plan_name in RIGHTS.items()}
        rights |= self.partner_id.commercial_partner_id._get_subscription_rights()
        rights["subscription_customer_changes"] = rights["subscription_customer_changes"] or "restricted"
        return rights
