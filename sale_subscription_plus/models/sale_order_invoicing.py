from odoo import api, models

from ..proven_addons import is_untouched

# Where no add-on changes these, a fiscal position follows from what is in the customer's address.
FISCAL_POSITION_METHODS = ("_get_fiscal_position", "_get_first_matching_fpos", "_get_fpos_validation_functions")


class SaleOrder(models.Model):
    """Sales' ordinary invoicing beside a subscription, and the fiscal position that billing goes by."""

    _inherit = "sale.order"

    # === FISCAL POSITION ===#

    def _is_fiscal_position_automatic(self):
        """Return whether the order has the fiscal position that its address asks for."""
        self.ensure_one()
        return self.fiscal_position_id == self._get_automatic_fiscal_position()

    def _get_automatic_fiscal_position(self):
        return (
            self.env["account.fiscal.position"]
            .with_company(self.company_id)
            ._get_fiscal_position(self.partner_id, self.partner_shipping_id)
        )

    def _get_billing_fiscal_positions(self):
        """Return {order: fiscal position of the day of billing}; one set by hand stays."""
        found = {}
        positions = {order: order.fiscal_position_id for order in self}
        automatic = self.filtered("subscription_fiscal_auto")
        for order, key in automatic._get_fiscal_keys().items():
            if key not in found:
                found[key] = order._get_automatic_fiscal_position()
            positions[order] = found[key]
        return positions

    def _get_fiscal_keys(self):
        """Return {order: what Odoo decides on its fiscal position by}; orders that agree in it share the position."""
        Position = self.env["account.fiscal.position"]
        if not is_untouched(Position, *FISCAL_POSITION_METHODS):
            return {order: (order.company_id, order.partner_id, order.partner_shipping_id) for order in self}
        by_zip = bool(Position.sudo().search_count([("zip_from", "!=", False)], limit=1))  # the same for any user
        keys = {}
        for company, orders in self.grouped("company_id").items():
            partners = (orders.partner_id | orders.partner_shipping_id).with_company(company)
            partner_keys = {partner.id: partner._get_fiscal_key(company, by_zip) for partner in partners}
            for order in orders:
                pair = (order.partner_id, order.partner_shipping_id)
                keys[order] = (company, *(partner_keys.get(partner.id) for partner in pair))
        return keys

    # === ORDINARY INVOICING ===#

    @api.depends("state", "order_line.invoice_status", "order_line.subscription_plan_id")
    def _compute_invoice_status(self):
        """Override of `sale`: the status speaks of the one-off lines; recurring ones are never done."""
        mixed = self.filtered(lambda order: order.state == "sale" and order.order_line.subscription_plan_id)
        super(SaleOrder, self - mixed)._compute_invoice_status()
        for order in mixed:
            lines = order.order_line.filtered(
                lambda line: not (line.display_type or line.is_downpayment or line.subscription_plan_id)
            )
            order.invoice_status = order._get_one_off_invoice_status(lines)

    def _get_one_off_invoice_status(self, lines):
        statuses = set(lines.mapped("invoice_status"))
        due = lines.filtered(lambda line: line.invoice_status == "to invoice")
        if due and ("no" not in statuses or any(line._can_be_invoiced_alone() for line in due)):
            return "to invoice"
        if statuses and statuses <= {"invoiced", "upselling"}:
            return "upselling" if "upselling" in statuses else "invoiced"
        return "no"

    def _nothing_to_invoice_error_message(self):
        """Override of `sale` to say who bills recurring lines."""
        if self.filtered("subscription_status"):
            return self.env._(
                "Recurring lines are billed by the subscription's own schedule, not from here. "
                "Nothing else on these orders is to be invoiced."
            )
        return super()._nothing_to_invoice_error_message()

    def _get_invoiceable_lines(self, final=False):
        """Override of `sale`: whatever it says is left to invoice, recurring lines are billed by us alone."""
        lines = super()._get_invoiceable_lines(final=final)
        return lines.filtered(lambda line: not line.subscription_plan_id)

    def _force_lines_to_invoice_policy_order(self):
        """Override of `sale`: an order that was paid online in full is not invoiced in full: periods are."""
        super()._force_lines_to_invoice_policy_order()
        self.order_line.filtered("subscription_plan_id").qty_to_invoice = 0.0

    def _generate_downpayment_invoices(self):
        """Override of `sale`: what was paid online counts towards the first period, not as a down payment."""
        ordinary = self.filtered(lambda order: not order.order_line.subscription_plan_id)
        return super(SaleOrder, ordinary)._generate_downpayment_invoices()
