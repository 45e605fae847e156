from odoo import api, fields, models


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

    @api.constrains("mail_template_id", "rating_template_id")
    def _check_templates(self):
        self._subscription_check_templates("mail_template_id")
        self._subscription_check_templates("rating_template_id")

    def _tell_customers(self, orders):
        """Send what this stage sends to the customers of ``orders``, which came to it.

        :return: the number of orders whose customers were sent all of it
        """
        self.ensure_one()
        # Whatever came and went before anybody looked is no news to the customer.
        orders = orders.filtered(lambda order: order.subscription_stage_id == self)
        sends = self._get_sends()
        if not orders or not sends:
            return 0
        reachable = orders.filtered("partner_id.email")
        failures = self._subscription_mail(reachable, *sends)
        failures |= dict.fromkeys(orders - reachable, self.env._("the customer has no e-mail address"))
        self._note_failures(failures)
        return len(orders) - len(failures)

    def _get_sends(self):
        """Return what customers who come to this stage are sent: functions, each of which takes the orders."""
        mail, rating = self.mail_template_id, self.rating_template_id
        sends = [lambda orders: mail.send_mail_batch(orders.ids)] if mail else []
        return [*sends, lambda orders: orders._subscription_request_rating(rating)] if rating else sends

    def _note_failures(self, failures):
        self.env["sale.order"].union(*failures)._message_log_batch(
            bodies={
                order.id: self.env._(
                    'The mail of stage "%(stage)s" was not sent: %(reason)s', stage=self.name, reason=reason
                )
                for order, reason in failures.items()
            }
        )
