from odoo import models

from odoo.addons.website.models.ir_http import get_request_website


class ProductTemplate(models.Model):
    """What may be put in the cart: a subscription that the shop offers, though its sales price be zero."""

    _inherit = "product.template"

    def _get_contextual_price(self, product=None):
        """Override of `product`: in the shop, a subscription costs what it does on the plan that the shop proposes."""
        self.ensure_one()
        plan = self.subscription_ok and get_request_website() and self._get_default_shop_plan(product)
        if not plan:
            return super()._get_contextual_price(product)
        return self._get_contextual_pricelist()._get_product_price(
            product or self,
            self.env.context.get("quantity", 1.0),
            uom=self.env["uom.uom"].browse(self.env.context.get("uom")),
            date=self.env.context.get("date"),
            subscription_plan=plan,
        )

    def _website_show_quick_add(self):
        """Override of `website_sale`: nothing is added that the shop does not sell."""
        return self._is_sold_in_shop() and super()._website_show_quick_add()

    def _can_be_added_to_cart(self):
        """Override of `website_sale`: nothing is added that the shop does not sell."""
        return super()._can_be_added_to_cart() and (not get_request_website() or self._is_sold_in_shop())


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _website_show_quick_add(self):
        """Override of `website_sale`: nothing is added that the shop does not sell."""
        return self.product_tmpl_id._is_sold_in_shop() and super()._website_show_quick_add()

    def _is_add_to_cart_allowed(self):
        """Override of `website_sale`: a subscription is sold on a plan that the shop offers for it, or once."""
        template = self.product_tmpl_id
        return super()._is_add_to_cart_allowed() and (template._can_buy_once() or bool(template._get_shop_plans(self)))
