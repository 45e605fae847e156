from collections import Counter, namedtuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..charger import LOCKS, Charger

# Card networks fine those who try a method more often.
MAX_ATTEMPTS, ATTEMPT_WINDOW = 20, timedelta(days=30)
# How long a payment of the customer's own is waited for that the books don't know yet; Odoo books every ten minutes.
BOOKING = timedelta(minutes=15)
# Days before a method expires on which the customer is told.
EXPIRY_NOTICES = (30, 7)

COUNTED = (
    "attempts",
    "paid",
    "pending",
    "soft",
    "hard",
    "action",
    "configuration",
    "unknown",
    "given_up",
    "mails",
)

Planned = namedtuple("Planned", "found attempts")


class SubscriptionChargingRun(models.AbstractModel):
    """The charging run: which collections, and what is done with each. Its transactions are :class:`Charger`'s."""

    _name = "subscription.charging.run"
    _description = "Subscription Charging Run"

    # === ENTRY POINTS ===#

    @api.model
    def _cron_run(self):
        self._run()

    @api.model
    def _run(self, date=None, progress=None):
        """Charge everything that is due, and do what policies say about what stays unpaid; commits as it goes.

        :param date date: as of that day (default: each company's today)
        :param progress: called with the number of attempts made so far
        :return: dict of attempts, paid, pending, soft, hard, action, configuration, unknown, given_up, mails
        """
        result = Counter(dict.fromkeys(COUNTED, 0))
        Charger(self.sudo(), result, progress).charge_all(date)  # In sudo mode: a run charges for all
        return dict(result)

    # === PLAN ===#

    @api.model
    def _plan_attempts(self, company, today, limit):
        """Write the transactions of due collections.

        :return: how many were found, and [(collection's id, transaction's id)] of those to be sent
        """
        charges = self._lock_due(company, today, limit)
        attempts, tokens = [], self.env["payment.token"]
        for charge in charges:
            # What the provider says about a method counts for the next invoice that it pays.
            if charge.token_id in tokens:
                continue
            tokens |= charge.token_id
            if transaction := self._plan_attempt(charge, today):
                attempts.append((charge.id, transaction.id))
        return Planned(len(charges), attempts)

    @api.model
    def _lock_due(self, company, today, limit):
        """Lock due collections that no living worker has in hand; until the session unlocks them."""
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM (SELECT id FROM subscription_charge
                                 WHERE company_id = %s AND next_attempt_on <= %s
                                   AND (held_until IS NULL OR held_until <= %s)
                                 ORDER BY next_attempt_on, id LIMIT %s FOR UPDATE SKIP LOCKED) due
                 WHERE pg_try_advisory_lock(%s, id)
                """,
                company.id,
                today,
                fields.Datetime.now(),
                limit,
                LOCKS,
            )
        )
        ids = sorted(charge_id for (charge_id,) in self.env.cr.fetchall())
        self.env.invalidate_all(flush=False)
        return self.env["subscription.charge"].browse(ids)

    @api.model
    def _park_due(self, company, today, message):
        """Set the first due collection aside: its attempt cannot even be planned."""
        for charge in self._lock_due(company, today, 1):
            charge._report_configuration(message)

    @api.model
    def _plan_attempt(self, charge, today):
        """Write the transaction of one due collection, or what speaks against it; return the transaction, or None."""
        charge.next_attempt_on = False
        if charge.move_id.state == "cancel":
            charge._drop()
            return None
        if charge.move_id.state == "posted":
            charge.move_id._subscription_apply_credits()
        if charge.state in ("paid", "dropped"):
            return None
        if charge._has_payment_to_book():
            charge.write({"next_attempt_on": today, "held_until": fields.Datetime.now() + BOOKING})
            return None
        amount = charge.move_id._get_subscription_amount_to_charge(today)
        if not amount:
            charge._settle_without_attempt()
            return None
        if charge._is_received(amount):
            charge._refuse_attempt(
                "configuration",
                self.env._("The provider took this money already: find its payment and reconcile it with the invoice."),
            )
            return None
        token = charge.token_id
        problem = token._get_subscription_problem(charge) if token else ("hard", self.env._("No method is saved."))
        if problem:
            charge._refuse_attempt(*problem)
            return None
        if wait_until := self._get_attempts_used_up(token, today):
            charge.next_attempt_on = wait_until
            return None
        Transaction = self.env["payment.transaction"]
        transaction = Transaction.create(Transaction._prepare_subscription_attempt(charge, token, amount))
        charge.write({"state": "in_flight", "last_transaction_id": transaction.id, "next_step_on": False})
        return transaction

    @api.model
    def _get_attempts_used_up(self, token, today):
        """Return the day on which ``token`` may be tried again, or False when it may be now."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT subscription_sent_on FROM payment_transaction
                 WHERE token_id = %s AND subscription_sent_on > %s ORDER BY subscription_sent_on DESC LIMIT %s
                """,
                token.id,
                fields.Datetime.now() - ATTEMPT_WINDOW,
                MAX_ATTEMPTS,
            )
        )
        if len(rows) < MAX_ATTEMPTS:
            return False
        return max((rows[-1][0] + ATTEMPT_WINDOW).date(), today) + timedelta(days=1)

    # === SEND ===#

    @api.model
    def _mark_sent(self, charge_id, transaction_id, again):
        """Note that the provider is about to be called; return False when this attempt is not to be sent (any more)."""
        charge, transaction = self._browse(charge_id, transaction_id)
        charge._lock()
        expected = "unknown" if again else "in_flight"
        if charge.state != expected or charge.last_transaction_id != transaction:
            return False
        if not again and (transaction.subscription_sent_on or transaction.state != "draft"):
            return False
        charge.state = "in_flight"
        # The first time counts: keys of the provider grow old from then.
        transaction.write(
            {
                "subscription_sent_on": transaction.subscription_sent_on or fields.Datetime.now(),
                "state": "draft",
                "subscription_outcome": False,
                "subscription_http_status": False,
                "subscription_decline_code": False,
            }
        )
        return True

    @api.model
    def _lock_attempt(self, charge_id, transaction_id):
        """Lock an attempt for the time of a call; return False when it is in other hands, or told already.

        Webhooks about it wait until the answer is committed: one owner at a time.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT 1 FROM subscription_charge c JOIN payment_transaction t ON t.id = c.last_transaction_id
                 WHERE c.id = %s AND t.id = %s AND c.state IN ('in_flight', 'unknown') AND t.state = 'draft'
                   FOR UPDATE
                """,
                charge_id,
                transaction_id,
            )
        )
        locked = bool(self.env.cr.fetchall())
        self.env.invalidate_all(flush=False)
        return locked

    @api.model
    def _look_up(self, transaction_id):
        transaction = self.env["payment.transaction"].browse(transaction_id)
        # While it may be sent again, it may still be on its way: "none" is no answer yet.
        if transaction._subscription_look_up() is False and not transaction._subscription_may_resend():
            transaction._subscription_set_not_sent(self.env._("The provider has no such payment."))

    @api.model
    def _doubt(self, transaction_id, message):
        transaction = self.env["payment.transaction"].browse(transaction_id)
        if transaction.state == "draft":
            transaction._subscription_set_in_doubt(message)

    # === BOOK ===#

    @api.model
    def _book(self, transaction_ids):
        """Let the books and the collections know what became of attempts."""
        self.env.cr.execute(
            SQL("SELECT id FROM payment_transaction WHERE id = ANY(%s) ORDER BY id FOR UPDATE", transaction_ids)
        )
        self.env.invalidate_all(flush=False)
        transactions = self.env["payment.transaction"].with_context(subscription_booking=True).browse(transaction_ids)
        for transaction in transactions.filtered("subscription_sent_on"):
            if transaction.subscription_doubt == "no_answer" and transaction.state == "error":
                transaction._subscription_set_in_doubt(transaction.state_message)
        told = transactions.filtered(lambda tx: tx.subscription_sent_on and tx.subscription_outcome != "not_sent")
        for company, company_transactions in told.grouped("company_id").items():
            company_transactions.with_company(company)._subscription_book()

    @api.model
    def _ask_about(self, charge_id):
        """Ask staff about an attempt whose outcome could not be found out, once."""
        charge = self.env["subscription.charge"].browse(charge_id)
        if charge.state == "unknown" and not charge.activity_ids:
            charge._ask_staff(
                self.env._("Was it paid?"),
                self.env._(
                    "It is not known whether the provider took the money: %s Look on the provider's screen, then "
                    "use one of the buttons. Nothing is charged before.",
                    charge.last_failure_message,
                ),
            )

    @api.model
    def _park(self, transaction_id, message):
        """The provider answered, and our books refuse it: a person has to see to it; it is tried again."""
        charge = self.env["payment.transaction"].browse(transaction_id).subscription_charge_id
        charge.write({"state": "unknown", "last_failure_kind": "unknown", "last_failure_message": message})
        charge._ask_staff(self.env._("Payment cannot be booked"), message)

    # === WHAT WAS LEFT BEHIND ===#

    @api.model
    def _get_abandoned(self, company):
        """Return (collection, transaction, whether sent, state) of attempts in flight whose worker is gone."""
        return self.env.execute_query(
            SQL(
                """
                SELECT c.id, t.id, t.subscription_sent_on IS NOT NULL, t.state
                  FROM (SELECT id, last_transaction_id FROM subscription_charge
                         WHERE state = 'in_flight' AND company_id = %s ORDER BY id) c
                  JOIN payment_transaction t ON t.id = c.last_transaction_id
                 WHERE pg_try_advisory_lock(%s, c.id)
                """,
                company.id,
                LOCKS,
            )
        )

    @api.model
    def _get_unknown(self, company):
        """Return (collection, transaction) of attempts whose outcome is unknown, and that no other worker has."""
        return self.env.execute_query(
            SQL(
                """
                SELECT id, last_transaction_id
                  FROM (SELECT id, last_transaction_id FROM subscription_charge
                         WHERE state = 'unknown' AND company_id = %s ORDER BY id) c
                 WHERE pg_try_advisory_lock(%s, id)
                """,
                company.id,
                LOCKS,
            )
        )

    # === STEPS AND MAILS ===#

    @api.model
    def _get_stepping(self, company, today):
        return self._select_ids(
            SQL(
                "SELECT id FROM subscription_charge WHERE company_id = %s AND next_step_on <= %s ORDER BY id",
                company.id,
                today,
            )
        )

    @api.model
    def _take_steps(self, charge_id, today):
        charge = self.env["subscription.charge"].browse(charge_id)
        charge._lock()
        if charge.next_step_on and charge.next_step_on <= today:
            charge._take_steps(today)

    @api.model
    def _get_mailing(self):
        return self._select_ids(SQL("SELECT id FROM subscription_charge WHERE pending_mail IS NOT NULL ORDER BY id"))

    @api.model
    def _send_mail(self, charge_id):
        charge = self.env["subscription.charge"].browse(charge_id)
        charge._lock()
        if charge.pending_mail:
            charge._send_pending_mail()

    @api.model
    def _get_expiring(self):
        """Return the methods of running subscriptions whose customers are to be told that they expire."""
        return self._select_ids(
            SQL(
                """
                SELECT t.id FROM payment_token t
                 WHERE t.active AND t.subscription_expires_on BETWEEN %(today)s AND %(until)s
                   AND (t.subscription_expiry_told_on IS NULL
                        OR (t.subscription_expiry_told_on < t.subscription_expires_on - %(last)s
                            AND t.subscription_expires_on <= %(today)s + %(last)s))
                   AND EXISTS (SELECT 1 FROM sale_order o
                                WHERE o.subscription_token_id = t.id
                                  AND o.subscription_status IN ('scheduled', 'progress', 'paused'))
                 ORDER BY t.id
                """,
                today=fields.Date.context_today(self),
                until=fields.Date.context_today(self) + timedelta(days=EXPIRY_NOTICES[0]),
                last=EXPIRY_NOTICES[-1],
            )
        )

    @api.model
    def _tell_expiry(self, token_id):
        token = self.env["payment.token"].browse(token_id)
        template = self.env.ref("sale_subscription_plus.mail_template_method_expiring", raise_if_not_found=False)
        if template:
            template.send_mail(token.id)
        token.subscription_expiry_told_on = token.company_id._get_subscription_today()

    @api.model
    def _tell_failed_step(self, model, record_id, message):
        """A reminder or final action failed: tell staff, and leave it alone until tomorrow."""
        if model != "subscription.charge":
            return
        charge = self.env[model].browse(record_id)
        if charge.next_step_on:
            charge.next_step_on = charge._get_today() + timedelta(days=1)
        charge.pending_mail = False
        charge._ask_staff(self.env._("A step of the dunning policy failed"), message)

    # === SMALL THINGS ===#

    def _browse(self, charge_id, transaction_id):
        return (
            self.env["subscription.charge"].browse(charge_id),
            self.env["payment.transaction"].browse(transaction_id),
        )

    def _select_ids(self, query):
        return [record_id for (record_id,) in self.env.execute_query(query)]

    @api.model
    def _describe(self, error):
        """Return in words why something failed."""
        if isinstance(error, UserError) and error.args[0]:
            return str(error.args[0])
        return self.env._(
            "It failed unexpectedly (%(kind)s: %(message)s). Your administrator finds the details in the log.",
            kind=type(error).__name__,
            message=str(error).split("\n")[0][:200],
        )

    @api.model
    def _get_outcomes(self, transaction_ids):
        """Return {outcome: number} of attempts that were booked."""
        rows = self.env.execute_query(
            SQL(
                "SELECT subscription_outcome, COUNT(*) FROM payment_transaction WHERE id = ANY(%s) GROUP BY 1",
                transaction_ids,
            )
        )
        return {"paid" if outcome == "done" else outcome: count for outcome, count in rows}
