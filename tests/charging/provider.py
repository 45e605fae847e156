"""Stripe, as far as tests can have it: localstripe in a process, the shim in another, and hands on both."""

import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import requests
import stripe

from ..bills import wait_for

ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY, WEBHOOK_SECRET = "sk_test_road", "whsec_road"

GOOD_CARD = "4242424242424242"
# Charging it fails; why is told by the test that saves it.
DECLINED_CARD = "4000000000000341"
# Each payment must be confirmed by the customer.
CAUTIOUS_CARD = "4000002760003184"
GOOD_ACCOUNT = "DE89370400440532013000"
# The bank gives the money back, or never paid it, some time after the debit.
RETURNED_ACCOUNT = "DE62370400440532013001"

# Without its habit to write all it knows to one file, which another user's run may own.
LOCALSTRIPE = """
from localstripe import resources, server
resources.Store.dump_to_disk = lambda self: None
server.start()
"""


@contextmanager
def running_provider():
    """The provider; its processes are ended at the end."""
    local, shim = find_port(), find_port()
    upstream = f"http://127.0.0.1:{local}"
    with ExitStack() as processes:
        processes.enter_context(_process("-c", LOCALSTRIPE, "--port", str(local), "--from-scratch"))
        wait_for(lambda: _answers(f"{upstream}/v1/customers"))
        processes.enter_context(_process("-m", "tests.charging.shim", str(shim), upstream))
        wait_for(lambda: _answers(f"http://127.0.0.1:{shim}/v1/customers"))
        yield Provider(f"http://127.0.0.1:{shim}", upstream)


@contextmanager
def _process(*arguments):
    environ = os.environ | {"PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environ
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()
            log.seek(0)
            print(_interesting(log.read().decode()))


def _interesting(log):
    """Return what a process told of errors; pytest shows it where a test failed."""
    return log[log.find("Traceback") :] if "Traceback" in log else ""


def find_port():
    """Return a port that nobody listens to."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _answers(url):
    try:
        return requests.get(url, headers={"Authorization": f"Bearer {SECRET_KEY}"}, timeout=5).ok
    except requests.RequestException:
        return False


class Provider:
    """What tests do at the provider, see there, and let go wrong."""

    def __init__(self, url, upstream):
        self.url = url
        # What is counted is asked of localstripe itself.
        self.books = stripe.StripeClient(SECRET_KEY, base_addresses={"api": upstream}, max_network_retries=0).v1
        self.stripe = stripe.StripeClient(SECRET_KEY, base_addresses={"api": url}, max_network_retries=0).v1

    # === CUSTOMERS ===#

    def save_card(self, number=GOOD_CARD, decline=None):
        """Save a card at the provider; return the ids of its customer and of the payment method.

        :param str decline: why charging it fails: code, or code/decline_code
        """
        return self._save({"type": "card", "card": self.card(number)}, decline)

    def save_account(self, iban=GOOD_ACCOUNT, decline=None):
        """Save a bank account at the provider; return the ids of its customer and of the payment method."""
        return self._save({"type": "sepa_debit", "sepa_debit": {"iban": iban}}, decline)

    def _save(self, method, decline):
        method = self.create_method(method, decline)
        customer = self.stripe.customers.create({"name": "Reader"}).id
        self.stripe.payment_methods.attach(method, {"customer": customer})
        return customer, method

    def create_method(self, values, decline=None):
        """Create a payment method that belongs to nobody yet, as Stripe's script does; return its id."""
        metadata = {"decline": decline} if decline else {}
        return self.stripe.payment_methods.create({**values, "metadata": metadata}).id

    @staticmethod
    def card(number):
        """What a customer types in."""
        return {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123"}

    # === MONEY ===#

    def get_charges(self):
        """Return what was really charged: (customer, amount in cents) of each charge that went through."""
        charges = self.books.charges.list({"limit": 1000}).auto_paging_iter()
        # Money that is there has a transaction in the provider's balance.
        return sorted((charge.customer, charge.amount) for charge in charges if charge.balance_transaction)

    def get_taken(self, customer):
        """Return the amounts in cents that were taken from a customer."""
        return [amount for owner, amount in self.get_charges() if owner == customer]

    # === WEBHOOKS ===#

    def wait_for_event(self, kind, customer):
        """Wait for an event of a payment of ``customer``, and return it."""

        def find_event():
            events = [event for event in self._tell("events") if event["type"] == kind]
            return next((event for event in events if event["data"]["object"].get("customer") == customer), None)

        return wait_for(find_event)

    def deliver(self, event, address, secret=WEBHOOK_SECRET):
        """Post an event to Odoo, signed as Stripe does; return the answer."""
        payload = json.dumps(event)
        now = int(time.time())
        signature = hmac.new(secret.encode(), f"{now}.{payload}".encode(), hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={now},v1={signature}"}
        return requests.post(f"{address}/payment/stripe/webhook", data=payload, headers=headers, timeout=60)

    # === FAULTS ===#

    def arm(self, at, do, **values):
        """Let something go wrong; see :class:`.shim.faults.Fault`."""
        self._tell("arm", at=at, do=do, **values)

    def go_down(self):
        """Let nobody reach the provider any more."""
        for method in ("GET", "POST"):
            self.arm("edge", "cut", method=method, times=99)

    def disarm(self):
        """Let all go well from now on."""
        self._tell("disarm")

    def release(self):
        """Let the requests that are held go on."""
        self._tell("release")

    def wait_until_held(self, at):
        """Wait until a request is held at a place."""

        def is_held():
            return at in self._tell("holding")

        wait_for(is_held)

    def forget_keys(self):
        """Forget idempotency keys, as Stripe does after a day."""
        self._tell("forget_keys")

    def get_requests(self, method="POST", path="/v1/payment_intents"):
        """Return the requests that came by."""
        return [record for record in self._tell("requests") if (record["method"], record["path"]) == (method, path)]

    def _tell(self, what, **values):
        answer = requests.post(f"{self.url}/shim/{what}", json=values, timeout=60)
        answer.raise_for_status()
        return answer.json()
