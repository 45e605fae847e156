from dateutil.relativedelta import relativedelta

from odoo import models


class SaleOrderLine(models.Model):
    """What the first invoice of a quotation will bill of a line."""

    _inherit = "sale.order.line"

    def _filter_sold_once(self):
        """Return the lines that are invoiced once and for all."""
        return self.filtered(
            lambda line: (
                not line.display_type
                and not line.subscription_plan_id
                and not line.is_downpayment
                and line.product_uom_qty > 0
            )
        )

    def _filter_billed_first(self, start):
        """Return the recurring lines whose first period is billed on ``start``, the first day of their order."""
        return self._filter_subscribed().filtered(
            lambda line: (
                line.subscription_plan_id.billing_timing != "arrears"
                # Others joined an order that ran already.
                and (not line.subscription_start or line.subscription_start <= start)
            )
        )

    def _get_first_period(self, start):
        """Return the first period of this line if its subscription starts on ``start``."""
        self.ensure_one()
        order, plan = self.order_id, self.subscription_plan_id
        months = 0 if order.subscription_auto_renew else order.subscription_commitment_months
        until = start + relativedelta(months=months) if months > 0 else None
        return plan._get_grid(plan._get_anchor(start)).period(start, until)
