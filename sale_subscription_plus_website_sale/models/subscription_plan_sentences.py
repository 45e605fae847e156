from datetime import timedelta

from odoo import models
from odoo.fields import Command
from odoo.http import request
from odoo.tools import format_amount, format_date


class SubscriptionPlan(models.Model):
    """What a product on a plan costs today and after that, in words, before it is in a cart."""

    _inherit = "subscription.plan"

    def _get_shop_sentences(self, product, quantity, uom, combination):
        """Return what a visitor agrees to who subscribes to ``product`` on this plan today.

        An order in memory says it, by the engine that bills, so that cart and invoice come to the same.

        :param product: the variant; none where the first order creates it: then amounts are not known yet
        :param combination: ``product.template.attribute.value`` of those that make no variant, among others
        """
        self.ensure_one()
        order = self._new_shop_order()
        sentences = []
        if product:
            line = self._new_shop_line(order, product, quantity, uom, combination)
            sentences = [*order._get_fee_sentences(), *order._get_due_sentences(line)]
        sentences.append(order._get_term_sentence(*order._get_term_under(self)))
        return sentences

    def _new_shop_order(self):
        """Return an order in memory as the visitor's cart would be, that starts today on this plan."""
        website = request.website
        # In sudo mode: visitors have no access to orders, and this one is never stored.
        Order = self.env["sale.order"].sudo().with_company(website.company_id)
        # Its start says that the sentences speak of today.
        start = website.company_id._get_subscription_today()
        values = website._prepare_sale_order_values(self.env.user.partner_id)
        return Order.new(values | {"subscription_plan_id": self.id, "subscription_start": start})

    def _new_shop_line(self, order, product, quantity, uom, combination):
        """Return a line of ``order``, and add it together with its set-up fee."""
        own = combination.filtered(lambda value: value.product_tmpl_id == product.product_tmpl_id)
        no_variant = own.filtered(lambda value: value.attribute_id.create_variant == "no_variant")
        values = {
            "product_id": product.id,
            "product_uom_qty": quantity,
            "product_uom_id": uom.id,
            "product_no_variant_attribute_value_ids": [Command.set(no_variant.ids)],
            "subscription_plan_id": self.id,
            "subscription_default_plan_id": False,
        }
        fee = order.env["product.product"].browse(product.id).subscription_setup_product_id
        lines = [values, {"product_id": fee.id, "product_uom_qty": 1}] if fee else [values]
        order.order_line = [Command.create(line) for line in lines]
        return order.order_line[0]


class SaleOrder(models.Model):
    """The sentences of an order in memory that holds one product on a plan, and its set-up fee."""

    _inherit = "sale.order"

    def _get_fee_sentences(self):
        """Return what is charged only once, where there is a set-up fee."""
        if len(self.order_line) == 1:
            return []
        amount = format_amount(self.env, self._get_total_sold_once(), self.currency_id)
        return [self.env._("Set-up fee, charged once: %s, taxes included.", amount)]

    def _get_due_sentences(self, line):
        """Return what is due today for ``line`` and its set-up fee, and what comes after that."""
        plan = line.subscription_plan_id
        sentences = [self._get_due_today_sentence(plan)]
        first = line._get_first_period(self.subscription_start)
        if first.is_stub and plan.billing_timing != "arrears":
            last_day = format_date(self.env, first.end - timedelta(days=1))
            sentences.append(self.env._("The first period is shorter: it lasts until %s.", last_day))
        return [*sentences, *self._get_plan_sentences(plan, line)]

    def _get_due_today_sentence(self, plan):
        amount = self._get_first_invoice_amount()
        if self.currency_id.compare_amounts(amount, 0.0) > 0:
            return self.env._("Due today: %s, taxes included.", format_amount(self.env, amount, self.currency_id))
        if plan.billing_timing == "arrears":
            return self.env._("Nothing is due today: each period is billed at its end.")
        return self.env._("Nothing is due today.")
