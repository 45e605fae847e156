from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from ..tools.mrr import EPSILON
from .sale_order_renewal import RENEWABLE_STATUSES


class SaleOrder(models.Model):
    """A renewal that was confirmed: what it renews runs until the day it starts, then it takes over."""

    _inherit = "sale.order"

    # === CONFIRMED ===#

    def _subscription_start(self):
        """Extend: what a renewal renews ends on the day that it starts."""
        renewals = self.filtered("subscription_renews_id")
        for renewal in renewals:
            renewal._subscription_settle_start()
        result = super()._subscription_start()
        for renewal in renewals.filtered(lambda order: order.subscription_status == "scheduled"):
            renewal._subscription_end_renewed_lines()
        return result

    def _subscription_settle_start(self):
        """Check once more, with what is renewed locked, and settle the first day of this renewal."""
        parent = self.subscription_renews_id
        parent._subscription_lock()
        parent.invalidate_recordset(["subscription_renewal_ids"])
        if problem := self._get_renewal_refusal():
            raise UserError(problem)
        today = self._get_own_today()
        wanted = self.subscription_start or today
        # What was confirmed too late starts later: what is renewed has run until now, or nothing has.
        self._with_change().subscription_start = max(wanted, today)
        if wanted < self.subscription_start:
            body = self.env._(
                "Confirmed after %(wanted)s: the renewal starts on %(date)s.",
                wanted=format_date(self.env, wanted),
                date=format_date(self.env, self.subscription_start),
            )
            self.message_post(body=body)

    def _get_own_today(self):
        return self.company_id._get_subscription_today()

    def _subscription_end_renewed_lines(self):
        """Let the lines that are renewed end on the day that this renewal starts, unless they do before."""
        parent = self.subscription_renews_id
        lines = parent.order_line.filtered(
            lambda line: (
                line._is_alive() and (not line.subscription_end or line.subscription_end > self.subscription_start)
            )
        )
        lines._subscription_withdraw_end()
        parent._subscription_watch()
        parent.message_post(
            body=self.env._(
                "Renewed by %(renewal)s, which starts on %(date)s.",
                renewal=self._get_html_link(),
                date=format_date(self.env, self.subscription_start),
            )
        )

    # === CANCELLED ===#

    def _check_subscription_state_write(self, state):
        """Extend: a renewal that has begun took over for good."""
        super()._check_subscription_state_write(state)
        parent = self.sudo().subscription_renews_id  # In sudo mode: what it renewed counts whoever may see it
        if state == "cancel" and self.state == "sale" and parent.subscription_status == "renewed":
            raise UserError(
                self.env._(
                    "%(order)s has taken over from %(parent)s and cannot be cancelled any more. Close it instead.",
                    order=self.name,
                    parent=parent.name,
                )
            )

    def _subscription_follow_state(self, state, cancelled):
        """Extend: what a cancelled renewal was to renew runs on."""
        result = super()._subscription_follow_state(state, cancelled)
        if state == "cancel":
            for renewal in self.filtered("subscription_renews_id"):
                renewal._subscription_let_parent_run_on()
        return result

    def _subscription_let_parent_run_on(self):
        parent = self.subscription_renews_id
        parent._subscription_watch()
        lines = parent.order_line.filtered(
            lambda line: line._is_alive() and line.subscription_end == self.subscription_start
        )
        if lines and parent.subscription_status in RENEWABLE_STATUSES:
            parent._subscription_lock()
            lines._subscription_withdraw_end()
            parent.message_post(
                body=self.env._("The renewal %s was cancelled: this subscription runs on.", self._get_html_link())
            )

    def _subscription_reopen(self):
        """Extend: what was renewed goes on in its renewal."""
        for order in self.filtered(lambda order: order.subscription_status == "closed"):
            if renewal := order._get_confirmed_renewal():
                raise UserError(
                    self.env._(
                        "%(order)s goes on as %(renewal)s: there is nothing to reopen.",
                        order=order.name,
                        renewal=renewal.name,
                    )
                )
        return super()._subscription_reopen()

    # === TAKING OVER ===#

    def _subscription_take_over(self):
        """Let renewals that begin go on from what they renew: its lines end, its revenue is theirs."""
        for renewal in self:
            parent = renewal.subscription_renews_id
            if parent.subscription_status in RENEWABLE_STATUSES:
                (parent | renewal)._subscription_lock()
                renewal._subscription_take_over_from(parent)

    def _subscription_take_over_from(self, parent):
        day = self.subscription_start
        # What ends or changes before, does so before.
        self.env["subscription.billing.run"]._turn(parent, day - timedelta(days=1))
        if parent.subscription_status not in RENEWABLE_STATUSES:
            return
        parent._subscription_cancel_planned(self.env._("Renewed by %s.", self.name))
        parent._subscription_resume_on(day)
        lines = parent.order_line.filtered(lambda line: line._is_alive())
        lines.subscription_end = day
        lines._subscription_give_back_rest(day, self)
        self._subscription_transfer_revenue(parent, day)
        lines.subscription_phase = "ended"
        parent.write({"subscription_closed_on": False, "subscription_close_reason_id": False})
        parent._subscription_set_status("renewed")
        lines._subscription_update_next()
        self._subscription_take_over_charges(parent)
        self._subscription_take_over_dates(parent)
        parent.message_post(body=self.env._("%s has taken over.", self._get_html_link()))

    def _subscription_resume_on(self, day):
        """Let what pauses on this order run again from ``day``: days that are left to it count then."""
        if self.order_line.filtered(lambda line: line.subscription_phase == "paused"):
            change = self.env["subscription.change"].create(
                {"order_id": self.id, "kind": "resume", "state": "planned", "effective_on": day}
            )
            change._apply(self._get_own_today())

    def _subscription_cancel_planned(self, reason):
        """Cancel what was still planned for these orders, and say so."""
        changes = self.env["subscription.change"].search([("order_id", "in", self.ids), ("state", "=", "planned")])
        sentences = {
            order: [change.display_name for change in own] for order, own in changes.grouped("order_id").items()
        }
        changes._withdraw()
        for order, names in sentences.items():
            order.message_post(
                body=self.env._("%(reason)s Not done any more: %(changes)s.", reason=reason, changes=", ".join(names))
            )

    def _subscription_transfer_revenue(self, parent, day):
        """Write the events that carry the revenue of ``parent`` over to this renewal: together they are zero."""
        Event = self.env["subscription.event"]
        heirs = self.order_line._get_heirs(parent.order_line)
        values = []
        for line, (amount, company_amount, _count) in Event._get_carried(parent.order_line).items():
            if abs(amount) > EPSILON or abs(company_amount) > EPSILON:
                values.append(line._prepare_event("transfer", day, -amount, -company_amount))
                values.append(heirs[line]._prepare_event("transfer", day, amount, company_amount))
        Event.create(values)

    def _subscription_take_over_charges(self, parent):
        """What is still to be paid for ``parent`` counts for this renewal, which is what the customer has now."""
        charges = parent.subscription_charge_ids.filtered(lambda charge: charge.state not in ("paid", "dropped"))
        charges._subscription_add_order(self)

    def _subscription_roll_term(self, today):
        """Extend: what was renewed has no other term."""
        running = self.filtered(lambda order: order.subscription_status != "renewed")
        return super(SaleOrder, running)._subscription_roll_term(today)
