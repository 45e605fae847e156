from odoo import models


class SaleReport(models.Model):
    _inherit = "sale.report"

    def _where_sale(self):
        """Extend: what recurs on a merged upsell runs on its subscription, and counts there."""
        return f"""{super()._where_sale()}
            AND (s.subscription_status IS DISTINCT FROM 'merged' OR l.subscription_plan_id IS NULL)"""
