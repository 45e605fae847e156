from odoo import models
from odoo.tools.misc import format_date

from odoo.addons.sale_subscription_plus.models.subscription_charge import BLOCKING


class AccountMove(models.Model):
    """Invoices and credit notes, as the page of their subscription lists them."""

    _inherit = "account.move"

    def _get_page_states(self):
        """Return how the money of these documents stands, as {move: (Bootstrap's colour, a word or two)}."""
        charges = self._get_subscription_charges().grouped("move_id")
        none = self.env["subscription.charge"]
        return {move: move._get_page_state(charges.get(move, none)) for move in self}

    def _get_page_state(self, charge):
        if self.move_type == "out_refund":
            return "secondary", self.env._("Credit note")
        settled = {
            "paid": ("success", self.env._("Paid")),
            "in_payment": ("success", self.env._("Paid")),
            "reversed": ("secondary", self.env._("Credited")),
        }
        if self.payment_state in settled:
            return settled[self.payment_state]
        if charge.state in BLOCKING:
            return "info", self.env._("Being paid")
        if charge.state == "waiting" and charge.next_attempt_on:
            return "info", self.env._("Charged on %s", format_date(self.env, charge.next_attempt_on))
        due_on = charge.due_on or self.invoice_date_due
        if due_on and due_on < self.company_id._get_subscription_today():
            return "warning", self.env._("Overdue since %s", format_date(self.env, due_on))
        if self.payment_state == "partial":
            return "info", self.env._("Partly paid")
        return "info", self.env._("To pay by %s", format_date(self.env, due_on))
