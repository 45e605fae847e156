from odoo import models
from odoo.fields import Command

from ..tools.proration import unit_price
from .sale_order_line_money import MONEY_KINDS


class SaleOrder(models.Model):
    """Money of changes: it waits in the ledger until the next document of its order takes it."""

    _inherit = "sale.order"

    def _get_pending_rows(self):
        """Return the rows of these orders that are still to be charged or credited."""
        # In sudo mode: the ledger tells the same whoever asks.
        Period = self.env["subscription.period"].sudo()
        return Period.search(
            [
                ("order_id", "in", self.ids),
                ("state", "=", "live"),
                ("kind", "in", MONEY_KINDS),
                ("invoice_line_id", "=", False),
            ],
            order="start, id",
        )

    def _subscription_update_pending(self):
        """Store since when money waits."""
        by_order = self._get_pending_rows().grouped("order_id")
        for order in self:
            starts = by_order[order].mapped("start") if order in by_order else []
            order.subscription_pending_on = min(starts, default=False)

    # === ON WHICH DOCUMENT ===#

    def _add_pending_money(self, bills, make_bill):
        """Put what waits on the invoices of ``bills``; what they do not cover becomes a credit note of its own.

        :param bills: list of ``Bill``
        :param make_bill: called with an order, pending rows and whether it is a credit note, it returns a ``Bill``
        :return: the bills, with those for what waits
        """
        waiting = self.filtered("subscription_pending_on")
        by_order = waiting._get_pending_rows().grouped("order_id") if waiting else {}
        for order, rows in by_order.items():
            parts = [part for bill in bills for part in bill.parts if part.order == order]
            part = parts[-1] if parts else None
            if part and order._is_covered(part, rows):
                part.money = rows
                continue
            charged = rows.filtered(lambda row: row.value > 0)
            if charged and part:
                part.money = charged
            elif charged and order._is_sum_positive(rows):
                bills.append(make_bill(order, rows, False))
                continue
            elif charged:
                bills.append(make_bill(order, charged, False))
            if rows - charged:
                bills.append(make_bill(order, rows - charged, True))
        return bills

    def _is_covered(self, part, rows):
        """Return whether an invoice with ``part`` still comes to nothing less than zero with ``rows`` on it."""
        if not any(row.value < 0 for row in rows):
            return True
        part.money = rows
        covered = self.currency_id.compare_amounts(self._get_bill_amounts(part)["total"], 0.0) >= 0
        part.money = rows.browse()
        return covered

    def _is_sum_positive(self, rows):
        return self.currency_id.compare_amounts(sum(rows.mapped("value")), 0.0) >= 0


class SubscriptionPeriod(models.Model):
    """A row that moves money, as a line of a document."""

    _inherit = "subscription.period"

    def _prepare_money_line(self, fiscal_position, sign=1):
        """Return the values of the document line that charges or credits this row.

        :param int sign: -1 on a credit note, whose lines are above zero
        """
        line = self.line_id.with_context(lang=self.env.context.get("lang"))
        quantity, price = self._get_money_price(fiscal_position)
        values = line._prepare_invoice_line(
            quantity=quantity,
            price_unit=sign * price,
            discount=0.0,
            tax_ids=[Command.set(line._get_billing_taxes(fiscal_position).ids)],
        )
        span = self._format_days(self.start, self.end, line.env)
        values["name"] = "\n".join(filter(None, [values["name"], self._get_money_title(line.env), span]))
        values["subscription_period_start"] = self.start
        values["subscription_period_end"] = self.end
        values["subscription_period_ids"] = [Command.link(self.id)]
        return values

    def _get_money_price(self, fiscal_position):
        """Return the quantity and unit price (discount taken off) at which a document shows this row."""
        line = self.line_id
        quantity = self._get_money_quantity()
        price = unit_price(self.value, quantity, 0.0, self.currency_id.rounding)
        return quantity, line._convert_agreed_price(price, line._get_billing_taxes(fiscal_position))

    def _get_money_quantity(self):
        change = self.change_id
        if change.kind == "quantity":
            return abs(change.quantity - change.old_quantity) or 1.0
        return abs(self.quantity) or 1.0

    def _get_money_title(self, env):
        """Return what the line is for, in the language of ``env``."""
        change = self.change_id.with_env(env)
        if self.kind == "credit" and change.kind not in ("quantity", "price", "discount"):
            return env._("Days not used")
        return change._get_sentence()

    def _prepare_money_base_line(self, fiscal_position):
        """Return what Odoo's tax engine needs to know of this row."""
        line = self.line_id
        quantity, price = self._get_money_price(fiscal_position)
        return line._prepare_base_line_for_taxes_computation(
            tax_ids=line._get_billing_taxes(fiscal_position), price_unit=price, quantity=quantity, discount=0.0
        )
