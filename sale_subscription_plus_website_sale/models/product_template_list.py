from collections import defaultdict

from odoo import models
from odoo.http import request


class ProductTemplate(models.Model):
    """What lists of products say of a subscription: what it costs a month on its cheapest plan."""

    _inherit = "product.template"

    def _get_sales_prices(self, website):
        """Override of `website_sale`: a subscription costs "from 10.00 / month", or "12.00 / month" on its only plan.

        Beside the amounts the values tell ``price_prefix`` and ``price_suffix``, what to say before and after them,
        and ``not_sold`` of a subscription that the shop offers neither on a plan nor once.
        """
        prices = self._get_prices_on_plans(website)
        others = self.filtered(lambda template: not prices[template.id])
        values = super(ProductTemplate, others)._get_sales_prices(website)
        for template in self - others:
            values[template.id] = template._prepare_plan_price_values(prices[template.id], website)
        for template in others:
            if not template._can_buy_once():
                values[template.id] = {"price_reduce": 0.0, "not_sold": True}
        return values

    def _get_prices_on_plans(self, website):
        """Return {id of each of these products: its :class:`PlanPrice` on each plan, of each variant that has its own}.

        Products do not add queries.
        """
        self._keep_shop_pricing()
        priced = defaultdict(self.browse), defaultdict(self.env["product.product"].browse)
        for template in self:
            for plan, variant_ids in template._get_listed_pricing().items():
                variants = self.env["product.product"].browse(variant_ids - {False})
                # The price of the template is not that of variants which have their own.
                if False in variant_ids and not (variants and template.product_variant_ids <= variants):
                    priced[0][plan] += template
                if variants:
                    priced[1][plan] += variants
        prices = {template.id: [] for template in self}
        for records_by_plan in priced:
            for plan, records in records_by_plan.items():
                found = request.pricelist._get_plan_prices(records, plan, website.currency_id)
                for record in records:
                    template = record if record._name == self._name else record.product_tmpl_id
                    prices[template.id].append(found[record.id])
        return prices

    def _prepare_plan_price_values(self, prices, website):
        """Return what a list says that this product costs.

        A product that is offered on one plan costs so much for its period. What comes in several periods is compared
        by the month.
        """
        self.ensure_one()
        currency = website.currency_id
        plans = {price.plan for price in prices}
        cheapest = min(prices, key=lambda price: price.price / price.plan._get_months())
        months = cheapest.plan._get_months() if len(plans) > 1 else 1
        values = {
            "price_reduce": currency.round(self._get_price_with_taxes(cheapest.price, website) / months),
            "price_prefix": self.env._("from") if len({(price.plan, price.price) for price in prices}) > 1 else "",
            "price_suffix": self.env._("/ month")
            if len(plans) > 1
            else self.env._("/ %s", cheapest.plan.billing_period_label),
        }
        if currency.compare_amounts(cheapest.list_price, cheapest.price) == 1:
            values["base_price"] = currency.round(self._get_price_with_taxes(cheapest.list_price, website) / months)
        return values

    def _get_price_with_taxes(self, price, website):
        """Return ``price`` of this product with or without taxes, as the website shows prices."""
        # In sudo mode: visitors read no taxes.
        taxes = self.sudo().taxes_id._filter_taxes_by_company(self.env.company)
        return self._apply_taxes_to_price(
            price, website.currency_id, taxes, request.fiscal_position.map_tax(taxes), self, website=website
        )

    def _has_shop_choice(self):
        """Return whether a visitor has to choose how to buy this product: on which plan, or once."""
        self.ensure_one()
        if not self.subscription_ok:
            return False
        return len(self._get_listed_pricing()) + self._can_buy_once() > 1

    def _is_sold_in_shop(self):
        """Return whether the shop sells this product at all: on a plan, or once."""
        self.ensure_one()
        return self._can_buy_once() or bool(self._get_listed_pricing())
