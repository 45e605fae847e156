from odoo import fields, models


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    subscription_order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Subscription",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The subscription whose customer was asked.",
    )
    subscription_sent_on = fields.Date(string="Sent On", readonly=True, help="In the company's time zone.")

    def _mark_done(self):
        """Extend: note in the history of the subscription that its customer has answered."""
        answered = self.filtered(lambda answer: answer.state != "done")
        result = super()._mark_done()
        # In sudo mode: customers answer by their link, and see nothing of the order.
        for answer in answered.filtered("subscription_order_id").sudo():
            answer.subscription_order_id._subscription_note_survey(answer)
        return result
