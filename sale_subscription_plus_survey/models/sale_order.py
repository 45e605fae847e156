from datetime import timedelta

from odoo import api, fields, models

# For how many days an unanswered survey is not sent to the same customer again.
DAYS_TO_ANSWER = 14


class SaleOrder(models.Model):
    """Surveys that the customer of a subscription was sent, and what they answered."""

    _inherit = "sale.order"

    subscription_survey_answer_ids = fields.One2many(
        comodel_name="subscription.survey.answer",
        inverse_name="order_id",
        string="Surveys",
        groups="sales_team.group_sale_salesman",
    )
    subscription_survey_count = fields.Integer(
        string="Number of Surveys",
        compute="_compute_subscription_survey_count",
        groups="sales_team.group_sale_salesman",
    )
    subscription_survey_score = fields.Float(
        string="Survey Score (%)",
        compute="_compute_subscription_survey_score",
        search="_search_subscription_survey_score",
        groups="sales_team.group_sale_salesman",
        help="Score of the last survey with a score that the customer has answered.",
    )

    @api.depends("subscription_survey_answer_ids")
    def _compute_subscription_survey_count(self):
        counted = self.env["subscription.survey.answer"]._read_group(
            [("order_id", "in", self.ids)], ["order_id"], ["__count"]
        )
        counts = {order.id: count for order, count in counted}
        for order in self:
            order.subscription_survey_count = counts.get(order._origin.id, 0)

    @api.depends("subscription_survey_answer_ids")
    def _compute_subscription_survey_score(self):
        last = self.env["subscription.survey.answer"].search(
            [("order_id", "in", self.ids), ("is_last_score", "=", True)]
        )
        scores = {answer.order_id.id: answer.score for answer in last}
        for order in self:
            order.subscription_survey_score = scores.get(order._origin.id, 0.0)

    def _search_subscription_survey_score(self, operator, value):
        """Find those whose customers have answered; who was never asked has no score."""
        if operator not in ("=", "!=", "<", "<=", ">", ">=", "in", "not in"):
            return NotImplemented
        return [
            ("subscription_survey_answer_ids", "any", [("is_last_score", "=", True), ("score", operator, value)]),
        ]

    def action_view_subscription_surveys(self):
        """Open the surveys that the customer of this subscription was sent."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "sale_subscription_plus_survey.subscription_survey_answer_action"
        )
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    def _subscription_send_survey(self, survey):
        """Queue a mail to each customer of these orders, with a link of their own to a survey; all of them, or none.

        Customers who were sent the same for the same order some days ago (see `DAYS_TO_ANSWER`) and have not answered
        yet are left in peace.

        :return: the orders whose customers are asked
        :raise UserError: the survey cannot be answered, or not by one of them; the sentence says why
        """
        # In sudo mode: rules and salespeople send surveys whose answers they may not manage.
        survey = survey.sudo()
        asked = self - self._get_survey_waiting(survey)
        for order in asked:
            survey._check_subscription_customer(order.partner_id)
        for order in asked:
            order._subscription_mail_survey(survey)
        return asked

    def _get_survey_waiting(self, survey):
        """Return those of these orders whose customers have a survey to answer that they got not long ago."""
        waiting = survey.env["survey.user_input"].search(
            [
                ("survey_id", "=", survey.id),
                ("subscription_order_id", "in", self.ids),
                ("state", "!=", "done"),
                ("subscription_sent_on", "!=", False),
            ]
        )
        for company, answers in waiting.grouped(lambda answer: answer.subscription_order_id.company_id).items():
            since = company._get_subscription_today() - timedelta(DAYS_TO_ANSWER)
            waiting -= answers.filtered(lambda answer, since=since: answer.subscription_sent_on <= since)
        return self.browse(waiting.subscription_order_id.ids)

    def _subscription_mail_survey(self, survey):
        answer = survey._create_answer(
            partner=self.partner_id,
            check_attempts=False,
            subscription_order_id=self.id,
            subscription_sent_on=self.company_id._get_subscription_today(),
        )
        template = self.env.ref("sale_subscription_plus_survey.mail_template_survey").sudo()  # As above
        template.send_mail(answer.id)
        title = survey.with_context(lang=self.user_id.lang or self.env.lang).title
        self.sudo()._message_log(body=self.env._("The survey “%(survey)s” was sent.", survey=title))  # As above

    def _subscription_note_survey(self, answer):
        """Note that the customer has answered, and have health looked at: it may speak of the score."""
        body = self.env._(
            "%(customer)s has answered the survey “%(survey)s”.",
            customer=answer.partner_id.display_name,
            survey=answer.survey_id.title,
        )
        self._message_log(body=body, author_id=answer.partner_id.id)
        self._subscription_watch()
