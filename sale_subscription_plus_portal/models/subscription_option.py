from typing import NamedTuple

from odoo import fields, models

OPTION_ACCESS = [
    ("staff", "Staff only"),
    ("add", "Customers add it"),
    ("both", "Customers add and remove it"),
]
OPTION_HELP = "Who may add this line to a running subscription, or remove it from there."


class Option(NamedTuple):
    """Something that a customer may add to a running subscription."""

    key: str  # what forms call it
    line: models.Model  # the quotation's or the template's line that offers it
    product: models.Model
    plan: models.Model
    price_unit: float


class SaleOrderTemplateLine(models.Model):
    """Options that customers look after themselves."""

    _inherit = "sale.order.template.line"

    subscription_option_access = fields.Selection(
        selection=OPTION_ACCESS, string="Self-Service", default="staff", required=True, help=OPTION_HELP
    )

    def _prepare_order_line_values(self):
        """Override of `sale_management` to carry who may add or remove the option."""
        return {
            **super()._prepare_order_line_values(),
            "subscription_option_access": self.subscription_option_access,
        }

    def _get_subscription_option_plan(self, order):
        """Return the plan that this option would have on ``order``; none where it would be sold once."""
        product = self.product_id
        if self.subscription_plan_id or not product.subscription_ok:
            return self.subscription_plan_id
        return product.subscription_plan_id or order.subscription_plan_id


class SaleOrderLine(models.Model):
    """Options of a running subscription."""

    _inherit = "sale.order.line"

    subscription_option_access = fields.Selection(
        selection=OPTION_ACCESS, string="Self-Service", default="staff", help=OPTION_HELP
    )

    def _is_removable_by_customer(self):
        """Return whether the customer may remove this line, which runs, without closing the subscription."""
        self.ensure_one()
        order = self.order_id
        return (
            order.subscription_customer_changes in ("upgrade", "both")
            and self.subscription_option_access == "both"
            and self in order._get_customer_lines()
            and len(order._get_customer_lines()) > 1
        )


class SaleOrder(models.Model):
    """What customers may add to their subscription."""

    _inherit = "sale.order"

    def _get_customer_lines(self):
        """Return the lines that run, that the customer pays for, and that do not end before the others."""
        lines = self.order_line._filter_raisable().filtered(lambda line: line.product_id and line.price_unit >= 0)
        return lines.filtered(
            lambda line: not line.subscription_end or line.subscription_end == line._get_settled_end()
        )

    def _get_portal_options(self):
        """Return the :class:`Option`s that the customer may add now: those not chosen, then the template's others."""
        self.ensure_one()
        if self.subscription_status != "progress" or self.subscription_customer_changes not in ("upgrade", "both"):
            return []
        running = self._get_customer_lines()
        taken = {(line.product_id, line.subscription_plan_id) for line in running}
        options = []
        for option in (*self._get_unchosen_options(), *self._get_template_options()):
            if (option.product, option.plan) not in taken:
                taken.add((option.product, option.plan))
                options.append(option)
        return options

    def _get_unchosen_options(self):
        lines = self.order_line.filtered(
            lambda line: (
                line.subscription_option_access in ("add", "both")
                and line.subscription_plan_id.active
                and line.product_id.active
                and not line.display_type
                and not line.product_uom_qty
            )
        )
        return [
            Option(f"line-{line.id}", line, line.product_id, line.subscription_plan_id, line.price_unit)
            for line in lines
        ]

    def _get_template_options(self):
        options = []
        for line in self.sale_order_template_id.sale_order_template_line_ids:
            plan = line._get_subscription_option_plan(self)
            if line.subscription_option_access in ("add", "both") and line.product_id.active and plan.active:
                price = self._prepare_option_line(line.product_id, plan, 1.0).price_unit
                options.append(Option(f"template-{line.id}", line, line.product_id, plan, price))
        return options

    def _prepare_option_line(self, product, plan, quantity):
        """Return a line with the price of today that is not written anywhere."""
        return self.env["sale.order.line"].new(
            {
                "order_id": self.id,
                "product_id": product.id,
                "product_uom_qty": quantity,
                "subscription_plan_id": plan.id,
            }
        )
