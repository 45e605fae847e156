from odoo import api, fields, models


class SaleOrder(models.Model):
    """What staff see of a payment problem, on the subscription itself."""

    _inherit = "sale.order"

    subscription_payment_notice = fields.Text(
        string="Payment Problem",
        compute="_compute_subscription_payment_notice",
        compute_sudo=True,
        groups="base.group_user",
        help="Which invoices are not paid as they should be, and what happens next.",
    )
    subscription_token_problem = fields.Char(
        compute="_compute_subscription_token_problem",
        compute_sudo=True,
        groups="base.group_user",
        help="Why the saved method cannot be charged, or soon cannot be.",
    )

    # Finding terms that end must not read every order.
    _subscription_ending_idx = models.Index(
        "(company_id, subscription_term_end) "
        "WHERE subscription_term_end IS NOT NULL AND subscription_status IN ('progress', 'paused')"
    )

    @api.depends("subscription_payment_status", "subscription_charge_ids.state")
    @api.depends_context("lang")
    def _compute_subscription_payment_notice(self):
        for order in self:
            charges = order.subscription_charge_ids.filtered(lambda charge: charge._has_problem()).sorted("due_on")
            order.subscription_payment_notice = "\n".join(charge._get_problem() for charge in charges) or False

    @api.depends("subscription_token_id")
    @api.depends_context("lang")
    def _compute_subscription_token_problem(self):
        for order in self:
            token = order.subscription_token_id
            today = order.company_id._get_subscription_today()
            order.subscription_token_problem = token._get_notice(today) if token else False
