from odoo import api, fields, models

from .subscription_charge import BLOCKING, STATES


class AccountMove(models.Model):
    """What a subscription's invoice says of its payment: to staff on its form, to the customer in its mail."""

    _inherit = "account.move"

    subscription_charge_state = fields.Selection(
        selection=STATES, string="Collection", compute="_compute_subscription_charge", compute_sudo=True
    )
    subscription_charge_problem = fields.Text(
        compute="_compute_subscription_charge",
        compute_sudo=True,
        groups="base.group_user",
        help="What is wrong with the payment, and what happens next.",
    )

    @api.depends("state", "payment_state")
    @api.depends_context("lang")
    def _compute_subscription_charge(self):
        charges = {charge.move_id: charge for charge in self._get_subscription_charges()}
        for move in self:
            charge = charges.get(move)
            move.subscription_charge_state = charge and charge.state
            move.subscription_charge_problem = charge and charge._has_problem() and charge._get_problem()

    def action_view_subscription_charge(self):
        """Open the collection of this invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_charge_action")
        return action | {
            "views": [(False, "form")],
            "view_mode": "form",
            "res_id": self._get_subscription_charges().id,
            "context": {},
        }

    # === FOR CUSTOMERS ===#

    def _get_subscription_names(self):
        """Return the subscriptions on this invoice, by name."""
        self.ensure_one()
        return ", ".join(self._get_subscriptions().mapped("name"))

    def _get_subscription_link(self):
        """Return the absolute URL, with its access token, where the customer sees and pays this invoice."""
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url()

    def _get_subscription_payment(self):
        """Return how this invoice gets paid.

        :return: {state: ``paid``, ``under_way``, ``charged`` (by the saved method) or ``open`` (by the customer);
            for ``charged`` also date and method}
        """
        self.ensure_one()
        if self.payment_state in ("paid", "in_payment", "reversed") or not self.amount_residual:
            return {"state": "paid"}
        charge = self._get_subscription_charges()
        if charge.state in BLOCKING:
            return {"state": "under_way"}
        if charge.state == "waiting" and charge.next_attempt_on and charge.token_id:
            date = max(charge.next_attempt_on, charge._get_today())
            return {"state": "charged", "date": date, "method": charge.token_id._get_method_name()}
        return {"state": "open"}
