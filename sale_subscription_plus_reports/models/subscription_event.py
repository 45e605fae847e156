from odoo import models


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    # Reports read all movements of a customer, or of a subscription, one after the other, from the index alone.
    _customer_history_idx = models.Index("(company_id, partner_id, date) INCLUDE (amount_company, type, pausing)")
    _order_history_idx = models.Index("(order_id, date) INCLUDE (company_id, amount_company)")
