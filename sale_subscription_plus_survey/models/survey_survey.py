from odoo import models
from odoo.exceptions import UserError


class SurveySurvey(models.Model):
    _inherit = "survey.survey"

    def _check_subscription_customer(self, partner):
        """Raise unless this survey can be sent to a customer, who answers it by the link in the mail.

        :raise UserError: a sentence that names the survey or the customer
        """
        self.ensure_one()
        if not self.active:
            raise UserError(self.env._("The survey “%(survey)s” is closed.", survey=self.title))
        if not self.question_ids:
            raise UserError(self.env._("The survey “%(survey)s” has no questions.", survey=self.title))
        if self.users_login_required and not (self.users_can_signup or partner.user_ids):
            raise UserError(
                self.env._(
                    "%(customer)s cannot answer the survey “%(survey)s”: it asks for a login. "
                    "Let anybody who has the link answer it.",
                    customer=partner.display_name,
                    survey=self.title,
                )
            )
        if not partner.email_normalized:
            raise UserError(
                self.env._("%(customer)s has no mail address to send a survey to.", customer=partner.display_name)
            )
