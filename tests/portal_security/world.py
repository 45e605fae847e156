"""Two customers with the same things, one of another company, their guests, and somebody who works here."""

from uuid import uuid4

from odoo.fields import Command
from odoo.tools import SQL

from commands.shell import environment

from .calls import Key, Ref
from .people import Visitor

# Part of each name, e-mail address and number of a customer, and of nothing else.
VICTIM, EVE, OTTO = "zyxvic", "qwoeve", "jubotto"


class Customer:
    """A customer's ids and tokens, by what they are of."""

    def __init__(self, name, ids, tokens, guests):
        self.name, self.ids, self.tokens, self.guests = name, ids, tokens, guests
        self.other = None

    def refer(self, key):
        """Return the id of something; it knows that of the other customer's."""
        return Ref(self.ids.get(key, 1), self.other.ids.get(key, 2))

    def key(self, template, key):
        """Return a name made of an id."""
        return Key(template.format(self.ids[key]), template.format(self.other.ids[key]))


class World:
    """A database that is served, and who comes to its pages."""

    names = (VICTIM, EVE, OTTO)
    routes = log = watch = None

    def __init__(self, address, made):
        self.victim, self.eve, self.otto = (Customer(name, *made[name]) for name in self.names)
        self.victim.other, self.eve.other, self.otto.other = self.eve, self.victim, self.victim
        self.html_columns, self.common = made["html"], made["common"]

        def come(name, login=None, *knows):
            return Visitor(name, address, login, knows)

        self.nobody = come("who has no login")
        self.ada = come("the customer", f"ada@{VICTIM}.example", VICTIM)
        self.colleague = come("a colleague", f"carl@{VICTIM}.example", VICTIM)
        self.archived_user = come("a login that was archived", f"rex@{VICTIM}.example")
        self.eve_logged_in = come("a stranger", f"ada@{EVE}.example", EVE)
        self.otto_logged_in = come("a customer of another company", f"ada@{OTTO}.example", OTTO)
        self.employee = come("an employee without rights", "employee@here.example")
        self.guests = {
            level: come(f"who may {level}", guest_email(VICTIM, level), VICTIM) for level in ("see", "pay", "manage")
        }

    def get_known(self, visitor, call):
        """Return the names that a visitor may read in the answer to a call."""
        token, known = call.params.get("access_token"), set(visitor.knows)
        for customer in (self.victim, self.eve, self.otto):
            guests = [tokens[who] for tokens in customer.guests.values() for who in ("see", "pay", "manage", "keeper")]
            if isinstance(token, str) and token in (*customer.tokens.values(), *guests):
                known.add(customer.name)
        return known

    def set_on_order(self, document, name, value):
        """Let staff change something of a subscription of the victim's."""
        order_id = self.victim.ids[f"{document}_id"]
        self.watch.write(SQL("UPDATE sale_order SET %s = %s WHERE id = %s", SQL.identifier(name), value, order_id))

    def get_html(self, written):
        """Return the values of a row that are kept as HTML."""
        if written.kind == "DELETE":
            return []
        return [str(written.after.get(column)) for column in self.html_columns.get(written.table, ())]


def guest_email(customer, level):
    """Return the address of who may do something with the subscriptions of a customer: it does not name them."""
    return f"{level}@guests-of-{customer[0]}.example"


def archive_user(db):
    """Archive who is logged in."""
    with environment(db) as env:
        env["res.users"].search([("login", "=", f"rex@{VICTIM}.example")]).active = False
        env.cr.commit()
        env.registry.signal_changes()


def prepare(env):
    """Make all that is attacked; return what :class:`World` needs."""
    common = _make_offer(env)
    made = {"common": common, VICTIM: _Maker(env, VICTIM, common).make(), EVE: _Maker(env, EVE, common).make()}
    made[OTTO] = _make_foreigner(env)
    _make_employee(env)
    html = env["ir.model.fields"].search([("ttype", "=", "html"), ("store", "=", True)])
    made["html"] = {}
    for field in html:
        if field.model in env:
            made["html"].setdefault(env[field.model]._table, []).append(field.name)
    return made


def _make_offer(env):
    env.company.subscription_tz = "UTC"
    # Documents as PDFs take long, and are not what is attacked.
    env["mail.template"].search([]).report_template_ids = False
    provider = env["payment.provider"].search([("code", "=", "demo"), ("company_id", "=", env.company.id)])
    provider.write({"state": "test", "is_published": True, "allow_tokenization": True})
    method = provider.payment_method_ids.filtered("active")[:1]
    rights = {"customer_changes": "both", "customer_pause": True, "customer_close": True}
    Plan = env["subscription.plan"]
    monthly = Plan.create({"name": "Monthly", "invoicing_mode": "post", **rights})
    yearly = Plan.create({"name": "Yearly", "invoicing_mode": "post", "interval_unit": "year", **rights})
    afterwards = Plan.create({"name": "Afterwards", "invoicing_mode": "post", "billing_timing": "arrears", **rights})
    prices = {monthly: 12.0, yearly: 120.0, afterwards: 12.0}
    reason = env["subscription.close.reason"].create(
        {"name": "Moving away", "retention_offer": "discount", "retention_discount": 10, "retention_periods": 2}
    )
    magazine = _sell(env, "Magazine", prices)
    return {
        "provider": provider.id,
        "method": method.id,
        "monthly": monthly.id,
        "yearly": yearly.id,
        "afterwards": afterwards.id,
        "reason": reason.id,
        "own_reason": env.ref("sale_subscription_plus.close_reason_unpaid").id,
        "country": env.ref("base.us").id,
        "state": env.ref("base.state_us_13").id,
        "magazine": magazine,
        "archive": _sell(env, "Archive", prices),
        "audio": _sell(env, "Audio", prices),
        "template": _make_template(env, magazine, monthly, subscription_self_service=True),
        "own_template": _make_template(env, magazine, monthly, subscription_self_service=False),
    }


def _make_template(env, product, plan, **values):
    line = Command.create({"product_id": product})
    values |= {"name": "Magazine", "subscription_plan_id": plan.id, "sale_order_template_line_ids": [line]}
    return env["sale.order.template"].create(values).id


def _sell(env, name, prices):
    product = env["product.product"].create(
        {"name": name, "type": "service", "taxes_id": [], "invoice_policy": "order", "subscription_ok": True}
    )
    env["product.pricelist.item"].create(
        [
            {
                "applied_on": "1_product",
                "product_tmpl_id": product.product_tmpl_id.id,
                "subscription_plan_id": plan.id,
                "compute_price": "fixed",
                "fixed_price": price,
            }
            for plan, price in prices.items()
        ]
    )
    return product.id


# === CUSTOMERS ===#


class _Maker:
    """Makes a customer: a company, its contact with a login, and something of all that a route may be called for."""

    def __init__(self, env, name, common):
        self.env, self.name, self.common = env, name, common
        self.company = env["res.partner"].create(
            {"name": f"{name} Ltd", "is_company": True, "email": f"office@{name}.example"}
        )
        self.ada = self._make_colleague("Ada")
        self._make_colleague("Carl")
        self._make_colleague("Rex")
        # Somebody without a company and a login, and where invoices go.
        self.lone = self._make_contact("Lone")
        self.billing = self._make_contact("Billing", parent_id=self.company.id, type="invoice")
        self.orders, self.guests = {}, {}

    def make(self):
        """Return ids, tokens of documents, and tokens of guests."""
        self._make_subscriptions()
        self._make_quotations()
        people = self._make_people()
        for document, order in self.orders.items():
            if order.subscription_status in ("progress", "paused"):
                self.guests[document] = {who: _let_in(order, *person).access_token for who, person in people.items()}
        return self._get_ids(people), self._get_tokens(), self.guests

    # === SUBSCRIPTIONS ===#

    def _make_subscriptions(self):
        for document in ("order", "paused", "asking", "planning"):
            self._make_order(document, partner_invoice_id=self.billing.id).action_confirm()
        self._make_order("lone", partner_id=self.lone.id).action_confirm()
        term = {"subscription_commitment_months": 1, "subscription_auto_renew": False}
        self._make_order("ending", **term).action_confirm()
        self.env.cr.commit()
        self.env["subscription.billing.run"]._run()
        self.orders = {document: order.browse(order.id) for document, order in self.orders.items()}
        self.invoice = self.orders["order"].order_line.invoice_lines.move_id
        self.methods = self._make_method() + self._make_method()
        self.orders["order"].subscription_token_id = self.methods[0]
        self._ask("paused", {"kind": "pause", "from": False, "resume_on": False})
        self.request = self._ask("asking", {"kind": "quantity", "line_id": self._get_line("asking").id, "quantity": 5})
        self._ask("planning", {"kind": "quantity", "line_id": self._get_line("planning").id, "quantity": 1})
        self.change = self.orders["planning"].subscription_change_ids

    def _ask(self, document, item):
        order = self.orders[document]
        return order._submit_request([item], order._quote_request([item])["digest"], self.ada)

    def _get_line(self, document):
        return self.orders[document].order_line.filtered("product_uom_qty")[0]

    # === QUOTATIONS ===#

    def _make_quotations(self):
        self._make_order("quotation", require_signature=True)
        self._make_order("payable", require_payment=True, prepayment_percent=1.0)
        self._make_order("later", "afterwards", require_payment=True, prepayment_percent=1.0)
        for document in ("quotation", "payable", "later"):
            self.orders[document].action_quotation_sent()

    def _make_order(self, document, plan="monthly", **values):
        common = self.common
        order = self.env["sale.order"].create(
            {
                "name": f"{self.name}-{document}".upper(),
                "partner_id": self.ada.id,
                "subscription_plan_id": common[plan],
                "subscription_offered_plan_ids": [Command.set([common[plan], common["yearly"]])],
                "require_signature": False,
                "require_payment": False,
                "order_line": [
                    Command.create({"product_id": common["magazine"], "product_uom_qty": 2}),
                    Command.create({"product_id": common["archive"], "subscription_option_access": "both"}),
                    Command.create({"display_type": "line_section", "name": "Options", "is_optional": True}),
                    Command.create(
                        {"product_id": common["audio"], "product_uom_qty": 0, "subscription_option_access": "both"}
                    ),
                ],
                **values,
            }
        )
        self.orders[document] = order
        return order

    # === PEOPLE ===#

    def _make_contact(self, name, **values):
        return self.env["res.partner"].create(
            {
                "name": f"{name} {self.name}",
                "email": f"{name.lower()}@{self.name}.example",
                "phone": "+1 202 555 0101",
                "street": f"1 {self.name} street",
                "city": "Springfield",
                "zip": "12345",
                "country_id": self.common["country"],
                "state_id": self.common["state"],
                **values,
            }
        )

    def _make_colleague(self, name):
        return _make_login(self._make_contact(name, parent_id=self.company.id))

    def _make_people(self):
        """Return {who: (partner, level, whether the access was taken back)} of people of elsewhere."""
        people, Partner = {}, self.env["res.partner"]
        for level in ("see", "pay", "manage"):
            person = Partner.create({"name": f"Guest who may {level}", "email": guest_email(self.name, level)})
            people[level] = (_make_login(person), level)
        people["keeper"] = (Partner.create({"name": "Keeper", "email": f"keeper@{self.name[0]}.example"}), "see")
        people["taken back"] = (Partner.create({"name": "Gone"}), "manage", True)
        people["archived person"] = (Partner.create({"name": "Left", "active": False}), "manage")
        return people

    def _make_method(self):
        return self.env["payment.token"].create(
            {
                "provider_id": self.common["provider"],
                "payment_method_id": self.common["method"],
                "partner_id": self.ada.id,
                "provider_ref": str(uuid4()),
                "payment_details": "4242",
                "demo_simulated_state": "done",
            }
        )

    # === WHAT IT IS CALLED ===#

    def _get_ids(self, people):
        access = self.orders["order"].subscription_access_ids
        ids = {
            "order_id": self.orders["order"].id,
            "line_id": self._get_line("order").id,
            "option_line_id": self.orders["quotation"].order_line[-1].id,
            "added_line_id": self.orders["order"].order_line[-1].id,
            "archive_line_id": self.orders["order"].order_line[1].id,
            "invoice_id": self.invoice.id,
            "token_id": self.methods[1].id,
            "request_id": self.request.id,
            "change_id": self.change.id,
            "access_id": access.filtered(lambda access: access.partner_id == people["see"][0]).id,
            "contact_id": self.ada.id,
            "plan_id": self.common["yearly"],
        }
        return ids | {f"{document}_id": order.id for document, order in self.orders.items()}

    def _get_tokens(self):
        tokens = {document: order._portal_ensure_token() for document, order in self.orders.items()}
        return {**tokens, "invoice": self.invoice._portal_ensure_token()}


def _make_login(partner, group="base.group_portal"):
    """Give a partner a login, which is their e-mail address, as is their password."""
    env = partner.env
    groups = [Command.set(env.ref(group).ids)]
    login = partner.email
    env["res.users"].create({"login": login, "password": login, "partner_id": partner.id, "group_ids": groups})
    return partner


def _let_in(order, partner, level, taken_back=False):
    access = order.env["subscription.access"].create({"order_id": order.id, "partner_id": partner.id, "level": level})
    access.active = not taken_back
    return access


def _make_foreigner(env):
    """Make another company's customer, with a subscription there."""
    company = env["res.company"].create({"name": "Elsewhere"})
    env = env(context={"allowed_company_ids": company.ids})
    partner = env["res.partner"].create({"name": f"Ada {OTTO}", "email": f"ada@{OTTO}.example"})
    user = _make_login(partner).user_ids
    user.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
    order = env["sale.order"].create({"name": f"{OTTO}-1".upper(), "partner_id": partner.id})
    return {"order_id": order.id}, {"order": order._portal_ensure_token()}, {}


def _make_employee(env):
    _make_login(env["res.partner"].create({"name": "Employee", "email": "employee@here.example"}), "base.group_user")
