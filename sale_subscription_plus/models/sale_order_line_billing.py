from contextlib import contextmanager

from odoo import models
from odoo.fields import Command
from odoo.tools import float_is_zero

from ..tools.proration import prorated_price


class SaleOrderLine(models.Model):
    """A line's periods become invoice lines."""

    _inherit = "sale.order.line"

    # === WHAT IS DUE ===#

    def _get_bill_date(self, period):
        return period.end if self.subscription_plan_id.billing_timing == "arrears" else period.start

    def _iter_periods(self, coverage):
        """Yield the periods that the ledger does not cover yet, the first hole first, without end.

        :param dict coverage: {start: service_end} of rows beyond the hole; there are some after *Bill again*
        """
        start = self.subscription_next_start
        while start and (period := self._get_period_from(start, coverage)):
            yield period
            start = period.end
            while start in coverage:
                start = coverage[start]

    def _get_due_periods(self, today, coverage):
        """Return [(bill date, period)] of all periods due until ``today``, oldest first."""
        due = []
        for period in self._iter_periods(coverage):
            bill_date = self._get_bill_date(period)
            if bill_date > today:
                break
            due.append((bill_date, period))
        return due

    def _is_billable_quantity(self):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return not float_is_zero(self.product_uom_qty, precision_digits=digits)

    # === INVOICE LINES ===#

    def _get_period_price(self, period, taxes):
        """Return the unit price of ``period`` under ``taxes``: the agreed one, or its share by days.

        Agreed with tax included, the price keeps its gross; else it keeps its net.
        """
        price = self.price_unit
        if period.is_stub and self.subscription_plan_id.prorate_stub:
            price = prorated_price(price, period.days, period.full_days)
        return self._convert_agreed_price(price, taxes)

    def _convert_agreed_price(self, price, taxes):
        agreed_included = any(self.tax_ids.flatten_taxes_hierarchy().mapped("price_include"))
        included = any(taxes.flatten_taxes_hierarchy().mapped("price_include"))
        if taxes == self.tax_ids or agreed_included == included or not (taxes and (included or agreed_included)):
            return price
        if agreed_included:
            details = taxes._get_tax_details(
                price, 1.0, rounding_method="round_globally", special_mode="total_included", product=self.product_id
            )
            return details["total_excluded"]
        details = taxes._get_tax_details(
            price, 1.0, rounding_method="round_globally", special_mode="total_excluded", product=self.product_id
        )
        return details["total_included"]

    def _get_billing_taxes(self, fiscal_position):
        """Return the taxes of the day under ``fiscal_position``; taxes set by hand stay."""
        if self.subscription_plan_id:
            automatic = self.subscription_tax_auto
        else:
            automatic = fiscal_position != self.order_id.fiscal_position_id and self._has_automatic_taxes()
        if not automatic:
            return self.tax_ids
        return self._get_product_taxes(fiscal_position)

    @contextmanager
    def _without_history(self):
        """Let Odoo prepare the next invoice line without reading all earlier ones of these recurring lines.

        It looks there for down payments, of which recurring lines have none.
        """
        self._fields["invoice_lines"]._update_cache(self, ())
        try:
            yield
        finally:
            self.invalidate_recordset(["invoice_lines"], flush=False)

    def _prepare_period_invoice_line(self, period, fiscal_position, **optional_values):
        """Return the values of the invoice line that bills ``period`` of this line."""
        self.ensure_one()
        taxes = self._get_billing_taxes(fiscal_position)
        values = self._prepare_invoice_line(
            quantity=self.product_uom_qty,
            price_unit=self._get_period_price(period, taxes),
            tax_ids=[Command.set(taxes.ids)],
            **optional_values,
        )
        span = self.env["subscription.period"]._format_days(period.start, period.end, self.env)
        values["name"] = "\n".join(filter(None, [values["name"], span]))
        values["subscription_period_start"] = period.start
        values["subscription_period_end"] = period.end
        return values

    def _prepare_one_off_invoice_line(self, fiscal_position, **optional_values):
        """Return the values of the invoice line for a line that is sold once."""
        self.ensure_one()
        values = self._prepare_invoice_line(**optional_values)
        if not self.display_type:
            taxes = self._get_billing_taxes(fiscal_position)
            values["tax_ids"] = [Command.set(taxes.ids)]
            values["price_unit"] = self._convert_agreed_price(self.price_unit, taxes)
        return values

    # === PREVIEW ===#

    def _prepare_period_base_line(self, period, fiscal_position):
        """Return what Odoo's tax engine needs to know of ``period``."""
        taxes = self._get_billing_taxes(fiscal_position)
        return self._prepare_base_line_for_taxes_computation(
            tax_ids=taxes, price_unit=self._get_period_price(period, taxes)
        )

    def _prepare_one_off_base_line(self, fiscal_position):
        taxes = self._get_billing_taxes(fiscal_position)
        return self._prepare_base_line_for_taxes_computation(
            tax_ids=taxes, price_unit=self._convert_agreed_price(self.price_unit, taxes), quantity=self.qty_to_invoice
        )

    # === LEDGER ===#

    def _prepare_period_row(self, period, invoice_line=None):
        """Return the values of the ledger row for ``period``; without quantity the days are skipped."""
        billable = self._is_billable_quantity()
        return {
            "line_id": self.id,
            # They follow from the line; told here, they need not be written afterwards.
            "order_id": self.order_id.id,
            "company_id": self.company_id.id,
            "kind": ("stub" if period.is_stub else "regular") if billable else "skip",
            "start": period.start,
            "end": period.end,
            "service_end": period.end,
            "quantity": self.product_uom_qty,
            "reason": False if billable else self.env._("The quantity was zero"),
            "invoice_line_id": invoice_line.id if invoice_line else False,
        }

    def _subscription_move_on(self, end):
        """Store the next period after days up to ``end`` were covered."""
        self.write(self._get_next_period_values(end))
