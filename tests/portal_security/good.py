"""How a customer calls each route of ours. A new route wants an entry here; the test says so."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from .calls import PLACEHOLDER, Amount, Day, Key, Ref, Text

# A one-pixel picture.
SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TWO_TABS = "a form that is left open, and one in another tab: each begins a payment, only one is paid"
# Rights of an order, and what takes them away.
NO_CHANGES, NO_PAUSE, NO_CLOSE = (
    {"subscription_customer_changes": "restricted"},
    {"subscription_customer_pause": False},
    {"subscription_customer_close": False},
)


def _nothing(_world, _visitor):
    return {}


@dataclass
class Good:
    """A call that is carried out.

    :param params: function that gives what is sent, of world and visitor; without the token
    :param opens: the document whose link opens the route
    :param level: the least that a guest of the subscription needs; ``customer``: guests may not
    :param rights: {column of the order: value} with which the same is refused
    :param login: a link will not do
    :param staff: no customer may call it
    :param keeper: it is for somebody of elsewhere, who has a link and a login
    :param reads: nothing is written, whatever the method
    :param ignores: parameters that the server does not look at
    :param repeatable: why the same may count twice
    :param places: {place in the address: what to put there, if it is called otherwise}
    :param pages: where what was written is shown
    """

    params: Callable = _nothing
    opens: str | None = None
    level: str | None = None
    rights: dict = field(default_factory=dict)
    login: bool = False
    staff: bool = False
    keeper: bool = False
    method: str | None = None
    reads: bool = False
    ignores: tuple = ()
    repeatable: str = ""
    places: dict = field(default_factory=dict)
    pages: tuple = ()
    title: str = ""

    def get_params(self, world, visitor):
        """Return the parameters, without the token."""
        return self.params(world, visitor)

    def get_places(self, rule):
        """Return the names of the places in the address."""
        return [match[1] for match in PLACEHOLDER.finditer(rule)]

    def get_pages(self, world):
        """Return the addresses of pages on which something that was written is shown."""
        pages = self.pages or (
            "/my/subscriptions/{order_id}",
            "/my/subscriptions/{order_id}/people",
            "/my/subscriptions/{order_id}/addresses",
            "/my/orders/{quotation_id}",
        )
        return [page.format(**world.victim.ids) for page in pages]

    def writes(self, route):
        """Whether the good call changes something."""
        return not self.reads and (self.method or route.method) != "GET"


# === PAYING ===#


def _pay(world, **values):
    return {
        "provider_id": world.common["provider"],
        "payment_method_id": world.common["method"],
        "token_id": None,
        "amount": None,
        "flow": "direct",
        "tokenization_requested": True,
        "landing_route": "/my",
        "is_validation": True,
        **values,
    }


def _save_method(world, _visitor):
    return _pay(world)


def _pay_amount(amount):
    return lambda world, _visitor: _pay(world, amount=Amount(amount), is_validation=False)


def _own_method(world, _visitor):
    return {"token_id": world.victim.refer("token_id")}


# === FORMS ===#


def _no_entries(_world):
    return {}


def _more(world):
    return {"part": "lines", f"quantity_{world.victim.ids['line_id']}": Amount(3)}


def _less(world):
    return {"part": "lines", f"quantity_{world.victim.ids['line_id']}": Amount(1)}


def _add(world):
    return {"part": "lines", f"add_line-{world.victim.ids['added_line_id']}": Amount(1)}


def _remove(world):
    return {"part": "lines", f"remove_{world.victim.ids['archive_line_id']}": "1"}


def _switch(world):
    return {"part": "plan", "plan_id": Ref(world.common["yearly"], world.common["afterwards"])}


def _pause(_world):
    return {"from": Day(""), "resume_on": Day("")}


def _close(world):
    # No reason of another customer's, there is none; but one that customers do not choose.
    reason = Ref(world.common["reason"], world.common["own_reason"])
    return {"reason_id": reason, "note": Text("Too far away"), "last_day": Day("")}


def _enter(entries):
    return lambda world, _visitor: entries(world)


def _confirm(form, entries=_no_entries, document="order", button=None):
    """Return the function that gives what the page of review would send."""

    def params(world, visitor):
        entered = entries(world)
        path = f"/my/subscriptions/{world.victim.ids[f'{document}_id']}/{form}"
        token = {} if visitor.login else {"access_token": world.victim.tokens[document]}
        if form == "resume":
            forms = visitor.read_forms(path, **token)
        else:
            forms = visitor.fill_in(f"{path}/review", **token, **entered)
        button_path = f"{path}/{button or 'confirm'}"
        assert button_path in forms, f"{path}/review offers no {button_path}, but {list(forms)}"
        return {**entered, "digest": forms[button_path]["digest"]}

    return params


def _form(form, entries, title, rights):
    return Good(_confirm(form, entries), "order", "manage", rights, places={"form": form}, title=f"({form}: {title})")


def _shown(form, entries):
    return Good(_enter(entries), "order", "manage", places={"form": form}, reads=True, method="POST", title=f"({form})")


# === LISTS, PEOPLE AND ADDRESSES ===#


def _search(_world, _visitor):
    return {"search": Text("zyx"), "filterby": Text("running"), "sortby": Text("name")}


def _invitation(_world, _visitor):
    return {"email": Text("grace@friends.example"), "name": Text("Grace"), "level": Key("see", "all")}


def _address(world, _visitor):
    return {
        "name": Text("Zoe"),
        "email": Text("zoe@friends.example"),
        "phone": Text("+1 202 555 0199"),
        "street": Text("2 High Street"),
        "street2": Text("Flat 1"),
        "zip": Text("12345"),
        "city": Text("Springfield"),
        "country_id": Ref(world.common["country"], 10**6),
        "state_id": Ref(world.common["state"], 10**6),
    }


def _contact(_world, _visitor):
    return {"email": Text("ada.new@friends.example"), "phone": Text("+1 202 555 0188")}


# === FOR EMPLOYEES ===#


def _cohorts(_world, _visitor):
    asked = {
        "model": "subscription.customer.report",
        "arguments": {"domain": [], "date_start": "start_date", "date_stop": "stop_date"},
        "title": "Cohorts",
        "measure_label": "Customers",
        "later": "Months later",
    }
    return {"data": json.dumps(asked)}


ORDER = "/my/orders/<int:order_id>"
INVOICE = "/my/invoices/<int:invoice_id>"
SUBSCRIPTION = "/my/subscriptions/<int:order_id>"
FORM = f"{SUBSCRIPTION}/<any(change, pause, close):form>"
REQUEST = f"{SUBSCRIPTION}/requests/<int:request_id>"
METHOD = f"{SUBSCRIPTION}/payment_method"
PEOPLE = f"{SUBSCRIPTION}/people"
ADDRESSES = f"{SUBSCRIPTION}/addresses"
KIND = f"{ADDRESSES}/<any(invoice, delivery):kind>"


def _page(opens, level=None, **values):
    return Good(lambda _world, _visitor: {"message": Text("sent")}, opens, level, method="GET", **values)


GOOD = {
    # Quotations
    ORDER: [_page("quotation")],
    f"{ORDER}/plan": [Good(lambda world, _visitor: {"plan_id": Ref(world.common["yearly"], 10**6)}, "quotation")],
    f"{ORDER}/accept": [
        Good(lambda _world, _visitor: {"name": Text("Ada"), "signature": SIGNATURE}, "quotation"),
    ],
    f"{ORDER}/update_line_dict": [
        Good(
            lambda world, _visitor: {
                "line_id": world.victim.refer("option_line_id"),
                "input_quantity": Amount(2),
            },
            "quotation",
        )
    ],
    f"{ORDER}/transaction": [Good(_pay_amount(24.0 + 12.0), "payable", repeatable=TWO_TABS)],
    f"{ORDER}/payment_method": [Good(_own_method, "later", login=True)],
    # Invoices
    "/invoice/transaction/<int:invoice_id>": [Good(_pay_amount(36.0), "invoice", "pay", repeatable=TWO_TABS)],
    f"{INVOICE}/payment_method": [_page("invoice", "pay")],
    f"{INVOICE}/payment_method/transaction": [Good(_save_method, "invoice", "pay", repeatable=TWO_TABS)],
    f"{INVOICE}/payment_method/assign": [Good(_own_method, "invoice", "pay", login=True)],
    f"{INVOICE}/payment_method/assign_all": [Good(_own_method, "invoice", "pay", login=True)],
    f"{INVOICE}/payment_method/remove": [Good(_nothing, "invoice", "pay")],
    # The page of a subscription
    "/my/subscriptions": [Good(_search, login=True)],
    "/my/subscriptions/page/<int:page>": [Good(_search, login=True, places={"page": 1})],
    SUBSCRIPTION: [_page("order", "see")],
    f"{SUBSCRIPTION}/invoices/<int:invoice_id>": [Good(_nothing, "order", "see")],
    f"{SUBSCRIPTION}/message": [
        Good(
            lambda _world, _visitor: {"message": Text("Hello")},
            "order",
            "see",
            repeatable="two messages may say the same",
        )
    ],
    # Forms
    FORM: [_shown("change", _more), _shown("pause", _pause), _shown("close", _close)],
    f"{FORM}/review": [
        _shown("change", _more),
        _shown("change", _switch),
        _shown("pause", _pause),
        _shown("close", _close),
    ],
    f"{FORM}/confirm": [
        _form("change", _more, "more", NO_CHANGES),
        _form("change", _less, "less", {"subscription_customer_changes": "upgrade"}),
        _form("change", _add, "add", NO_CHANGES),
        _form("change", _remove, "remove", NO_CHANGES),
        _form("change", _switch, "plan", NO_CHANGES),
        _form("pause", _pause, "now", NO_PAUSE),
        _form("close", _close, "soon", NO_CLOSE),
    ],
    f"{SUBSCRIPTION}/close/stay": [
        Good(_confirm("close", _close, button="stay"), "order", "manage", NO_CLOSE, ignores=("last_day",)),
    ],
    f"{SUBSCRIPTION}/resume": [_page("paused", "manage")],
    f"{SUBSCRIPTION}/resume/confirm": [
        Good(_confirm("resume", document="paused"), "paused", "manage", NO_PAUSE),
    ],
    f"{SUBSCRIPTION}/changes/<int:change_id>/withdraw": [Good(_nothing, "planning", "manage")],
    f"{SUBSCRIPTION}/renew": [Good(_nothing, "ending", "customer")],
    "/my/subscriptions/new": [Good(_nothing, login=True)],
    "/my/subscriptions/new/quotation": [
        Good(
            lambda world, _visitor: {"template_id": Ref(world.common["template"], world.common["own_template"])},
            login=True,
            repeatable="a customer may take two",
        )
    ],
    # Requests
    REQUEST: [_page("asking", "manage")],
    f"{REQUEST}/cancel": [Good(_nothing, "asking", "manage")],
    f"{REQUEST}/transaction": [Good(_pay_amount(36.0), "asking", "manage", ignores=("amount",), repeatable=TWO_TABS)],
    # Payment method
    METHOD: [_page("order", "pay")],
    f"{METHOD}/transaction": [Good(_save_method, "order", "pay", repeatable=TWO_TABS)],
    f"{METHOD}/assign": [Good(_own_method, "order", "pay", login=True)],
    f"{METHOD}/assign_all": [Good(_own_method, "order", "pay", login=True)],
    f"{METHOD}/remove": [Good(_nothing, "order", "pay")],
    # People
    PEOPLE: [_page("order", "manage")],
    f"{PEOPLE}/invite": [Good(_invitation, "order", "manage")],
    f"{PEOPLE}/keep": [Good(_nothing, "order", keeper=True)],
    f"{PEOPLE}/<int:access_id>/level": [
        Good(lambda _world, _visitor: {"level": Key("pay", "all")}, "order", "manage"),
    ],
    f"{PEOPLE}/<int:access_id>/revoke": [Good(_nothing, "order", "manage")],
    f"{PEOPLE}/<int:access_id>/send": [Good(_nothing, "order", "manage", repeatable="a mail may be lost again")],
    # Addresses
    ADDRESSES: [_page("order", "manage")],
    f"{KIND}/choose": [
        Good(
            lambda world, _visitor: {"partner_id": world.victim.refer("contact_id")},
            "order",
            "manage",
            places={"kind": "invoice"},
        )
    ],
    f"{KIND}/new": [
        Good(_address, "order", "manage", places={"kind": "invoice"}, method="POST", title="(invoice)"),
        Good(_address, "order", "manage", places={"kind": "delivery"}, method="POST", title="(delivery)"),
    ],
    f"{ADDRESSES}/contact": [Good(_contact, "lone", "manage")],
    # For employees
    "/web/cohort/export_xlsx": [Good(_cohorts, login=True, staff=True, reads=True)],
}


def guess(route):
    """Return what may be a good call of a route without an entry."""
    if "/invoice" in route.rule:
        opens = "invoice"
    else:
        opens = "quotation" if "/orders/" in route.rule else "order"
    named = any(name in route.rule for name in ("invoice_id", "order_id"))
    return Good(opens=opens if named else None)
