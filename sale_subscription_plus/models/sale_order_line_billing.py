from contextlib import contextmanager

from odoo import models
from odoo.fields import Command
from odoo.tools import float_is_zero

from ..tools.proration import part_between, unit_price


class SaleOrderLine(models.Model):
    """A line's periods become invoice lines."""

    _inherit = "sale.order.line"

    # === WHAT IS DUE ===#

    def _get_bill_date(self, period):
        if self._get_period_plan(period).billing_timing == "arrears":
            return period.settled or period.end
        return period.start

    def _get_period_plan(self, period):
        if period.terms:
            return self.env["subscription.plan"].browse(period.terms.plan_id)
        return self.subscription_plan_id

    def _get_period_terms(self, period):
        """Return the :class:`Terms` of ``period``: those of today, unless it tells others."""
        return period.terms or self._get_agreed()

    def _iter_periods(self, coverage, terms=()):
        """Yield the periods that the ledger does not cover yet, the first hole first, without end.

        :param dict coverage: {start: service_end} of rows beyond the hole; there are some after *Bill again*
        :param terms: what was agreed since the hole, see :meth:`_get_terms_after`
        """
        start = self.subscription_next_start
        while start and (period := self._get_period_from(start, coverage, terms)):
            yield period
            start = period.end
            while start in coverage:
                start = coverage[start]

    def _get_due_periods(self, today, coverage, terms=()):
        """Return [(bill date, period)] of all periods due until ``today``, oldest first."""
        due = []
        for period in self._iter_periods(coverage, terms):
            bill_date = self._get_bill_date(period)
            if bill_date > today:
                break
            due.append((bill_date, period))
        return due

    def _is_billable_quantity(self, period=None):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        quantity = period.terms.quantity if period and period.terms else self.product_uom_qty
        return not float_is_zero(quantity, precision_digits=digits)

    # === INVOICE LINES ===#

    def _get_period_price(self, period, taxes):
        """Return the unit price of ``period`` under ``taxes``: the agreed one, or its share by days.

        Agreed with tax included, the price keeps its gross; else it keeps its net.
        """
        terms = self._get_period_terms(period)
        price = terms.price_unit
        if self._is_share(period) and terms.quantity and terms.discount != 100:
            value = self._get_period_value(period)
            price = unit_price(value, terms.quantity, terms.discount, self.order_id.currency_id.rounding)
        return self._convert_agreed_price(price, taxes)

    def _is_share(self, period):
        """Return whether ``period`` costs its share of a whole one, by days."""
        if not period.is_stub:
            return False
        # The parts of a period in which something changed add up to a whole, whatever short periods cost.
        plan = self._get_period_plan(period)
        is_part = period.terms and (period.end != period.settled or period.start == period.terms.since)
        return plan.prorate_stub or bool(is_part)

    def _get_period_value(self, period):
        """Return what ``period`` costs, as quoted: tax in or out as in the price."""
        whole = self._get_whole(self._get_period_terms(period))
        if not self._is_share(period):
            return whole
        first, last = ((day - period.full_start).days for day in (period.start, period.end))
        rounding = self.order_id.currency_id.rounding
        if not period.terms:
            first, last = 0, period.days
        return part_between(whole, period.full_days, first, last, rounding)

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
        if period.terms:
            optional_values["discount"] = period.terms.discount
        values = self._prepare_invoice_line(
            quantity=self._get_period_terms(period).quantity,
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
        terms = self._get_period_terms(period)
        return self._prepare_base_line_for_taxes_computation(
            tax_ids=taxes,
            price_unit=self._get_period_price(period, taxes),
            quantity=terms.quantity,
            discount=terms.discount,
        )

    def _prepare_one_off_base_line(self, fiscal_position):
        taxes = self._get_billing_taxes(fiscal_position)
        return self._prepare_base_line_for_taxes_computation(
            tax_ids=taxes, price_unit=self._convert_agreed_price(self.price_unit, taxes), quantity=self.qty_to_invoice
        )

    # === LEDGER ===#

    def _prepare_period_row(self, period, invoice_line=None):
        """Return the values of the ledger row for ``period``; without quantity the days are skipped."""
        billable = self._is_billable_quantity(period)
        return {
            "line_id": self.id,
            # They follow from the line; told here, they need not be written afterwards.
            "order_id": self.order_id.id,
            "company_id": self.company_id.id,
            "kind": ("stub" if period.is_stub else "regular") if billable else "skip",
            "start": period.start,
            "end": period.end,
            "service_end": period.end,
            "quantity": self._get_period_terms(period).quantity,
            "value": self._get_period_value(period) if billable else 0.0,
            "full_days": period.full_days if self._is_share(period) or not period.is_stub else period.days,
            "reason": False if billable else self.env._("The quantity was zero"),
            "invoice_line_id": invoice_line.id if invoice_line else False,
        }

    def _subscription_move_on(self, end):
        """Store the next period after days up to ``end`` were covered."""
        self.write(self._get_next_period_values(end))
