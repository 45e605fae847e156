"""A database on the road: its Stripe is the test's own, its subscribers have saved methods there."""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

from odoo.fields import Command

from commands.shell import environment

from ..bills import ROOT, Worker
from .provider import SECRET_KEY, WEBHOOK_SECRET

TODAY = date.today()
PRICE, CENTS = 10.0, 1000
MAILS = {
    "did not go through": "failed",
    "new payment method": "method",
    "confirm your payment": "confirm",
    "thank you": "paid",
}
METHODS = {"card": "payment.payment_method_card", "sepa": "payment.payment_method_sepa_direct_debit"}


def prepare(env, provider):
    """Let the company take money at the test's provider, and sell one magazine a month."""
    env["ir.config_parameter"].set_param("subscription_road.url", provider.url)
    env.company.subscription_tz = "UTC"
    env.ref("base.EUR").write({"active": True, "rate_ids": [Command.create({"name": "2020-01-01", "rate": 1.0})]})
    get_stripe(env).write(
        {
            "state": "test",
            "is_published": True,
            "stripe_publishable_key": "pk_test_road",
            "stripe_secret_key": SECRET_KEY,
            "stripe_webhook_secret": WEBHOOK_SECRET,
            "allow_tokenization": True,
        }
    )
    for xmlid in METHODS.values():
        env.ref(xmlid).active = True
    env["subscription.plan"].create({"name": "Monthly", "invoicing_mode": "post"})
    product = {"name": "Magazine", "type": "service", "list_price": PRICE, "subscription_ok": True, "taxes_id": []}
    env["product.product"].create(product)


def get_stripe(env):
    """Return the company's provider."""
    return env["payment.provider"].search([("code", "=", "stripe"), ("company_id", "=", env.company.id)])


def renew(env):
    """Give a copied database an identity of its own; idempotency keys are made of it."""
    env["ir.config_parameter"].init(force=True)


@dataclass
class Subscriber:
    """Somebody with a subscription, and a method saved at the provider."""

    order: int
    customer: str
    method: str


class Road:
    """A database, its provider, and what happens between them."""

    def __init__(self, db, provider, config):
        self.db, self.provider, self.config = db, provider, str(config)

    @contextmanager
    def env(self):
        """The superuser's environment, committed at the end."""
        with environment(self.db) as env:
            yield env

    def subscribe(self, *saved, kind="card", start=TODAY):
        """Confirm a monthly subscription for each pair of ids of a customer and a method at the provider."""
        with self.env() as env:
            subscribers = [_subscribe(env, customer, method, kind, start) for customer, method in saved]
            env.cr.commit()
        return subscribers[0] if len(saved) == 1 else subscribers

    def bill(self, day=TODAY):
        """Make the invoices that are due."""
        with self.env() as env:
            done = env["sale.order"]._subscription_run_billing(date=day)
        assert (done["parked"], done["left_due"]) == (0, 0), done

    def start_collecting(self):
        """Charge what is to be charged, in a process of its own."""
        python_path = f"{ROOT}:{ROOT / 'setup'}:{os.environ.get('PYTHONPATH', '')}"
        command = ("-m", "tests.charging.collect", "--db", self.db, "--config", self.config)
        return Worker(*command, PYTHONPATH=python_path)

    def collect(self):
        """Charge what is to be charged; return what was told of it."""
        done = self.start_collecting().finish()
        assert done.rc == 0, done.errors
        return done.json

    def look(self, *subscribers):
        """Return what the books say of the collections of these subscribers, the oldest first."""
        with self.env() as env:
            orders = [subscriber.order for subscriber in subscribers]
            charges = env["subscription.charge"].search([("order_ids", "in", orders)], order="id")
            return [_describe(charge) for charge in charges]

    def assert_books_agree(self):
        """Fail where the check finds anything, at the provider or elsewhere."""
        with self.env() as env:
            checked = env["subscription.check"]._run(ask_providers=True)
        assert "money_at_stripe" in checked["checks"]
        assert not checked["offenders"], checked["details"]

    def save_method(self, subscriber, customer, method):
        """Save another card of a subscriber."""
        with self.env() as env:
            partner = env["sale.order"].browse(subscriber.order).partner_id
            _save_method(env, partner, customer, method)

    def set_secret_key(self, key=SECRET_KEY):
        """Set the key by which Odoo is known at the provider."""
        with self.env() as env:
            get_stripe(env).stripe_secret_key = key

    def let_keys_grow_old(self):
        """Let a day go by since payments were sent: the provider has forgotten their keys."""
        with self.env() as env:
            env.cr.execute(
                "UPDATE payment_transaction SET subscription_sent_on = subscription_sent_on - interval '1 day'"
            )

    def retry(self, *subscribers):
        """Press the button that charges at once."""
        with self.env() as env:
            orders = [subscriber.order for subscriber in subscribers]
            env["subscription.charge"].search([("order_ids", "in", orders)]).action_retry()

    def post_process(self):
        """Do what Odoo does every ten minutes: book what webhooks told."""
        with self.env() as env:
            env["payment.transaction"]._cron_post_process()


def _describe(charge):
    """Return what the books say of a collection."""
    attempts = charge.transaction_ids.sorted("id")
    mails = charge.env["mail.mail"].search([("model", "=", charge._name), ("res_id", "=", charge.id)], order="id")
    mails = mails.filtered(
        lambda mail: charge.partner_id in mail.recipient_ids or charge.partner_id.email in str(mail.email_to)
    )
    return SimpleNamespace(
        state=charge.state,
        is_paid=charge.move_id.payment_state in ("paid", "in_payment"),
        next_attempt_on=charge.next_attempt_on,
        attempts=[(tx.state, tx.subscription_failure_kind) for tx in attempts],
        codes=[(tx.subscription_http_status, tx.subscription_decline_code) for tx in attempts],
        booked=sum(charge.move_id.transaction_ids.payment_id.mapped("amount")),
        mails=[_name_mail(mail) for mail in mails],
        order_status=charge.order_ids.subscription_payment_status,
        token_blocked=bool(charge.token_id.subscription_blocked_reason),
        link=charge._get_payment_link(),
        invoice={
            "id": charge.move_id.id,
            "access_token": charge.move_id._portal_ensure_token(),
            "amount": charge.amount_due,
            "provider_id": get_stripe(charge.env).id,
            "payment_method_id": charge.env.ref(METHODS["card"]).id,
        },
    )


def _name_mail(mail):
    """Return which mail it is, by the words of its subject."""
    return next((name for words, name in MAILS.items() if words in mail.subject), mail.subject)


def _subscribe(env, customer, method, kind, start):
    euros = env["product.pricelist"].create({"name": "Euros", "currency_id": env.ref("base.EUR").id})
    partner = env["res.partner"].create(
        {"name": f"Reader {customer}", "email": f"{customer}@example.com", "invoice_sending_method": "email"}
    )
    token = _save_method(env, partner, customer, method, kind)
    order = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "user_id": env.ref("base.user_admin").id,
            "pricelist_id": euros.id if kind == "sepa" else False,
            "subscription_plan_id": env["subscription.plan"].search([("name", "=", "Monthly")], limit=1).id,
            "subscription_start": start,
            "subscription_token_id": token.id,
            "order_line": [
                Command.create({"product_id": env["product.product"].search([("name", "=", "Magazine")], limit=1).id})
            ],
        }
    )
    order.action_confirm()
    return Subscriber(order.id, customer, method)


def _save_method(env, partner, customer, method, kind="card"):
    return env["payment.token"].create(
        {
            "provider_id": get_stripe(env).id,
            "payment_method_id": env.ref(METHODS[kind]).id,
            "partner_id": partner.id,
            "provider_ref": customer,
            "stripe_payment_method": method,
            "payment_details": method[-4:],
        }
    )
