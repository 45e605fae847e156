from markupsafe import Markup

from odoo import models
from odoo.tools.misc import format_date

from ..engine_context import Shared
from .subscription_change import VALUE_KINDS

# What happens on the same day happens in this order.
ORDER_OF_KINDS = ("resume", *VALUE_KINDS, "plan", "pause", "close")


class SubscriptionChange(models.Model):
    """A planned change is done: the ledger, the line and the events say so from its day on."""

    _inherit = "subscription.change"

    def _apply(self, today):
        """Do these changes, which fall due on the same day; what was due before is billed already.

        :param date today: the company's date
        """
        for kind in ORDER_OF_KINDS:
            changes = self.filtered(lambda change, kind=kind: change.kind == kind and change.state == "planned")
            if changes:
                changes = changes.sorted("id")._drop_pointless()
                # First, for the next period of a line goes by the changes that are applied.
                changes.write({"state": "applied", "applied_on": today})
                getattr(changes, f"_apply_{'value' if kind in VALUE_KINDS else kind}")()
                changes._tell(self.env._("Changed"))

    def _drop_pointless(self):
        """Cancel the changes of lines that ended meanwhile; return the others."""
        pointless = self.filtered(lambda change: change.line_id and not change.line_id._is_alive())
        pointless = pointless.filtered(lambda change: change.kind != "close")
        pointless.state = "cancelled"
        return self - pointless

    def _tell(self, title):
        """Log what happens in the history of the subscriptions."""
        bodies = {}
        for change in self:
            sentence = self.env._(
                "%(title)s from %(date)s: %(change)s",
                title=title,
                date=format_date(self.env, change.effective_on),
                change=change._get_sentence(),
            )
            bodies.setdefault(change.order_id.id, []).append(sentence)
        orders = self.order_id
        orders._message_log_batch(bodies={order.id: Markup("<br/>").join(bodies[order.id]) for order in orders})

    # === QUANTITY, PRICE, DISCOUNT ===#

    def _apply_value(self):
        rows, billed = [], self.line_id._filter_billed_after(self[0].effective_on)
        for change in self:
            change._note_former_values()
            rows += change._prepare_money_rows() if change.line_id in billed else []
            change._write_line(change._get_line_values())
        self._create_money(rows)
        # The history tells what changes: the amounts that follow are not told one by one as well.
        self.order_id.with_context(mail_notrack=True).flush_recordset(["amount_untaxed", "amount_total"])
        self.line_id._subscription_record_movements("change", self[0].effective_on)
        # A period in arrears is cut where something changes.
        self.line_id.filtered(
            lambda line: line.subscription_next_start and line.subscription_next_start < self[0].effective_on
        )._subscription_update_next()
        self.filtered(lambda change: change.kind == "discount" and change.discount_periods)._plan_discount_end()

    def _note_former_values(self):
        line = self.line_id
        self.write(
            {
                "old_quantity": line.product_uom_qty,
                "old_price_unit": line.price_unit,
                "old_discount": line.discount,
                "old_plan_id": line.subscription_plan_id.id,
                "old_anchor": line.subscription_anchor,
            }
        )

    def _get_line_values(self):
        return {
            "quantity": {"product_uom_qty": self.quantity},
            "price": {"price_unit": self.price_unit},
            "discount": {"discount": self.discount},
        }[self.kind]

    def _write_line(self, values):
        self.line_id.with_context(subscription_change=Shared()).write(values)

    def _plan_discount_end(self):
        """Plan that the former discount counts again, after as many periods as were agreed."""
        for change in self:
            line = change.line_id
            self.create(
                {
                    "order_id": change.order_id.id,
                    "line_id": line.id,
                    "kind": "discount",
                    "state": "planned",
                    "effective_on": change._get_discount_end(line._get_agreed()),
                    "discount": change.old_discount,
                    "parent_id": change.id,
                    "user_id": change.user_id.id,
                }
            )

    def _get_discount_end(self, terms):
        """Return the first day without this discount, which counts for some periods under ``terms``."""
        grid = self.env["subscription.plan"].browse(terms.plan_id)._get_grid(terms.anchor)
        return grid.boundary(grid.index(self.effective_on) + self.discount_periods)

    # === PLAN ===#

    def _apply_plan(self):
        rows = []
        for change in self:
            change._note_former_values()
            rows += change._prepare_money_rows()
            line, plan = change.line_id, change.plan_id
            line._subscription_cut(change.effective_on, change)
            anchor = plan._get_anchor(change.effective_on)
            change._write_line(
                {
                    "subscription_plan_id": plan.id,
                    "subscription_default_plan_id": plan.id,
                    "price_unit": change.price_unit,
                    "subscription_anchor": anchor,
                }
            )
        self._create_money(rows)
        self.line_id._subscription_record_movements("change", self[0].effective_on)
        self.line_id._subscription_update_next()
        for order in self.order_id:
            order._subscription_follow_plan()

    # === PAUSE, RESUME, CLOSE ===#

    def _apply_pause(self):
        for change in self:
            lines = change._get_lines().filtered(lambda line: line.subscription_phase == "running")
            change._create_money(change._prepare_money_rows())
            given_back = lines.filtered(
                lambda line, change=change: (
                    change._is_line_carried(line) or (change._is_credited() and change._is_line_credited(line))
                )
            )
            given_back._subscription_cut(change.effective_on, change)
            change.order_id._subscription_pause_lines(lines, change.effective_on)
            if change.resume_on:
                change.copy(
                    {
                        "kind": "resume",
                        "state": "planned",
                        "effective_on": change.resume_on,
                        "resume_on": False,
                        "parent_id": change.id,
                    }
                )

    def _apply_resume(self):
        for change in self:
            lines = change._get_lines().filtered(lambda line: line.subscription_phase == "paused")
            change.order_id._subscription_resume_lines(lines, change.effective_on, change)
            change._drop_later_resumes()

    def _drop_later_resumes(self):
        """Cancel the ends that were planned for pauses which are over by now: the next pause has its own."""
        resumes = self.order_id.subscription_change_ids.filtered(
            lambda other: other.kind == "resume" and other.state == "planned" and other.parent_id.state == "applied"
        )
        over = resumes.filtered(
            lambda other: not other._get_lines().filtered(lambda line: line.subscription_phase == "paused")
        )
        over.state = "cancelled"

    def _apply_close(self):
        for change in self:
            lines = change._get_lines()
            change._create_money(change._prepare_money_rows())
            if change._is_credited():
                lines._subscription_cut(change.effective_on, change)
            if not (change.order_id.order_line - lines).filtered(lambda line: line._is_alive()):
                # The order closes with its last line, and for the same reason.
                change.order_id.subscription_close_reason_id = change.reason_id
            lines._subscription_finish(change.effective_on)
            lines._subscription_update_next()

    # === LEDGER ===#

    def _prepare_money_rows(self):
        """Return the values of the ledger rows that charge or credit what this change costs."""
        return [self._prepare_money_row(adjustment) for adjustment in self._get_adjustments()]

    def _prepare_money_row(self, adjustment):
        # Days that are given back cannot be given back once more.
        spent = self.kind not in VALUE_KINDS
        return {
            "line_id": adjustment.line.id,
            "order_id": self.order_id.id,
            "company_id": self.company_id.id,
            "kind": "proration" if adjustment.value > 0 else "credit",
            "start": adjustment.start,
            "end": adjustment.end,
            "service_end": adjustment.start if spent else adjustment.end,
            "quantity": adjustment.line.product_uom_qty,
            "value": adjustment.value,
            "full_days": (adjustment.end - adjustment.start).days,
            "change_id": self.id,
            "basis_id": adjustment.basis.id,
        }

    def _create_money(self, rows):
        """Create ledger rows that wait for the next document of their order."""
        if rows:
            self.env["subscription.period"].create(rows)
            self.order_id._subscription_update_pending()
