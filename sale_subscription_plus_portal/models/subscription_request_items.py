from collections import defaultdict
from math import isfinite

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tools import float_compare, float_is_zero

# More is a slip of the keyboard; staff can still agree on it.
LARGEST_QUANTITY = 100_000


class SaleOrder(models.Model):
    """What a customer asks for, item by item, checked and brought into the engine's words.

    Items come from forms: each id is looked up among what this subscription offers. One that says ``offered`` comes
    from us (an offer to stay) and needs no right of the customer's.
    """

    _inherit = "sale.order"

    def _read_request(self, items):
        """Return what ``items`` come to.

        :param list items: dicts with a ``kind``: quantity, plan, add, remove, pause, resume, close or discount
        :return: ({day: [values of subscription.change]}, [(Option, quantity)])
        :raise UserError: with a sentence for the customer
        """
        self.ensure_one()
        self._check_request_possible()
        self._check_not_closing(items)
        changes, added = defaultdict(list), []
        for item in items:
            if item.get("kind") == "add":
                added.append(self._read_added_item(item))
                continue
            read = getattr(self, f"_read_{item.get('kind')}_item", None)
            if not read:
                raise self._get_reload_error()
            for vals in read(item):
                changes[vals["effective_on"]].append({"order_id": self.id, **vals})
        if not changes and not added:
            raise UserError(self.env._("Nothing differs from what you have: choose what shall be new."))
        return dict(sorted(changes.items())), added

    def _get_reload_error(self):
        return UserError(self.env._("This page is out of date. Please reload it and try again."))

    def _get_requested_line(self, item):
        line = self._get_customer_lines().filtered(lambda line: line.id == item.get("line_id"))
        if not line:
            raise self._get_reload_error()
        return line

    def _get_today(self):
        return self.company_id._get_subscription_today()

    # === QUANTITIES AND OPTIONS ===#

    def _read_quantity(self, value, name, whole):
        """Return ``value``, from a form, as a quantity.

        :param bool whole: it must be a whole number
        """
        try:
            quantity = float(value)
        except (TypeError, ValueError):
            quantity = 0.0
        if not isfinite(quantity) or not 0 < quantity <= LARGEST_QUANTITY or (whole and quantity % 1):
            raise UserError(
                self.env._("%(product)s: enter a number from 1 to %(most)s.", product=name, most=LARGEST_QUANTITY)
            )
        return quantity

    def _read_quantity_item(self, item):
        line = self._get_requested_line(item)
        whole = float_is_zero(line.product_uom_qty % 1, precision_digits=6)
        quantity = self._read_quantity(item.get("quantity"), line.product_id.display_name, whole)
        difference = float_compare(quantity, line.product_uom_qty, precision_digits=6)
        if not difference:
            return []
        self._check_customer_may("upgrade" if difference > 0 else "downgrade")
        day = self._get_today() if difference > 0 else line._get_less_date()
        return [{"line_id": line.id, "kind": "quantity", "quantity": quantity, "effective_on": day}]

    def _read_added_item(self, item):
        self._check_customer_may("upgrade")
        option = next((option for option in self._get_portal_options() if option.key == item.get("option")), None)
        if not option:
            raise self._get_reload_error()
        return option, self._read_quantity(item.get("quantity", 1), option.product.display_name, whole=True)

    def _read_remove_item(self, item):
        line = self._get_requested_line(item)
        if not line._is_removable_by_customer():
            self._check_customer_may("downgrade")
            raise UserError(
                self.env._(
                    "%s cannot be removed online. Please write to us, or close the whole subscription.",
                    line.product_id.display_name,
                )
            )
        reason = self.env.ref("sale_subscription_plus_portal.close_reason_removed")
        return [{"line_id": line.id, "kind": "close", "reason_id": reason.id, "effective_on": line._get_less_date()}]

    # === PLAN ===#

    def _read_plan_item(self, item):
        plan = self._get_switchable_plans().filtered(lambda plan: plan.id == item.get("plan_id"))
        if not plan:
            self._check_customer_may("upgrade")
            raise self._get_reload_error()
        lines = self._get_switching_lines()
        now = self._is_plan_more(plan) and all(lines.subscription_plan_id.mapped("prorate_changes"))
        day = self._get_today() if now else max(line._get_period_end() for line in lines)
        return [{"line_id": line.id, "kind": "plan", "plan_id": plan.id, "effective_on": day} for line in lines]

    # === PAUSE, RESUME, CLOSE, STAY ===#

    def _read_date(self, value):
        try:
            return Date.to_date(value or False)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("Choose a date from the calendar.")) from error

    def _read_pause_item(self, item):
        start = self._read_date(item.get("from")) or self._get_today()
        resume_on = self._read_date(item.get("resume_on"))
        if not item.get("offered"):
            self._check_customer_may("pause")
            self._check_pause_length(start, resume_on)
        return [{"kind": "pause", "effective_on": start, "resume_on": resume_on}]

    def _read_resume_item(self, _item):
        self._check_customer_may("pause")
        self._check_resumable()
        return [{"kind": "resume", "effective_on": self._get_today()}]

    def _read_close_item(self, item):
        self._check_customer_may("close")
        earliest = self._get_customer_end_date()
        day = self._read_date(item.get("date")) or earliest
        if day < earliest:
            raise UserError(self.env._("Choose a day from the earliest one on: your subscription runs until then."))
        reason = self.env["subscription.close.reason"].browse(item.get("reason_id") or ()).exists()
        return [{"kind": "close", "effective_on": day, "reason_id": reason.id, "note": item.get("note")}]

    def _read_discount_item(self, item):
        """An offer to stay: on top of what is agreed, from the next period on, so that nothing is given back."""
        if not item.get("offered"):
            raise self._get_reload_error()
        return [
            {
                "line_id": line.id,
                "kind": "discount",
                "discount": 100 - (100 - line.discount) * (100 - item["discount"]) / 100,
                "discount_periods": item["periods"],
                "effective_on": line._get_period_end(),
            }
            for line in self._get_customer_lines()
        ]


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_less_date(self):
        """Return the first day on which the customer may have less of this line: not before they are bound to it."""
        order = self.order_id
        bound = order._get_term_close_date(order.company_id._get_subscription_today())
        return max(filter(None, (self._get_period_end(), bound)))
