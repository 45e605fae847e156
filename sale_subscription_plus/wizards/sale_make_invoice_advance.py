from odoo import models
from odoo.exceptions import UserError


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        """Override of `sale`: a down payment would take money for periods that are billed in full later."""
        recurring = sale_orders.filtered(lambda order: order.order_line.subscription_plan_id)
        if recurring and self.advance_payment_method != "delivered":
            raise UserError(
                self.env._(
                    "%s has recurring lines, which are billed period by period: no down payment can be taken on them.",
                    recurring[0].name,
                )
            )
        return super()._create_invoices(sale_orders)
