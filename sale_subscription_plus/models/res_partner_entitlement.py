from odoo import api, fields, models

# Who reads entitlements.
READERS = (
    "sale_subscription_plus.group_subscription_support,sales_team.group_sale_salesman,account.group_account_invoice,"
    "account.group_account_readonly"
)


class ResPartner(models.Model):
    """What a customer may use: for support, and for the company's own software."""

    _inherit = "res.partner"

    subscription_entitlement_count = fields.Integer(compute="_compute_subscription_entitlement_count", groups=READERS)

    def _compute_subscription_entitlement_count(self):
        groups = self.env["subscription.entitlement"]._read_group(
            [("partner_id", "in", self.commercial_partner_id.ids), ("state", "not in", ("upcoming", "ended"))],
            ["partner_id"],
            ["__count"],
        )
        counts = {customer.id: count for customer, count in groups}
        for partner in self:
            partner.subscription_entitlement_count = counts.get(partner.commercial_partner_id.id, 0)

    def action_view_entitlements(self):
        """Open what this customer may use."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_entitlement_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        return action

    @api.readonly
    def get_entitlements(self, date=None):
        """Return what these customers may use on a day: for software that calls over the network.

        See :meth:`_get_entitlements`; the caller needs the right to read the customers and their entitlements.

        :param str date: the day, as 2026-12-31; none: the present day of each company
        :raise AccessError: for who may not read these customers, or no entitlements
        :raise UserError: when that is no date
        """
        self.check_access("read")
        self.env["subscription.entitlement"].check_access("read")
        return self._get_entitlements(date)

    def _get_entitlements(self, date=None):
        """Return what these customers may use on a day, and what ended up to 90 days before or is to come.

        A contact has what its commercial partner has. Only the selected companies count, and what the user may read
        of them. The day may be of any year: of the past it tells what the books say today; of the future, what is
        agreed and planned. How it is paid counts as it stands today; for a day that is over it is not told.

        :param date date: the day (or its text, 2026-12-31); none: the present day of each company
        :return: a list of dicts, what may be used first: ``partner_id`` (the commercial partner), ``partner`` (its
            name), ``product_id``, ``product``, ``code`` (internal reference, or None), ``variant`` (its attributes,
            or ""), ``quantity``, ``uom``, ``plan``, ``date_from``, ``date_to`` (dates, both inclusive; an end that is
            not known is None), ``state`` (``active``, ``paid_until``, ``in_grace``, ``suspended``, ``upcoming``,
            ``ended``), ``usable`` (whether they may use it), ``reason`` (a sentence in the user's language),
            ``order`` (name of the subscription), ``company_id``, ``company``
        :raise UserError: when that is no date
        """
        Entitlement = self.env["subscription.entitlement"]
        entitlements = Entitlement._find(self, Entitlement._parse_day(date)) if self else Entitlement
        rows = [entitlement._prepare_entitlement() for entitlement in entitlements.sorted("id")]
        # The same records tell something else of another day.
        Entitlement.invalidate_model()
        return sorted(rows, key=lambda row: (not row["usable"], row["state"] != "suspended"))
