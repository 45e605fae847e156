from odoo import models


class PaymentToken(models.Model):
    _inherit = "payment.token"

    def _get_subscription_label(self):
        """Return how the customer knows this method: "Card •••• 1234"."""
        self.ensure_one()
        return f"{self.payment_method_id.name} {self.display_name}"
