from odoo.http import request

from odoo.addons.website_sale.controllers.product_configurator import WebsiteSaleProductConfiguratorController

from ..shown_plan import show_on_plan
from .plan_id import read_plan_id


class ShopProductConfigurator(WebsiteSaleProductConfiguratorController):
    """The dialog of a product with options: each at the price of the plan that the cart takes it on."""

    def _get_basic_product_information(
        self,
        product_or_template,
        pricelist,
        combination,
        subscription_plan_id=None,
        subscription_main_template_id=None,
        **kwargs,
    ):
        """Override of `website_sale`: prices are those of the plan, and say of what period.

        :param subscription_plan_id: what the visitor chose for the main product, see ``_get_chosen_shop_plan``
        :param int subscription_main_template_id: the main product; the others are bought with it
        """
        is_variant = product_or_template.is_product_variant
        template = product_or_template.product_tmpl_id if is_variant else product_or_template
        if not request.is_frontend or not template.subscription_ok:
            return super()._get_basic_product_information(product_or_template, pricelist, combination, **kwargs)
        plan = template._get_configurator_shop_plan(
            product_or_template if is_variant else request.env["product.product"],
            read_plan_id(subscription_plan_id),
            template.id == subscription_main_template_id,
        )
        information = super()._get_basic_product_information(
            show_on_plan(product_or_template, plan), pricelist, combination, **kwargs
        )
        if plan:
            information["subscription_period"] = request.env._("/ %s", plan._get_period_label())
        elif not template._can_buy_once():
            information["can_be_sold"] = False
        return information
