from lxml import html

from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionConsent(models.Model):
    """What a customer agreed to, in the words that they saw; written once and never again."""

    _name = "subscription.consent"
    _description = "Consent of a Customer"
    _order = "id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one(comodel_name="sale.order", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    kind = fields.Selection(
        selection=[
            ("signature", "Signature"),
            ("payment", "Payment"),
            ("method", "Saved payment method"),
            ("order", "Order in the shop"),
        ],
        string="Given By",
        required=True,
        readonly=True,
    )
    text = fields.Text(string="Agreed To", required=True, readonly=True)
    agreed_on = fields.Datetime(string="Date", required=True, readonly=True, default=fields.Datetime.now)
    name = fields.Char(required=True, readonly=True, help="As signed, or of whom the payment is.")
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Contact", readonly=True, ondelete="set null", help="In whose name."
    )
    ip_address = fields.Char(string="IP Address", readonly=True)
    lang = fields.Char(string="Language", required=True, readonly=True)
    transaction_id = fields.Many2one(
        comodel_name="payment.transaction", string="Payment", readonly=True, ondelete="set null", index="btree_not_null"
    )
    transaction_state = fields.Selection(related="transaction_id.state", string="Payment Status")

    def write(self, vals):
        """Override of `base`: what was agreed to stays as it was.

        :raise UserError: for whatever would change it
        """
        if vals:
            raise UserError(self.env._("What a customer agreed to is kept as it was, and cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What a customer agreed to is kept, and cannot be deleted."))


class SaleOrder(models.Model):
    """The consents of its customer."""

    _inherit = "sale.order"

    subscription_consent_ids = fields.One2many(
        comodel_name="subscription.consent",
        inverse_name="order_id",
        string="Consents",
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_salesman,account.group_account_invoice,account.group_account_readonly",
    )

    def _get_consent_text(self, kind, lang, amount=0.0):
        """Return the words by which the page asks the visitor to agree, as plain text.

        :param str kind: by what they agree: see ``subscription.consent``
        :param str lang: code of the language of the page
        :param float amount: what they pay now
        """
        self.ensure_one()
        order = self.with_context(lang=lang)
        page = order.env["ir.qweb"]._render(
            "sale_subscription_plus_portal.quotation_consent",
            {"sale_order": order, "consent_kind": kind, "amount": amount},
            lang=lang,
        )
        parts = html.fromstring(f"<div>{page}</div>").xpath("//p | //li | //*[@name='subscription_consent']")
        return "\n".join(" ".join(part.text_content().split()) for part in parts)

    def _subscription_keep_consent(self, kind, text, **values):
        """Keep what the customer agreed to.

        :param str kind: by what
        :param str text: the words, from :meth:`_get_consent_text`
        :param values: further values of the ``subscription.consent``
        """
        self.ensure_one()
        Consent = self.env["subscription.consent"].sudo()  # In sudo mode: it is written by no user
        return Consent.create({"order_id": self.id, "kind": kind, "text": text, **values})
