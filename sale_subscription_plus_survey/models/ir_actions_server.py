from odoo import api, fields, models


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    state = fields.Selection(
        selection_add=[("subscription_survey", "Send a Survey"), ("followers",)],
        ondelete={"subscription_survey": "cascade"},
    )
    subscription_survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Survey",
        compute="_compute_subscription_survey_id",
        store=True,
        readonly=False,
        ondelete="restrict",
        help="Customers get a link of their own by mail. Let anybody who has the link answer the survey.",
    )

    @api.depends("state")
    def _compute_subscription_survey_id(self):
        self.filtered(lambda action: action.state != "subscription_survey").subscription_survey_id = False

    @api.model
    def _get_subscription_states(self):
        return super()._get_subscription_states() | {"subscription_survey"}

    def _name_depends(self):
        return [*super()._name_depends(), "subscription_survey_id"]

    def _generate_action_name(self):
        if self.state == "subscription_survey":
            title = self.subscription_survey_id.title
            return self.env._("Send the survey “%(survey)s”", survey=title) if title else self.env._("Send a survey")
        return super()._generate_action_name()

    @api.model
    def _warning_depends(self):
        return [*super()._warning_depends(), "subscription_survey_id"]

    def _get_warning_messages(self):
        warnings = super()._get_warning_messages()
        if self.state == "subscription_survey" and not self.subscription_survey_id:
            warnings.append(self.env._("Choose the survey to send."))
        return warnings

    def _run_action_subscription_survey_multi(self, eval_context=None):
        """Send the survey to the customers of all subscriptions that the action runs on.

        :raise UserError: nobody is sent anything, and why
        """
        orders = self._get_subscriptions_to_act_on(eval_context)
        orders._subscription_send_survey(self.subscription_survey_id)
        return False
