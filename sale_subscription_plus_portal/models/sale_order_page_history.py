from odoo import models

LONGEST_HISTORY = 10


class SaleOrder(models.Model):
    """What has happened to a subscription and what will, as its page in the portal tells it."""

    _inherit = "sale.order"

    # === CHANGES ===#

    def _get_page_coming(self):
        """Return what is planned, as a list of (date, sentence), the first first."""
        changes = self._get_planned_changes().filtered(lambda change: not self._is_moot(change))
        coming = [(change.effective_on, change._get_customer_sentence()) for change in changes]
        if self.subscription_status != "closed" and self.subscription_closed_on and not changes._filter_closing():
            coming.append((self.subscription_closed_on, self.env._("It ends.")))
        for line in self._get_joining_lines().filtered(lambda line: line.subscription_phase == "waiting"):
            coming.append((line.subscription_start, self.env._("%s begins.", line.product_id.display_name)))
        for renewal in self._get_coming_renewals():
            coming.append((renewal.subscription_start, self.env._("It goes on as %s.", renewal.name)))
        return sorted(coming)

    def _is_moot(self, change):
        """Return whether a planned change comes to nothing, as the subscription ends by then."""
        end = self.subscription_closed_on
        return bool(end) and change.effective_on >= end and not change._filter_closing()

    def _get_joining_lines(self):
        """Return the recurring lines that were added after the start."""
        lines = self.order_line._filter_timeline()
        return lines.filtered(lambda line: line.subscription_start > self.subscription_start)

    def _get_page_history(self):
        """Return what has happened, as a list of (date, sentence), the latest first."""
        since = self.subscription_handed_over_on or self.subscription_start
        changes = self.env["subscription.change"].search(
            [("order_id", "=", self.id), ("state", "=", "applied"), ("effective_on", ">=", since)],
            order="effective_on desc, id desc",
            limit=LONGEST_HISTORY,
        )
        history = [(change.effective_on, change._get_customer_sentence()) for change in changes]
        for line in self._get_joining_lines().filtered(lambda line: line.subscription_phase != "waiting"):
            if line.subscription_start >= since:
                history.append((line.subscription_start, self.env._("%s was added.", line.product_id.display_name)))
        if self.subscription_status == "closed" and not changes._filter_closing():
            history.append((self.subscription_closed_on, self.env._("It ended.")))
        history = sorted(history, key=lambda event: event[0], reverse=True)[:LONGEST_HISTORY]
        return history + self._get_page_beginning(since)

    def _get_page_beginning(self, since):
        if self.subscription_handed_over_on:
            return [(since, self.env._("You took it over."))]
        return [] if self.subscription_status == "scheduled" else [(since, self.env._("It started."))]

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

    def _filter_closing(self):
        """Return the changes that end their whole subscription."""
        return self.filtered(lambda change: change.kind == "close" and not change.line_id)

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
