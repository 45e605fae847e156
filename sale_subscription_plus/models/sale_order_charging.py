from odoo import api, fields, models

from .subscription_charge_dunning import PAYMENT_STATUS


class SaleOrder(models.Model):
    """The collections of a subscription, and what they make of it."""

    _inherit = "sale.order"

    subscription_dunning_policy_id = fields.Many2one(
        comodel_name="subscription.dunning.policy",
        string="Dunning Policy",
        compute="_compute_subscription_dunning_policy_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="What happens when an invoice of this subscription is not paid.",
    )
    subscription_paused_on = fields.Date(
        string="Paused On", copy=False, readonly=True, tracking=True, help="First day without the subscription."
    )
    subscription_payment_status = fields.Selection(
        selection=PAYMENT_STATUS,
        string="Payment Status",
        default="ok",
        readonly=True,
        copy=False,
        tracking=True,
        help="The worst of what is open: whether the customer may still use what they subscribed to.",
    )
    subscription_charge_ids = fields.Many2many(
        comodel_name="subscription.charge",
        relation="subscription_charge_order_rel",
        string="Collections",
        copy=False,
        readonly=True,
    )
    subscription_charge_count = fields.Integer(compute="_compute_subscription_charge_count")

    _subscription_payment_idx = models.Index(
        "(company_id, subscription_payment_status) WHERE subscription_payment_status != 'ok'"
    )

    # === COMPUTE METHODS ===#

    @api.depends("sale_order_template_id", "subscription_plan_id", "company_id")
    def _compute_subscription_dunning_policy_id(self):
        for order in self:
            if order.state in ("draft", "sent"):
                order.subscription_dunning_policy_id = (
                    order.sale_order_template_id.subscription_dunning_policy_id
                    or order.subscription_plan_id.dunning_policy_id
                    or order.company_id.subscription_dunning_policy_id
                )
            else:
                order.subscription_dunning_policy_id = order.subscription_dunning_policy_id

    def _compute_subscription_charge_count(self):
        groups = self.env["subscription.charge"]._read_group(
            [("order_ids", "in", self.ids)], ["order_ids"], ["__count"]
        )
        counts = dict(groups)
        for order in self:
            order.subscription_charge_count = counts.get(order, 0)

    # === ACTION METHODS ===#

    def action_view_subscription_charges(self):
        """Open the collections of this subscription."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_charge_action")
        action["domain"] = [("order_ids", "in", self.ids)]
        action["context"] = {}
        return action

    # === BUSINESS METHODS ===#

    def _get_dunning_policy(self):
        """Return the policy of this order: its own, else the company's, else the one that comes with the add-on."""
        self.ensure_one()
        return (
            self.subscription_dunning_policy_id
            or self.company_id.subscription_dunning_policy_id
            or self.env.ref("sale_subscription_plus.dunning_policy_default")
        )

    # === PAUSED FOR NON-PAYMENT ===#

    def _subscription_pause_unpaid(self, today):
        """Pause subscriptions from ``today`` until they are paid; the days are not given back."""
        self._subscription_lock()
        self._subscription_change_unpaid("pause", today)

    def _subscription_resume_paid(self):
        """Let subscriptions that were paused for non-payment run again; days that were not billed are skipped."""
        self._subscription_lock()
        for company, orders in self.grouped("company_id").items():
            orders._subscription_change_unpaid("resume", company._get_subscription_today())

    def _subscription_change_unpaid(self, kind, today):
        """Pause or resume these orders now; what is due on them is left to the billing run."""
        changes = self.env["subscription.change"].create(
            [{"order_id": order.id, "kind": kind, "effective_on": today, "state": "planned"} for order in self]
        )
        changes._apply(today)
