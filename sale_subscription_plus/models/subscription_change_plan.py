from math import isfinite

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context
from odoo.tools.misc import format_date

from ..tools.recurrence import LONGEST_TERM
from .sale_order import RUNNING_STATUSES
from .subscription_change import LINE_KINDS, VALUE_KINDS

AMOUNTS = ("quantity", "price_unit", "discount")
# More is a slip of the keyboard, and more than an invoice can hold.
LARGEST_AMOUNT = 1e12


class SubscriptionChange(models.Model):
    """Planning a change, and taking it back before it happens."""

    _inherit = "subscription.change"

    # === PLAN ===#

    @api.model
    def _schedule(self, vals_list):
        """Plan changes; those from today on are done at once, and their money is billed or credited.

        The caller has checked the rights; the engine goes on in sudo mode.

        :param list vals_list: a dict a change: ``order_id`` or ``line_id``, ``kind``, ``effective_on`` (company date,
            first day with the change) and what is agreed from then on
        :return: the changes
        :raise UserError: when a change makes no sense, or what is due before it cannot be billed
        """
        values = self._complete_vals_list(vals_list)
        # In sudo mode, as the caller has checked the rights. First of all: whoever comes second starts anew here.
        self.env["sale.order"].sudo().browse({vals["order_id"] for vals in values})._subscription_lock()
        changes = self._as_engine().create(values)
        for change in changes:
            change._check_plannable()
        closing = changes.filtered(lambda change: change.kind == "close")
        closing._plan_close()
        (changes - closing).state = "planned"
        changes.filtered(lambda change: change.state == "planned" and change._is_ahead())._tell(self.env._("Planned"))
        changes._play_due()
        return changes

    @api.model
    def _as_engine(self):
        """Return this in sudo mode, without the defaults of the screen or the call that it came from."""
        return self.sudo().with_context(clean_context(self.env.context))

    @api.model
    def _complete_vals_list(self, vals_list):
        """Return ``vals_list`` in full; hook for what else changes with it, which goes behind."""
        return [self._complete_values(vals) for vals in vals_list]

    @api.model
    def _complete_values(self, vals):
        vals = dict(vals)
        self._check_amounts(vals)
        line = self.env["sale.order.line"].browse(vals.get("line_id")).sudo()  # The caller checked the rights.
        if line and not vals.get("order_id"):
            vals["order_id"] = line.order_id.id
        order = self.env["sale.order"].browse(vals["order_id"]).sudo()  # as above
        if "effective_on" not in vals:
            vals["effective_on"] = order.company_id._get_subscription_today()
        # What was paid is not lost by a pause; where periods cannot move, it is credited.
        vals.setdefault("compensation", "carry" if vals["kind"] == "pause" else "none")
        if vals["kind"] == "plan" and line and "price_unit" not in vals:
            plan = self.env["subscription.plan"].browse(vals.get("plan_id"))
            vals["price_unit"] = line._get_price_under(plan)
        return vals

    @api.model
    def _check_amounts(self, vals):
        """Raise where something is no amount: fields could not even hold it."""
        for name in AMOUNTS:
            value = vals.get(name) or 0.0
            if not isfinite(value) or abs(value) >= LARGEST_AMOUNT:
                label = self._fields[name].get_description(self.env)["string"]
                raise UserError(self.env._('"%s" is no amount that can be billed.', label))

    def _is_ahead(self):
        """Return whether the day of this change is still to come."""
        return self.effective_on > self.order_id.company_id._get_subscription_today()

    def _plan_close(self):
        for change in self:
            change.order_id._subscription_close_by(change)

    def _play_due(self):
        """Do what is due of these changes now, and bill what follows from them.

        :raise UserError: when what is due before them cannot be billed
        """
        due = self.filtered(lambda change: change.state == "planned" and not change._is_ahead())
        run = self.env["subscription.billing.run"].sudo()
        if due:
            run._turn_orders(due.order_id)
        for change in due.filtered(lambda change: change.state == "planned"):
            raise UserError(
                self.env._(
                    "%(order)s has something due that cannot be billed: %(reason)s\nSolve this first, or plan the "
                    "change for a later day.",
                    order=change.order_id.name,
                    reason=change.order_id.subscription_parked_reason or "",
                )
            )
        orders = due.order_id | self.order_id.filtered("subscription_pending_on")
        orders._subscription_bill_due()

    # === TAKE BACK ===#

    def _withdraw(self):
        """Cancel changes that are still to come.

        :raise UserError: when one was done already
        """
        for change in self:
            if change.state not in ("draft", "planned"):
                raise UserError(
                    self.env._("%s is no planned change any more: it cannot be cancelled.", change._get_sentence())
                )
        self.order_id._subscription_lock()
        for change in self.filtered(lambda change: change.kind == "close"):
            change._withdraw_close()
        self.state = "cancelled"
        self._tell(self.env._("Not any more"))

    def _withdraw_close(self):
        if self.line_id:
            self.line_id._subscription_withdraw_end()
        elif self.order_id.subscription_closed_on:
            self.order_id._subscription_reopen()

    # === WHAT MAKES NO SENSE ===#

    def _check_plannable(self):
        """Raise unless this change can be done on its day.

        :raise UserError: with a sentence that says what to do instead
        """
        self.ensure_one()
        problem = self._get_order_problem() or self._get_date_problem() or self._get_kind_problem()
        if problem:
            raise UserError(problem)

    def _get_order_problem(self):
        order, line = self.order_id, self.line_id
        if order.subscription_status not in RUNNING_STATUSES:
            return self.env._("%s does not run: there is nothing to change.", order.name)
        if line and line.order_id != order:
            return self.env._("%(line)s is no line of %(order)s.", line=line.name, order=order.name)
        if self.kind in LINE_KINDS and not line:
            return self.env._("Choose the line of %s that changes.", order.name)
        if line and not line._is_alive():
            return self.env._("%(line)s of %(order)s does not run.", line=self._get_product_name(), order=order.name)
        return False

    def _get_date_problem(self):
        today = self.order_id.company_id._get_subscription_today()
        if self.effective_on < today:
            return self.env._(
                "%(order)s cannot change from %(date)s on: that day is over. Choose today or a later day.",
                order=self.order_id.name,
                date=format_date(self.env, self.effective_on),
            )
        last = max(self.effective_on, self.resume_on or self.effective_on)
        if last > fields.Date.add(today, months=LONGEST_TERM):
            return self.env._(
                "%(order)s cannot be planned until %(date)s: choose a day of the next hundred years.",
                order=self.order_id.name,
                date=format_date(self.env, last),
            )
        ends = [day for day in (self.line_id.subscription_end, self.order_id.subscription_closed_on) if day]
        if ends and self.effective_on >= min(ends) and self.kind != "close":
            return self.env._(
                "%(order)s ends on %(date)s: choose an earlier day, or take that end back first.",
                order=self.order_id.name,
                date=format_date(self.env, min(ends)),
            )
        same = self._get_planned_twins()
        if same and self.kind != "close":
            return self.env._("%s is planned for the same day: cancel that first.", same[0]._get_sentence())
        return False

    def _get_planned_twins(self):
        """Return what is planned for the same line and day already."""
        return self.order_id.subscription_change_ids.filtered(
            lambda other: (
                other.state == "planned"
                and other.id != (self._origin.id or self.id)
                and (other.kind, other.line_id, other.effective_on) == (self.kind, self.line_id, self.effective_on)
                and not other.parent_id
            )
        )

    def _get_kind_problem(self):
        if self.kind in VALUE_KINDS:
            return self._get_value_problem()
        return {
            "plan": self._get_plan_problem,
            "pause": self._get_pause_problem,
            "resume": self._get_resume_problem,
            "close": self._get_close_problem,
        }[self.kind]()

    def _get_value_problem(self):
        name = self._get_product_name()
        if self.kind == "quantity" and self.quantity < 0:
            return self.env._("The quantity of %s cannot be below zero.", name)
        if self.kind == "discount" and not 0 <= self.discount <= 100:
            return self.env._("The discount on %s lies between 0 and 100 %%.", name)
        if self.discount_periods < 0 or self.discount_periods > 1200:
            return self.env._("The discount on %s counts for some periods, or for good (0).", name)
        return False

    def _get_plan_problem(self):
        line, plan = self.line_id, self.plan_id
        name = self._get_product_name()
        if not plan or not plan.active:
            return self.env._("Choose the plan that %s changes to; archived plans are not offered any more.", name)
        if plan.company_id and plan.company_id != self.company_id:
            return self.env._('Plan "%(plan)s" is of another company.', plan=plan.name)
        if plan == line.subscription_plan_id:
            return self.env._('%(line)s has the plan "%(plan)s" already.', line=name, plan=plan.name)
        free_from = line.subscription_next_start
        if not line.subscription_plan_id.prorate_changes and free_from and self.effective_on < free_from:
            return self.env._(
                '%(line)s is billed until %(date)s, and its plan "%(plan)s" gives nothing back: change it from that '
                "day on.",
                line=name,
                date=format_date(self.env, free_from),
                plan=line.subscription_plan_id.name,
            )
        return False

    def _get_pause_problem(self):
        name = self._get_product_name()
        pauses = self.order_id.subscription_change_ids.filtered(
            lambda other: (
                other.kind == "pause" and other.state == "planned" and other.id != (self._origin.id or self.id)
            )
        )
        if self.order_id.subscription_status != "progress" or self.line_id.subscription_phase == "paused":
            return self.env._("%s does not run: it cannot be paused.", name)
        if pauses:
            return self.env._("%s is planned already: cancel that first.", pauses[0]._get_sentence())
        if self.resume_on and self.resume_on <= self.effective_on:
            return self.env._("%s resumes after its pause began: choose a later day.", name)
        return False

    def _get_resume_problem(self):
        paused = self._get_lines().filtered(lambda line: line.subscription_phase == "paused")
        if not paused:
            return self.env._("%s is not paused: there is nothing to resume.", self._get_product_name())
        return False

    def _get_close_problem(self):
        name = self._get_product_name()
        start = self.line_id.subscription_start or self.order_id.subscription_start
        if not self.reason_id:
            return self.env._("Choose why %s closes.", name)
        if start and self.effective_on < start:
            return self.env._("%s cannot end before it starts.", name)
        return False
