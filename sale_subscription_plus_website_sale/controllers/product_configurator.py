from odoo.http import request

from odoo.addons.website_sale.controllers.product_configurator import WebsiteSaleProductConfiguratorController

from ..shown_plan import get_shown_plan, show_on_plan
from .browser_values import read_plan_id


class ShopProductConfigurator(WebsiteSaleProductConfiguratorController):
    """The dialog of a product with options: each at the price of the plan that the cart takes it on."""

    def _get_basic_product_information(
        self, product_or_template, pricelist, combination, subscription_plan_id=None, **kwargs
    ):
        """Override of `website_sale`: prices are those of the plan, and say of what period.

        :param subscription_plan_id: what the visitor chose for the main product; options take it where they are
            offered on it, see ``_get_chosen_shop_plan``
        """
        is_variant = product_or_template.is_product_variant
        template = product_or_template.product_tmpl_id if is_variant else product_or_template
        if not request.is_frontend or not template.subscription_ok:
            return super()._get_basic_product_information(product_or_template, pricelist, combination, **kwargs)
        product = product_or_template if is_variant else request.env["product.product"]
        quantity = template._get_shop_quantity(kwargs.get("quantity") or 1.0, kwargs.get("uom") or template.uom_id)
        plan = template._get_chosen_shop_plan(product, read_plan_id(subscription_plan_id), quantity)
        information = super()._get_basic_product_information(
            show_on_plan(product_or_template, plan), pricelist, combination, **kwargs
        )
        information["subscription_period"] = request.env._("/ %s", plan._get_period_label()) if plan else ""
        if not plan and not template._can_buy_once():
            information["can_be_sold"] = False
        return information

    def _get_strikethrough_price(self, product_or_template, currency, date, price, pricelist_rule_id=None):
        """Override of `website_sale`: what a plan costs is not compared with the price of buying once."""
        rule = request.env["product.pricelist.item"].browse(pricelist_rule_id)
        if get_shown_plan(product_or_template) and not rule._show_discount_on_shop():
            return None
        return super()._get_strikethrough_price(product_or_template, currency, date, price, pricelist_rule_id)
