import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import plaintext2html

from ..engine_context import get_engine_run

_logger = logging.getLogger(__name__)

# A rule that failed so often in a run, and worked never, is not tried again by it.
MAX_FAILURES = 3
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
        """Override of `base_automation`: while the engine runs, what a rule fails for is undone, and that alone."""
        process = super()._process
        run = get_engine_run()
        if run is None or not self._get_unprocessed(records):
            return process(records, domain_post=domain_post)
        if self.sudo()._is_parked_today():  # In sudo mode: a rule goes for whoever does something
            return None
        error = self._subscription_try(process, records, domain_post)
        failed = [(records, error)] if error else []
        if error and len(records) > 1:
            # All together were undone: one that it fails for must not keep it from the others.
            failed = [(record, e) for record in records if (e := self._subscription_try(process, record, domain_post))]
        self._subscription_note_outcome(run, records, failed)
        return None

    def _get_unprocessed(self, records):
        """Return those of ``records`` for which the rule has something to do."""
        done = self.env.context.get("__action_done", {}).get(self, records.browse())
        return (records - done).filtered(self._check_trigger_fields)

    def _subscription_try(self, process, records, domain_post):
        """Follow the rule for ``records``; what it did is undone when it fails.

        :return: the error, or None
        """
        done = dict(self.env.context.get("__action_done", {}))
        try:
            with self.env.cr.savepoint():
                process(records, domain_post=domain_post)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # Whatever a rule may raise; it is told on the rule.
            if "__action_done" in self.env.context:
                self.env.context["__action_done"].clear()
                self.env.context["__action_done"].update(done)
            return error
        return None

    def _subscription_note_outcome(self, run, records, failed):
        """Tell on the rule what it failed for; one that fails always is set aside."""
        rule = self.sudo()  # In sudo mode: a rule goes for whoever does something
        if sum(len(bad) for bad, _error in failed) < len(records):
            run.worked.add(rule.id)
            if rule.subscription_parked_reason:
                rule.write(rule._get_blank_parking())
        for bad, error in failed:
            _logger.info("Automation rule %s failed for %s.", rule.id, bad, exc_info=error)
            reason = rule._describe_failure(error)
            run.failures.setdefault(rule.id, []).append(reason)
            names = ", ".join(bad.mapped("display_name"))
            rule._message_log(body=self.env._("Failed for %(names)s: %(reason)s", names=names, reason=reason))
        if rule.id not in run.worked and len(run.failures.get(rule.id, [])) >= MAX_FAILURES:
            rule._subscription_park(failed[-1][1])

    @api.model
    def _subscription_park_failed(self, run):
        """Set aside the rules that failed for all that ``run`` brought them."""
        failed = {rule_id: reasons for rule_id, reasons in run.failures.items() if rule_id not in run.worked}
        for rule in self.sudo().browse(failed).exists():  # In sudo mode: as above
            if not rule._is_parked_today():
                rule.write(rule._prepare_parking(failed[rule.id][-1]))

    def _filter_pre(self, records, feedback=False):
        """Override of `base_automation`: while the engine runs, a filter that fails lets nothing through."""
        filter_records = super()._filter_pre
        if get_engine_run() is None or not records:
            return filter_records(records, feedback=feedback)
        result = self._subscription_guard_filter(lambda: filter_records(records, feedback=feedback))
        return records.browse() if result is None else result

    def _filter_post_export_domain(self, records, feedback=False):
        """Override of `base_automation`: as above."""
        filter_records = super()._filter_post_export_domain
        if get_engine_run() is None or not records:
            return filter_records(records, feedback=feedback)
        result = self._subscription_guard_filter(lambda: filter_records(records, feedback=feedback))
        return (records.browse(), None) if result is None else result

    def _subscription_guard_filter(self, function):
        """Return what ``function`` returns; None where it fails. It reads only, so there is nothing to undo."""
        try:
            return function()
        except psycopg2.Error:
            raise
        except Exception as error:  # Whatever a filter may raise; it is told on the rule.
            rule = self.sudo()  # In sudo mode: a rule goes for whoever does something
            if not rule._is_parked_today():
                rule._subscription_park(error)
            return None

    # === PARKING ===#

    def _subscription_park(self, error):
        """Set a rule aside with its reason; it is tried again the next day, or when it is edited."""
        _logger.info("Automation rule %s is parked.", self.id, exc_info=error)
        # In sudo mode: whoever did what it cannot cope with.
        self.sudo().write(self._prepare_parking(self._describe_failure(error)))

    def _prepare_parking(self, reason):
        return {
            "subscription_parked_reason": reason,
            "subscription_parked_on": self._get_parking_day(),
        }

    @api.model
    def _get_parking_day(self):
        """Return the day, of no company: rules go for all of them."""
        return fields.Datetime.now().date()

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
            and self.subscription_parked_on >= self._get_parking_day()
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
