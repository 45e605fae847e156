from odoo import fields, models


class SubscriptionStage(models.Model):
    """What customers are mailed when their subscription comes to a stage."""

    _name = "subscription.stage"
    _inherit = ["subscription.mail.mixin", "subscription.stage"]

    mail_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Mail",
        domain="[('model', '=', 'sale.order')]",
        ondelete="set null",
        help="Sent to the customer, once, whenever a subscription comes to this stage.",
    )
    rating_template_id = fields.Many2one(
        comodel_name="mail.template",
        string="Rating Request",
        domain="[('model', '=', 'sale.order')]",
        ondelete="set null",
        help="Asks the customer for a rating when a subscription comes to this stage, unless they were asked in the "
        "last 14 days.",
    )

    def _tell_customers(self, orders):
        """Send what this stage sends to the customers of ``orders``, which came to it.

        :return: the number of orders whose customers were mailed
        """
        self.ensure_one()
        # Whatever came and went before anybody looked is no news to the customer.
        orders = orders.filtered(lambda order: order.subscription_stage_id == self)
        if not orders or not self._has_mails():
            return 0
        reachable = orders.filtered("partner_id.email")
        failures = self._subscription_mail(reachable, self._send_to)
        failures |= dict.fromkeys(orders - reachable, self.env._("the customer has no e-mail address"))
        self._note_failures(failures)
        return len(orders) - len(failures)

    def _has_mails(self):
        """Return whether customers who come to this stage are sent something."""
        return bool(self.mail_template_id or self.rating_template_id)

    def _send_to(self, orders):
        if self.mail_template_id:
            self.mail_template_id.send_mail_batch(orders.ids)
        if self.rating_template_id:
            orders._subscription_request_rating(self.rating_template_id)

    def _note_failures(self, failures):
        self.env["sale.order"].union(*failures)._message_log_batch(
            bodies={
                order.id: self.env._(
                    'The mail of stage "%(stage)s" was not sent: %(reason)s', stage=self.name, reason=reason
                )
                for order, reason in failures.items()
            }
        )
