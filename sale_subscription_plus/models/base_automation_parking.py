import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import plaintext2html

from ..engine_context import is_engine_running

_logger = logging.getLogger(__name__)

ACTIVITY = "sale_subscription_plus.mail_activity_type_automation"


class BaseAutomation(models.Model):
    """Rules that fail are set aside with their reason. What the engine does meanwhile goes on without them.

    This goes for Odoo's own triggers as well: a rule on invoices that raises must keep nobody from being billed.
    Where a user does something, Odoo's way stays: the error is shown to them.
    """

    _inherit = "base.automation"

    subscription_parked_reason = fields.Text(
        string="Parked Because",
        readonly=True,
        copy=False,
        help="Why the rule could not be followed. It is tried again every day, and at once when it is edited.",
    )
    subscription_parked_on = fields.Date(
        string="Parked On", readonly=True, copy=False, help="The day on which it failed last."
    )

    # === ODOO'S TRIGGERS WHILE THE ENGINE RUNS ===#

    def _process(self, records, domain_post=None):
        """Override of `base_automation`: while the engine runs, a rule that fails is undone and parked."""
        process = super()._process
        if not is_engine_running():
            return process(records, domain_post=domain_post)

        def process_and_unpark():
            process(records, domain_post=domain_post)
            rule = self.sudo()  # In sudo mode: a rule goes for whoever does something
            if records and rule.subscription_parked_reason:
                rule.write(rule._get_blank_parking())

        return self._subscription_guarded_call(process_and_unpark)

    def _filter_pre(self, records, feedback=False):
        """Override of `base_automation`: while the engine runs, a filter that fails lets nothing through."""
        if not is_engine_running() or not self.sudo().filter_pre_domain:
            return super()._filter_pre(records, feedback=feedback)
        result = self._subscription_guarded_call(lambda: super(BaseAutomation, self)._filter_pre(records, feedback))
        return records.browse() if result is None else result

    def _filter_post_export_domain(self, records, feedback=False):
        """Override of `base_automation`: as above."""
        if not is_engine_running() or not self.sudo().filter_domain:
            return super()._filter_post_export_domain(records, feedback=feedback)
        result = self._subscription_guarded_call(
            lambda: super(BaseAutomation, self)._filter_post_export_domain(records, feedback)
        )
        return (records.browse(), None) if result is None else result

    def _subscription_guarded_call(self, function):
        """Return what ``function`` returns; None where it fails, or the rule is set aside for today."""
        rule = self.sudo()  # In sudo mode: a rule goes for whoever does something
        if rule._is_parked_today():
            return None
        try:
            with self.env.cr.savepoint():
                result = function()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # Whatever a rule may raise; it is told on the rule.
            rule._subscription_park(error)
            return None
        return result

    # === PARKING ===#

    def _subscription_park(self, error):
        """Set a rule aside with its reason; it is tried again the next day, or when it is edited."""
        _logger.info("Automation rule %s is parked.", self.id, exc_info=error)
        # In sudo mode: whoever did what it cannot cope with.
        self.sudo().write(self._prepare_parking(self._describe_failure(error)))

    def _prepare_parking(self, reason):
        return {
            "subscription_parked_reason": reason,
            "subscription_parked_on": self.env.company._get_subscription_today(),
        }

    def _get_blank_parking(self):
        return {"subscription_parked_reason": False, "subscription_parked_on": False}

    def _describe_failure(self, error):
        """Return why a rule failed, in words."""
        if isinstance(error, UserError) and error.args and error.args[0]:
            return str(error.args[0])
        return self.env._(
            "It failed unexpectedly (%(kind)s: %(message)s). Your administrator finds the details in the log.",
            kind=type(error).__name__,
            message=str(error).split("\n")[0][:200],
        )

    def _is_parked_today(self):
        self.ensure_one()
        return bool(
            self.subscription_parked_reason
            and self.subscription_parked_on
            and self.subscription_parked_on >= self.env.company._get_subscription_today()
        )

    # === TELLING ===#

    @api.model
    def _subscription_tell_parked(self):
        """Ask somebody to look at rules that are parked, once; and no more at those that work again."""
        activity_type = self.env.ref(ACTIVITY)
        told = self.env["mail.activity"].search([("activity_type_id", "=", activity_type.id)])
        parked = self.search([("subscription_parked_reason", "!=", False)])
        told.filtered(lambda activity: activity.res_id not in parked.ids).action_feedback(
            feedback=self.env._("It works again.")
        )
        for rule in parked.filtered(lambda rule: rule.id not in told.mapped("res_id")):
            rule.activity_schedule(
                ACTIVITY,
                user_id=rule._get_responsible().id,
                summary=self.env._("Automation parked: see why"),
                note=plaintext2html(rule.subscription_parked_reason),
                date_deadline=self.env.company._get_subscription_today(),
            )

    def _get_responsible(self):
        """Return who sees to it that the rule works: who switched it on, else the administrator."""
        user = self.subscription_switched_by_id
        return user if user.active and self.with_user(user).has_access("read") else self.env.ref("base.user_admin")
