from odoo import models


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def _generate_template(self, res_ids, render_fields, **kwargs):
        """Extend: a mail about a cart that recurs says what it costs, whatever the shop made of the template."""
        values = super()._generate_template(res_ids, render_fields, **kwargs)
        if self.model == "sale.order" and "body_html" in render_fields:
            for order in self.env["sale.order"].browse(res_ids):
                if order.state == "draft" and order._get_cart_recovery_template() == self:
                    values[order.id]["body_html"] = order._add_cart_terms(values[order.id]["body_html"])
        return values
