from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class ProductPricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    subscription_plan_id = fields.Many2one(
        comodel_name="subscription.plan",
        string="Plan",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The rule is for lines on this plan. Empty: for sales without a plan, and, where it is a discount "
        "or a formula, also on top of recurring prices.",
    )

    @api.depends("subscription_plan_id")
    def _compute_is_pricelist_required(self):
        """Override of `product`: a recurring price may stand for all pricelists."""
        super()._compute_is_pricelist_required()
        for item in self:
            if item.subscription_plan_id:
                item.is_pricelist_required = False

    @api.constrains("subscription_plan_id", "pricelist_id", "compute_price", "applied_on")
    def _check_recurring_base(self):
        for item in self:
            if item.pricelist_id or (
                item.subscription_plan_id
                and item.compute_price == "fixed"
                and item.applied_on in ("1_product", "0_product_variant")
            ):
                continue
            raise ValidationError(
                self.env._(
                    "Choose a pricelist: only the fixed price of a product on a plan can stand for all pricelists."
                )
            )

    def _compute_base_price(
        self, product, quantity, uom, date, currency, *, subscription_plan=None, recurring_prices=None, **kwargs
    ):
        """Override of `product`: what a rule reckons from, on a plan, is the plan's price of the product."""
        if subscription_plan and (self.base or "list_price") == "list_price":
            in_product_uom = uom._compute_quantity(quantity, product.uom_id, raise_if_failure=False)
            item = self._get_recurring_base(product, in_product_uom, date, subscription_plan, recurring_prices)
            if item:
                return item._compute_price(product, quantity, uom, date, currency=currency)
        if subscription_plan:
            kwargs |= {"subscription_plan": subscription_plan, "recurring_prices": recurring_prices}
        return super()._compute_base_price(product, quantity, uom, date, currency, **kwargs)

    def _compute_price(self, product, quantity, uom, date, currency=None, **kwargs):
        """Override of `product` to convert a fixed price that stands for all pricelists."""
        price = super()._compute_price(product, quantity, uom, date, currency=currency, **kwargs)
        if self and not self.pricelist_id and self.compute_price == "fixed" and currency:
            return self.currency_id._convert(price, currency, self.env.company, date, round=False)
        return price

    @api.model
    def _get_recurring_base(self, product, quantity, date, plan, prices=None):
        """Return the rule with the price of ``product`` on ``plan`` that stands for all pricelists, or none.

        :param quantity: in the product's unit
        :param date: date or datetime of the sale
        :param prices: what :meth:`_get_recurring_prices` told of this product, where it was read with others
        """
        if prices is None:
            prices = self._get_recurring_prices(product, date, plan)
        template = product if product._name == "product.template" else product.product_tmpl_id
        companies = (False, (product.company_id or self.env.company).id)
        for item in prices.get(template._origin.id, ()):
            if item.company_id.id in companies and item._is_applicable_for(product, quantity):
                return item
        return self.browse()

    @api.model
    def _get_recurring_prices(self, products, date, plan):
        """Return {id of a template: rules with its prices on ``plan`` that stand for all pricelists}, by one query.

        :param products: products or templates; in the order in which rules apply
        """
        domain = Domain(
            self.env["product.pricelist"]._get_applicable_rules_domain(products, date, subscription_plan=plan)
        ) & Domain("subscription_plan_id", "=", plan.id)
        items = self.search(domain)
        return {template.id: some for template, some in items.grouped("product_tmpl_id").items()}
