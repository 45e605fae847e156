from odoo import models
from odoo.exceptions import UserError

# What is written on the lines of a reward that is given once.
ONCE = {"subscription_plan_id": False, "subscription_default_plan_id": False}


class SaleOrder(models.Model):
    """The lines of rewards: each on its plan, or given once."""

    _inherit = "sale.order"

    def _get_reward_line_values_if_any(self, reward, coupon):
        """Return the values of the lines of ``reward``; none where there is nothing to discount any more."""
        try:
            return self._get_reward_line_values(reward, coupon)
        except UserError:
            return []

    def _write_vals_from_reward_vals(self, reward_vals, old_lines, delete=True):
        """Extend: Odoo uses the lines of any reward again for any other, and keeps their names."""
        reward_vals = [ONCE | vals for vals in reward_vals]
        for vals, line in zip(reward_vals, old_lines, strict=False):
            first = self._prepare_discount_terms(line.reward_id.description, None)["name"]
            if line.subscription_plan_id.id != vals["subscription_plan_id"] or line.name == first:
                line.name = vals["name"]
        return super()._write_vals_from_reward_vals(reward_vals, old_lines, delete=delete)

    # === FREE PRODUCTS ===#

    def _get_reward_values_product(self, reward, coupon, product=None, **kwargs):
        """Extend: a free product is given once, or it recurs and stays free; nobody pays for it later."""
        values = super()._get_reward_values_product(reward, coupon, product=product, **kwargs)
        for vals in values:
            given = self.env["product.product"].browse(vals["product_id"])
            plan = self._get_plan_of_free_product(given) if reward.program_id._is_on_every_invoice() else None
            if plan:
                vals.update(self._prepare_recurring_reward(plan))
                vals["name"] = self._get_recurring_name(vals["name"], plan)
                vals["subscription_setup_done"] = True  # its set-up is a gift, too
            elif given.subscription_ok:
                # As if its plan had been taken off by hand: none comes back.
                vals["subscription_default_plan_id"] = self._get_plan_of_free_product(given).id
        return values

    def _get_plan_of_free_product(self, product):
        """Return the plan on which ``product`` stays free: that of what is bought of it, else its own."""
        if not product.subscription_ok:
            return product.subscription_plan_id.browse()
        bought = self.order_line._filter_subscribed().filtered(
            lambda line: line.product_id == product and not line.reward_id
        )
        recurring = self.order_line._filter_subscribed().subscription_plan_id[:1]
        return bought.subscription_plan_id[:1] or product.subscription_plan_id or self.subscription_plan_id or recurring

    # === WORDS AND PLANS ===#

    def _prepare_recurring_reward(self, plan):
        """Return what a reward line says of its plan: as one that was chosen by hand, so that it stays."""
        return {"subscription_plan_id": plan.id, "subscription_default_plan_id": False}

    def _get_recurring_name(self, name, plan):
        if plan.interval_count == 1:
            return self.env._("%(reward)s (each %(period)s)", reward=name, period=plan._get_period_label())
        return self.env._("%(reward)s (every %(period)s)", reward=name, period=plan._get_period_label())
