from odoo import api, fields, models
from odoo.tools.misc import format_date


class SubscriptionHandOverWizard(models.TransientModel):
    _name = "subscription.hand.over.wizard"
    _description = "Hand a Subscription Over"

    order_id = fields.Many2one(
        comodel_name="sale.order", string="Subscription", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id")
    former_id = fields.Many2one(related="order_id.partner_id", string="Present Customer")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="New Customer",
        required=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    partner_invoice_id = fields.Many2one(
        comodel_name="res.partner",
        string="Invoice Address",
        compute="_compute_addresses",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    partner_shipping_id = fields.Many2one(
        comodel_name="res.partner",
        string="Delivery Address",
        compute="_compute_addresses",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    note = fields.Text(help="Kept in the history of the subscription.")
    summary = fields.Text(compute="_compute_summary")

    @api.depends("partner_id")
    def _compute_addresses(self):
        for wizard in self:
            addresses = wizard.partner_id.address_get(["invoice", "delivery"]) if wizard.partner_id else {}
            wizard.partner_invoice_id = addresses.get("invoice")
            wizard.partner_shipping_id = addresses.get("delivery")

    @api.depends("order_id", "partner_id")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = "\n".join(wizard._get_summary_lines()) if wizard.partner_id else False

    def _get_summary_lines(self):
        """Return what the hand-over means, a sentence a line."""
        order, names = self.order_id, {"former": self.former_id.display_name, "customer": self.partner_id.display_name}
        today = order.company_id._get_subscription_today()
        lines = [self.env._("%(customer)s has the subscription from today, at the prices agreed.", **names)]
        if order.subscription_next_invoice_date and order.subscription_next_invoice_date <= today:
            lines.append(self.env._("What is due today is billed to %(former)s before.", **names))
        lines.append(self._get_next_invoice_line(today, names))
        lines.append(self.env._("Invoices until now stay with %(former)s, who pays what is open of them.", **names))
        lines.append(self.env._("Days that are billed already pass to %(customer)s.", **names))
        if order.subscription_token_id:
            lines.append(
                self.env._("The saved payment method of %(former)s does not pay later invoices any more.", **names)
            )
        return list(filter(None, lines))

    def _get_next_invoice_line(self, today, names):
        # More than are billed today, so that the first one after is among them.
        schedule = self.order_id._get_subscription_schedule(self.company_id.subscription_max_periods + 1)
        dates = [bill["date"] for bill in schedule if bill["date"] > today]
        if not dates:
            return ""
        return self.env._(
            "%(customer)s gets the next invoice, on %(date)s.", date=format_date(self.env, dates[0]), **names
        )

    def action_hand_over(self):
        """Hand the subscription over, today.

        :raise UserError: when it cannot be handed over
        """
        self.ensure_one()
        order = self.order_id
        order._subscription_check_right("sales_team.group_sale_salesman")
        order.check_access("write")
        (self.partner_id | self.partner_invoice_id | self.partner_shipping_id).check_access("read")
        # In sudo mode: the rights were checked; it also moves collections, events and followers.
        order.sudo()._with_plain_context()._subscription_hand_over(
            self.partner_id, self.partner_invoice_id, self.partner_shipping_id, self.note
        )
        return {"type": "ir.actions.act_window_close"}
