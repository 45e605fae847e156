from odoo import fields, models


class SaleOrder(models.Model):
    """What tells an order that came from an import."""

    _inherit = "sale.order"

    subscription_import_ref = fields.Char(
        string="Imported As",
        copy=False,
        readonly=True,
        help="The subscription's reference in the file it was imported from. Importing that file again adds "
        "nothing to what came in under its reference.",
    )

    _subscription_import_ref_uniq = models.UniqueIndex(
        "(company_id, subscription_import_ref) WHERE subscription_import_ref IS NOT NULL",
        "A subscription with this reference was imported already.",
    )
