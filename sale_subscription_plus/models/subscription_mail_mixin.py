from odoo import fields, models
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

    def _subscription_mail(self, orders, send):
        """Mail the customers of ``orders``: together, or one by one where that fails, so that none keeps back others.

        :param send: function that mails the customers of the orders that it is given, or raises
        :return: {order: the reason why its customer was not mailed}
        """
        self.ensure_one()
        if not orders:
            return {}
        failures = self._subscription_try_to_mail(orders, send)
        reason = next((f"{order.name}: {reason}" for order, reason in failures.items()), False)
        if self.subscription_mail_failure != reason:
            self.subscription_mail_failure = reason
            self.subscription_mail_failed_on = reason and next(iter(failures)).company_id._get_subscription_today()
        return failures

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
