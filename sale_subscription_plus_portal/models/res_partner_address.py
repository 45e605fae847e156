from odoo import api, models


class ResPartner(models.Model):
    """Addresses that are given on the page of a subscription."""

    _inherit = "res.partner"

    @api.model
    def _get_current_partner(self, *, subscription_sudo=None, **kwargs):
        """Override of `portal`: an address given for a subscription belongs to its customer, whoever is logged in.

        :param subscription_sudo: the subscription; what a browser sends under this name is text, and ignored
        """
        if isinstance(subscription_sudo, models.BaseModel):
            return subscription_sudo.partner_id
        return super()._get_current_partner(**kwargs)

    def _get_address_line(self):
        """Return name and address on one line, for the history."""
        self.ensure_one()
        town = " ".join(filter(None, (self.zip, self.city)))
        parts = (self.display_name, self.street, self.street2, town, self.state_id.name, self.country_id.name)
        return ", ".join(part for part in parts if part)

    def _is_complete_address(self, kind):
        """Return whether invoices can be sent, or goods delivered, to this address.

        :param str kind: ``invoice`` or ``delivery``
        """
        self.ensure_one()
        needed = ["street", "city", "country_id", *(["email"] if kind == "invoice" else [])]
        return all(self[name] for name in needed)
