"""The provider of a simulation: it decides what becomes of each attempt, and knows what it took."""

import random
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields, sql_db
from odoo.exceptions import ValidationError

# What becomes of an attempt that fails.
FAILURES = {"soft": 66, "hard": 14, "returned": 10, "silent": 10}
# How many of the attempts that succeed are told some days later, as a bank debit's are.
LATE = 0.1
# After how many days the rest is told; and what is bound to come, see `coming`.
DAYS, LONGEST = (1, 4), 9
# What of the provider's own states means that it has the money.
TAKEN = ("taken", "processing")


class PlayProvider:
    """Answers for ``payment_demo``.

    Its book is a table that Odoo knows nothing of, written over a connection of its own: it is committed before Odoo
    gets the answer, and stays when Odoo's transaction does not. Chance depends on the seed and the attempt alone.
    """

    def __init__(self, env, seed, failure_rate):
        self.env = env
        self.seed = seed
        self.failure_rate = failure_rate
        # What the next attempts come to, before chance decides again; it stays so for some days.
        self.coming = []

    @contextmanager
    def answering(self):
        """Take the calls of this process instead of ``payment_demo``."""
        Transaction = self.env.registry["payment.transaction"]
        real = Transaction._send_payment_request

        def send(transaction):
            return self._take(transaction) if transaction.provider_code == "demo" else real(transaction)

        self._execute(
            """
            CREATE TABLE IF NOT EXISTS play_provider_payment (
                reference varchar PRIMARY KEY, invoice integer NOT NULL, outcome varchar NOT NULL,
                state varchar NOT NULL, told_on date NOT NULL)
            """
        )
        with patch.object(Transaction, "_send_payment_request", send):
            yield self

    # === ANSWERS ===#

    def _take(self, transaction):
        """Decide what becomes of an attempt, note it, and answer; the same attempt is never taken twice."""
        outcome, state, days = self._decide(transaction.reference)
        self._execute(
            "INSERT INTO play_provider_payment VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            transaction.reference,
            transaction.invoice_ids.id,
            outcome,
            state,
            fields.Date.today() + timedelta(days),
        )
        if outcome == "silent":
            transaction._subscription_keep_answer(0, {})
            raise ValidationError("The connection timed out.")
        self._tell(transaction, {"late": "processing", "returned": "processing"}.get(outcome, outcome))

    def _decide(self, reference):
        """Return (outcome, state in the provider's book, days until it is told)."""
        rng = random.Random(f"{self.seed} {reference}")
        days = rng.randint(*DAYS)
        if self.coming:
            outcome = self.coming.pop(0)
            return outcome, "declined" if outcome in ("soft", "hard", "silent") else "processing", LONGEST
        if rng.random() >= self.failure_rate:
            return ("late", "processing", days) if rng.random() < LATE else ("done", "taken", 0)
        outcome = rng.choices(list(FAILURES), FAILURES.values())[0]
        if outcome == "silent":
            return outcome, rng.choice(["taken", "declined"]), days
        return outcome, "processing" if outcome == "returned" else "declined", days

    def _tell(self, transaction, answer):
        """Tell Odoo, in the words of ``payment_demo``."""
        simulated = {"soft": "error", "hard": "cancel", "processing": "pending"}.get(answer, answer)
        transaction._process("demo", {"reference": transaction.reference, "simulated_state": simulated})

    # === LATER ===#

    def act(self, day):
        """Tell what is known by ``day``, to Odoo or to staff who look it up."""
        self._tell_late(day)
        self._look_up_unanswered(day)

    def _tell_late(self, day):
        """Tell what became of payments that were on their way: some arrive, others are returned."""
        rows = self._execute(
            "SELECT reference, outcome FROM play_provider_payment WHERE state = 'processing' AND told_on <= %s "
            "ORDER BY reference",
            day,
        )
        for reference, outcome in rows:
            transaction = self._find(reference)
            if transaction.state in ("pending", "draft"):
                self._tell(transaction, "done" if outcome == "late" else "soft")
                transaction._post_process()
                self.env.cr.commit()
            state = "taken" if outcome == "late" else "returned"
            self._execute("UPDATE play_provider_payment SET state = %s WHERE reference = %s", state, reference)

    def _look_up_unanswered(self, day):
        """Let staff say what the provider's screen tells of calls without an answer, some days later."""
        for charge in self.env["subscription.charge"].search([("state", "=", "unknown")], order="id"):
            rows = self._execute(
                "SELECT outcome, state, told_on FROM play_provider_payment WHERE reference = %s",
                charge.last_transaction_id.reference,
            )
            outcome, state, told_on = rows[0] if rows else ("silent", "declined", day)
            if state == "processing" or (outcome == "silent" and told_on > day):
                continue
            charge.action_mark_paid() if state == "taken" else charge.action_mark_not_paid()
            self.env.cr.commit()

    def _find(self, reference):
        return self.env["payment.transaction"].search([("reference", "=", reference)])

    # === THE PROVIDER'S BOOK ===#

    def count_double_paid(self):
        """Return of how many invoices the provider has taken the money more than once."""
        return len(
            self._execute(
                "SELECT invoice FROM play_provider_payment WHERE state = ANY(%s) GROUP BY 1 HAVING COUNT(*) > 1",
                list(TAKEN),
            )
        )

    def count_unanswered(self):
        """Return how many calls got no answer."""
        return self._execute("SELECT COUNT(*) FROM play_provider_payment WHERE outcome = 'silent'")[0][0]

    def _execute(self, query, *params):
        """Run a statement in a transaction of the provider's own."""
        with sql_db.db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute(query, params)
            return cr.fetchall() if cr.description else []
