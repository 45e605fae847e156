from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


class SubscriptionMailMixin(models.AbstractModel):
    """Settings that name mails to customers of subscriptions; they say themselves why these do not go."""

    _name = "subscription.mail.mixin"
    _description = "Settings of Mails to Subscribers"

    subscription_mail_failure = fields.Char(
        string="Why Mails Do Not Go",
        copy=False,
        readonly=True,
        help="What went wrong with the last mail. Empty: it went.",
    )
    subscription_mail_failed_on = fields.Date(string="Last Mail Failed On", copy=False, readonly=True)

    subscription_mail_activity_id = fields.Many2one(
        comodel_name="mail.activity",
        string="To Repair",
        copy=False,
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Technical: what asks somebody to look at it.",
    )

    def _subscription_check_templates(self, field_name):
        """:raise ValidationError: a mail is of something else, and tells of no subscription"""
        for template in self[field_name]:
            if template.model != "sale.order":
                raise ValidationError(
                    self.env._('"%s" is no mail of sales orders: it cannot be sent to subscribers.', template.name)
                )

    def _subscription_mail(self, orders, *sends):
        """Mail the customers of ``orders``: together, or one by one where that fails, so that none keeps back others.

        :param sends: functions that each mail the customers of the orders that they are given, or raise; one that
            fails undoes nothing of the others
        :return: {order: the reason why its customer was not mailed, or not all}
        """
        self.ensure_one()
        failures = {}
        for send in sends if orders else ():
            for order, reason in self._subscription_try_to_mail(orders, send).items():
                failures[order] = f"{failures[order]} {reason}" if order in failures else reason
        if orders:
            self._subscription_note_mail_failure(failures)
        return failures

    def _subscription_note_mail_failure(self, failures):
        """Keep the first reason, ask somebody to look at it once, and no more when mails go again."""
        reason = next((f"{order.name}: {reason}" for order, reason in failures.items()), False)
        if self.subscription_mail_failure == reason:
            return
        today = reason and next(iter(failures)).company_id._get_subscription_today()
        if not reason:
            self.subscription_mail_activity_id.unlink()
        elif not self.subscription_mail_failure:
            self.subscription_mail_activity_id = self._subscription_ask_for_repair(reason, today)
        self.write({"subscription_mail_failure": reason, "subscription_mail_failed_on": today})

    def _subscription_ask_for_repair(self, reason, today):
        """Return a new activity, of no document: settings have no place for one."""
        return self.env["mail.activity"].create(
            {
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "user_id": self.env["subscription.health.rule"]._get_keeper().id,
                "summary": self.env._("Repair the mails of %s", self.display_name),
                "note": reason,
                "date_deadline": today,
            }
        )

    def _subscription_try_to_mail(self, orders, send):
        try:
            with self.env.cr.savepoint():
                send(orders)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # whatever is in a template that users may edit
            if len(orders) == 1:
                return {orders: self._get_mail_failure(error)}
            return {
                order: reason for each in orders for order, reason in self._subscription_try_to_mail(each, send).items()
            }
        return {}

    def _get_mail_failure(self, error):
        """Return in one line what went wrong: the cause, for Odoo's own sentence repeats the whole template."""
        while error.__cause__:
            error = error.__cause__
        return str(error).strip().split("\n")[0][:200] or type(error).__name__
