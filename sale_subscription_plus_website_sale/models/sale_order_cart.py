from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """The cart: each line on the plan that the visitor chose."""

    _inherit = "sale.order"

    def _cart_find_product_line(self, product_id, uom_id, subscription_plan_id=None, linked_line_id=False, **kwargs):
        """Override of `website_sale`: the same product under two plans is two lines."""
        lines = super()._cart_find_product_line(product_id, uom_id, linked_line_id=linked_line_id, **kwargs)
        product = self.env["product.product"].browse(product_id)
        plan = self._get_plan_of_new_line(product, subscription_plan_id, linked_line_id)
        return lines.filtered(lambda line: line.subscription_plan_id == plan)

    def _prepare_order_line_values(
        self, product_id, quantity, uom_id, *, subscription_plan_id=None, linked_line_id=False, **kwargs
    ):
        """Override of `website_sale`: the line gets the visitor's plan, and no other takes its place."""
        values = super()._prepare_order_line_values(
            product_id, quantity, uom_id, linked_line_id=linked_line_id, **kwargs
        )
        product = self.env["product.product"].browse(values["product_id"])
        plan = self._get_plan_of_new_line(product, subscription_plan_id, linked_line_id)
        return values | self._prepare_plan_values(product, plan)

    def _prepare_plan_values(self, product, plan):
        """Return what a line of the cart says of its plan: as one that was chosen by hand, so that it stays.

        :param plan: ``subscription.plan``, or none of them where ``product`` is bought once
        """
        default = plan.browse() if plan else product.product_tmpl_id._get_default_shop_plan(product)
        return {"subscription_plan_id": plan.id, "subscription_default_plan_id": default.id}

    def _get_plan_of_new_line(self, product, plan_id, linked_line_id=False):
        """Return the plan of ``product`` in the cart, or none of them where it is bought once.

        :param plan_id: what the visitor's browser says: an id; 0 or False: once; None: nothing was chosen
        :param linked_line_id: of an optional product, which takes the plan of the line that it goes with, or its own
        :raise UserError: where the shop does not offer that
        """
        template = product.product_tmpl_id
        plans = template._get_shop_plans(product)
        plan = plans.filtered(lambda plan: plan.id == plan_id)
        if plan or not template.subscription_ok:
            return plan
        if plan_id is not None and not linked_line_id:
            if not plan_id and template._can_buy_once():
                return plans.browse()
            raise UserError(
                self.env._('"%s" is not offered on this plan any more. Please reload the page.', product.display_name)
            )
        default = template._get_default_shop_plan(product)
        if not default and not template._can_buy_once():
            raise UserError(self.env._('"%s" is not sold in the shop at the moment.', product.display_name))
        return default
