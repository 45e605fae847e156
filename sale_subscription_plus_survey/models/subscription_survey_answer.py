from odoo import api, fields, models
from odoo.tools import SQL


class SubscriptionSurveyAnswer(models.Model):
    """What salespeople see of the surveys of their customers: neither other surveys, nor the link to answer them."""

    _name = "subscription.survey.answer"
    _description = "Survey of a Subscriber"
    _auto = False
    _order = "sent_on desc, id desc"
    _depends = {
        "sale.order": ["company_id", "partner_id", "user_id"],
        "survey.survey": ["scoring_type"],
        "survey.user_input": [
            "end_datetime",
            "scoring_percentage",
            "state",
            "subscription_order_id",
            "subscription_sent_on",
            "survey_id",
            "test_entry",
        ],
    }

    order_id = fields.Many2one(comodel_name="sale.order", string="Subscription", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Salesperson", readonly=True)
    survey_id = fields.Many2one(comodel_name="survey.survey", readonly=True)
    state = fields.Selection(
        selection=[("new", "Sent"), ("in_progress", "Begun"), ("done", "Answered")], string="Status", readonly=True
    )
    sent_on = fields.Date(string="Sent", readonly=True)
    answered_at = fields.Datetime(string="Answered", readonly=True)
    is_scored = fields.Boolean(readonly=True)
    is_last_score = fields.Boolean(
        readonly=True, help="This is the last survey with a score that the customer has answered for the subscription."
    )
    score = fields.Float(string="Score (%)", digits=(5, 1), aggregator="avg", readonly=True)
    answers = fields.Text(compute="_compute_answers")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT answer.id, answer.subscription_order_id AS order_id, sale_order.company_id, sale_order.partner_id,
                   sale_order.user_id, answer.survey_id, answer.state, answer.subscription_sent_on AS sent_on,
                   CASE WHEN answer.state = 'done' THEN answer.end_datetime END AS answered_at,
                   survey.scoring_type <> 'no_scoring' AS is_scored,
                   CASE WHEN answer.state = 'done' AND survey.scoring_type <> 'no_scoring'
                        THEN answer.scoring_percentage END AS score,
                   answer.state = 'done' AND survey.scoring_type <> 'no_scoring'
                   AND ROW_NUMBER() OVER (
                        PARTITION BY answer.subscription_order_id,
                                     answer.state = 'done' AND survey.scoring_type <> 'no_scoring'
                        ORDER BY answer.end_datetime DESC, answer.id DESC) = 1 AS is_last_score
              FROM survey_user_input answer
              JOIN survey_survey survey ON survey.id = answer.survey_id
              JOIN sale_order ON sale_order.id = answer.subscription_order_id
             WHERE answer.test_entry IS NOT TRUE
            """
        )

    @api.depends_context("lang")
    @api.depends("survey_id")
    def _compute_display_name(self):
        for answer in self:
            # In sudo mode: whoever sees the answers sees the name of the survey, and nothing else of it.
            answer.display_name = answer.survey_id.sudo().title

    @api.depends_context("lang")
    @api.depends("state")
    def _compute_answers(self):
        # In sudo mode: who may see the survey of a subscription may see what was answered.
        inputs = self.env["survey.user_input"].sudo().browse(self.ids)
        for answer, given in zip(self, inputs, strict=True):
            lines = given.user_input_line_ids.filtered(lambda line: not line.skipped)
            texts = [f"{line.question_id.title}\n    {line.value_text_box or line.display_name}" for line in lines]
            answer.answers = "\n".join(texts) or False
