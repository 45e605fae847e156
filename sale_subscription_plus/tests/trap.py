"""A provider for tests: it answers what it is told to, and remembers who asked. For other add-ons' tests, too."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import ValidationError

# What the trapped provider can answer, and what the transaction makes of it.
ANSWERS = {
    "done": lambda tx: tx._set_done(),
    "pending": lambda tx: tx._set_pending(),
    "soft": lambda tx: tx._set_error("Insufficient funds"),
    "hard": lambda tx: tx._set_canceled(state_message="Lost card"),
    "draft": lambda tx: None,
}


class ChargeTrap:
    """What would have been charged.

    ``answer`` is a key of ``ANSWERS``, ``no_answer``, an HTTP status, an exception to raise, or a function of the
    transaction that returns one of these.
    """

    def __init__(self, answer):
        self.answer = answer
        self.sent = []

    def send(self, transaction):
        """Answer like the provider of ``transaction``."""
        self.sent.append((transaction.reference, transaction.token_id, transaction.amount))
        answer = self.answer(transaction) if callable(self.answer) else self.answer
        if isinstance(answer, Exception):
            raise answer
        if answer in ANSWERS:
            ANSWERS[answer](transaction)
            return
        transaction._subscription_keep_answer(0 if answer == "no_answer" else answer, {})
        raise ValidationError("The payment provider rejected the request.")

    @property
    def amounts(self):
        """The amounts sent, in their order."""
        return [amount for _reference, _token, amount in self.sent]


@contextmanager
def trap_charges(env, answer="done"):
    """Let no provider be called: yield a :class:`ChargeTrap` that answers in its place.

    Use it to assert what would be charged apart from what the charge does::

        with trap_charges(self.env, "soft") as trap:
            self._charge()
        self.assertEqual(trap.amounts, [12.0])
    """
    trap = ChargeTrap(answer)
    with patch.object(env.registry["payment.transaction"], "_send_payment_request", lambda tx: trap.send(tx)):
        yield trap
