from odoo import fields, models


class SubscriptionStage(models.Model):
    _inherit = "subscription.stage"

    subscription_survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Survey",
        ondelete="set null",
        help="Sent to the customer whenever a subscription comes to this stage, unless they have it to answer already. "
        "Let anybody who has the link answer it.",
    )

    def _has_mails(self):
        return super()._has_mails() or bool(self.subscription_survey_id)

    def _send_to(self, orders):
        """Extend: customers are asked to answer the survey of the stage, too."""
        super()._send_to(orders)
        if self.subscription_survey_id:
            orders._subscription_send_survey(self.subscription_survey_id)
