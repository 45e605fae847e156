from odoo import models

from .sale_order_line_money import MONEY_KINDS


class SubscriptionPeriod(models.Model):
    """A row of the ledger in the picture of its order's life."""

    _inherit = "subscription.period"

    def _get_timeline_item(self):
        order, kind, move = self.order_id, self._get_timeline_kind(), self.move_id
        details = [self.reason, self._get_timeline_quantity(), self._get_timeline_document()]
        amount = self.value if self.kind not in ("skip", "carried", "imported") else None
        # Days that were given back are not served any more, but they are those that the money is for.
        end = self.end if self.kind in MONEY_KINDS else self.service_end
        return order._make_timeline_item(kind, self.start, end, amount=amount, details=details, document=move or None)

    def _get_timeline_kind(self):
        if self.kind == "skip":
            return "paused" if self.change_id.kind in ("pause", "resume") else "skipped"
        if self.kind in ("imported", "carried", *MONEY_KINDS):
            return self.kind
        return "paid" if self.move_id.payment_state in ("paid", "in_payment", "reversed") else "billed"

    def _get_timeline_quantity(self):
        counts = self.kind != "skip" and self.quantity not in (0, 1)
        return self.env._("Quantity: %g", self.quantity) if counts else False

    def _get_timeline_document(self):
        """Return the name and the state of the document, in words."""
        move = self.move_id
        if not move:
            return self.env._("On the next document") if self.kind in MONEY_KINDS else False
        if move.state != "posted":
            return self.env._("Invoice in draft")
        states = dict(move._fields["payment_state"]._description_selection(self.env))
        return f"{move.name} ({states[move.payment_state].lower()})"
