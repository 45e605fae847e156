from odoo import models


class SaleOrder(models.Model):
    """Orders open for whoever may read them: accountants, who read no cards, too."""

    _inherit = "sale.order"

    def _compute_gift_card_count(self):
        """Override of `sale_loyalty`: who may not read gift cards sees the order without their number."""
        if self.env["loyalty.card"].has_access("read"):
            return super()._compute_gift_card_count()
        self.gift_card_count = 0
        return None

    def _compute_loyalty_data(self):
        """Override of `sale_loyalty`: points are part of the order for whoever reads it."""
        # In sudo mode: of the cards, only the name of their points is told.
        super(SaleOrder, self.sudo())._compute_loyalty_data()
