from odoo import models

from odoo.addons.sale_stock.models.sale_order_line import SaleOrderLine as StockLine


class SaleOrderLine(models.Model):
    """Goods of a subscription move once, and stay with the customer."""

    _inherit = "sale.order.line"

    def _get_qty_procurement(self, previous_product_uom_qty=False):
        """Override of `sale_stock`: what another order delivers is on its way already."""
        procured = super()._get_qty_procurement(previous_product_uom_qty)
        if not self.subscription_plan_id:
            return procured
        elsewhere = self._get_quantity_fulfilled_elsewhere()
        procured += elsewhere
        if self.product_uom_qty >= procured:
            return procured
        # Less is asked for: what the customer has stays there, the rest is taken off its delivery.
        stays = max(self.product_uom_qty, self.qty_delivered + elsewhere)
        return procured + self.product_uom_qty - stays

    def _update_line_quantity(self, values):
        """Override of `sale_stock`: less may be subscribed to than was delivered once."""
        recurring = self._filter_timeline()
        if recurring:
            # Past the check of `sale_stock`, which would ask for a return.
            super(StockLine, recurring)._update_line_quantity(values)
        if self - recurring:
            super(SaleOrderLine, self - recurring)._update_line_quantity(values)
