from odoo import models


class SaleOrderLine(models.Model):
    """The work that a subscription asks for is planned once."""

    _inherit = "sale.order.line"

    def _timesheet_service_generation(self):
        """Override of `sale_project`: what another order made tasks for gets none here."""
        lines = self.filtered(lambda line: not line._get_quantity_fulfilled_elsewhere())
        return super(SaleOrderLine, lines)._timesheet_service_generation()

    def write(self, vals):
        """Override of `sale_project`: hours that another order planned are not planned here as well."""
        elsewhere = self.browse()
        if "product_uom_qty" in vals:
            elsewhere = self.filtered(lambda line: line._get_quantity_fulfilled_elsewhere())
        super(SaleOrderLine, elsewhere.with_context(no_update_allocated_hours=True)).write(vals)
        return super(SaleOrderLine, self - elsewhere).write(vals)
