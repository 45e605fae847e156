from odoo import models
from odoo.exceptions import UserError

# Of a line that recurs: more than this, amounts are not exact any more.
MOST = 10**6


class SaleOrder(models.Model):
    """The cart: each line on the plan that the visitor chose."""

    _inherit = "sale.order"

    def _cart_find_product_line(
        self, product_id, uom_id, subscription_plan_id=None, linked_line_id=False, combo_item_id=None, **kwargs
    ):
        """Override of `website_sale`: the same product under two plans is two lines, and no fee takes part."""
        lines = super()._cart_find_product_line(
            product_id, uom_id, linked_line_id=linked_line_id, combo_item_id=combo_item_id, **kwargs
        )
        product = self.env["product.product"].browse(product_id)
        plan = self._get_plan_of_new_line(product, subscription_plan_id, linked_line_id, combo_item_id)
        return lines.filtered(lambda line: line.subscription_plan_id == plan and not line.subscription_setup_line_id)

    def _prepare_order_line_values(
        self,
        product_id,
        quantity,
        uom_id,
        *,
        subscription_plan_id=None,
        linked_line_id=False,
        combo_item_id=None,
        **kwargs,
    ):
        """Override of `website_sale`: the line gets the visitor's plan, and no other takes its place."""
        values = super()._prepare_order_line_values(
            product_id, quantity, uom_id, linked_line_id=linked_line_id, combo_item_id=combo_item_id, **kwargs
        )
        product = self.env["product.product"].browse(values["product_id"])
        plan = self._get_plan_of_new_line(product, subscription_plan_id, linked_line_id, combo_item_id)
        return values | self._prepare_plan_values(product, plan)

    def _prepare_plan_values(self, product, plan):
        """Return what a line of the cart says of its plan: as one that was chosen by hand, so that it stays.

        :param plan: ``subscription.plan``, or none of them where ``product`` is bought once
        """
        template = product.product_tmpl_id.with_company(self.company_id)
        default = plan.browse() if plan else template.subscription_plan_id or template._get_default_shop_plan(product)
        return {"subscription_plan_id": plan.id, "subscription_default_plan_id": default.id}

    def _cart_update_line_quantity(self, line_id, quantity, **kwargs):
        """Override of `website_sale`: a set-up fee follows its line, and is not changed by itself."""
        fee = self.order_line.filtered(lambda line: line.id == line_id and line.subscription_setup_line_id)
        if fee:
            return {
                "warning": self.env._(
                    '"%(fee)s" is charged once with "%(product)s". Remove that product to do without it.',
                    fee=fee.name_short,
                    product=fee.subscription_setup_line_id.name_short,
                )
            }
        return super()._cart_update_line_quantity(line_id, quantity, **kwargs)

    def _verify_updated_quantity(self, order_line, product_id, new_qty, uom_id, **kwargs):
        """Extend: nobody needs more of a subscription than can be reckoned with."""
        quantity, warning = super()._verify_updated_quantity(order_line, product_id, new_qty, uom_id, **kwargs)
        product = self.env["product.product"].browse(product_id)
        if quantity > MOST and (product.subscription_ok or self._is_shop_subscription()):
            return MOST, self.env._(
                'You can have %(most)s of "%(product)s" at most.', most=MOST, product=product.display_name
            )
        return quantity, warning

    # === WHICH PLAN ===#

    def _get_plan_of_new_line(self, product, plan_id, linked_line_id=False, combo_item_id=None):
        """Return the plan of ``product`` in the cart, or none of them where it is bought once.

        :param plan_id: what the visitor's browser says: an id; 0 or False: once; None: nothing was chosen
        :param linked_line_id: of an optional product, which takes the plan of the line that it goes with, or its own
        :param combo_item_id: of a part of a combo, which never recurs
        :raise UserError: where the shop does not offer that
        """
        if combo_item_id:
            return self.env["subscription.plan"]
        if plan_id is not None:
            plan = self._get_chosen_plan(product, plan_id)
            if plan is not None:
                return plan
            if not linked_line_id:
                raise UserError(
                    self.env._(
                        '"%s" is not offered on this plan any more. Please reload the page.', product.display_name
                    )
                )
        return self._get_plan_not_chosen(product)

    def _get_chosen_plan(self, product, plan_id):
        """Return the plan that the visitor's browser says, none of them for "once"; None if it is not offered.

        Whether it is offered for so few is looked at when the line has its quantity, see ``_check_validity``.

        :raise UserError: where ``plan_id`` is no id at all
        """
        if not (plan_id is False or type(plan_id) is int):  # True is no id, though it is an integer to Python
            raise UserError(self.env._("Please reload the page and choose again how to buy this product."))
        template = product.product_tmpl_id
        plans = template._get_shop_plans(product, quantity=None)
        if not plan_id:
            return plans.browse() if template._can_buy_once() else None
        return plans.filtered(lambda plan: plan.id == plan_id) or None

    def _get_plan_not_chosen(self, product):
        """Return the plan that the shop takes by itself.

        :raise UserError: where the shop does not sell ``product`` in any way
        """
        template = product.product_tmpl_id
        default = template._get_default_shop_plan(product)
        if not default and not template._can_buy_once():
            raise UserError(self.env._('"%s" is not sold in the shop at the moment.', product.display_name))
        return default
