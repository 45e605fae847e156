"""What customers agreed to: the same for all who bill it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from odoo.fields import Command

from .common import batched

START = date(2020, 1, 1)


@dataclass
class Agreement:
    """Two products a month for one customer, at prices that no other customer has."""

    customer: Any
    pricelist: Any
    prices: list  # [(product, price)]
    start: date = START


def make_agreements(env, count):
    """Return ``count`` agreements: three tax shapes in two currencies, one like the other in number."""
    pricelists = _make_pricelists(env)
    products = [_make_products(env, taxes) for taxes in _make_tax_shapes(env)]
    customers = env["res.partner"]
    for numbers in batched(range(count)):
        customers += customers.create(
            [{"name": f"Customer {number}", "email": f"{number}@example.com"} for number in numbers]
        )
    return [
        Agreement(
            customer=customer,
            pricelist=pricelists[number % len(pricelists)],
            prices=[
                (product, (1000 + 7 * number + 500 * place) / 100)
                for place, product in enumerate(products[number % len(products)])
            ],
        )
        for number, customer in enumerate(customers)
    ]


def _make_pricelists(env):
    """The company's currency, and one that must be converted."""
    foreign = env.ref("base.EUR") if env.company.currency_id != env.ref("base.EUR") else env.ref("base.USD")
    foreign.active = True
    foreign.rate_ids.unlink()
    env["res.currency.rate"].create({"currency_id": foreign.id, "rate": 0.8765, "name": START})
    currencies = env.company.currency_id + foreign
    return env["product.pricelist"].create(
        [{"name": f"Prices in {currency.name}", "currency_id": currency.id} for currency in currencies]
    )


def _make_tax_shapes(env):
    """Tax on top, tax in the price, two taxes."""
    on_top = env.company.account_sale_tax_id
    included, large, small = (
        on_top.copy({"name": name, "amount": amount, "price_include_override": place})
        for name, amount, place in (
            ("included", 15, "tax_included"),
            ("large", 10, "tax_excluded"),
            ("small", 2.5, "tax_excluded"),
        )
    )
    return on_top, included, large + small


def _make_products(env, taxes):
    names = " + ".join(taxes.mapped("name"))
    income = env["account.account"].search([("account_type", "=", "income")], limit=1)
    return env["product.product"].create(
        [
            {
                "name": f"{name}, {names}",
                "type": "service",
                "list_price": 10.0,
                "taxes_id": [Command.set(taxes.ids)],
                "property_account_income_id": income.id,
                "subscription_ok": True,
            }
            for name in ("Magazine", "Archive")
        ]
    )
