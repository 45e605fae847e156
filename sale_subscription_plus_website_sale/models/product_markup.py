from odoo import models
from odoo.http import request

# Codes of the units of a period: ISO 8601, and UN/CEFACT as schema.org asks for.
UNIT_CODES = {"day": ("D", "DAY"), "week": ("W", "WEE"), "month": ("M", "MON"), "year": ("Y", "ANN")}


class ProductTemplate(models.Model):
    """What search engines are told of a subscription: its price on each plan, and for how long."""

    _inherit = "product.template"

    def _to_markup_data(self, website):
        """Override of `website_sale`: an offer specifies the price of each plan."""
        data = super()._to_markup_data(website)
        if self.subscription_ok:
            variants = dict(zip(self.product_variant_ids, data.get("hasVariant", [data]), strict=False))
            for variant, prices in self._get_prices_of_variants(list(variants), website).items():
                if prices:
                    variants[variant]["offers"] |= self._prepare_plan_offer(prices, website)
        return data

    def _get_prices_of_variants(self, variants, website):
        """Return {each of ``variants``: its :class:`PlanPrice` on each plan}; variants do not add queries."""
        prices = {variant: [] for variant in variants}
        for plan, variant_ids in self._get_listed_pricing().items():
            offered = self.product_variant_ids.filtered(
                lambda variant, ids=variant_ids: variant in prices and (False in ids or variant.id in ids)
            )
            found = request.pricelist._get_plan_prices(offered, plan, website.currency_id)
            for variant in offered:
                prices[variant].append(found[variant.id])
        return prices

    def _prepare_plan_offer(self, prices, website):
        """Return the price of an offer, on the plan that the shop proposes, and the specification of all of them."""
        default = self._get_own_shop_plan()
        proposed = next((price for price in prices if price.plan == default), prices[0])
        specifications = {price: self._prepare_price_specification(price, website) for price in prices}
        if self._can_buy_once():
            return {"priceSpecification": list(specifications.values())}
        return {
            "price": specifications[proposed]["price"],
            "priceSpecification": list(specifications.values()),
        }

    def _prepare_price_specification(self, price, website):
        iso_code, unit_code = UNIT_CODES[price.plan.interval_unit]
        count = price.plan.interval_count
        return {
            "@type": "UnitPriceSpecification",
            "name": price.plan.name,
            "price": self._get_price_with_taxes(price.price, website),
            "priceCurrency": website.currency_id.name,
            "billingDuration": f"P{count}{iso_code}",
            "referenceQuantity": {"@type": "QuantitativeValue", "value": count, "unitCode": unit_code},
        }
