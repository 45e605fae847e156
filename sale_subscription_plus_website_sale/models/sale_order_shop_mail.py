from odoo import models

# Mails of Sales that speak of the sum of an order's lines
STOCK_TEMPLATES = ("sale.mail_template_sale_confirmation", "sale.mail_template_sale_payment_executed")


class SaleOrder(models.Model):
    """The mail to who orders a subscription in the shop."""

    _inherit = "sale.order"

    def _send_order_notification_mail(self, mail_template, *args, **kwargs):
        """Override of `sale`: the mail says what is paid when, and carries the link of the subscription.

        A template of the website's own, or of the quotation template, stays.
        """
        if self.website_id and self.subscription_status and self._is_stock_template(mail_template):
            own = self.env.ref("sale_subscription_plus_website_sale.mail_template_shop_order", raise_if_not_found=False)
            # In sudo mode: as Odoo, visitors read no templates.
            mail_template = own.sudo() if own else mail_template
        return super()._send_order_notification_mail(mail_template, *args, **kwargs)

    def _is_stock_template(self, mail_template):
        return any(mail_template == self.env.ref(xmlid, raise_if_not_found=False) for xmlid in STOCK_TEMPLATES)
