from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from .subscription_charge import BLOCKING


class SubscriptionCharge(models.Model):
    """What the outcome of an attempt, or a payment made otherwise, does to a collection."""

    _inherit = "subscription.charge"

    # === OUTCOMES OF ATTEMPTS ===#

    def _apply_outcome(self, transaction):
        """Let ``transaction`` tell what becomes of this collection; telling the same twice changes nothing."""
        self.ensure_one()
        kind = transaction._get_failure_kind()
        outcome = kind or transaction.state
        if transaction.subscription_outcome == outcome:
            return
        # That the provider has no such payment is contradicted by money alone.
        if transaction.subscription_outcome == "not_sent" and outcome != "done":
            return
        transaction.write({"subscription_outcome": outcome, "subscription_failure_kind": kind})
        if outcome == "done":
            self._settle(transaction)
        elif transaction == self.last_transaction_id and self.state not in ("paid", "dropped"):
            getattr(self, f"_become_{kind}")(transaction)
            self._update_payment_status()

    def _settle(self, transaction):
        """The provider took the money, and the books have it."""
        # The hook of the paid invoice came first, unless money is still missing, or it was paid before.
        if self._is_settled():
            self._become_paid()
            if self.move_id.amount_total < sum(self._get_received().mapped("amount")):
                self._ask_staff(
                    self.env._("Paid twice?"),
                    self.env._(
                        "Transaction %s brought money for an invoice that was paid already. Refund it, or keep it "
                        "as the customer's credit.",
                        transaction.reference,
                    ),
                )
        else:
            self._await_rest()

    def _settle_without_attempt(self):
        """Nothing is to be charged today."""
        if self.amount_due:
            self._await_rest()
            # Never today again: the run would go round in circles.
            if self.next_attempt_on and self.next_attempt_on <= self._get_today():
                self.next_attempt_on = self._get_today() + timedelta(days=1)
        else:
            self._become_paid()

    def _refuse_attempt(self, kind, message):
        """The saved method cannot be charged: the customer gives another one, or we act."""
        if kind == "hard":
            self._need_method(message)
        else:
            self._report_configuration(message)
        self._update_payment_status()

    def _become_pending(self, transaction):
        self.write({"state": "pending", "next_attempt_on": False, "next_step_on": False})

    def _become_unknown(self, transaction):
        message = transaction.state_message or self.env._("The provider did not answer.")
        self.write(
            {
                "state": "unknown",
                "next_attempt_on": False,
                "next_step_on": False,
                "last_failure_kind": "unknown",
                "last_failure_message": message,
            }
        )

    def _become_soft(self, transaction):
        """Declined for the time being: try again by the policy's days, as long as there are any."""
        self._note_failure("soft", transaction.state_message)
        retry_on = self.policy_id._get_retry_date(self.method_failure_on, self.failure_count)
        self._move_to("retrying" if retry_on else "exhausted", retry_on)
        self._queue_mail("failed" if retry_on else "method")

    def _become_hard(self, transaction):
        """Declined for good: this method is not charged again."""
        transaction.token_id.subscription_blocked_reason = transaction.state_message or self.env._("Declined for good")
        self._need_method(transaction.state_message)

    def _become_action(self, transaction):
        self._note_failure("action", transaction.state_message)
        self._move_to("action")
        self._queue_mail("action")

    def _become_configuration(self, transaction):
        self._report_configuration(transaction.state_message)

    # === STATES ===#

    def _note_failure(self, kind, message):
        """Count a failure of the customer's method, and tell it in the history."""
        today = self._get_today()
        label = dict(self._fields["last_failure_kind"]._description_selection(self.env))[kind]
        self._message_log(body=f"{label}: {message}" if message else label)
        self.write(
            {
                "first_failure_on": self.first_failure_on or today,
                "method_failure_on": self.method_failure_on or today,
                "failure_count": self.failure_count + 1,
                "last_failure_kind": kind,
                "last_failure_message": message,
            }
        )

    def _move_to(self, state, next_attempt_on=False):
        self.write({"state": state, "next_attempt_on": next_attempt_on})
        self._update_next_step()
        if not (self.next_attempt_on or self.next_step_on):
            # The final action was taken before this last attempt.
            self.state = "given_up"

    def _need_method(self, message):
        """Nothing is tried any more before the customer gives a new method."""
        self._note_failure("hard", message)
        self._move_to("method_needed")
        self._queue_mail("method")

    def _report_configuration(self, message):
        """The fault is ours: staff are told, the customer is not; it is tried again when they say so."""
        self.write(
            {
                "state": "configuration",
                "next_attempt_on": False,
                "next_step_on": False,
                "last_failure_kind": "configuration",
                "last_failure_message": message,
            }
        )
        self._ask_staff(self.env._("Cannot be charged: see why"), message)

    def _become_paid(self):
        """Nothing is left to be paid. A subscription that was given up for it runs again, if the policy says so."""
        charges = self.filtered(lambda charge: charge.state != "paid")
        failed = charges.filtered(lambda charge: charge.first_failure_on or charge.state == "given_up")
        charges._finish("paid")
        for charge in charges:
            if charge.policy_id.paid_mail == "always" or (
                charge.policy_id.paid_mail == "recovered" and charge in failed
            ):
                charge._queue_mail("paid")
            charge._undo_final_action()
            charge._send_invoice_charged_first()

    def _drop(self):
        """Nothing is to be collected any more: the invoice was credited or cancelled."""
        self.filtered(lambda charge: charge.state not in ("paid", "dropped"))._finish("dropped")

    def _finish(self, state):
        self.write(
            {
                "state": state,
                "next_attempt_on": False,
                "next_step_on": False,
                "held_until": False,
                "pending_mail": False,
            }
        )
        self.activity_unlink(["sale_subscription_plus.mail_activity_type_collection"])
        self._update_payment_status()

    def _await_rest(self):
        """Part is paid: the rest is collected when it is due."""
        due_on = self.move_id._get_subscription_due_date()
        self.write({"state": "waiting", "due_on": due_on, "held_until": False, **self._get_blank_failures()})
        self._plan_attempt(due_on)
        self._update_payment_status()

    def _reopen_returned(self):
        """Money that was there was taken back: staff are told, and it is charged again the next day."""
        for charge in self:
            tomorrow = charge._get_today() + timedelta(days=1)
            charge.write({"state": "waiting", "due_on": tomorrow, **charge._get_blank_failures()})
            charge._plan_attempt(tomorrow)
            charge._update_payment_status()
            charge._ask_staff(
                self.env._("Payment taken back"),
                self.env._("The payment was taken back or detached from the invoice, which is collected again."),
            )

    def _check_nothing_under_way(self):
        """Raise while a payment may be under way: what it pays must stay as it is."""
        for charge in self.filtered(lambda charge: charge.state in BLOCKING):
            raise UserError(
                self.env._(
                    "A payment of %s is under way. Wait until its outcome is known.",
                    charge.move_id.name or charge.display_name,
                )
            )

    def _reopen(self):
        """What was pending or dropped is open again."""
        for charge in self:
            failed = bool(charge.failure_count)
            charge.write({"state": "method_needed" if failed and not charge.token_id else "waiting"})
            charge._plan_attempt(charge._get_today() if failed else charge.due_on)
            charge._update_payment_status()

    # === WHEN NEXT ===#

    def _plan_first_attempt(self):
        """Plan new collections: the saved method is tried when the invoice is due."""
        for charge in self:
            charge.next_attempt_on = charge.due_on if charge.is_automatic else False
        self._update_next_step()

    def _plan_attempt(self, day):
        """Plan the next attempt for ``day``, with the saved method if there is one."""
        for charge in self:
            charge.is_automatic = bool(charge.token_id)
            charge.next_attempt_on = day if charge.is_automatic else False
        self._update_next_step()

    def _subscription_charge_now(self):
        """Charge the saved method as soon as possible."""
        for charge in self:
            # A person insists: what blocked the method is over.
            charge.token_id.subscription_blocked_reason = False
            charge._wake()

    def _wake(self):
        """Charge the present method at once; its failures count anew."""
        for charge in self.filtered(lambda charge: charge.state not in (*BLOCKING, "paid", "dropped")):
            # Grace and final action still count from the first failure.
            charge.write({"state": "waiting", "method_failure_on": False, "failure_count": 0, "held_until": False})
            charge._plan_attempt(charge._get_today())
        self._update_payment_status()
        self._trigger()

    def _follow_token(self):
        """Another method pays from now on, or none any more."""
        for charge in self.filtered(lambda charge: charge.state not in (*BLOCKING, "paid", "dropped")):
            if not charge.token_id:
                charge.write({"is_automatic": False, "next_attempt_on": False})
                charge._update_next_step()
            elif charge.state == "waiting" and charge.due_on > charge._get_today():
                charge._plan_attempt(charge.due_on)
            else:
                charge._wake()

    def _get_blank_failures(self):
        return dict.fromkeys(("first_failure_on", "method_failure_on", "last_step_on", "warned_on"), False) | {
            "failure_count": 0
        }

    # === ASKING ===#

    def _has_payment_to_book(self):
        """Return whether the customer has paid by themself, or is about to have, and the books don't know it yet."""
        return any(
            transaction.state in ("pending", "authorized", "done") and not transaction.is_post_processed
            for transaction in self.move_id.transaction_ids
        )

    def _is_settled(self):
        return self.move_id.state == "posted" and self.move_id.payment_state in ("paid", "in_payment", "reversed")

    def _get_received(self):
        return self.move_id.transaction_ids.filtered(lambda tx: tx.state == "done" and tx.operation != "refund")

    def _is_received(self, amount):
        """Return whether charging ``amount`` would take more than the invoice, whatever the books say is open."""
        kept = self._get_received().filtered(
            lambda tx: len(tx.invoice_ids) == 1 and tx.payment_id.state not in ("canceled", "rejected")
        )
        rest = self.move_id.amount_total - sum(kept.mapped("amount"))
        return self.currency_id.compare_amounts(amount, rest) > 0

    def _get_order(self):
        """Return the order that speaks for all on the invoice."""
        return self.order_ids[:1]

    def _ask_staff(self, summary, note):
        """Ask who follows up to act, once."""
        self.ensure_one()
        xmlid = "sale_subscription_plus.mail_activity_type_collection"
        note = plaintext2html(note or "")
        open_activities = self.activity_search([xmlid])
        if open_activities:
            open_activities.write({"summary": summary, "note": note})
            return
        order = self._get_order()
        users = (self.user_id + order.user_id + order.team_id.user_id).filtered("active")
        self.activity_schedule(
            xmlid,
            user_id=(users[:1] or self.env.ref("base.user_admin")).id,
            summary=summary,
            note=note,
            date_deadline=self._get_today(),
        )

    def _send_invoice_charged_first(self):
        """Send an invoice that was charged while it was a draft, now that it is posted and paid."""
        if self._get_order().subscription_invoicing_mode == "charge":
            self.move_id._subscription_queue_sending()
