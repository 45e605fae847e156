from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Plans in the cart: changed line by line, looked at again before they are paid, and the order's own."""

    _inherit = "sale.order"

    # === A LINE CHANGES ITS PLAN ===#

    def _cart_set_plan(self, line_id, plan_id):
        """Put a line of this cart on another plan; with a line that is then the same it becomes one.

        :param plan_id: what the visitor's browser says: an id; 0: once
        :return: the line that has the plan now
        :raise UserError: with a sentence for the visitor
        """
        line = self.order_line.filtered(lambda line: line.id == line_id and line._can_change_plan())
        if not line:
            raise UserError(self.env._("We could not change this plan: your cart has changed. Please reload the page."))
        line._check_plan_may_change()
        order = self.with_company(self.company_id)
        plan = order._get_plan_of_new_line(line.product_id, False if plan_id is None else plan_id)
        if plan != line.subscription_plan_id:
            line = order._cart_move_line(line, plan)
            line._check_validity()
        order._verify_cart_after_update()
        return line

    def _cart_move_line(self, line, plan):
        twin = self._cart_find_twin(line, plan)
        if not twin:
            line.write(self._prepare_plan_values(line.product_id, plan) | line._prepare_kept_discount())
            return line
        line.linked_line_ids.linked_line_id = twin
        twin.product_uom_qty += line.product_uom_qty
        line.unlink()
        return twin

    def _cart_find_twin(self, line, plan):
        """Return the line that ``line`` would be the same as on ``plan``; agreed terms are never mixed with others."""
        if line.product_custom_attribute_value_ids or line._has_agreed_terms():
            return line.browse()
        lines = self._cart_find_product_line(
            line.product_id.id,
            line.product_uom_id.id,
            linked_line_id=line.linked_line_id.id,
            no_variant_attribute_value_ids=line.product_no_variant_attribute_value_ids.ids,
            subscription_plan_id=plan.id,
        )
        return (lines - line).filtered(lambda other: not other._has_agreed_terms())[:1]

    # === THE ORDER'S PLAN ===#

    def _verify_cart_after_update(self):
        """Extend: the order's own plan follows its lines."""
        self._set_shop_order_plan()
        return super()._verify_cart_after_update()

    def _verify_cart(self):
        """Extend: so it does when the visitor comes back to the cart."""
        result = super()._verify_cart()
        self._set_shop_order_plan()
        return result

    def _set_shop_order_plan(self):
        """Give this cart the plan that binds it: of its lines' the longest commitment, then the longest period."""
        plans = self.order_line._filter_subscribed().subscription_plan_id
        plan = plans.sorted(lambda plan: (plan.commitment_months, plan._get_months(), plan.id))[-1:]
        if self.subscription_plan_id != plan:
            self.subscription_plan_id = plan

    # === BEFORE IT IS PAID ===#

    def _get_unoffered_lines(self):
        """Return the lines whose plan the shop does not offer any more: the visitor has to choose another."""
        return self.order_line.filtered(lambda line: line._is_unoffered())

    def _is_cart_ready(self):
        """Extend: each line is on a plan that is offered."""
        return super()._is_cart_ready() and not self._get_unoffered_lines()

    def _check_cart_is_ready_to_be_paid(self):
        """Extend: name what is not offered any more; the terms are those of the plans in the cart."""
        unoffered = self._get_unoffered_lines()
        if unoffered:
            raise UserError(
                self.env._(
                    '"%s" is not offered like this any more. Please choose another plan for it in your cart, or '
                    "remove it.",
                    unoffered[0].name_short,
                )
            )
        self._set_shop_order_plan()
        return super()._check_cart_is_ready_to_be_paid()

    # === WHAT IS NO CART ===#

    def copy_data(self, default=None):
        """Extend: a duplicate or a renewal of a subscription is a quotation, and no cart that its customer finds."""
        vals_list = super().copy_data(default)
        for order, vals in zip(self, vals_list, strict=True):
            if order.subscription_status and "website_id" not in (default or {}):
                vals["website_id"] = False
        return vals_list
