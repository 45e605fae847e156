from odoo import models
from odoo.fields import Domain


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _get_applicable_rules_domain(self, products, date, *, subscription_plan=None, **kwargs):
        """Override of `product` to keep rules of other plans away from a line."""
        domain = super()._get_applicable_rules_domain(products, date, **kwargs)
        plan_ids = [False, subscription_plan.id] if subscription_plan else [False]
        return Domain(domain) & Domain("subscription_plan_id", "in", plan_ids)

    def _get_applicable_rules(self, products, date, *, subscription_plan=None, **kwargs):
        """Override of `product`: the plan's own rules come first, fixed prices of one-off sales do not count.

        A rule without a plan that reckons from a base (discount, formula) works on the recurring price. One
        that names a fixed price speaks of selling the product once; it stands only where the product has no
        recurring price for the plan.
        """
        rules = super()._get_applicable_rules(products, date, subscription_plan=subscription_plan, **kwargs)
        if not subscription_plan:
            return rules
        priced = all(rules._get_recurring_base(product, 0, date, subscription_plan) for product in products)
        others = rules.filtered(lambda rule: not rule.subscription_plan_id)
        if priced:
            others = others.filtered(lambda rule: rule.compute_price != "fixed")
        return rules.filtered("subscription_plan_id") + others
