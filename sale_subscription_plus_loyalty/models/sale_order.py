from odoo import models


class SaleOrder(models.Model):
    """Rewards of a subscription are settled when it is confirmed; what runs is never worked out anew."""

    _inherit = "sale.order"

    def _has_settled_rewards(self):
        self.ensure_one()
        return self.state == "sale" and bool(self.subscription_status)

    def _get_settled_message(self):
        return self.env._(
            "%s runs already: codes and rewards are for quotations. Make an upsell to add something with a discount.",
            self.name,
        )

    def _update_programs_and_rewards(self):
        """Extend: leave what runs alone; take off each invoice first, then off the first one, and pay last."""
        if self._has_settled_rewards():
            return None
        result = super()._update_programs_and_rewards()
        self._subscription_settle_first_invoice()
        return result

    def _get_claimable_rewards(self, forced_coupons=None):
        """Override of `sale_loyalty`: what runs claims nothing."""
        if self._has_settled_rewards():
            return {}
        return super()._get_claimable_rewards(forced_coupons)

    def _try_apply_code(self, code):
        """Override of `sale_loyalty`: codes are for quotations."""
        if self._has_settled_rewards():
            return {"error": self._get_settled_message()}
        return super()._try_apply_code(code)

    def _apply_program_reward(self, reward, coupon, **kwargs):
        """Extend: what is taken off the first invoice is worked out after what is taken off each."""
        if self._has_settled_rewards():
            return {"error": self._get_settled_message()}
        # As if they were not there yet: nothing is left for what comes before them, otherwise.
        self._get_later_reward_lines(reward)._reset_loyalty()
        result = super()._apply_program_reward(reward, coupon, **kwargs)
        self._subscription_settle_first_invoice()
        return result

    def _get_later_reward_lines(self, reward):
        """Return the lines of what is worked out after ``reward``."""
        if not self.order_line._filter_subscribed():
            return self.order_line.browse()
        lines = self.order_line.filtered("coupon_id")
        if self._is_off_every_invoice(reward):
            return lines._filter_first_invoice_discounts()
        if reward.program_id.is_payment_program:
            return lines.browse()
        return lines.filtered(lambda line: line.reward_id.program_id.is_payment_program)

    def _subscription_settle_first_invoice(self):
        """Work out anew what is taken off the first invoice, where more than one reward is on this quotation."""
        lines = self.order_line.filtered("coupon_id")._filter_first_invoice_discounts()
        if len(self.order_line.reward_id) < 2 or not lines or not self.order_line._filter_subscribed():
            return
        self._subscription_rework(lines)

    def _subscription_rework(self, lines):
        """Work the rewards of ``lines`` out anew, in their order; cards pay last."""
        claims = lines.grouped(lambda line: (line.reward_id, line.coupon_id, line.reward_identifier_code))
        lines._reset_loyalty()
        for (reward, coupon, _code), claimed in sorted(
            claims.items(), key=lambda item: item[0][0].program_id.is_payment_program
        ):
            self._write_vals_from_reward_vals(self._get_reward_line_values_if_any(reward, coupon), claimed)

    def _subscription_refresh_first_invoice(self):
        """Work out anew what is taken off the first invoice, unless a payment of it is under way.

        :return: whether anything changed
        """
        before = self._get_first_invoice_amount()
        lines = self.order_line.filtered("coupon_id")._filter_first_invoice_discounts()
        if not lines or self._get_signup_payment_under_way():
            return False
        self._subscription_lock()
        self._subscription_rework(lines)
        return bool(self.currency_id.compare_amounts(before, self._get_first_invoice_amount()))

    # === WHAT IS KEPT ===#

    def _get_update_prices_lines(self):
        """Extend: what a renewal keeps of a reward has no card to be worked out anew with."""
        return super()._get_update_prices_lines().filtered(lambda line: not line.reward_id or line.coupon_id)

    def _confirmation_error_message(self):
        """Extend: a discount that a renewal keeps may stand on a plan which nothing is on any more."""
        return super()._confirmation_error_message() or self._get_discount_problem()

    def _get_discount_problem(self):
        """Return why discounts cannot be billed with each period, in a sentence; or False."""
        for plan, lines in self.order_line._filter_subscribed().grouped("subscription_plan_id").items():
            rewards = lines.filtered("reward_id")
            if rewards and self.currency_id.compare_amounts(sum(lines.mapped("price_total")), 0.0) < 0:
                return self.env._(
                    '%(order)s: "%(discount)s" takes more off the plan "%(plan)s" than what is on it. Give the '
                    "discount the plan and the amount that you want, or take it off.",
                    order=self.name,
                    discount=rewards[0].name,
                    plan=plan.name,
                )
        return False

    # === COPIES ===#

    def copy(self, default=None):
        """Override of `sale_loyalty`: set-up fees stay tied to their lines though rewards do not come along."""
        copies = super().copy(default)
        for order, duplicate in zip(self, copies, strict=True):
            lines = order.order_line.filtered(lambda line: not line.is_downpayment and not line.is_reward_line)
            lines._subscription_copy_setup_links(duplicate.order_line)
        return copies
