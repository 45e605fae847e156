from contextlib import contextmanager

from odoo import models
from odoo.exceptions import UserError

from ..engine_context import get_shared
from .sale_order import FROZEN_FIELDS, RUNNING_STATUSES

TERM_FIELDS = {"subscription_commitment_months", "subscription_auto_renew"}


class SaleOrder(models.Model):
    """What Sales' own state means for a subscription: confirmed it starts, cancelled it stops."""

    _inherit = "sale.order"

    # === CONFIRMATION ===#

    def action_confirm(self):
        """Override of `sale`: what is still to be computed is, before confirmation freezes it."""
        self.order_line.flush_recordset()
        return super().action_confirm()

    def _confirmation_error_message(self):
        """Override of `sale` to refuse recurring lines that cannot be billed."""
        message = super()._confirmation_error_message()
        if message:
            return message
        lines = self.order_line.filtered("subscription_plan_id")
        if not lines:
            return False
        for line in lines:
            if problem := line._get_recurrence_problem():
                return f"{self.name}: {problem}"
        today = self.company_id._get_subscription_today()
        return self._get_currency_problem(self.currency_id, self.company_id, today)

    # === THE STATE IS A DOOR ===#

    def write(self, vals):
        """Override of `sale`: the state is a door, whoever opens it and by what method.

        Confirmed, an order with recurring lines starts; cancelled, it stops; as a quotation again it is clean.

        :raise UserError: for what would move a running timeline behind the ledger's back
        """
        if not {"state", "fiscal_position_id", *FROZEN_FIELDS, *TERM_FIELDS} & vals.keys():
            return super().write(vals)
        self.check_access("write")
        for order in self.filtered("subscription_status"):
            order._check_subscription_state_write(vals.get("state", order.state))
            order._check_subscription_frozen_write(vals)
        cancelled = self.filtered(lambda order: order.state == "cancel")
        with self._protecting_one_off_prices(vals), self._following_terms(vals):
            result = super().write(vals)
        if "subscription_plan_id" in vals:
            self.order_line._subscription_add_setup_fees()
        if "fiscal_position_id" in vals:
            for order in self.filtered(lambda order: order.state == "sale" and order.subscription_status):
                order.subscription_fiscal_auto = order._is_fiscal_position_automatic()
        # In sudo mode: whoever may write the state (a customer who signs, too) moves the timeline by it.
        self.sudo()._subscription_follow_state(vals.get("state"), cancelled.sudo())
        return result

    @contextmanager
    def _protecting_one_off_prices(self, vals):
        """Keep prices and discounts of lines that are sold once, while the order gets another plan."""
        if "subscription_plan_id" not in vals:
            yield
            return
        Line = self.env["sale.order.line"]
        one_off = self.order_line.filtered(lambda line: line._is_one_off_under_any_plan())
        with self.env.protecting([Line._fields["price_unit"], Line._fields["discount"]], one_off):
            yield
            # Inside, for it is this that would have the prices computed anew.
            self.order_line.mapped("subscription_plan_id")

    @contextmanager
    def _following_terms(self, vals):
        """Let lines that end with the term, or with none, follow a term that changes while they run."""
        if not TERM_FIELDS & vals.keys():
            yield
            return
        # In sudo mode: the timeline is written by no user, only by what is done to its order.
        orders = self.sudo().filtered(lambda order: order.subscription_status in RUNNING_STATUSES)
        orders._subscription_lock()
        ends = {line: line._get_settled_end() for line in orders.order_line._filter_timeline()}
        yield
        for order in orders:
            today = order.company_id._get_subscription_today()
            if order.subscription_term_end and order.subscription_term_end < today:
                order._subscription_roll_term(today)
        following = [line.id for line, end in ends.items() if line.subscription_end == end and line._is_alive()]
        self.env["sale.order.line"].sudo().browse(following)._subscription_withdraw_end()  # as above

    def _check_subscription_state_write(self, state):
        if state == "cancel" and self.state == "sale" and self._is_subscription_billed():
            raise UserError(self.env._("%s was billed and cannot be cancelled any more. Close it instead.", self.name))
        if state in ("draft", "sent") and self.state == "sale":
            raise UserError(self.env._("%s runs: close or cancel it, it cannot be a quotation again.", self.name))
        if state == "sale" and self.state == "cancel":
            raise UserError(self.env._("%s is cancelled: make it a quotation before you confirm it.", self.name))

    def _is_subscription_billed(self):
        self.ensure_one()
        # In sudo mode: a row counts whoever may read it.
        return bool(
            self.env["subscription.period"]
            .sudo()
            .search_count(
                [
                    ("order_id", "=", self.id),
                    ("state", "=", "live"),
                    "|",
                    ("kind", "=", "imported"),
                    ("invoice_line_id.parent_state", "=", "posted"),
                ],
                limit=1,
            )
        )

    def _check_subscription_frozen_write(self, vals):
        if self.state != "sale" or get_shared(self.env, "subscription_change") is not None:
            return
        for name in FROZEN_FIELDS & vals.keys():
            field = self._fields[name]
            if self[name] and field.convert_to_cache(vals[name], self) != field.convert_to_cache(self[name], self):
                raise UserError(
                    self.env._(
                        '%(order)s is running: its "%(field)s" cannot change any more.',
                        order=self.name,
                        field=field.get_description(self.env)["string"],
                    )
                )

    def _subscription_follow_state(self, state, cancelled):
        """Do to the subscriptions what their new ``state`` means; ``cancelled`` are those that were."""
        if state == "sale":
            quotations = self.filtered(lambda order: order.subscription_status == "quotation")
            starting = quotations.filtered(lambda order: order.order_line._filter_subscribed())
            starting._subscription_start()
            # What recurs was an option, and not chosen: ordinary orders, until it is.
            (quotations - starting).subscription_status = False
        elif state == "cancel":
            for order in self:
                order.order_line._subscription_stop(order.company_id._get_subscription_today())
                order._get_planned_changes().state = "cancelled"
            self._subscription_unpark(self.env._("Cancelled."))
        elif state in ("draft", "sent"):
            cancelled._subscription_forget_timeline()

    # === START AND CLEAN SLATE ===#

    def _subscription_start(self):
        """Start confirmed orders: freeze what was agreed, anchor the lines, set the first due date."""
        for order in self:
            today = order.company_id._get_subscription_today()
            values = {"subscription_fiscal_auto": order._is_fiscal_position_automatic()}
            if not order.subscription_start:
                values["subscription_start"] = today
            order.write(values)
            order.order_line._filter_subscribed()._subscription_anchor(order.subscription_start)
            order._subscription_set_status("scheduled" if order.subscription_start > today else "progress")
            order.order_line._subscription_begin(today)
        self._subscription_answer_questions()

    def _subscription_forget_timeline(self):
        """Void what a cancelled order had in the ledger and clear its dates."""
        lines = self.order_line._filter_timeline()
        rows = self.env["subscription.period"].search([("line_id", "in", lines.ids), ("state", "=", "live")])
        rows.state = "void"
        lines.write(lines._get_blank_timeline())
        self.write(
            {
                "subscription_parked_reason": False,
                "subscription_parked_on": False,
                "subscription_next_attempt": False,
                "subscription_closed_on": False,
                "subscription_close_reason_id": False,
            }
        )
