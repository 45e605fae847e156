import os
import signal

from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _prepare_invoice(self):
        """Override of `sale` that fails, or kills the worker, on orders whose reference says so."""
        if self.client_order_ref == "POISON RAISES":
            return {}["no such key"]
        if self.client_order_ref == "POISON KILLS":
            os.kill(os.getpid(), signal.SIGKILL)
        return super()._prepare_invoice()
