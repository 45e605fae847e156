from odoo import models


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _is_tokenization_required(self, **kwargs):
        """Override of `payment`: who signs up saves the method that pays the next invoices, where a plan asks."""
        if super()._is_tokenization_required(**kwargs):
            return True
        # In sudo mode: who pays need not be allowed to read the order; its id comes from the page's own route.
        order = self.env["sale.order"].sudo().browse(kwargs.get("sale_order_id")).exists()
        return bool(order) and order._is_subscription_signup() and order._is_method_saved_by(self.env.user)
