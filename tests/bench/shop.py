"""How long a visitor waits for pages of the shop, and for the same pages of Odoo's own shop with the same catalogue."""

from statistics import median

from werkzeug.test import Client

from odoo import SUPERUSER_ID, api, http
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.server import load_server_wide_modules
from odoo.tools import config

from commands import addons
from commands.init import install, prepare

from .common import Clock, analyze, batched, copied_database, print_table, tell

# Published products, rather: the name is that of the command's option.
SUBSCRIPTIONS = 2000
REPETITIONS = 15
CATEGORIES = 20
# Of 10 products: how many are sold on plans in our shop, and how many have variants.
ON_PLANS = 4
WITH_VARIANTS = 2
WOODS = ("Oak", "Walnut", "Cherry", "Maple", "Birch")
THINGS = ("chair", "table", "shelf", "lamp", "desk", "bench", "stool", "frame")
COLUMNS = ("stock_ms", "ours_ms", "stock_cpu_ms", "ours_cpu_ms", "stock_sql", "ours_sql")
AUTOCOMPLETE = "/website/snippet/autocomplete"

# Pages by name; what stands in braces is told by :func:`_get_places`.
PAGES = {
    "List": "/shop",
    "List, page 20": "/shop/page/20",
    "List, search": "/shop?search=walnut",
    "List, category": "{category}",
    "Search as one types": AUTOCOMPLETE,
    "Product sold once": "{once}",
    "Product on two plans": "{on_plans}",
    "Cart of 5 lines": "/shop/cart",
}


def run(options):
    """Open each page in both shops in turn; print the medians of their milliseconds, and their SQL statements."""
    with copied_database(prepare(addons.SHOP)) as stock:
        _in_database(stock, _make_catalogue, options.subscriptions)
        with copied_database(stock) as ours:
            tell("installing our add-ons in a copy")
            install(ours, addons.ours(addons.SHOP))
            _in_database(ours, _put_on_plans)
            table = _measure(stock, ours)
    total = {key: sum(page[key] for page in table.values()) for key in COLUMNS}
    total["ratio"] = total["ours_ms"] / total["stock_ms"]
    print_table(
        ["Page", "Odoo's ms", "our ms", "ratio", "Odoo's in Python", "ours in Python", "Odoo's SQL", "our SQL"],
        [_get_row(name, page) for name, page in [*table.items(), ("All of them", total)]],
    )
    return {**total, "slowest_ratio": max(page["ratio"] for page in table.values()), "pages": table}


def _get_row(name, page):
    return [name, *(page[key] for key in ("stock_ms", "ours_ms", "ratio", *COLUMNS[2:]))]


def _measure(stock, ours):
    config["db_name"] = [stock, ours]
    config["dbfilter"] = "^%d$"
    load_server_wide_modules()
    visitors = [ShopVisitor(stock), ShopVisitor(ours)]
    tell("filling carts")
    for visitor in visitors:
        visitor.fill_cart()
    tell("opening pages")
    return {name: _compare(visitors, page) for name, page in PAGES.items()}


def _compare(visitors, page):
    """Return what a page takes in each shop; in turns, so that what else the machine does falls on both."""
    for visitor in visitors * 2:
        visitor.open(page)
    clocks = [[], []]
    for _repetition in range(REPETITIONS):
        for visitor, measured in zip(visitors, clocks, strict=True):
            with Clock() as clock:
                visitor.open(page)
            measured.append(clock)
    figures = {}
    for who, measured in zip(("stock", "ours"), clocks, strict=True):
        figures[f"{who}_ms"] = median(clock.seconds for clock in measured) * 1000
        figures[f"{who}_cpu_ms"] = median(clock.cpu for clock in measured) * 1000
        figures[f"{who}_sql"] = round(median(clock.statements for clock in measured))
    return {**figures, "ratio": figures["ours_ms"] / figures["stock_ms"]}


class ShopVisitor:
    """Somebody without a login in one of the shops, which this very process serves."""

    def __init__(self, db):
        self.client = Client(http.root)
        self.request = {"base_url": f"http://{db}.localhost", "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
        self.places, self.products = _in_database(db, _get_places)

    def fill_cart(self):
        for template_id, product_id in self.products:
            self._post("/shop/cart/add", product_template_id=template_id, product_id=product_id, quantity=1)

    def open(self, page):
        path = page.format(**self.places)
        if path == AUTOCOMPLETE:
            names = ("displayDescription", "displayDetail", "displayExtraLink", "displayImage", "allowFuzzy")
            shown = dict.fromkeys(names, True)
            self._post(path, search_type="products", term="walnut", order="name asc", limit=5, options=shown)
            return
        response = self.client.get(path, **self.request)
        assert response.status_code == 200, f"{path}: {response.status}, {response.headers.get('Location', '')}"

    def _post(self, path, **params):
        response = self.client.post(path, json={"jsonrpc": "2.0", "params": params}, **self.request)
        assert "result" in response.json, response.text[:2000]


# === WHAT THEY SELL ===#


def _in_database(db, function, *arguments):
    with Registry(db).cursor() as cr:
        result = function(api.Environment(cr, SUPERUSER_ID, {}), *arguments)
        cr.commit()
    analyze(db)
    return result


def _make_catalogue(env, count):
    """Publish ``count`` products, some of them with variants, in both shops the same."""
    tell(f"publishing {count} products")
    # Picking up in a store asks for its place in the net.
    env["delivery.carrier"].search([]).active = False
    categories = env["product.public.category"].create([{"name": f"Room {number}"} for number in range(CATEGORIES)])
    attribute = env["product.attribute"].create(
        {"name": "Finish", "value_ids": [Command.create({"name": name}) for name in ("Raw", "Oiled", "Lacquered")]}
    )
    values = [_prepare_product(number, categories, attribute) for number in range(count)]
    for some in batched(values):
        env["product.template"].create(some)


def _prepare_product(number, categories, attribute):
    values = {
        "name": f"{WOODS[number % len(WOODS)]} {THINGS[number % len(THINGS)]} {number}",
        "type": "consu",
        "invoice_policy": "order",
        "list_price": 10 + number % 90,
        "is_published": True,
        "description_sale": "Made to last.",
        "public_categ_ids": [Command.link(categories[number % CATEGORIES].id)],
    }
    if number % 10 >= 10 - WITH_VARIANTS:
        finishes = [Command.set(attribute.value_ids.ids)]
        values["attribute_line_ids"] = [Command.create({"attribute_id": attribute.id, "value_ids": finishes})]
    return values


def _put_on_plans(env):
    """Sell some of the products by the month and by the year."""
    tell("putting products on plans")
    plans = env["subscription.plan"].create(
        [{"name": "Monthly"}, {"name": "Yearly", "interval_unit": "year", "commitment_months": 12}]
    )
    templates = env["product.template"].search([("is_published", "=", True)], order="id")
    chosen = templates.filtered(lambda template: int(template.name.split()[-1]) % 10 in _get_digits_on_plans())
    chosen.subscription_ok = True
    env["product.pricelist.item"].create(
        [
            {
                "applied_on": "1_product",
                "product_tmpl_id": template.id,
                "subscription_plan_id": plan.id,
                "compute_price": "fixed",
                "fixed_price": template.list_price * months,
                "pricelist_id": False,
            }
            for template in chosen
            for plan, months in zip(plans, (1, 10), strict=True)
        ]
    )


def _get_digits_on_plans():
    """Return the last digits of the products on plans: one of those with variants, and others without."""
    return {2 * number + 1 for number in range(ON_PLANS - 1)} | {9}


def _get_places(env):
    """Return what stands in the addresses of pages, and what goes into the cart: [(template, variant)]."""
    templates = env["product.template"].search([("is_published", "=", True)], order="id", limit=6)
    category = env["product.public.category"].search([("name", "=", "Room 3")])
    slug = env["ir.http"]._slug
    places = {
        "category": f"/shop/category/{slug(category)}",
        "once": templates[0].website_url,
        "on_plans": templates[1].website_url,
    }
    return places, [(template.id, template.product_variant_id.id) for template in templates[:5]]
