from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Extend: the report of MRR movements takes the place of the plain list, which moves down."""
        menu = self.env.ref("sale_subscription_plus.menu_subscription_events", raise_if_not_found=False)
        return [*super()._load_menus_blacklist(), *(menu.ids if menu else [])]
