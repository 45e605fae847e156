from odoo import models

from ..engine_context import Shared, get_shared
from ..proven_addons import is_untouched

# Where an add-on numbers by anything else than journal, date and kind of entry, each invoice asks for itself.
NUMBERING = (
    "_get_last_sequence",
    "_get_last_sequence_domain",
    "_get_next_sequence_format",
    "_get_sequence_date_range",
    "_get_sequence_format_param",
    "_get_starting_sequence",
    "_set_next_sequence",
)


class AccountMove(models.Model):
    """Invoices that are posted together.

    From the first number to the commit, nobody else can post in the journal: what need not be done in that time, or
    once for all of them, is not done for each.
    """

    _inherit = "account.move"

    def _subscription_post_together(self):
        """Post draft invoices that billing has just made; not softly.

        For a company ahead of UTC, today lies in the future of the server.
        """
        # What waits to be written is written before the journal is held.
        self.env.flush_all()
        # Odoo does not take its own changes for an accountant's; what add-ons do before Odoo posts is none either.
        Move = self.with_context(subscription_number_formats=Shared(), skip_is_manually_modified=True)
        Move._post(soft=False)

    def write(self, vals):
        """Override of `account`: a new invoice that turns posted has the journal items that it should have."""
        if get_shared(self.env, "subscription_number_formats") is None or vals.get("state") != "posted":
            return super().write(vals)
        if not self._subscription_is_proven():
            return super().write(vals)
        return super(AccountMove, self.with_context(skip_invoice_sync=True)).write(vals)

    def _get_next_sequence_format(self):
        """Override of `account`: invoices posted together share the format that the first of them found."""
        formats = get_shared(self.env, "subscription_number_formats")
        if formats is None or self.journal_id.is_self_billing or not is_untouched(self, *NUMBERING):
            return super()._get_next_sequence_format()
        key = (self.journal_id.id, self.date, self.move_type, bool(self.origin_payment_id))
        # Odoo forgets the numbers of a transaction when somebody else renames an entry in it; so do we.
        if key not in formats or not self._get_sequence_cache():
            formats[key] = super()._get_next_sequence_format()
        format_string, format_values = formats[key]
        return format_string, dict(format_values)
