from datetime import timedelta
from itertools import islice

from odoo import models
from odoo.tools.misc import format_amount, format_date

# More of them are told in one sentence.
SHOWN_BILLS = 3
# Whoever closes in many years is not told each of them.
MOST_PERIODS = 200


class SaleOrder(models.Model):
    """What it means for a customer to close: what is still billed, and what becomes of what is paid."""

    _inherit = "sale.order"

    def _describe_close(self, item):
        """Return it in words.

        :param dict item: see :meth:`_read_request`
        """
        end = item["date"]
        if self.subscription_status == "scheduled" and end <= self.subscription_start:
            return [self.env._("Your subscription does not begin, and nothing is billed.")]
        if self.subscription_status == "paused":
            return self._describe_lost_days() or [self.env._("Your subscription does not run again.")]
        sentence = self.env._(
            "The last day of your subscription is %s. Until then you can use it as before.",
            format_date(self.env, end - timedelta(days=1)),
        )
        return [sentence, *self._describe_bills(self._get_bills_until(end))]

    def _describe_lost_days(self):
        """Return in words how many days that are billed wait for the end of a pause, and are not used any more."""
        paused = self.order_line.filtered(lambda line: line.subscription_phase == "paused")
        days = max((line._count_carried_days(line._get_carried_rows()) for line in paused), default=0)
        if not days:
            return []
        return [
            self.env._(
                "%s days that are billed wait for the end of your pause. They are not given back: let your "
                "subscription run again first, if you want to use them.",
                days,
            )
        ]

    def _describe_bills(self, bills):
        """Return in words what is still billed; many bills in one sentence."""
        if bills is None:
            return [self.env._("Until then it is billed as before.")]
        if not bills:
            return [self.env._("Nothing more is billed.")]
        if len(bills) > SHOWN_BILLS:
            return [
                self.env._(
                    "Until then %(count)s invoices are still to come, from %(first)s to %(last)s: %(amount)s in all, "
                    "taxes included.",
                    count=len(bills),
                    first=format_date(self.env, bills[0][0]),
                    last=format_date(self.env, bills[-1][0]),
                    amount=format_amount(self.env, sum(amount for _day, amount in bills), self.currency_id),
                )
            ]
        return [
            self.env._(
                "Still billed on %(date)s: %(amount)s, taxes included.",
                date=format_date(self.env, day),
                amount=format_amount(self.env, amount, self.currency_id),
            )
            for day, amount in bills
        ]

    def _get_bills_until(self, end):
        """Return what is still billed if this subscription ends on ``end``.

        :return: [(bill date, amount with taxes)], the first first; None where there are too many to tell
        """
        lines = self.order_line._filter_subscribed().filtered("subscription_next_bill_date")
        coverage = self.env["subscription.period"]._get_coverage_after(lines)
        terms, pauses = lines._get_terms_ahead()
        position = self._get_billing_fiscal_positions()[self]
        periods = []
        for line in lines:
            last = min(end, pauses.get(line.id, end))
            coming = line._iter_periods_until(last, coverage.get(line.id, {}), terms.get(line.id, ()))
            periods += [(line, period) for period in islice(coming, MOST_PERIODS)]
        if len(periods) >= MOST_PERIODS:
            return None
        bills = {}
        for line, period in periods:
            base_line = line._prepare_period_base_line(period, position)
            bills.setdefault(line._get_bill_date(period), []).append(base_line)
        return [(day, self._get_base_line_totals(bills[day])["total"]) for day in sorted(bills)]


class SaleOrderLine(models.Model):
    """What a line still costs until its subscription ends."""

    _inherit = "sale.order.line"

    def _iter_periods_until(self, end, coverage, terms):
        """Yield the periods that the ledger does not cover yet and that begin before ``end``; the last ends then."""
        for period in self._iter_periods({**coverage, end: None}, terms):
            if period.start >= end:
                break
            yield period
            if period.end >= end:
                break
