from odoo import models

LONGEST_HISTORY = 10


class SaleOrder(models.Model):
    """What has happened to a subscription and what will, as its page in the portal tells it."""

    _inherit = "sale.order"

    # === CHANGES ===#

    def _get_page_coming(self):
        """Return what is planned, as a list of (date, sentence), the first first."""
        coming = [
            (change.effective_on, change._get_customer_sentence())
            for change in self._get_planned_changes().sorted("effective_on")
        ]
        closes = any(change.kind == "close" and not change.line_id for change in self._get_planned_changes())
        if self.subscription_status != "closed" and self.subscription_closed_on and not closes:
            coming.append((self.subscription_closed_on, self.env._("It ends.")))
        for renewal in self._get_coming_renewals():
            coming.append((renewal.subscription_start, self.env._("It goes on as %s.", renewal.name)))
        return sorted(coming)

    def _get_page_history(self):
        """Return what has happened, as a list of (date, sentence), the latest first."""
        since = self.subscription_handed_over_on or self.subscription_start
        changes = self.env["subscription.change"].search(
            [("order_id", "=", self.id), ("state", "=", "applied"), ("effective_on", ">=", since)],
            order="effective_on desc, id desc",
            limit=LONGEST_HISTORY,
        )
        history = [(change.effective_on, change._get_customer_sentence()) for change in changes]
        closes = any(change.kind == "close" and not change.line_id for change in changes)
        if self.subscription_status == "closed" and not closes:
            history.insert(0, (self.subscription_closed_on, self.env._("It ended.")))
        if self.subscription_handed_over_on:
            history.append((since, self.env._("You took it over.")))
        elif self.subscription_status != "scheduled":
            history.append((since, self.env._("It started.")))
        return history

    # === DOCUMENTS ===#

    def _get_page_invoices(self):
        """Return the invoices and credit notes of this subscription and of what was added to it, the latest first."""
        merged = self.subscription_upsell_ids.filtered(lambda order: order.subscription_status == "merged")
        added = merged.invoice_ids
        if self.subscription_handed_over_on:
            # What a former customer added is not for the eyes of the present one.
            own = self.partner_invoice_id.commercial_partner_id
            added = added.filtered(lambda move: move.commercial_partner_id == own)
        moves = self._get_portal_invoices() | added
        return moves.filtered(lambda move: move.state == "posted").sorted(
            lambda move: (move.invoice_date, move.id), reverse=True
        )

    def _get_page_chain(self):
        """Return the customer's other orders that belong to this one, as a list of (order, what it is to this one)."""
        customer = self.partner_id.commercial_partner_id
        former = self._get_former_orders()
        return [
            (order, order._tell_in_chain(order in former))
            for order in self._get_subscription_history() - self
            if order.state in ("sent", "sale") and order.partner_id.commercial_partner_id == customer
        ]

    def _get_former_orders(self):
        """Return the subscriptions that this one goes on from."""
        former, order = self.browse(), self.subscription_renews_id
        while order and order not in former:
            former |= order
            order = order.subscription_renews_id
        return former

    def _tell_in_chain(self, is_former):
        if is_former:
            return self.env._("Before this one")
        if self.subscription_origin_id:
            return self.env._("Added") if self.state == "sale" else self.env._("Offer to add")
        return self.env._("Renewal") if self.state == "sale" else self.env._("Renewal to sign")


class SubscriptionChange(models.Model):
    """A change in the words of the customer."""

    _inherit = "subscription.change"

    def _get_customer_sentence(self):
        """Return what changes, in a few words."""
        self.ensure_one()
        applied = self.state == "applied"
        if self.line_id:
            return self._get_customer_line_sentence(applied)
        sentences = {
            "pause": (self.env._("It pauses."), self.env._("It was paused.")),
            "resume": (self.env._("It runs again."), self.env._("It was resumed.")),
            "close": (self.env._("It ends."), self.env._("It ended.")),
        }
        return sentences[self.kind][applied] if self.kind in sentences else self._get_sentence()

    def _get_customer_line_sentence(self, applied):
        if self.kind != "close":
            return self._get_sentence()
        ends = self.env._("%s ended.") if applied else self.env._("%s ends.")
        return ends % self._get_product_name()
