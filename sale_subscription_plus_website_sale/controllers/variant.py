from odoo.http import request, route

from odoo.addons.website_sale.controllers.variant import WebsiteSaleVariantController

from .browser_values import read_plan_id, read_quantity


class ShopVariant(WebsiteSaleVariantController):
    """What changes on the page of a product with its variant, quantity, unit and plan."""

    @route()
    def get_combination_info_website(
        self, product_template_id, product_id, combination, add_qty, uom_id=None, subscription_plan_id=None, **kwargs
    ):
        """Override of `website_sale`: prices are those of the chosen plan, and the plans come along."""
        request.update_context(chosen_subscription_plan_id=read_plan_id(subscription_plan_id))
        quantity = read_quantity(add_qty)
        info = super().get_combination_info_website(
            product_template_id, product_id, combination, quantity, uom_id=uom_id, **kwargs
        )
        template = request.env["product.template"].browse(info["product_template_id"])
        if template.subscription_ok:
            values = template._get_subscription_choice(
                info | {"combination": request.env["product.template.attribute.value"].browse(combination)},
                quantity,
                uom_id,
            )
            info["subscription_choice"] = request.env["ir.ui.view"]._render_template(
                "sale_subscription_plus_website_sale.product_plans",
                {"subscription_choice": values, "website": request.website},
            )
        return info
