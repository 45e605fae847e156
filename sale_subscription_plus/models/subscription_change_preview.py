from odoo import api, models
from odoo.tools.misc import format_amount, format_date

from .subscription_change import VALUE_KINDS
from .subscription_change_apply import ORDER_OF_KINDS

NOTHING = {"untaxed": 0.0, "tax": 0.0, "total": 0.0}


class SubscriptionChange(models.Model):
    """What changes would cost and bring, told before anybody confirms them."""

    _inherit = "subscription.change"

    @api.model
    def _preview(self, vals_list):
        """Return what :meth:`_schedule` would do with the same values, and write nothing.

        :param list vals_list: changes of one subscription, all of one day
        :return: dict of ``effective_on``; ``adjustment`` (untaxed, tax, total: charged on that day, below zero
            credited); ``recurring_before`` and ``recurring_after`` (untaxed, each line for its own period);
            ``mrr_before`` and ``mrr_after``; ``next_invoice_date_after`` (False: none); ``sentences``, first of them
            one for each of ``count`` changes
        :raise UserError: what :meth:`_schedule` would raise
        """
        changes = self._as_engine().browse()
        for vals in self._complete_vals_list(vals_list):
            changes += changes.new(vals)
        for change in changes:
            change._check_plannable()
        preview = changes._get_preview()
        return {**preview, "count": len(changes), "sentences": changes._get_preview_sentences(preview)}

    def _get_preview(self):
        order = self[:1].order_id
        after = self._get_terms_by_line()
        recurring = {line: line._get_recurring(terms) for line, terms in after.items()}
        recurring_after = sum(amount for amount, _months in recurring.values())
        mrr_after = sum(amount / months for amount, months in recurring.values())
        alive = order.order_line.filtered(lambda line: line.subscription_phase in ("waiting", "running"))
        return {
            "effective_on": self[:1].effective_on,
            "adjustment": self._get_adjustment_amounts(),
            "recurring_before": sum(alive.mapped("price_subtotal")),
            "recurring_after": recurring_after,
            "mrr_before": sum(alive.mapped("subscription_mrr")),
            "mrr_after": mrr_after,
            "next_invoice_date_after": self._get_next_invoice_date(after),
        }

    def _get_terms_by_line(self):
        """Return {line: its :class:`Terms` after these changes} of the lines that run then."""
        order = self[:1].order_id
        running = order.order_line.filtered(lambda line: line._is_alive())
        resumed = any(change.kind == "resume" for change in self)
        after = {line: line._get_agreed() for line in running if line.subscription_phase != "paused" or resumed}
        for change in self:
            for line in change._get_lines():
                if change.kind in ("pause", "close"):
                    after.pop(line, None)
                elif line in after:
                    after[line] = after[line]._replace(**change._get_new_terms())
        return after

    def _get_new_terms(self):
        if self.kind == "plan":
            anchor = self.plan_id._get_anchor(self.effective_on)
            return {"plan_id": self.plan_id.id, "price_unit": self.price_unit, "anchor": anchor}
        return self._get_new_values() if self.kind in VALUE_KINDS else {}

    # === MONEY OF THE DAY ===#

    def _get_adjustment_amounts(self):
        """Return {untaxed, tax, total} of what is charged or credited on the day of these changes."""
        order = self[:1].order_id
        position = order._get_billing_fiscal_positions()[order]
        base_lines, switched, terms = [], self.filtered(lambda change: change.kind == "plan").line_id, {}
        for change in self.sorted(lambda change: ORDER_OF_KINDS.index(change.kind)):
            line = change.line_id
            before = terms.get(line) or line._get_agreed()
            # What is charged for a line just before another plan is credited by that plan again.
            if change.kind == "plan" or line not in switched:
                for adjustment in change._get_adjustments(before):
                    base_lines.append(adjustment.line._prepare_value_base_line(adjustment.value, position))
            base_lines += change._get_new_period_base_lines(position, before)
            terms[line] = before._replace(**change._get_new_terms())
        return order._get_base_line_totals(base_lines) if base_lines else dict(NOTHING)

    def _get_new_period_base_lines(self, position, before):
        """Return the first period under another plan, or after a pause, where that is billed on the same day."""
        if self.kind == "resume":
            return [
                line._prepare_period_base_line(period, position)
                for line, period in self._get_periods_after_pause().items()
                if line._get_bill_date(period) <= self.effective_on
            ]
        if self.kind != "plan" or self.plan_id.billing_timing == "arrears":
            return []
        line = self.line_id
        terms = before._replace(**self._get_new_terms())
        period = self.plan_id._get_grid(terms.anchor).period(self.effective_on)
        return [line._prepare_period_base_line(period._replace(terms=terms, settled=period.end), position)]

    def _get_periods_after_pause(self):
        """Return {line: the first period to bill} of the paused lines that run again by this change."""
        paused = self._get_lines().filtered(lambda line: line.subscription_phase == "paused")
        periods = {line: line._get_period_after_pause(self.effective_on) for line in paused}
        return {
            line: period
            for line, period in periods.items()
            if not line.subscription_end or period.start < line.subscription_end
        }

    def _get_next_invoice_date(self, after):
        """Return the next bill date of the order after these changes; of what changes now, the one after that."""
        days, resumed = [], {}
        for change in self.filtered(lambda change: change.kind == "resume"):
            resumed |= change._get_periods_after_pause()
        for line, terms in after.items():
            day = line.subscription_next_bill_date
            if day and not self[:1]._is_ahead():
                day = line._get_bill_date_after(self[:1].effective_on)
            if period := resumed.get(line):
                day = line._get_bill_date(period)
                day = period.end if day <= self[:1].effective_on else day
            switch = self.filtered(lambda change, line=line: change.kind == "plan" and change.line_id == line)
            if switch:
                day = switch._get_next_bill_date(terms)
            days += [day] if day else []
        return min(days, default=False)

    def _get_next_bill_date(self, terms):
        if self.plan_id.billing_timing != "arrears" and self._is_ahead():
            return min(filter(None, (self.line_id.subscription_next_bill_date, self.effective_on)))
        return self.plan_id._get_grid(terms.anchor).period(self.effective_on).end

    # === IN WORDS ===#

    def _get_preview_sentences(self, preview):
        order = self[:1].order_id
        money = [self._get_money_sentence(preview["adjustment"]["total"])]
        sentences = [change._get_sentence() for change in self] + money
        if preview["recurring_before"] != preview["recurring_after"]:
            sentences.append(
                self.env._(
                    "Untaxed per period: %(before)s before, %(after)s after.",
                    before=format_amount(self.env, preview["recurring_before"], order.currency_id),
                    after=format_amount(self.env, preview["recurring_after"], order.currency_id),
                )
            )
        day = preview["next_invoice_date_after"]
        if day:
            sentences.append(self.env._("Next regular invoice: %s.", format_date(self.env, day)))
        else:
            sentences.append(self.env._("No further invoice is planned."))
        return sentences

    def _get_money_sentence(self, total):
        amount = format_amount(self.env, abs(total), self[:1].order_id.currency_id)
        day = format_date(self.env, self[:1].effective_on)
        if self[:1].order_id.currency_id.is_zero(total):
            return self.env._("Nothing is charged or credited on %s.", day)
        if total > 0:
            return self.env._("%(amount)s, taxes included, is charged on %(date)s.", amount=amount, date=day)
        return self.env._("%(amount)s, taxes included, is credited on %(date)s.", amount=amount, date=day)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_bill_date_after(self, today):
        """Return when this line is billed next, once what is due until ``today`` is billed; False: never."""
        coverage = self.env["subscription.period"]._get_coverage_after(self).get(self.id, {})
        terms = self._get_terms_after().get(self.id, ())
        days = (self._get_bill_date(period) for period in self._iter_periods(coverage, terms))
        return next((day for day in days if day > today), False)

    def _get_recurring(self, terms):
        """Return what a period brings under ``terms``, untaxed, and the months that it lasts."""
        base_line = self._prepare_base_line_for_taxes_computation(
            price_unit=terms.price_unit, quantity=terms.quantity, discount=terms.discount
        )
        amount = self.order_id._get_base_line_totals([base_line])["untaxed"]
        return amount, self.env["subscription.plan"].browse(terms.plan_id)._get_months()

    def _prepare_value_base_line(self, value, fiscal_position):
        """Return what Odoo's tax engine needs to know of ``value``, an amount as quoted."""
        taxes = self._get_billing_taxes(fiscal_position)
        return self._prepare_base_line_for_taxes_computation(
            tax_ids=taxes, price_unit=self._convert_agreed_price(value, taxes), quantity=1.0, discount=0.0
        )
