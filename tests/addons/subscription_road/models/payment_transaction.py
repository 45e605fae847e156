from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _charge_with_token(self):
        """Override of `payment` to stop when the outcome is worked out and not committed."""
        result = super()._charge_with_token()
        self.provider_id._road_stop("processed")
        return result

    def _post_process(self):
        """Override of `payment` to stop before the payment is put into the books, and after that."""
        self.provider_id[:1]._road_stop("posting")
        result = super()._post_process()
        self.provider_id[:1]._road_stop("posted")
        return result
