from datetime import date, timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

LONGEST_NOTE = 2000
# Later days are slips of the keyboard; the engine refuses those that lie too far ahead.
LAST_DAY = date(3000, 1, 1)


class SaleOrder(models.Model):
    """The forms of the portal: what each shows, and the items of the request that its entries make.

    A form has ``_get_<form>_problem``, ``_prepare_<form>_form`` and ``_enter_<form>``.
    """

    _inherit = "sale.order"

    def _get_open_forms(self):
        """Return the forms that the customer can fill in now."""
        forms = ["change", "pause", "resume", "close"]
        pauses = self._get_planned_changes().filtered(lambda change: change.kind == "pause")
        return [form for form in forms if not self._get_form_problem(form) and not (form == "pause" and pauses)]

    def _get_form_problem(self, form):
        """Return why the customer cannot fill in ``form`` now, and what to do instead; blank: they can."""
        self.ensure_one()
        problem = getattr(self, f"_get_{form}_problem")()
        if problem:
            return problem
        try:
            self._check_request_possible()
        except UserError as error:
            return str(error)
        return ""

    def _prepare_form(self, form):
        """Return what the page of ``form`` shows."""
        return getattr(self, f"_prepare_{form}_form")()

    def _enter_form(self, form, entered):
        """Return the items of the request that was entered, see :meth:`_read_request`.

        :param dict entered: {name of a field: text}
        :raise UserError: where the form cannot be filled in, or something is missing
        """
        if problem := self._get_form_problem(form):
            raise UserError(problem)
        return getattr(self, f"_enter_{form}")(entered)

    def _prepare_review(self, form, entered, items):
        """Return what the page that tells what ``items`` mean shows besides their quote."""
        describe = getattr(self, f"_describe_{form}", None)
        return {
            "remarks": describe(items[0]) if describe else [],
            "today": self._get_today(),
            "taxed": bool(self._get_customer_lines().tax_ids),
        }

    def _submit_form(self, form, entered, visitor):
        """Submit the request that was entered, see :meth:`_submit_request`; return it.

        :param visitor: the ``res.partner`` in whose name it happens
        """
        # First of all, for whoever comes second starts anew here.
        self._subscription_lock()
        if twin := self._find_submitted(entered.get("digest")):
            return twin
        items = self._enter_form(form, entered)
        return self._submit_request(items, entered.get("digest", ""), visitor, entered.get("note", "")[:LONGEST_NOTE])

    def _find_submitted(self, digest):
        """Return the request that was confirmed by ``digest`` before: the button, pressed twice."""
        return self.subscription_request_ids.filtered(lambda request: digest and request.digest == digest)[:1]

    # === CHANGE ===#

    def _get_change_problem(self):
        if self.subscription_customer_changes not in ("upgrade", "both"):
            return self.env._("You cannot change this subscription here. Write to us what you need, and we see to it.")
        return self._get_idle_problem()

    def _prepare_change_form(self):
        lines = self._get_customer_lines()
        return {
            "plan_offers": self._get_switch_offers(),
            "lines": lines,
            "removable": lines.filtered(lambda line: line._is_removable_by_customer()),
            "options": self._get_portal_options(),
            "more_only": self.subscription_customer_changes == "upgrade",
            "taxed": bool(lines.tax_ids),
        }

    def _get_switch_offers(self):
        """Return a :class:`PlanOffer` a plan that the customer may have, the shortest first; [] without a choice."""
        plans = self._get_switchable_plans()
        if not plans:
            return []
        plans = (plans | self.subscription_plan_id).sorted(lambda plan: plan._get_months())
        totals = {plan: self._get_switch_totals(plan) for plan in plans}
        monthly = totals[plans[0]]["untaxed"] / plans[0]._get_months()
        return [self._prepare_plan_offer(plan, totals[plan], monthly) for plan in plans]

    def _get_switch_totals(self, plan):
        """Return {untaxed, tax, total} of a period, once the lines that follow the order's plan are on ``plan``."""
        lines = self._get_switching_lines()
        prices = {
            line: line.price_unit if plan == line.subscription_plan_id else line._get_price_under(plan)
            for line in lines
        }
        return self._get_base_line_totals(
            [line._prepare_base_line_for_taxes_computation(price_unit=prices[line]) for line in lines]
        )

    def _enter_change(self, entered):
        if entered.get("part") == "plan":
            plan_id = entered.get("plan_id", "")
            if plan_id == str(self.subscription_plan_id.id):
                return []
            return [{"kind": "plan", "plan_id": int(plan_id) if plan_id.isdecimal() else 0}]
        return [*self._enter_quantities(entered), *self._enter_options(entered)]

    def _enter_quantities(self, entered):
        items = []
        for line in self._get_customer_lines():
            quantity = entered.get(f"quantity_{line.id}")
            if entered.get(f"remove_{line.id}"):
                items.append({"kind": "remove", "line_id": line.id})
            elif quantity:
                items.append({"kind": "quantity", "line_id": line.id, "quantity": quantity})
        return items

    def _enter_options(self, entered):
        chosen = {option.key: entered.get(f"add_{option.key}") for option in self._get_portal_options()}
        return [
            {"kind": "add", "option": key, "quantity": quantity}
            for key, quantity in chosen.items()
            if quantity and quantity.strip("0.,")
        ]

    # === PAUSE AND RESUME ===#

    def _get_pause_problem(self):
        if not self.subscription_customer_pause:
            return self.env._("You cannot pause this subscription here. Write to us, and we find a solution.")
        return self._get_idle_problem()

    def _prepare_pause_form(self):
        today, period_end = self._get_today(), self._get_period_end_date()
        return {
            "today": today,
            "period_end": period_end > today and period_end,
            "last_billed": period_end - timedelta(days=1),
            "pause_days": self.subscription_customer_pause_days,
        }

    def _enter_pause(self, entered):
        return [{"kind": "pause", "from": entered.get("from"), "resume_on": entered.get("resume_on")}]

    def _describe_pause(self, item):
        """Return in words what becomes of days that are paid, and when the pause ends."""
        start, resume_on = self._read_date(item["from"]) or self._get_today(), self._read_date(item["resume_on"])
        sentences = self._describe_carried_days(start, resume_on)
        if resume_on:
            day = format_date(self.env, resume_on)
            return [*sentences, self.env._("Nothing is billed until it runs again by itself on %s.", day)]
        return [*sentences, self.env._("Nothing is billed until you let it run again.")]

    def _describe_carried_days(self, start, resume_on):
        Change = self.env["subscription.change"]
        values = {"order_id": self.id, "kind": "pause", "effective_on": start, "resume_on": resume_on}
        pause = Change.new(Change._complete_values(values))
        lines = pause._get_lines().filtered(pause._is_line_carried)
        days = {line: line._count_days_after(start) for line in lines}
        if len(set(days.values())) == 1:
            days = dict.fromkeys([self], next(iter(days.values())))
        return [
            self.env._(
                "%(product)s: %(days)s days that are billed count after the pause.",
                product=record.product_id.display_name,
                days=count,
            )
            if record != self
            else self.env._("%s days that are billed count after the pause.", count)
            for record, count in days.items()
            if count > 0
        ]

    def _get_resume_problem(self):
        if self.subscription_status != "paused":
            return self.env._("Your subscription is not paused.")
        try:
            self._check_customer_may("pause")
            self._check_resumable()
        except UserError as error:
            return str(error)
        return ""

    def _prepare_resume_form(self):
        return {}

    def _enter_resume(self, _entered):
        return [{"kind": "resume"}]

    # === CLOSE ===#

    def _get_close_problem(self):
        if self.subscription_closed_on:
            return self.env._("Your subscription ends already: its last day is %s.", self._get_last_day_label())
        if not self.subscription_customer_close:
            return self.env._("You cannot close this subscription here. Write to us, and we see to it.")
        return ""

    def _prepare_close_form(self):
        end = self._get_customer_end_date()
        return {
            "reasons": self._get_customer_reasons(),
            "earliest": end - timedelta(days=1),
            "earliest_reason": self._get_earliest_reason(end),
            "note_length": LONGEST_NOTE,
        }

    def _get_earliest_reason(self, end):
        """Return in words why the customer cannot leave before ``end``."""
        today = self._get_today()
        if self.subscription_status == "scheduled" and end <= self.subscription_start:
            return self.env._("it does not begin then.")
        if end == self._get_term_close_date(today):
            return self.env._("the end of the term that was agreed.")
        if end > today:
            return self.env._("the end of the period that runs.")
        return self.env._("nothing is billed beyond it.")

    def _get_customer_reasons(self):
        return self.env["subscription.close.reason"].search([("portal_ok", "=", True)])

    def _enter_close(self, entered):
        last_day = self._read_date(entered.get("last_day"))
        if last_day and last_day >= LAST_DAY:
            raise UserError(self.env._("Choose a day of the next years."))
        return [
            {
                "kind": "close",
                "date": last_day + timedelta(days=1) if last_day else self._get_customer_end_date(),
                "reason_id": self._get_entered_reason(entered).id,
                "note": entered.get("note", "")[:LONGEST_NOTE],
            }
        ]

    def _get_entered_reason(self, entered):
        reason_id = entered.get("reason_id", "")
        reason = self._get_customer_reasons().filtered(lambda reason: str(reason.id) == reason_id)
        if not reason:
            raise UserError(self.env._("Please tell us why you leave: choose a reason."))
        return reason

    def _get_last_day_label(self):
        return format_date(self.env, self.subscription_closed_on - timedelta(days=1))

    # === OF ALL FORMS ===#

    def _get_idle_problem(self):
        """Return why nothing can be changed of this subscription now; blank: it runs, and goes on."""
        if self.subscription_closed_on:
            return self.env._(
                "Your subscription ends: its last day is %s. Keep it first, if you want to change it.",
                self._get_last_day_label(),
            )
        if self.subscription_status == "paused":
            return self.env._("Your subscription is paused. Let it run again first.")
        if self.subscription_status != "progress":
            return self.env._("Your subscription does not run now.")
        return ""


class SaleOrderLine(models.Model):
    """What the forms ask of a line."""

    _inherit = "sale.order.line"

    def _count_days_after(self, day):
        """Return how many days from ``day`` on are billed, or will be when it comes."""
        return sum((span.service_end - max(span.start, day)).days for span in self._get_billed_spans(day))
