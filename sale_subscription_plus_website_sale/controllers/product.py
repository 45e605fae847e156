from odoo.addons.website_sale.controllers.main import WebsiteSale

from .browser_values import read_plan_id


class ShopProduct(WebsiteSale):
    """The page of a product: with its plans."""

    def _prepare_product_values(self, product, category, plan=None, **kwargs):
        """Override of `website_sale`: a link may choose the plan, by its id in ``plan``."""
        product = product.with_context(chosen_subscription_plan_id=read_plan_id(plan))
        values = super()._prepare_product_values(product, category, **kwargs)
        if product.subscription_ok:
            values["subscription_choice"] = product._get_subscription_choice(values["combination_info"])
        return values
