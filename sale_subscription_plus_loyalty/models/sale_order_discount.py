from collections import defaultdict
from typing import NamedTuple

from odoo import models
from odoo.tools import float_compare

from ..tools import share_out

# Context: what a discount is worked out on, "always" (each period) or "first" (the first invoice).
SCOPE = "subscription_discount_scope"
# Context: the ids of the lines that Odoo sees while it works out one part of a discount.
SEEN = "subscription_discount_seen"


class DiscountPart(NamedTuple):
    """What may be taken off the lines of one plan, or off what is sold once."""

    plan: models.Model
    amount: float  # taxes in
    per_tax: dict  # {taxes: amount as prices are told}

    def scale(self, factor):
        return self._replace(
            amount=self.amount * factor, per_tax={taxes: price * factor for taxes, price in self.per_tax.items()}
        )


class SaleOrder(models.Model):
    """Discounts on what recurs: Odoo works them out part by part, on each period or on the first invoice."""

    _inherit = "sale.order"

    def _get_reward_values_discount(self, reward, coupon, **kwargs):
        """Override of `sale_loyalty`: where something recurs, lines for each plan, or for the first invoice."""
        if not self.order_line._filter_subscribed():
            return super()._get_reward_values_discount(reward, coupon, **kwargs)
        order = self.with_context(**{SCOPE: "always" if self._is_off_every_invoice(reward) else "first"})
        values = super(SaleOrder, order)._get_reward_values_discount(reward, coupon, **kwargs)
        if reward.program_id.is_payment_program or not values[0]["product_uom_qty"]:
            return values
        return order._spread_discount(reward, values)

    def _is_off_every_invoice(self, reward):
        """Return whether ``reward`` discounts each invoice of this order: its program says so, or staff on its line."""
        lines = self.order_line.filtered(lambda line: line.reward_id == reward)
        return reward.program_id._is_on_every_invoice() or lines._has_plan_by_hand()

    # === WHAT MAY BE TAKEN OFF ===#

    def _discountable_order(self, reward):
        return self._get_discountable(reward) if self.env.context.get(SCOPE) else super()._discountable_order(reward)

    def _discountable_specific(self, reward):
        return self._get_discountable(reward) if self.env.context.get(SCOPE) else super()._discountable_specific(reward)

    def _discountable_cheapest(self, reward):
        return self._get_discountable(reward) if self.env.context.get(SCOPE) else super()._discountable_cheapest(reward)

    def _get_discountable(self, reward):
        """Return what ``reward`` may take off, as Odoo's methods do: (amount with taxes, {taxes: price})."""
        if reward.program_id.is_payment_program:
            return max(self._get_first_invoice_amount(), 0.0), {}
        amount, per_tax = 0.0, defaultdict(float)
        for part in self._get_discount_parts(reward):
            amount += part.amount
            for taxes, price in part.per_tax.items():
                per_tax[taxes] += price
        return amount, per_tax

    def _get_discount_parts(self, reward, by_line=False):
        """Return the :class:`DiscountPart` of each plan, and of what is sold once; of each line if ``by_line``."""
        lines = self.order_line.filtered(lambda line: not line.display_type) - self._get_later_reward_lines(reward)
        if self.env.context[SCOPE] == "always":
            parts = [
                self._get_discount_part(reward, group) for group in self._get_discounted_groups(reward, lines, by_line)
            ]
            return [part for part in parts if part.amount > 0]
        first = self._get_first_totals()
        lines = lines.filtered(lambda line: line in first)
        parts = [
            self._get_discount_part(reward, group, first)
            for group in self._get_discounted_groups(reward, lines, by_line)
        ]
        return self._limit_discount_parts(parts, sum(first[line] for line in lines))

    def _get_discounted_groups(self, reward, lines, by_line):
        """Return the lines whose discount is worked out together."""
        if reward.discount_applicability == "cheapest":
            cheapest = self._seeing(lines)._cheapest_line(reward)
            lines = lines.filtered(
                lambda line: cheapest and line.subscription_plan_id == cheapest[0].subscription_plan_id
            )
        elif by_line:
            return list(lines)
        return list(lines.grouped("subscription_plan_id").values())

    def _get_discount_part(self, reward, lines, first=None):
        """Return the :class:`DiscountPart` of ``lines``, which have one plan.

        :param dict first: {line: what the first invoice bills of it}, if it is taken off that one
        """
        plan = lines[:1].subscription_plan_id
        order = self._seeing(lines | self._get_shares_taken_before(reward))
        amount, per_tax = getattr(order, f"_discountable_{reward.discount_applicability}")(reward)
        part = DiscountPart(plan, amount or 0.0, dict(per_tax or {}))
        if first is None or not plan:
            return part
        discounted = order._get_discounted_lines(reward)
        quoted = self._get_base_totals(
            [line._prepare_base_line_for_taxes_computation() for line in discounted if line.product_uom_qty]
        )
        whole = sum(quoted.values())
        return part.scale(sum(first.get(line, 0.0) for line in quoted) / whole if whole else 0.0)

    def _get_shares_taken_before(self, reward):
        """Return the reward lines that take a share off the first invoice, and so off each line of it."""
        lines = self.order_line.browse()
        if reward.discount_applicability == "specific" and self.env.context[SCOPE] == "first":
            before = self.order_line._filter_first_invoice_discounts().filtered("price_unit")
            lines = before.filtered(lambda line: line.reward_id.discount_mode == "percent")
        return lines

    def _get_discounted_lines(self, reward):
        """Return the lines that are seen and that ``reward`` applies to."""
        if reward.discount_applicability == "cheapest":
            return self._cheapest_line(reward) or self.order_line.browse()
        if reward.discount_applicability == "specific":
            return self._get_specific_discountable_lines(reward)
        return self.order_line.filtered(lambda line: not line.display_type) - self._get_no_effect_on_threshold_lines()

    def _limit_discount_parts(self, parts, most):
        """Return ``parts`` so that they are ``most`` together, if they are more."""
        amount = sum(part.amount for part in parts)
        if amount <= 0 or most <= 0:
            return []
        return [part.scale(most / amount) for part in parts] if amount > most else parts

    # === WHAT ODOO SEES ===#

    def _seeing(self, lines):
        """Return this order, as if it had only ``lines`` where Odoo works out what may be taken off."""
        return self.with_context(**{SCOPE: False, SEEN: tuple(lines.ids)})

    def _get_no_effect_on_threshold_lines(self):
        """Extend: what belongs to another part of the discount is not seen."""
        lines, seen = super()._get_no_effect_on_threshold_lines(), self.env.context.get(SEEN)
        return lines if seen is None else lines | self.order_line.filtered(lambda line: line.id not in seen)

    def _get_first_totals(self):
        """Return {line: its total on the first invoice, taxes in}."""
        return self._get_base_totals(self._get_first_base_lines())

    def _get_base_totals(self, base_lines):
        self.env["account.tax"]._add_tax_details_in_base_lines(base_lines, self.company_id)
        return {line["record"]: line["tax_details"]["raw_total_included_currency"] for line in base_lines}

    # === THE LINES ===#

    def _spread_discount(self, reward, values):
        """Return the values of the reward lines: those that Odoo made of the whole, part by part.

        What costs nothing any more has a reward line for each line: both are rounded alike on whatever invoice.
        """
        _amount, per_tax = self._get_discountable(reward)
        by_tax = dict(zip((taxes for taxes, price in per_tax.items() if price), values, strict=True))
        taxes = next(iter(by_tax))
        factor = -by_tax[taxes]["price_unit"] / per_tax[taxes]
        every = self.env.context[SCOPE] == "always"
        is_free = float_compare(factor, 1.0, precision_digits=9) >= 0 and not self._has_other_discounts(reward)
        if not every and not is_free:
            return [self._prepare_first_invoice_discount(vals) for vals in values]
        parts = self._get_discount_parts(reward, by_line=is_free)
        lines = []
        for part, share in zip(parts, self._share_out(reward, parts, factor), strict=True):
            for taxes, price in part.per_tax.items():
                if price:
                    vals = by_tax[taxes] | {"price_unit": -price * share / part.amount, "points_cost": 0}
                    lines.append(vals | self._prepare_discount_terms(vals["name"], part.plan if every else None))
        lines[0]["points_cost"] = values[0]["points_cost"]
        return lines

    def _share_out(self, reward, parts, factor):
        """Return how much of each of ``parts`` is taken off; a fixed amount is shared out to the cent."""
        amounts = [part.amount for part in parts]
        plain = reward.discount / 100 if reward.discount_mode == "percent" else 1.0
        if not float_compare(factor, plain, precision_digits=9) or factor >= 1:
            return [amount * factor for amount in amounts]
        return share_out(sum(amounts) * factor, amounts, self.currency_id.rounding)

    def _has_other_discounts(self, reward):
        return bool(
            self.order_line.filtered(lambda line: line.price_subtotal < 0 and line.reward_id != reward)
            - self._get_later_reward_lines(reward)
        )

    def _prepare_discount_terms(self, name, plan):
        if plan is None:
            return {"name": self.env._("%s (first invoice)", name)}
        if not plan:
            return {}
        return {**self._prepare_recurring_reward(plan), "name": self._get_recurring_name(name, plan)}

    def _prepare_first_invoice_discount(self, vals):
        return vals | self._prepare_discount_terms(vals["name"], None)
