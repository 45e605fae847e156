from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    subscription_count = fields.Integer(
        compute="_compute_subscription_count", groups="sales_team.group_sale_salesman,account.group_account_invoice"
    )

    def _compute_subscription_count(self):
        children = self.with_context(active_test=False).search_fetch([("id", "child_of", self.ids)], ["parent_id"])
        counts = self.env["sale.order"]._read_group(
            [("partner_id", "in", children.ids), ("subscription_status", "in", ("scheduled", "progress", "paused"))],
            ["partner_id"],
            ["__count"],
        )
        self.subscription_count = 0
        for partner, count in counts:
            while partner:
                if partner in self:
                    partner.subscription_count += count
                partner = partner.parent_id

    def write(self, vals):
        """Extend: the recurring revenue of who joins a company, or leaves it, goes with them."""
        result = super().write(vals)
        if not vals.keys().isdisjoint(("parent_id", "is_company")):
            # In sudo mode: who may move a contact need not see what it subscribes to.
            partners = self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)])
            orders = partners.env["sale.order"].search(
                [("partner_id", "in", partners.ids), ("subscription_status", "in", ("progress", "paused"))]
            )
            # Nothing else about them may be recorded meanwhile under whom they belonged to.
            orders._subscription_lock()
            orders._subscription_carry_revenue_over()
        return result

    def _get_fiscal_key(self, company, by_zip):
        """Return all of an address that Odoo decides on a fiscal position by.

        :param bool by_zip: whether some fiscal position is for a range of zip codes
        """
        self.ensure_one()
        return (
            (self.vat or "")[:2],
            self._get_vat_required_valid(company=company),
            self.country_id.id,
            self.state_id.id,
            by_zip and self.zip,
            self.property_account_position_id.id,
        )

    def action_view_subscriptions(self):
        """Open the subscriptions of this customer and of their contacts."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_action")
        action["domain"] = [
            ("partner_id", "child_of", self.id),
            ("subscription_status", "not in", (False, "upsell", "merged")),
        ]
        action["context"] = {"default_partner_id": self.id}
        return action
