"""How long a customer with many subscriptions waits for their pages in the portal, with a login and by a link."""

import json
from datetime import date
from statistics import median

from dateutil.relativedelta import relativedelta
from werkzeug.test import Client

from odoo import SUPERUSER_ID, api, http
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.server import load_server_wide_modules
from odoo.tools import config

from .agreements import make_agreements
from .common import Clock, analyze, batched, new_database, print_table, tell

SUBSCRIPTIONS = 200
REPETITIONS = 5
# Billed since: that is how many invoices each subscription has.
MONTHS = 6
LOGIN = "reader-portal"
ENVIRON = {"REMOTE_ADDR": "127.0.0.1"}
COUNTERS = (
    "subscription_count",
    "subscription_unpaid_count",
    "subscription_method_count",
    "subscription_renewal_count",
    "subscription_request_count",
)

# Pages by name; what stands in braces is told by :func:`_get_places`. Those of LINKED are opened without a login.
PAGES = {
    "Home": "/my",
    "Home, its counters": "/my/counters",
    "List": "/my/subscriptions",
    "List, last page": "/my/subscriptions/page/99",
    "List, to pay": "/my/subscriptions?filterby=to_pay",
    "List, all, by reference": "/my/subscriptions?filterby=all&sortby=reference",
    "List, search": "/my/subscriptions?search=included",
    "Subscription": "/my/subscriptions/{order}",
    "Subscription, all invoices": "/my/subscriptions/{order}?invoices=all",
    "Subscription, change": "/my/subscriptions/{order}/change",
    "Subscription, pause": "/my/subscriptions/{order}/pause",
    "Subscription, close": "/my/subscriptions/{order}/close",
    "Subscription, payment method": "/my/subscriptions/{order}/payment_method",
    "Subscription, people": "/my/subscriptions/{order}/people",
    "Subscription, addresses": "/my/subscriptions/{order}/addresses",
    "New subscription": "/my/subscriptions/new",
    "Invoice": "/my/invoices/{invoice}",
    "Quotation": "/my/orders/{quotation}",
}
LINKED = {
    "Subscription, by link": "/my/subscriptions/{order}?access_token={order_token}",
    "Subscription, change, by link": "/my/subscriptions/{order}/change?access_token={order_token}",
    "Invoice, by link": "/my/invoices/{invoice}?access_token={invoice_token}",
    "Quotation, by link": "/my/orders/{quotation}?access_token={quotation_token}",
}


def run(options):
    """Open each page several times; print the median of its milliseconds, and its SQL statements."""
    with new_database("sale_subscription_plus_portal", "payment_demo") as db:
        with Registry(db).cursor() as cr:
            places = _make_customer(api.Environment(cr, SUPERUSER_ID, {}), options.subscriptions)
            cr.commit()
        analyze(db)
        config["db_name"] = [db]
        load_server_wide_modules()
        tell("opening pages")
        visitor, reader = Visitor(), Visitor()
        reader.log_in(db)
        table = {}
        for who, pages in ((reader, PAGES), (visitor, LINKED)):
            table |= {name: who.measure(path.format(**places)) for name, path in pages.items()}
    print_table(
        ["Page", "ms", "of it in Python", "SQL"],
        [[name, page["ms"], page["cpu_ms"], page["sql"]] for name, page in table.items()],
    )
    return {
        "slowest_ms": max(page["ms"] for page in table.values()),
        "most_sql": max(page["sql"] for page in table.values()),
        "pages": table,
    }


class Visitor:
    """Somebody in front of the pages, served by this very process."""

    def __init__(self):
        self.client = Client(http.root)

    def log_in(self, db):
        response = self._post("/web/session/authenticate", db=db, login=LOGIN, password=LOGIN)
        assert json.loads(response.text).get("result"), response.text

    def measure(self, path):
        """Return what it takes to open a page that was opened before."""
        self.open(path)
        clocks = []
        for _repetition in range(REPETITIONS):
            with Clock() as clock:
                self.open(path)
            clocks.append(clock)
        return {
            "ms": round(median(clock.seconds for clock in clocks) * 1000),
            "cpu_ms": round(median(clock.cpu for clock in clocks) * 1000),
            "sql": round(median(clock.statements for clock in clocks)),
        }

    def open(self, path):
        """Open a page; the counters are asked for as the home page does."""
        if path == "/my/counters":
            response = self._post(path, counters=COUNTERS)
        else:
            response = self.client.get(path, environ_base=ENVIRON)
        assert response.status_code == 200, f"{path}: {response.status}, {response.headers.get('Location', '')}"

    def _post(self, path, **params):
        return self.client.post(path, json={"jsonrpc": "2.0", "params": params}, environ_base=ENVIRON)


# === WHO OPENS THEM ===#


def _make_customer(env, count):
    """Make a firm with ``count`` subscriptions and somebody with a login; return what stands in the addresses."""
    tell(f"making {count} subscriptions, and {MONTHS} invoices of each")
    _take_payments(env)
    firm = env["res.partner"].create({"name": "Readers Ltd", "is_company": True, "email": "readers@example.com"})
    _create_login(env, firm)
    orders = env["sale.order"]
    for agreements in batched(make_agreements(env, count)):
        orders += orders.create([_prepare_order(env, firm, agreement) for agreement in agreements])
    for some in batched(orders[1:], 100):
        some.action_confirm()
        env.cr.commit()
    tell("billing them")
    # One invoice for each missed period, as many as the company's limit allows.
    env["subscription.billing.run"]._run()
    # One is still a quotation, with a choice of plans, and one more can be taken.
    _offer_plans(env, orders[0] | orders[-1])
    orders[0].action_quotation_sent()
    _offer(env, orders[0])
    return _get_places(orders[-1], orders[0])


def _offer_plans(env, orders):
    """Let the customer choose among three plans."""
    units = {"Quarterly": (3, "month"), "Yearly": (1, "year")}
    plans = orders.subscription_plan_id
    for name, (count, unit) in units.items():
        plans += plans.create({"name": name, "interval_count": count, "interval_unit": unit})
    orders.subscription_offered_plan_ids = plans
    for line in orders.order_line:
        # As if no plan had been chosen for it by hand.
        line.subscription_default_plan_id = line.subscription_plan_id


def _take_payments(env):
    env.company.subscription_tz = "UTC"
    provider = env["payment.provider"].search([("code", "=", "demo"), ("company_id", "=", env.company.id)])
    provider.write({"state": "test", "is_published": True, "allow_tokenization": True})


def _create_login(env, firm):
    values = {
        "name": "Rita Reader",
        "login": LOGIN,
        "password": LOGIN,
        "email": "rita@example.com",
        "parent_id": firm.id,
        "group_ids": [Command.set(env.ref("base.group_portal").ids)],
    }
    env["res.users"].with_context(no_reset_password=True).create(values)


def _prepare_order(env, firm, agreement):
    plan = env["subscription.plan"].search([("name", "=", "Monthly")], limit=1) or env["subscription.plan"].create(
        {
            "name": "Monthly",
            "invoicing_mode": "post",
            "customer_changes": "both",
            "customer_pause": True,
            "customer_close": True,
        }
    )
    return {
        "partner_id": firm.id,
        "pricelist_id": agreement.pricelist.id,
        "subscription_plan_id": plan.id,
        "subscription_start": date.today() - relativedelta(months=MONTHS - 1),
        "client_order_ref": agreement.customer.name,
        "require_signature": True,
        "order_line": [
            Command.create({"product_id": product.id, "price_unit": price, "subscription_plan_id": plan.id})
            for product, price in agreement.prices
        ],
    }


def _offer(env, order):
    """Open a template to self-service."""
    env["sale.order.template"].create(
        {
            "name": "Reading",
            "subscription_plan_id": order.subscription_plan_id.id,
            "subscription_self_service": True,
            "sale_order_template_line_ids": [
                Command.create({"product_id": product.id}) for product in order.order_line.product_id
            ],
        }
    )


def _get_places(order, quotation):
    invoice = order.invoice_ids.sorted("id")[:1]
    documents = {"order": order, "invoice": invoice, "quotation": quotation}
    return {name: document.id for name, document in documents.items()} | {
        f"{name}_token": document._portal_ensure_token() for name, document in documents.items()
    }
