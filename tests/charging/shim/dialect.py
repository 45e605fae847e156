"""Stripe's language, on top of what localstripe understands of it.

localstripe refuses parameters that it does not know, forgets what intents are for, knows one reason to decline, calls a
bank debit paid on the day it is sent, and leaves an intent open that Stripe would decline because nobody is there to
confirm it. What it forgets is kept as
metadata of its objects, so that each answer, list and event can be completed from the object itself.
"""

import requests

INTENTS = "/v1/payment_intents"
INTENT_PARAMETERS = {"amount", "currency", "customer", "payment_method", "capture_method", "confirm", "off_session"}
CUSTOMER_PARAMETERS = {"name", "description", "email", "phone"}
SETUP_PARAMETERS = {"customer", "usage"}
REMEMBERED = ("description", "setup_future_usage", "off_session")
MEMORY = "_"  # Begins the names of what is remembered.
# Of a payment method's metadata: why it declines, as code or code/decline_code.
DECLINE = "decline"
MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "authentication_required": "This transaction requires authentication.",
}


class Localstripe:
    """Answers requests in Stripe's language with the help of localstripe."""

    def __init__(self, url, authorization="Bearer sk_test_shim"):
        self._url = url
        self._headers = {"Authorization": authorization}

    def answer(self, method, path, params):
        """Return the status and body that answer a request; ``params`` are pairs of its query or form."""
        if (method, path) == ("POST", INTENTS):
            return self._create_intent(params)
        if (method, path) == ("GET", INTENTS):
            return self._list_intents(dict(params))
        if method == "POST" and path.startswith(INTENTS) and path.endswith("/confirm"):
            return self._confirm_intent(path.removesuffix("/confirm"), dict(params))
        if (method, path) == ("POST", "/v1/setup_intents"):
            params = _keep(params, SETUP_PARAMETERS)
        if (method, path) == ("POST", "/v1/customers"):
            params = _keep(params, CUSTOMER_PARAMETERS)
        return self._ask(method, path, params)

    def complete(self, found):
        """Complete whatever localstripe answers: what it holds is what Stripe would say."""
        if isinstance(found, list):
            return [self.complete(item) for item in found]
        if not isinstance(found, dict):
            return found
        found = {key: self.complete(value) for key, value in found.items()}
        return self._complete_intent(found) if found.get("object") == "payment_intent" else found

    # === ASKING ===#

    def _ask(self, method, path, params=()):
        sent = {"params": params} if method == "GET" else {"data": params}
        answer = requests.request(method, self._url + path, headers=self._headers, timeout=60, **sent)
        return answer.status_code, self.complete(answer.json())

    def _get(self, path, **params):
        return self._ask("GET", path, list(params.items()))[1]

    # === INTENTS ===#

    def _create_intent(self, params):
        status, body = self._ask("POST", INTENTS, _keep(params, INTENT_PARAMETERS))
        if status == 404:
            return 400, {"error": self._name_missing(dict(params))}
        if status == 402:
            return self._decline(self._get(f"/v1/charges/{body['error']['charge']}")["payment_intent"])
        off_session = dict(params).get("off_session", "").lower() == "true"
        if status == 200 and body["status"] == "requires_action" and off_session:
            return self._fail_to_authenticate(body)
        return status, body

    def _name_missing(self, params):
        found = "error" not in self._get(f"/v1/customers/{params.get('customer')}")
        name = "payment_method" if found else "customer"
        message = f"No such {name}: '{params.get(name)}'"
        return {"type": "invalid_request_error", "code": "resource_missing", "param": name, "message": message}

    def _decline(self, intent):
        intent = self._get(f"{INTENTS}/{intent}")
        return 402, {"error": {**intent["last_payment_error"], "type": "card_error", "payment_intent": intent}}

    def _fail_to_authenticate(self, intent):
        path, secret = f"{INTENTS}/{intent['id']}/_authenticate", intent["client_secret"]
        self._ask("POST", path, [("client_secret", secret), ("success", "false")])
        return self._decline(intent["id"])

    def _confirm_intent(self, path, params):
        """Do what Stripe's script does in the customer's browser, with the method that was typed in there."""
        intent = self._get(path)
        method = params.get("payment_method")
        if method:
            self._ask("POST", path, [("payment_method", method)])
            if intent["setup_future_usage"]:
                self._ask("POST", f"/v1/payment_methods/{method}/attach", [("customer", intent["customer"])])
        status, body = self._ask("POST", f"{path}/confirm", [("expand[]", "payment_method")])
        return self._decline(intent["id"]) if status == 402 else (status, body)

    def _list_intents(self, params):
        """List those of a customer since a time, the latest first; localstripe lists all, the oldest first."""
        rows, more = [], True
        while more:
            after = {"starting_after": rows[-1]["id"]} if rows else {}
            status, page = self._ask("GET", INTENTS, [("limit", 100), *after.items()])
            if status != 200:
                return status, page
            rows, more = rows + page["data"], page["has_more"]
        since = int(params.get("created[gte]", 0))
        rows = [row for row in reversed(rows) if row["created"] >= since]
        if "customer" in params:
            rows = [row for row in rows if row["customer"] == params["customer"]]
        start = [row["id"] for row in rows].index(params["starting_after"]) + 1 if "starting_after" in params else 0
        end = start + int(params.get("limit", 10))
        return 200, {"object": "list", "url": INTENTS, "data": rows[start:end], "has_more": end < len(rows)}

    # === WHAT STRIPE WOULD SAY ===#

    def _complete_intent(self, intent):
        metadata = intent["metadata"]
        memory = {name: metadata.get(MEMORY + name) for name in REMEMBERED}
        intent["metadata"] = {name: value for name, value in metadata.items() if not name.startswith(MEMORY)}
        if intent["status"] == "succeeded" and not intent["latest_charge"]["balance_transaction"]:
            intent["status"] = "processing"  # A bank debit: the money is on its way.
        intent["amount_received"] = intent["amount"] if intent["status"] == "succeeded" else 0
        intent.update(description=memory["description"], setup_future_usage=memory["setup_future_usage"])
        error = intent["last_payment_error"]
        if error:
            self._name_failure(error, intent, off_session=bool(memory["off_session"]))
        return intent

    def _name_failure(self, error, intent, off_session):
        if error["code"] == "payment_intent_authentication_failure":
            code = "authentication_required/authentication_required" if off_session else error["code"]
        else:
            method = intent["charges"]["data"][0]["payment_method"]
            method = self._get(f"/v1/payment_methods/{method}")
            code = method["metadata"].get(DECLINE) or "card_declined/generic_decline"
        error["code"], _slash, decline_code = code.partition("/")
        if decline_code:
            error["decline_code"] = decline_code
        error["message"] = MESSAGES.get(decline_code or code, error["message"])


def _keep(params, names):
    """Drop the parameters that localstripe does not know; remember the telling ones as metadata."""
    kept = [(name, value) for name, value in params if name.partition("[")[0] in {*names, "expand", "metadata"}]
    return kept + [(f"metadata[{MEMORY}{name}]", value) for name, value in params if name in REMEMBERED]
