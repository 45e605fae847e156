from typing import NamedTuple

from odoo import fields, models
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.website.models.ir_http import get_request_website

# What is read of prices on plans.
FIELDS_OF_RULES = [
    "applied_on",
    "company_id",
    "compute_price",
    "currency_id",
    "fixed_price",
    "min_quantity",
    "pricelist_id",
    "product_id",
    "product_tmpl_id",
    "subscription_plan_id",
]


class ShopOffer(NamedTuple):
    """What a visitor of the shop pays for a product under one of its plans, as the website shows prices."""

    plan: models.Model
    price: float  # of one unit for a whole period, in the website's currency, taxes as the website shows them
    list_price: float  # the same before a discount that is shown
    monthly: float  # the price, a month
    saving: float  # of a period, against the shortest plan; 0 where there is none
    percent: int  # the same, of what the shortest plan would cost
    chosen: bool

    def _get_saving(self, shortest, currency):
        """Return the amount and the percentage that a period saves against as long a time on the shortest plan."""
        before = shortest.monthly * self.plan._get_months()
        saving = currency.round(before - self.price)
        percent = round(saving / before * 100) if before > 0 else 0
        return (saving, percent) if percent > 0 else (0.0, 0)


def filter_by_quantity(plans, quantity):
    """Return {plan: ids of variants} of what :meth:`_get_shop_pricing` tells of a product, at this quantity."""
    offered = {
        plan: {variant_id for variant_id, least in variants.items() if quantity is None or least <= quantity}
        for plan, variants in plans.items()
    }
    return {plan: variant_ids for plan, variant_ids in offered.items() if variant_ids}


class ProductTemplate(models.Model):
    """Which plans the shop offers for a product."""

    _inherit = "product.template"

    subscription_buy_once_ok = fields.Boolean(
        string="Also Sold Once",
        help="In the shop, visitors may buy this product once, at its sales price, in place of subscribing to it.",
    )

    def _get_shop_plans(self, product=None, quantity=1.0):
        """Return the plans that the shop offers for this product, the shortest first; none where it is sold once.

        A plan is offered where it is published to the shop and the product has a price of its own on it, in the
        visitor's pricelist or for all of them, or it is the product's default plan.

        :param product: the variant, where it is known: prices of other variants do not count
        :param quantity: in the unit of the product: prices for more do not count; None: they do
        :return: ``subscription.plan``, in sudo mode: visitors read no plans
        """
        self.ensure_one()
        pricing = (
            self._get_listed_pricing(quantity) if get_request_website() else self._get_pricing_for(quantity, product)
        )
        variants = {False, product.id} if product else None
        # In sudo mode: see above.
        Plan = self.env["subscription.plan"].sudo()
        return Plan.union(*(plan for plan, ids in pricing.items() if variants is None or variants & ids))

    def _get_pricing_for(self, quantity, product=None):
        return filter_by_quantity(self._get_shop_pricing(product)[self.id], quantity)

    def _get_shop_pricing(self, product=None, rules=None):
        """Return {id of each of these products: {plan: {id of a variant: least quantity}}}, the shortest plan first.

        The ids are of variants that have a price of their own on the plan; False stands for all of them.

        :param rules: see :meth:`_get_shop_rules`, where they were read before
        """
        company = self.env["website"].get_current_website().company_id
        recurring = self.filtered("subscription_ok")
        pricing = {template.id: {} for template in self}
        for rule in recurring._get_shop_rules(product) if rules is None else rules:
            if not rule.product_id or rule.product_id.active:
                least = pricing[rule.product_tmpl_id.id].setdefault(rule.subscription_plan_id, {})
                variant_id = rule.product_id.id
                least[variant_id] = min(rule.min_quantity, least.get(variant_id, rule.min_quantity))
        for template in recurring:
            for plan in template._get_own_shop_plan(company):
                # The sales price is that of a period where there is no other for all variants.
                pricing[template.id].setdefault(plan, {}).setdefault(False, 0.0)
        return {
            template_id: dict(sorted(plans.items(), key=lambda item: (item[0]._get_months(), item[0].id)))
            for template_id, plans in pricing.items()
        }

    def _get_shop_rules(self, product=None):
        """Return the rules with prices of these products on plans of the shop, in their order, by one query.

        In sudo mode: visitors read no plans, and rules of their pricelist only.
        """
        recurring = self.filtered("subscription_ok")
        if not recurring:
            return self.env["product.pricelist.item"].sudo()
        company = self.env["website"].get_current_website().company_id
        domain = recurring._get_shop_price_domain(company, product)
        # In sudo mode: see above.
        return self.env["product.pricelist.item"].sudo().search_fetch(domain, FIELDS_OF_RULES)

    def _get_shop_price_domain(self, company, product):
        now = fields.Datetime.now()
        # Requests to the backend know no visitor.
        pricelist = (request and getattr(request, "pricelist", None)) or self.env["product.pricelist"]
        return Domain.AND(
            [
                Domain("product_tmpl_id", "in", self.ids),
                Domain("product_id", "in", [False, product.id]) if product else Domain.TRUE,
                Domain("subscription_plan_id.shop_ok", "=", True),
                Domain("subscription_plan_id.active", "=", True),
                Domain("subscription_plan_id.company_id", "in", [False, company.id]),
                Domain("company_id", "in", [False, company.id]),
                Domain("pricelist_id", "in", [False, *pricelist.ids]),
                Domain("date_start", "=", False) | Domain("date_start", "<=", now),
                Domain("date_end", "=", False) | Domain("date_end", ">=", now),
            ]
        )

    def _get_own_shop_plan(self, company=None):
        """Return the default plan of this product, where the shop may offer it.

        :param company: that of the website, where it was looked up for many products
        """
        company = company or self.env["website"].get_current_website().company_id
        # In sudo mode: visitors read no plans.
        plan = self.with_company(company).sudo().subscription_plan_id
        return plan._filter_offered_in_shop(company)

    def _get_default_shop_plan(self, product=None, quantity=1.0):
        """Return the plan that the shop takes where the visitor has not chosen: the product's own, or the shortest."""
        return self._get_default_among(self._get_shop_plans(product, quantity))

    def _get_default_among(self, plans):
        return self._get_own_shop_plan() & plans or plans[:1]

    def _can_buy_once(self):
        """Return whether the shop sells this product without a plan."""
        self.ensure_one()
        return not self.subscription_ok or self.subscription_buy_once_ok
