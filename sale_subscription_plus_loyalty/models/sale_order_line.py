from odoo import models

from odoo.addons.sale_subscription_plus.engine_context import get_shared

from ..tools import share_out

# A subscription that goes on with a reward keeps it without its card: no points are spent again.
KEPT = {"coupon_id": False, "points_cost": 0.0, "reward_identifier_code": False}

# What is written on a line that a discount must not be more than.
LIMITING = {"product_uom_qty", "price_unit", "discount"}


class SaleOrderLine(models.Model):
    """Reward lines on subscriptions: what becomes of them once they are agreed."""

    _inherit = "sale.order.line"

    def _filter_first_invoice_discounts(self):
        """Return the reward lines that take something off the first invoice alone, or pay part of it."""
        return self.filtered(
            lambda line: (
                line.reward_id.reward_type == "discount" and not line.order_id._is_off_every_invoice(line.reward_id)
            )
        )

    def _has_plan_by_hand(self):
        """Return whether staff gave a plan to one of these discounts, which are for the first invoice by themselves."""
        return any(
            line.subscription_plan_id
            and line.reward_id.reward_type == "discount"
            and not line.reward_id.program_id.is_payment_program
            for line in self
        )

    def _get_reward_label(self):
        """Return what this line of a reward is called where taxes are no matter: what is off, and how often."""
        program, label = self.reward_id.program_id, self.reward_id.description
        if program.is_payment_program:
            return label
        plan = self.subscription_plan_id if self.order_id._is_off_every_invoice(self.reward_id) else None
        return self.order_id._prepare_discount_terms(label, plan).get("name", label)

    def unlink(self):
        """Override of `sale_loyalty`: a reward line that has run stays in the history of its cancelled order."""
        ran = self.filtered(lambda line: line.reward_id and line.subscription_start and line.state == "cancel")
        for line in ran:
            line.order_id.code_enabled_rule_ids -= line.reward_id.program_id.rule_ids
            line.order_id.applied_coupon_ids -= line.coupon_id
        ran.write({**KEPT, "reward_id": False, "product_uom_qty": 0.0})
        return super(SaleOrderLine, self - ran).unlink()

    def _filter_raisable(self):
        """Extend: nobody buys more of a discount, or of what is free."""
        return super()._filter_raisable().filtered(lambda line: not line.reward_id)

    def _prepare_renewal_line(self):
        """Extend: a discount on every invoice goes on as it was agreed; no card is asked, and no points are spent."""
        values = super()._prepare_renewal_line()
        return values | KEPT if self.reward_id else values

    def _prepare_added_line(self, sequence):
        """Extend: the points were spent by the upsell."""
        values = super()._prepare_added_line(sequence)
        return values | KEPT if self.reward_id else values

    # === WHAT IT IS TAKEN OFF ===#

    def _filter_running_discounts(self):
        """Return the lines that take something off each invoice of a running subscription."""
        return self.filtered(lambda line: line.reward_id and line.price_unit < 0 and line._is_alive())

    def write(self, vals):
        """Extend: what is written straight on a running line leaves no discount that is more than the line costs."""
        result = super().write(vals)
        if LIMITING & vals.keys() and get_shared(self.env, "subscription_change") is None:
            self.filtered(lambda line: not line.reward_id and line._is_alive())._subscription_limit_discounts()
        return result

    def _subscription_limit_discounts(self):
        """Lower the running discounts that are, together, more than the lines like these that they are taken off."""
        running = self.order_id.order_line._filter_running_discounts()
        for discounts in running.grouped(
            lambda line: (line.order_id, line.subscription_plan_id, line.tax_ids)
        ).values():
            lines = discounts[0]._get_discounted_lines()
            left = max(sum(line._get_whole(line._get_agreed()) for line in lines), 0.0)
            taken = [-line._get_whole(line._get_agreed()) for line in discounts]
            if lines & self and discounts.currency_id.compare_amounts(sum(taken), left) > 0:
                shares = share_out(left, taken, discounts.currency_id.rounding)
                for discount, share in zip(discounts, shares, strict=True):
                    discount.price_unit = -share / discount.product_uom_qty

    def _get_discounted_lines(self):
        """Return the running lines of the same plan and taxes, which this discount is taken off."""
        return self.order_id.order_line.filtered(
            lambda line: (
                not line.reward_id
                and line._is_alive()
                and line.subscription_plan_id == self.subscription_plan_id
                and line.tax_ids == self.tax_ids
            )
        )

    def _get_billing_taxes(self, fiscal_position):
        """Extend: a discount is taxed like what it was taken off, also where that is taxed otherwise by now."""
        if not (self.reward_id and self.tax_ids):
            return super()._get_billing_taxes(fiscal_position)
        discounted = self.order_id.order_line.filtered(
            lambda line: (
                not line.reward_id
                and not line.display_type
                and line.tax_ids == self.tax_ids
                and line.subscription_plan_id == self.subscription_plan_id
            )
        )
        return discounted[0]._get_billing_taxes(fiscal_position) if discounted else self.tax_ids
