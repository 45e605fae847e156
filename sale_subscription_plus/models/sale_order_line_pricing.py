from odoo import api, models


class SaleOrderLine(models.Model):
    """Prices of recurring lines: those of their plan while quoted, the agreed ones ever after."""

    _inherit = "sale.order.line"

    def _has_agreed_price(self):
        """Whether the line's price was agreed: lists and quantities do not move it any more.

        A line that is being added to a confirmed order has none yet.
        """
        return bool(self.subscription_plan_id and self.state == "sale" and self._origin)

    def _get_pricelist_kwargs(self):
        """Override of `sale`: prices of a recurring line are those of its plan."""
        kwargs = super()._get_pricelist_kwargs()
        if self.subscription_plan_id:
            kwargs["subscription_plan"] = self.subscription_plan_id
        return kwargs

    @api.depends("subscription_plan_id")
    def _compute_pricelist_item_id(self):
        return super()._compute_pricelist_item_id()

    def _add_precomputed_values(self, vals_list):
        """Override of `sale`: a price that comes with a new recurring line was agreed by hand, and stays."""
        priced = [vals for vals in vals_list if "price_unit" in vals and "technical_price_unit" not in vals]
        super()._add_precomputed_values(vals_list)
        for vals in priced:
            product = self.env["product.product"].browse(vals.get("product_id"))
            if vals.get("subscription_plan_id") or product.subscription_ok:
                # Any other amount than the price itself says that it is not the automatic one.
                vals["technical_price_unit"] = 0.0 if vals["price_unit"] else -1.0

    def _is_one_off_under_any_plan(self):
        """Whether the line stays one that is sold once whatever plan its order gets."""
        return not self.subscription_plan_id and bool(
            not self.product_id.subscription_ok or self.subscription_default_plan_id
        )

    def _is_only_replanned(self):
        """Whether a line sold once, on a form that is not saved yet, waits for a price though nothing changed."""
        origin = self._origin
        return (
            origin
            and origin != self
            and self._is_one_off_under_any_plan()
            and all(
                self[name] == origin[name]
                for name in ("product_id", "product_uom_id", "product_uom_qty", "subscription_plan_id")
            )
        )

    @api.depends("subscription_plan_id")
    def _compute_price_unit(self):
        """Override of `sale`: a change of plan re-prices what has an automatic price, agreed prices stay."""
        agreed = self.filtered(lambda line: line._has_agreed_price() or line._is_only_replanned())
        for line in agreed:
            line.price_unit = line.price_unit
        return super(SaleOrderLine, self - agreed)._compute_price_unit()

    @api.depends("subscription_plan_id")
    def _compute_discount(self):
        """Override of `sale`: a discount agreed by hand on a recurring line survives quantity and plan."""
        by_hand = {
            line: line.discount
            for line in self
            if line._is_only_replanned()
            or (
                line.subscription_plan_id
                and (line._has_agreed_price() or line.discount != line.subscription_rule_discount)
            )
        }
        result = super()._compute_discount()
        for line in self:
            if line in by_hand:
                line.discount = by_hand[line]
                line.subscription_rule_discount = line.subscription_rule_discount
            else:
                line.subscription_rule_discount = line.discount
        return result
