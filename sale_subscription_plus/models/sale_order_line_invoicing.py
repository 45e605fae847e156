from odoo import api, models


class SaleOrderLine(models.Model):
    """Sales' own fields on recurring lines say that our engine bills them, at a cost that does not grow."""

    _inherit = "sale.order.line"

    @api.depends("subscription_plan_id", "subscription_period_ids.state")
    def _compute_qty_invoiced(self):
        return super()._compute_qty_invoiced()

    def _prepare_qty_invoiced(self):
        """Override of `sale`: what a recurring line invoiced is the quantity of its latest period."""
        recurring = self.filtered(lambda line: line.subscription_plan_id and line.state == "sale")
        quantities = super(SaleOrderLine, self - recurring)._prepare_qty_invoiced()
        latest = recurring._get_latest_periods()
        for line in recurring:
            quantities[line] = latest[line].quantity if line in latest else 0.0
        return quantities

    def _get_latest_periods(self):
        """Return the latest live billed row of each line, at a cost that does not grow with history.

        :return: {line: subscription.period}
        """
        Period = self.env["subscription.period"].sudo()  # In sudo mode: amounts do not depend on who looks
        Period.flush_model(["line_id", "start", "state", "kind"])
        if not self.ids:
            return {}
        self.env.cr.execute(
            """
            SELECT latest.id FROM unnest(%s) AS line(id)
             CROSS JOIN LATERAL (
                   SELECT p.id FROM subscription_period p
                    WHERE p.line_id = line.id AND p.state = 'live' AND p.kind IN ('regular', 'stub')
                    ORDER BY p.start DESC LIMIT 1) latest
            """,
            [list(self.ids)],
        )
        rows = Period.browse([row_id for (row_id,) in self.env.cr.fetchall()])
        return {row.line_id.with_env(self.env): row for row in rows}

    @api.depends("subscription_plan_id")
    def _compute_qty_to_invoice(self):
        recurring = self.filtered("subscription_plan_id")
        recurring.qty_to_invoice = 0.0
        return super(SaleOrderLine, self - recurring)._compute_qty_to_invoice()

    @api.depends("subscription_plan_id")
    def _compute_invoice_status(self):
        recurring = self.filtered("subscription_plan_id")
        recurring.invoice_status = "no"
        return super(SaleOrderLine, self - recurring)._compute_invoice_status()

    @api.depends("subscription_plan_id")
    def _compute_amount_to_invoice(self):
        recurring = self.filtered("subscription_plan_id")
        recurring.amount_to_invoice = 0.0
        return super(SaleOrderLine, self - recurring)._compute_amount_to_invoice()

    @api.depends("subscription_plan_id")
    def _compute_untaxed_amount_to_invoice(self):
        recurring = self.filtered("subscription_plan_id")
        recurring.untaxed_amount_to_invoice = 0.0
        return super(SaleOrderLine, self - recurring)._compute_untaxed_amount_to_invoice()

    @api.depends("subscription_plan_id")
    def _compute_qty_invoiced_posted(self):
        recurring = self.filtered("subscription_plan_id")
        latest = recurring._get_latest_periods()
        for line in recurring:
            row = latest.get(line)
            line.qty_invoiced_posted = row.quantity if row and row.invoice_line_id.parent_state == "posted" else 0.0
        return super(SaleOrderLine, self - recurring)._compute_qty_invoiced_posted()

    @api.depends("subscription_plan_id")
    def _compute_untaxed_amount_invoiced(self):
        recurring = self.filtered("subscription_plan_id")
        recurring._compute_latest_amount("untaxed_amount_invoiced", "price_subtotal")
        return super(SaleOrderLine, self - recurring)._compute_untaxed_amount_invoiced()

    @api.depends("subscription_plan_id")
    def _compute_amount_invoiced(self):
        recurring = self.filtered("subscription_plan_id")
        recurring._compute_latest_amount("amount_invoiced", "price_total")
        return super(SaleOrderLine, self - recurring)._compute_amount_invoiced()

    def _compute_latest_amount(self, field, source):
        """Set ``field`` to the amount of the latest period, like the invoiced quantity."""
        latest = self._get_latest_periods()
        for line in self:
            item = latest[line].invoice_line_id if line in latest else None
            line[field] = item[source] if item and item.parent_state == "posted" else 0.0
