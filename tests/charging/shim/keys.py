"""Idempotency keys, as Stripe keeps them: https://docs.stripe.com/api/idempotent_requests."""

import threading

# An answer that says no more than that the request was not worth executing is not kept.
NOT_KEPT = {400, 401, 403, 404, 409, 429}


class Refused(Exception):
    """A request may not use its key; holds the answer that says so."""

    def __init__(self, status, **error):
        super().__init__(error["message"])
        self.answer = status, {"error": error}


class Keys:
    """What was asked and answered under each key."""

    def __init__(self):
        self._lock = threading.Lock()
        self._asked = {}
        self._answers = {}

    def begin(self, key, question):
        """Note that ``question`` is being answered under ``key``; return the answer if it was answered before."""
        with self._lock:
            if self._asked.setdefault(key, question) != question:
                message = "Keys for idempotent requests can only be used with the same parameters as at first."
                raise Refused(400, type="idempotency_error", message=message)
            if key not in self._answers:
                self._answers[key] = None
                return None
            if self._answers[key] is None:
                message = "Another request with this key is in progress."
                raise Refused(409, type="invalid_request_error", code="idempotency_key_in_use", message=message)
            return self._answers[key]

    def end(self, key, status, body):
        """Keep the answer for those who ask again."""
        with self._lock:
            self._answers[key] = status, body
            if status in NOT_KEPT:
                del self._asked[key], self._answers[key]

    def give_up(self, key):
        """Forget a question that never reached what would answer it."""
        with self._lock:
            self._asked.pop(key, None)
            self._answers.pop(key, None)

    def forget(self):
        """Forget all that was answered, as Stripe does after a day."""
        with self._lock:
            self._asked = {key: asked for key, asked in self._asked.items() if self._answers[key] is None}
            self._answers = dict.fromkeys(self._asked)
