from odoo import fields, models

from ..engine_context import get_shared


class AccountMove(models.Model):
    _inherit = "account.move"

    subscription_count = fields.Integer(string="Subscriptions", compute="_compute_subscription_count")

    def _compute_subscription_count(self):
        for move in self:
            move.subscription_count = len(move._get_subscriptions())

    def _get_subscriptions(self):
        return self.line_ids.sale_line_ids.order_id._filter_subscriptions()

    def action_view_subscriptions(self):
        """Open the subscriptions that this invoice bills."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_subscription_plus.subscription_action")
        action["domain"] = [("id", "in", self._get_subscriptions().ids)]
        action["context"] = {}
        return action

    # === UNDONE AND BACK ===#

    def button_cancel(self):
        """Override of `account`: periods on a cancelled invoice count as not billed."""
        result = super().button_cancel()
        for move in self:
            move._subscription_undo(self.env._("invoice %s was cancelled", move._get_subscription_name()))
        return result

    def button_draft(self):
        """Override of `account`: periods of a cancelled invoice that comes back are billed after all."""
        back = self.filtered(lambda move: move.state == "cancel" and not move.reversed_entry_id)
        refunds = self.filtered(lambda move: move.state == "posted" and move.reversed_entry_id)
        result = super().button_draft()
        for move in back:
            move._subscription_redo()
        for invoice in refunds.reversed_entry_id:
            if not invoice._is_subscription_reversed():
                invoice._subscription_redo()
        return result

    def unlink(self):
        """Override of `account`: periods on a deleted draft count as not billed."""
        for move in self:
            move._subscription_undo(self.env._("draft invoice %s was deleted", move._get_subscription_name()))
        return super().unlink()

    def _post(self, soft=True):
        """Override of `account`: a credit note over the whole invoice undoes its periods."""
        posted = super()._post(soft)
        posted._subscription_sync_quantities()
        for refund in posted.filtered("reversed_entry_id"):
            if refund.reversed_entry_id._is_subscription_reversed():
                refund.reversed_entry_id._subscription_undo(
                    self.env._(
                        "invoice %(invoice)s was reversed by %(refund)s",
                        invoice=refund.reversed_entry_id.name,
                        refund=refund.name,
                    )
                )
        return posted

    def _is_subscription_reversed(self):
        """Return whether the credit notes of this invoice take back all of it."""
        self.ensure_one()
        refunds = self.reversal_move_ids.filtered(
            lambda refund: refund.state == "posted" and refund.currency_id == self.currency_id
        )
        credited = sum(refunds.mapped("amount_total"))
        return (
            self.move_type == "out_invoice"
            and bool(refunds)
            and self.currency_id.compare_amounts(credited, self.amount_total) >= 0
        )

    def _subscription_sync_quantities(self):
        """Let the ledger tell what was really invoiced: drafts may be edited before."""
        if get_shared(self.env, "subscription_number_formats") is not None:
            return  # Billing has just made them.
        for row in self._get_subscription_periods():
            if row.state == "live" and row.kind != "carried":
                row._sync_with_invoice()

    def _get_subscription_name(self):
        return self.name or self.env._("draft #%s", self.id)

    def _get_subscription_periods(self):
        # In sudo mode: the ledger follows the invoice whoever handles it.
        return self.sudo().line_ids.subscription_period_ids

    def _subscription_undo(self, reason):
        """Void the ledger rows of these invoices, with skips in their place.

        :param str reason: why, in business words
        """
        rows = self._get_subscription_periods().filtered(lambda row: row.state == "live")
        if rows:
            rows.order_id._subscription_lock()
            rows._undo(reason)

    def _subscription_redo(self):
        """Bring the ledger rows of these invoices back.

        :raise UserError: when their days were billed again meanwhile
        """
        for move in self:
            rows = move._get_subscription_periods().filtered(lambda row: row.state == "void")
            if rows:
                rows.order_id._subscription_lock()
                rows._redo(move._get_subscription_name())

    def _subscription_hand_over(self, successor):
        """Let the invoice that was made in place of a reversed one take over its ledger rows."""
        self.ensure_one()
        rows = self._get_subscription_periods()
        if not rows:
            return
        rows.order_id._subscription_lock()
        heirs = {
            (line.sale_line_ids[:1].id, line.subscription_period_start, line.subscription_period_end): line
            for line in successor.sudo().invoice_line_ids.filtered("subscription_period_start")  # as the rows
        }
        keys = {row: (row.line_id.id, row.start, row.end) for row in rows}
        rows._hand_over({row: heirs[key] for row, key in keys.items() if key in heirs})

    # === SENDING ===#

    def _subscription_queue_sending(self):
        """Queue invoices for Odoo's own sending action, by each customer's sending method.

        Customers without a sending method and without an address are left to *Not Sent*: queueing them would
        only make an error.
        """
        ready = self.filtered(lambda move: move._is_ready_to_be_sent() and move._has_subscription_recipient())
        ready.sending_data = {
            "author_user_id": self.env.user.id,
            "author_partner_id": self.env.user.partner_id.id,
        }
        if ready:
            # In sudo mode: users may not touch scheduled actions.
            self.env.ref("account.ir_cron_account_move_send").sudo()._trigger()

    def _has_subscription_recipient(self):
        partner = self.commercial_partner_id.with_company(self.company_id)
        method = partner.invoice_sending_method or "email"
        return method != "email" or bool(self.partner_id.email)
