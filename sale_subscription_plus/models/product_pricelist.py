from odoo import fields, models
from odoo.fields import Domain


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _get_applicable_rules_domain(self, products, date, *, subscription_plan=None, **kwargs):
        """Override of `product` to keep rules of other plans away from a line."""
        domain = super()._get_applicable_rules_domain(products, date, **kwargs)
        plan_ids = [False, subscription_plan.id] if subscription_plan else [False]
        return Domain(domain) & Domain("subscription_plan_id", "in", plan_ids)

    def _compute_price_rule(
        self, products, quantity, *, date=False, subscription_plan=None, recurring_prices=None, **kwargs
    ):
        """Override of `product`: on a plan, the prices of all products that stand for all pricelists are read at once.

        :param recurring_prices: see :meth:`product.pricelist.item._get_recurring_prices`, where they were read before
        """
        if not subscription_plan:
            return super()._compute_price_rule(products, quantity, date=date, **kwargs)
        date = date or fields.Datetime.now()
        Item = self.env["product.pricelist.item"]
        if recurring_prices is None:
            recurring_prices = Item._get_recurring_prices(products, date, subscription_plan)
        kwargs |= {"date": date, "subscription_plan": subscription_plan, "recurring_prices": recurring_prices}
        # Apart, since fixed prices of one-off sales stand for the others only.
        priced = products.filtered(
            lambda product: Item._get_recurring_base(product, 0, date, subscription_plan, recurring_prices)
        )
        results = {}
        for some in (priced, products - priced):
            results |= super()._compute_price_rule(some, quantity, **kwargs)
        return results

    def _get_applicable_rules(self, products, date, *, subscription_plan=None, recurring_prices=None, **kwargs):
        """Override of `product`: the plan's own rules come first, fixed prices of one-off sales do not count.

        A rule without a plan that reckons from a base (discount, formula) works on the recurring price. One
        that names a fixed price speaks of selling the product once; it stands only where the product has no
        recurring price for the plan.
        """
        rules = super()._get_applicable_rules(products, date, subscription_plan=subscription_plan, **kwargs)
        if not subscription_plan:
            return rules
        priced = all(
            rules._get_recurring_base(product, 0, date, subscription_plan, recurring_prices) for product in products
        )
        others = rules.filtered(lambda rule: not rule.subscription_plan_id)
        if priced:
            others = others.filtered(lambda rule: rule.compute_price != "fixed")
        return rules.filtered("subscription_plan_id") + others
