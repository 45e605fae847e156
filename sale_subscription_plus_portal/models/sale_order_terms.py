from hashlib import sha256

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import format_amount, format_date


class SaleOrder(models.Model):
    """What a customer agrees to with a quotation, in words: on its page, and in the text of their consent."""

    _inherit = "sale.order"

    def _get_agreement(self):
        """Return the sentences that say what this quotation costs, and how long it binds."""
        self.ensure_one()
        if self.subscription_status == "upsell":
            return self._get_upsell_agreement()
        sentences = [self._get_start_sentence(), *self._get_first_invoice_sentences()]
        for plan, lines in self._get_lines_by_plan().items():
            sentences += self._get_plan_sentences(plan, lines)
        sentences.append(self._get_term_sentence(*self._get_term_under(self.subscription_plan_id)))
        return [sentence for sentence in sentences if sentence]

    def _get_agreement_digest(self):
        """Return what tells one agreement from another, whatever the language."""
        sentences = self.with_context(lang="en_US")._get_agreement()
        return sha256("\n".join(sentences).encode()).hexdigest()

    def _get_upsell_agreement(self):
        origin = self.sudo().subscription_origin_id  # In sudo mode: customers ask, too
        sentences = [self.env._("Added to your subscription %s.", origin.name)]
        if self.subscription_price_label:
            sentences.append(
                self.env._("Recurring, untaxed, on top of what you have: %s.", self.subscription_price_label)
            )
        amount = format_amount(self.env, self.subscription_upsell_amount, self.currency_id)
        return [*sentences, self.env._("Due now: %s, taxes included.", amount)]

    def _get_lines_by_plan(self):
        """Return {plan: the lines that are billed by it}, the shortest plan first."""
        by_plan = self.order_line._filter_subscribed().grouped("subscription_plan_id")
        return dict(sorted(by_plan.items(), key=lambda item: item[0]._get_months()))

    def _get_recurring_totals(self):
        """Return {plan: what a whole period costs, taxes included}, the shortest plan first."""
        totals = {}
        for plan, lines in self._get_lines_by_plan().items():
            base_lines = [line._prepare_base_line_for_taxes_computation() for line in lines]
            totals[plan] = self._get_base_line_totals(base_lines)["total"]
        return totals

    # === WHEN, AND WHAT FIRST ===#

    def _get_expected_start(self):
        """Return the first day of the subscription, if it is accepted today."""
        return self.subscription_start or self.company_id._get_subscription_today()

    def _get_start_sentence(self):
        if self.subscription_start:
            return self.env._("It starts on %s.", format_date(self.env, self.subscription_start))
        return self.env._("It starts on the day on which you accept.")

    def _get_first_invoice_sentences(self):
        """Return what the first invoice comes to, and what of it does not recur."""
        first = self._get_first_invoice_amount()
        if self.currency_id.compare_amounts(first, 0.0) <= 0:
            return [self.env._("Nothing is invoiced at first.")]
        sentences = [self.env._("First invoice: %s, taxes included.", self._format_agreed(first))]
        once = self._get_total_sold_once()
        if self.currency_id.compare_amounts(once, 0.0) > 0:
            sentences.append(self.env._("Of this, %s is charged only once.", self._format_agreed(once)))
        elif not self.currency_id.is_zero(once):
            less = self._format_agreed(-once)
            sentences.append(self.env._("It is lower by %s, by discounts and charges of the first invoice only.", less))
        return sentences

    def _get_total_sold_once(self):
        """Return the total, taxes included, of what does not recur."""
        base_lines = [
            line._prepare_one_off_base_line(self.fiscal_position_id) | {"quantity": line.product_uom_qty}
            for line in self.order_line._filter_sold_once()
        ]
        return self._get_base_line_totals(base_lines)["total"] if base_lines else 0.0

    # === WHAT RECURS ===#

    def _get_plan_sentences(self, plan, lines):
        """Return what ``lines`` on ``plan`` cost after the first invoice, and from when on."""
        start = self._get_expected_start()
        until = self._get_expected_end(start)
        first = lines[0]._get_first_period(start)
        if plan.billing_timing == "arrears":
            return self._get_arrears_sentences(plan, lines, first, until)
        if until and first.end >= until:
            return []
        period = plan._get_grid(plan._get_anchor(start)).period(first.end, until)
        return [self._get_recurring_sentence(plan, lines, period, first.end)]

    def _get_arrears_sentences(self, plan, lines, first, until):
        """Return what is billed at the end of each period."""
        sentences = []
        if first.is_stub:
            sentences.append(self._get_part_sentence(lines, first, first.end))
        if until and first.end >= until:
            return sentences or [self._get_part_sentence(lines, first, first.end)]
        grid = plan._get_grid(plan._get_anchor(first.start))
        period = grid.period(first.end, until) if first.is_stub else first
        return [*sentences, self._get_recurring_sentence(plan, lines, period, period.end)]

    def _get_recurring_sentence(self, plan, lines, period, day):
        """Return what ``lines`` cost each period from ``day`` on; once, where ``period`` is the last, shorter one."""
        if period.is_stub:
            return self._get_part_sentence(lines, period, day)
        values = {
            "amount": self._format_agreed(self._get_period_total(lines, period)),
            "period": plan._get_frequency_label(),
            "date": format_date(self.env, day),
        }
        if self.subscription_start:
            return self.env._("Then %(amount)s %(period)s, taxes included, from %(date)s on.", **values)
        return self.env._(
            "Then %(amount)s %(period)s, taxes included: from %(date)s on, if you accept today.", **values
        )

    def _get_part_sentence(self, lines, period, day):
        return self.env._(
            "Then %(amount)s on %(date)s, taxes included, for the days from %(start)s to %(end)s.",
            amount=self._format_agreed(self._get_period_total(lines, period)),
            date=format_date(self.env, day),
            start=format_date(self.env, period.start),
            end=format_date(self.env, period.end - relativedelta(days=1)),
        )

    def _get_period_total(self, lines, period):
        """Return what ``lines`` cost in ``period``, taxes included."""
        position = self.fiscal_position_id
        return self._get_base_line_totals([line._prepare_period_base_line(period, position) for line in lines])["total"]

    def _get_expected_end(self, start):
        """Return the first day after the term of a subscription that ends by itself, else None."""
        months = 0 if self.subscription_auto_renew else self.subscription_commitment_months
        return start + relativedelta(months=months) if months > 0 else None

    # === HOW LONG ===#

    def _get_term_sentence(self, months, renews, notice_days):
        """Return how long the customer is bound, and how they leave.

        :param int months: the commitment; 0: none
        :param bool renews: whether another term follows
        :param int notice_days: days of notice before the end of a term
        """
        if not months:
            return self.env._("No minimum term: it goes on until you or we end it.")
        term = self.env._("one month") if months == 1 else self.env._("%s months", months)
        if not renews:
            return self.env._("Term of %s; it ends by itself.", term)
        if not notice_days:
            return self.env._("Term of %s; it is renewed for the same time unless you end it before.", term)
        return self.env._(
            "Term of %(term)s; it is renewed for the same time unless you give notice %(days)s before its end.",
            term=term,
            days=self.env._("one day") if notice_days == 1 else self.env._("%s days", notice_days),
        )

    def _format_agreed(self, amount):
        return format_amount(self.env, amount, self.currency_id)


class SubscriptionPlan(models.Model):
    """How often, in words."""

    _inherit = "subscription.plan"

    def _get_frequency_label(self):
        """Return how often this plan bills, as people say it: "each month", "every 3 months"."""
        self.ensure_one()
        if self.interval_count == 1:
            return {
                "day": self.env._("each day"),
                "week": self.env._("each week"),
                "month": self.env._("each month"),
                "year": self.env._("each year"),
            }[self.interval_unit]
        return {
            "day": self.env._("every %s days", self.interval_count),
            "week": self.env._("every %s weeks", self.interval_count),
            "month": self.env._("every %s months", self.interval_count),
            "year": self.env._("every %s years", self.interval_count),
        }[self.interval_unit]
