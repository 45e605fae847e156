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

    def _get_sends(self):
        """Extend: customers are asked to answer the survey of the stage, too."""
        survey, sends = self.subscription_survey_id, super()._get_sends()
        return [*sends, lambda orders: orders._subscription_send_survey(survey)] if survey else sends
