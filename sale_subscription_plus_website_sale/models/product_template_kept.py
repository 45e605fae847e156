from typing import NamedTuple

from odoo import fields, models
from odoo.http import request

from odoo.addons.website.models.ir_http import get_request_website

from .product_template_plans import filter_by_quantity


class KeptPricing(NamedTuple):
    """What was looked up of a product in the request of a visitor."""

    plans: dict  # see ``_get_shop_pricing``
    rules: models.Model  # see ``_get_shop_rules``


class ProductTemplate(models.Model):
    """Plans and their prices are looked up once a request: pages ask for them often, and for many products."""

    _inherit = "product.template"

    def _get_kept_pricing(self):
        """Return the :class:`KeptPricing` of this request by id of product, in the visitor's pricelist."""
        kept = request.__dict__.setdefault("subscription_shop_pricing", {})
        return kept.setdefault(request.pricelist.id, {})

    def _keep_shop_pricing(self):
        """Look these products up, by one query, and keep it for the rest of the request."""
        rules = self._get_shop_rules()
        pricing = self._get_shop_pricing(rules=rules)
        rules_by_template = {template.id: some for template, some in rules.grouped("product_tmpl_id").items()}
        self._get_kept_pricing().update(
            {
                template.id: KeptPricing(pricing[template.id], rules_by_template.get(template.id, rules.browse()))
                for template in self
            }
        )

    def _get_listed_pricing(self, quantity=1.0):
        """Return {plan: ids of variants} of this product; looked up together with that of the products beside it.

        :param quantity: see ``_get_shop_plans``
        """
        self.ensure_one()
        kept = self._get_kept_pricing()
        if self.id not in kept:
            # In sudo mode: who may not read one of those beside it may ask for this one.
            self.sudo().browse({self.id, *self._prefetch_ids})._keep_shop_pricing()
        return filter_by_quantity(kept[self.id].plans, quantity)

    def _get_kept_prices(self, plan, date=None):
        """Return what ``_get_recurring_prices`` would read of these products today; None where it was not kept."""
        # Today by the clock of pricelists, which is UTC's: prices of another day are read anew.
        if not get_request_website() or (date and fields.Date.to_date(date) != fields.Date.today()):
            return None
        kept = self._get_kept_pricing()
        if any(template.id not in kept or plan not in kept[template.id].plans for template in self):
            return None
        return {
            template.id: kept[template.id].rules.filtered(
                lambda rule: rule.subscription_plan_id == plan and not rule.pricelist_id
            )
            for template in self
        }
