from odoo import fields, models


class SaleOrderLine(models.Model):
    """What price revisions ask of a line, and what it keeps of them."""

    _inherit = "sale.order.line"

    subscription_change_ids = fields.One2many(
        comodel_name="subscription.change", inverse_name="line_id", string="Changes", readonly=True
    )
    subscription_last_revision_on = fields.Date(
        string="Last Revision",
        compute="_compute_subscription_last_revision_on",
        help="From when the price of the last price revision applies.",
    )

    def _compute_subscription_last_revision_on(self):
        groups = self.env["subscription.change"]._read_group(
            [("line_id", "in", self.ids), ("revision_id", "!=", False), ("state", "=", "applied")],
            ["line_id"],
            ["effective_on:max"],
        )
        days = dict(groups)
        for line in self:
            line.subscription_last_revision_on = days.get(line._origin, False)

    def _get_revision_dates(self, day):
        """Return from when a new price can apply without touching what was billed.

        :return: {line: start of the first period on or after ``day`` that is not billed yet; False where the line
            ends before}
        """
        coverage = self.env["subscription.period"]._get_coverage_after(self)
        return {line: line._get_revision_date(day, coverage.get(line.id, {})) for line in self}

    def _get_revision_date(self, day, coverage):
        # Days beyond a hole may have been billed.
        date = max([self.subscription_next_start, *coverage.values()])
        if date < day:
            grid = self.subscription_plan_id._get_grid(self.subscription_anchor)
            number = grid.index(day)
            date = grid.boundary(number if grid.boundary(number) == day else number + 1)
        return date if not self.subscription_end or date < self.subscription_end else False

    def _get_planned_price_changes(self):
        """Return {line: day of the first planned change that gives it another price}."""
        groups = self.env["subscription.change"]._read_group(
            [("line_id", "in", self.ids), ("kind", "in", ("price", "plan")), ("state", "=", "planned")],
            ["line_id"],
            ["effective_on:min"],
        )
        return dict(groups)

    def _get_revision_mrr(self, prices):
        """Return {line: (MRR now, MRR at its price of ``prices``)}, in company currency at today's rate."""
        Tax = self.env["account.tax"]
        amounts = {}
        for company, lines in self.grouped("company_id").items():
            base_lines = [line._prepare_base_line_for_taxes_computation(price_unit=prices[line]) for line in lines]
            Tax._add_tax_details_in_base_lines(base_lines, company)
            Tax._round_base_lines_tax_details(base_lines, company)
            rates = lines._get_company_rates(company)
            for line, base_line in zip(lines, base_lines, strict=True):
                after = base_line["tax_details"]["total_excluded_currency"] / line.subscription_plan_id._get_months()
                rate = rates[line.currency_id]
                amounts[line] = line.subscription_mrr * rate, after * rate
        return amounts

    def _get_company_rates(self, company):
        today = company._get_subscription_today()
        return {
            currency: currency._convert(1.0, company.currency_id, company, today, round=False)
            for currency in self.currency_id
        }
