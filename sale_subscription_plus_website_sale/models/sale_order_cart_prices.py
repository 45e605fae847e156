from odoo import models


class SaleOrder(models.Model):
    """Prices of a cart are computed anew at each step of the shop; what staff agreed with the visitor stays."""

    _inherit = "sale.order"

    def action_update_prices(self):
        """Extend: staff who update the prices of a cart want those of the pricelist."""
        return super(SaleOrder, self.with_context(shop_reset_agreed_terms=True)).action_update_prices()

    def _recompute_cart(self):
        """Override of `website_sale`: prices that were agreed stay when the cart is paid."""
        return super(SaleOrder, self._with_agreed_prices())._recompute_cart()

    def _update_address(self, partner_id, fnames=None):
        """Override of `website_sale`: so they do when the visitor logs in, or says where they live."""
        return super(SaleOrder, self._with_agreed_prices())._update_address(partner_id, fnames=fnames)

    def _with_agreed_prices(self, currency=None):
        """Return this cart, whose prices that were agreed in ``currency`` are not computed anew while it has it."""
        if currency is None and "shop_agreed_currency_id" in self.env.context:
            return self
        return self.with_context(shop_agreed_currency_id=(currency or self.currency_id).id)

    def _recompute_prices(self):
        """Extend: discounts that were agreed on recurring lines of a cart stay, whatever they are taken off."""
        lines = self.filtered(lambda order: order._keeps_agreed_discounts())._get_update_prices_lines()
        discounts = {line: line.discount for line in lines if line.subscription_plan_id and line._has_agreed_discount()}
        result = super()._recompute_prices()
        for line, discount in discounts.items():
            line.discount = discount
        return result

    def _keeps_agreed_discounts(self):
        return self.website_id and self.state == "draft" and not self.env.context.get("shop_reset_agreed_terms")

    def _get_update_prices_lines(self):
        """Extend: see :meth:`_with_agreed_prices`."""
        lines = super()._get_update_prices_lines()
        currency_id = self.env.context.get("shop_agreed_currency_id")
        return lines.filtered(
            lambda line: (
                not (line.subscription_plan_id and line.currency_id.id == currency_id and line._has_agreed_unit_price())
            )
        )
