from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date


class SaleOrderLine(models.Model):
    """A line of the cart: its plan, the plans that it could have, and its set-up fee."""

    _inherit = "sale.order.line"

    # === ITS PLAN ===#

    def _compute_subscription_plan_id(self):
        """Override of the core: the plan of a cart follows its lines, so it moves none that is there already."""
        kept = self.filtered(lambda line: line._keeps_plan_in_cart())
        for line in kept:
            line.subscription_plan_id = line.subscription_plan_id
            line.subscription_default_plan_id = line.subscription_default_plan_id
        return super(SaleOrderLine, self - kept)._compute_subscription_plan_id()

    def _keeps_plan_in_cart(self):
        origin = self._origin
        return bool(
            origin
            and self.order_id.website_id
            and self.state == "draft"
            and self.product_id == origin.product_id
            # What was bought once, or on a plan; another product than that may have been written.
            and (self.product_id.subscription_ok or not self.subscription_plan_id)
        )

    def _has_agreed_unit_price(self):
        """Return whether somebody wrote the price of this line by hand."""
        price = self.price_unit  # read first: where it waits to be computed, that sets the other one, too
        return bool(self.currency_id.compare_amounts(self.technical_price_unit, price))

    def _has_agreed_discount(self):
        return self.discount != self.subscription_rule_discount

    def _has_agreed_terms(self):
        """Return whether somebody agreed on a price or a discount for this line by hand."""
        return self._has_agreed_unit_price() or self._has_agreed_discount()

    def _prepare_kept_discount(self):
        return {"discount": self.discount} if self._has_agreed_discount() else {}

    def _can_change_plan(self):
        """Return whether this line of a cart is one for which plans are chosen."""
        return bool(
            self.product_id
            and self._show_in_cart()
            and (self.subscription_plan_id or self.product_template_id.subscription_ok)
        )

    def _check_plan_may_change(self):
        """Raise unless the visitor may choose another plan: a price that was agreed is one for its period."""
        if self._has_agreed_unit_price():
            raise UserError(
                self.env._(
                    'The price of "%s" was agreed with you for its plan. Please contact us to change it.',
                    self.name_short,
                )
            )

    def _is_unoffered(self):
        """Return whether the shop does not offer the plan of this line any more; one that nobody chose stays."""
        if not self._can_change_plan() or self.subscription_plan_id == self.subscription_default_plan_id:
            return False
        if not self.subscription_plan_id:
            return not self.product_template_id._can_buy_once()
        return self.subscription_plan_id not in self._get_offered_plans()

    def _get_offered_plans(self):
        """Return the plans that the shop offers for as many as this line has."""
        quantity = self.product_uom_id._compute_quantity(
            self.product_uom_qty, self.product_id.uom_id, raise_if_failure=False
        )
        return self.product_template_id._get_shop_plans(self.product_id, quantity)

    def _check_validity(self):
        """Extend: a plan may be offered from some quantity on."""
        if self._is_unoffered():
            plans = self.product_template_id._get_shop_plans(self.product_id, quantity=None)
            # In sudo mode: visitors read no plans.
            plan = self.subscription_plan_id.sudo() & plans
            if plan:
                raise UserError(
                    self.env._(
                        'The plan "%(plan)s" is not offered for so few of "%(product)s". Please take more, or choose '
                        "another plan.",
                        plan=plan.name,
                        product=self.product_id.display_name,
                    )
                )
        return super()._check_validity()

    # === IN THE CART ===#

    def _show_in_cart(self):
        """Override of `website_sale`: a set-up fee is shown with its line, and is no product of the cart."""
        return super()._show_in_cart() and not self.subscription_setup_line_id

    def _is_sellable(self):
        """Override of `website_sale`: nobody buys a set-up fee for itself, or again."""
        return super()._is_sellable() and not self.subscription_setup_line_id

    def _get_setup_fees(self):
        """Return the lines of the set-up fee of this one."""
        return self.order_id.order_line.filtered(lambda line: line.subscription_setup_line_id == self)

    def _get_setup_sentence(self):
        """Return what setting this line up costs, or False."""
        fees = self._get_setup_fees()
        if not fees:
            return False
        amount = sum(fee._get_cart_display_price() for fee in fees)
        return self.env._("Set-up fee, once: %s", format_amount(self.env, amount, self.currency_id))

    def _get_first_period_sentence(self):
        """Return what of this line is due today where that is not the price of a period, or False."""
        plan, order = self.subscription_plan_id, self.order_id
        if not plan or order.state != "draft":
            return False
        if plan.billing_timing == "arrears":
            return self.env._("Nothing of it is due today: it is billed at the end of each period.")
        first = self._get_first_period(order._get_expected_start())
        if not first.is_stub:
            return False
        totals = order._get_base_line_totals([self._prepare_period_base_line(first, order.fiscal_position_id)])
        kind = "untaxed" if order.website_id.show_line_subtotals_tax_selection == "tax_excluded" else "total"
        return self.env._(
            "Today %(amount)s, for the days until %(date)s.",
            amount=format_amount(self.env, totals[kind], self.currency_id),
            date=format_date(self.env, first.end - relativedelta(days=1)),
        )

    # === WHICH PLANS IT COULD HAVE ===#

    def _get_plan_choices(self):
        """Return [(id, label)] of the plans that the visitor may choose for this line; id 0: once."""
        if not self._can_change_plan() or self._has_agreed_unit_price():
            return []
        template = self.product_template_id
        choices = [
            (plan.id, f"{plan.name}: {self._format_price_on(plan)} / {plan._get_period_label()}")
            for plan in self._get_offered_plans()
        ]
        if template._can_buy_once():
            once = self.env["subscription.plan"]
            choices.append((0, self.env._("Buy once: %s", self._format_price_on(once))))
        return choices

    def _format_price_on(self, plan):
        return format_amount(self.env, self._get_displayed_price_on(plan), self.currency_id)

    def _get_displayed_price_on(self, plan):
        """Return what one unit of this line would cost on ``plan``, taxes as the website shows them."""
        line = self.with_company(self.company_id)
        product = line.product_id.with_context(**line._get_product_price_context())
        price = line.order_id.pricelist_id._get_product_price(
            product,
            line.product_uom_qty or 1.0,
            uom=line.product_uom_id,
            date=line._get_order_date(),
            currency=line.currency_id,
            **({"subscription_plan": plan} if plan else {}),
        )
        price = line.product_id._get_tax_included_unit_price_from_price(
            price,
            product_taxes=line.product_id.taxes_id._filter_taxes_by_company(line.company_id),
            fiscal_position=line.order_id.fiscal_position_id,
        )
        excluded = line.order_id.website_id.show_line_subtotals_tax_selection == "tax_excluded"
        taxes = line.tax_ids.compute_all(price, line.currency_id, 1.0, line.product_id, line.order_partner_id)
        return taxes["total_excluded" if excluded else "total_included"]

    # === BOUGHT AGAIN ===#

    def _is_reorder_allowed(self):
        """Override of `website_sale`: what recurs is bought again where the shop offers it on some plan."""
        return super()._is_reorder_allowed() and self._is_sold_again()

    def _is_sold_again(self):
        template = self.product_template_id
        return template._can_buy_once() or bool(template._get_shop_plans(self.product_id))

    def _get_reorder_plan_id(self):
        """Return the plan of this line as the browser says it, if it is offered still; None: the default."""
        template, plan = self.product_template_id, self.subscription_plan_id
        if not plan:
            return 0 if template._can_buy_once() else None
        return plan.id if plan in template._get_shop_plans(self.product_id) else None

    def _get_reordered_product(self):
        """Return the product of this line, priced as it would be bought again."""
        if not self.product_template_id.subscription_ok:
            return self.product_id
        return self.product_id.with_context(chosen_subscription_plan_id=self._get_reorder_plan_id())
