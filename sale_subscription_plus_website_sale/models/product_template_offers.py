from odoo import fields, models
from odoo.http import request

from ..shown_plan import get_shown_plan, show_on_plan
from .product_template_plans import ShopOffer


class ProductTemplate(models.Model):
    """What a visitor pays for a product on each of its plans, or once."""

    _inherit = "product.template"

    # === WHICH PLAN ===#

    def _get_chosen_shop_plan(self, product=None, chosen=None, quantity=1.0):
        """Return the plan that the visitor looks at, or none of them where the product is bought once.

        :param product: the variant, where it is known
        :param chosen: what the visitor's browser says: an id; 0: once; None: nothing. What the shop does not offer
            does not count, then it is the plan that the cart takes by itself.
        :param quantity: in the unit of the product
        """
        plans = self._get_shop_plans(product, quantity)
        if chosen == 0 and self._can_buy_once():
            return plans.browse()
        return plans.filtered(lambda plan: plan.id == chosen) or self._get_default_among(plans)

    def _get_shop_quantity(self, quantity, uom):
        """Return ``quantity`` of ``uom`` in the unit of this product, in which plans are offered."""
        return uom._compute_quantity(quantity, self.uom_id, raise_if_failure=False)

    # === PRICES ===#

    def _get_additionnal_combination_info(self, product_or_template, quantity, uom, date, website):
        """Extend: prices are those of the plan that the visitor chose, or of buying once."""
        if not self.subscription_ok or get_shown_plan(product_or_template) is not None:
            return super()._get_additionnal_combination_info(product_or_template, quantity, uom, date, website)
        chosen = self.env.context.get("chosen_subscription_plan_id")
        variant = self._get_variant_of(product_or_template)
        plan = self._get_chosen_shop_plan(variant, chosen, self._get_shop_quantity(quantity, uom))
        info = super()._get_additionnal_combination_info(
            show_on_plan(product_or_template, plan), quantity, uom, date, website
        )
        if plan:
            # It compares with the price of buying once.
            info.pop("compare_list_price", None)
        elif not self._can_buy_once():
            # Without a plan it has no price, which Odoo's shop knows how to show.
            info["prevent_zero_price_sale"] = True
        return info | {
            "subscription_plan_id": plan.id or 0,
            "subscription_period": plan._get_period_label() if plan else "",
        }

    def _get_shop_offers(self, product_or_template, quantity, uom, date, website, chosen=None, known=None):
        """Return the :class:`ShopOffer` of each plan that the shop offers for this product, the shortest first.

        :param product_or_template: the variant, or the product where there is none yet, with its price context
        :param chosen: ``subscription.plan`` that the visitor looks at
        :param dict known: what :meth:`_get_additionnal_combination_info` returned of it, where that was asked already
        """
        self.ensure_one()
        offers = []
        variant = self._get_variant_of(product_or_template)
        for plan in self._get_shop_plans(variant, self._get_shop_quantity(quantity, uom)):
            info = known if plan == chosen else None
            if not info:
                shown = show_on_plan(product_or_template, plan)
                info = self._get_additionnal_combination_info(shown, quantity, uom, date, website)
            months = plan._get_months()
            offer = ShopOffer(plan, info["price"], info["list_price"], info["price"] / months, 0.0, 0, plan == chosen)
            if offers:
                saving, percent = offer._get_saving(offers[0], website.currency_id)
                offer = offer._replace(saving=saving, percent=percent)
            offers.append(offer)
        return offers

    def _get_price_once(self, product_or_template, quantity, uom, date, website):
        """Return what one unit costs without a plan, as the website shows prices; None where it is not sold so."""
        if not self._can_buy_once():
            return None
        shown = show_on_plan(product_or_template, self.env["subscription.plan"])
        return self._get_additionnal_combination_info(shown, quantity, uom, date, website)["price"]

    def _get_variant_of(self, product_or_template):
        if product_or_template.is_product_variant:
            return product_or_template
        return self.env["product.product"]

    # === THE PRODUCT'S PAGE ===#

    def _get_subscription_choice(self, info, quantity=1.0, uom_id=None):
        """Return what the product's page needs to let the visitor choose a plan.

        :param dict info: what :meth:`_get_combination_info` returned
        """
        self.ensure_one()
        website = request.website
        # A browser says it: of another product nothing is told here.
        product = self.env["product.product"].browse(info["product_id"]) & self.product_variant_ids
        shown = product or self
        shown = shown.with_context(**shown._get_product_price_context(info["combination"]))
        uom = self.env["uom.uom"].browse(uom_id) or self.uom_id
        # In sudo mode: visitors read no plans; this one is among those that the shop offers.
        plan = self.env["subscription.plan"].sudo().browse(info["subscription_plan_id"] or ())
        arguments = (shown, quantity, uom, fields.Date.context_today(self), website)
        known = info if product.id == info["product_id"] else None
        return {
            "offers": self._get_shop_offers(*arguments, chosen=plan, known=known),
            "once": self._get_price_once(*arguments),
            "chosen": plan,
            "sentences": plan._get_shop_sentences(product, quantity, uom, info["combination"]) if plan else [],
        }
